//! smsd of smstools.

use crate::daemon::{Daemon, Text, files, folders, utf16};
use crate::program::{Background, program};
use crate::world::World;
use std::path::PathBuf;
use std::process::Command;

/// The daemon on the modem of a phone.
pub(crate) struct Smstools {
    program: PathBuf,
    folder: PathBuf,
    running: Option<Background>,
}

impl Smstools {
    /// `None` where it is not installed.
    pub(crate) fn installed() -> Option<PathBuf> {
        program("smsd")
    }

    pub(crate) fn on(program: PathBuf, world: &World, phone: &str) -> Self {
        let names = ["in", "out", "checked", "sent", "failed", "statistics"];
        let folder = folders(world, "smstools", &names);
        let (place, device) = (folder.display(), world.address(phone, 0));
        let config = format!(
            "devices = modem
loglevel = 5
logfile = {place}/log
infofile = {place}/info
pidfile = {place}/pid
outgoing = {place}/out
checked = {place}/checked
incoming = {place}/in
sent = {place}/sent
failed = {place}/failed
stats = {place}/statistics
delaytime = 1
errorsleeptime = 1
incoming_utf8 = yes
[modem]
device = {device}
incoming = yes
baudrate = 115200
"
        );
        std::fs::write(folder.join("config"), config).unwrap();
        Self { program, folder, running: None }
    }
}

impl Daemon for Smstools {
    fn outgoing(&self, number: usize, to: &str, text: &str) -> (String, Vec<u8>) {
        let to = to.trim_start_matches('+');
        (format!("{number:06}"), format!("To: {to}\nAlphabet: UTF-8\n\n{text}").into())
    }

    fn outbox(&self) -> PathBuf {
        self.folder.join("out")
    }

    fn start(&mut self) {
        let mut command = Command::new(&self.program);
        // In the foreground, with its log there.
        command.arg(format!("-c{}", self.folder.join("config").display())).arg("-t");
        self.running = Some(Background::start("smsd", &mut command, &self.folder));
    }

    fn stop(&mut self) {
        let status = self.running.take().unwrap().end();
        assert!(status.success(), "smsd ended with {status}");
    }

    /// A header, an empty line, and the text in the alphabet that the header names.
    fn received(&self) -> Vec<Text> {
        let read = |file: PathBuf| {
            let bytes = std::fs::read(file).unwrap();
            let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
            let (header, body) = (str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]);
            let field = |name: &str| header.lines().find_map(|line| line.strip_prefix(name));
            let text = match field("Alphabet: ")? {
                "UCS2" => utf16(body)?,
                _ => String::from_utf8(body.to_vec()).ok()?,
            };
            Some((format!("+{}", field("From: ")?), text))
        };
        files(&self.folder.join("in")).into_iter().filter_map(read).collect()
    }

    fn sent(&self) -> usize {
        files(&self.folder.join("sent")).len()
    }

    fn failed(&self) -> usize {
        files(&self.folder.join("failed")).len()
    }
}
