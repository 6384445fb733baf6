//! gammu-smsd with its backend of files.

use crate::daemon::{Daemon, Text, files, folders};
use crate::gammu;
use crate::program::{Background, program};
use crate::world::World;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// The daemon on the modem of a phone.
pub(crate) struct GammuSmsd {
    program: PathBuf,
    folder: PathBuf,
    running: Option<Background>,
}

impl GammuSmsd {
    /// `None` where it is not installed.
    pub(crate) fn installed() -> Option<PathBuf> {
        program("gammu-smsd")
    }

    pub(crate) fn on(program: PathBuf, world: &World, phone: &str) -> Self {
        let folder = folders(world, "gammu-smsd", &["in", "out", "sent", "failed"]);
        let place = folder.display();
        let config = format!(
            "{}[smsd]
service = files
inboxpath = {place}/in/
outboxpath = {place}/out/
sentsmspath = {place}/sent/
errorsmspath = {place}/failed/
inboxformat = standard
transmitformat = auto
logfile = {place}/log
debuglevel = 1
receivefrequency = 1
statusfrequency = 0
loopsleep = 0
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
resetfrequency = 0
hardresetfrequency = 0
",
            gammu::connection(world, phone)
        );
        std::fs::write(folder.join("config"), config).unwrap();
        Self { program, folder, running: None }
    }
}

impl Daemon for GammuSmsd {
    fn outgoing(&self, number: usize, to: &str, text: &str) -> (String, Vec<u8>) {
        (format!("OUTA20260101_{number:06}_00_{to}_x.txt"), text.into())
    }

    fn outbox(&self) -> PathBuf {
        self.folder.join("out")
    }

    fn start(&mut self) {
        let mut command = Command::new(&self.program);
        // What files hold is in the encoding of the locale.
        command.arg("-c").arg(self.folder.join("config")).arg("-L").env("LC_ALL", "C.UTF-8");
        self.running = Some(Background::start("gammu-smsd", &mut command, &self.folder));
    }

    fn stop(&mut self) {
        let status = self.running.take().unwrap().end();
        assert!(status.success(), "gammu-smsd ended with {status}");
    }

    /// `IN20260101_120000_00_+990555_00.txt` holds one part: day, time, serial number, sender and
    /// number of the part.
    fn received(&self) -> Vec<Text> {
        let mut texts: BTreeMap<String, Text> = BTreeMap::new();
        for file in files(&self.folder.join("in")) {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let (text, _part) = name.rsplit_once('_').unwrap();
            let from = text.rsplit_once('_').unwrap().1.to_owned();
            let Ok(part) = std::fs::read_to_string(&file) else { continue };
            texts.entry(text.to_owned()).or_insert((from, String::new())).1.push_str(&part);
        }
        texts.into_values().collect()
    }

    fn sent(&self) -> usize {
        files(&self.folder.join("sent")).len()
    }

    fn failed(&self) -> usize {
        files(&self.folder.join("failed")).len()
    }
}
