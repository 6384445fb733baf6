//! Programs that run beside the test and send and receive texts by files.

use crate::world::World;
use std::path::{Path, PathBuf};

/// A text as its sender and its recipient see it: the other one's number, and what it says.
pub(crate) type Text = (String, String);

/// A program that watches a folder for texts to send, and puts received ones into another.
pub(crate) trait Daemon {
    /// The name of a file that makes it send a text, and what is in it.
    fn outgoing(&self, number: usize, to: &str, text: &str) -> (String, Vec<u8>);

    /// The folder for those files.
    fn outbox(&self) -> PathBuf;

    /// Starts it.
    fn start(&mut self);

    /// Ends it, and waits for that.
    fn stop(&mut self);

    /// Returns what it has received, in no particular order. A file that it is writing just now may
    /// be left out, or be there in part.
    fn received(&self) -> Vec<Text>;

    /// Returns how many texts it knows to be sent.
    fn sent(&self) -> usize;

    /// Returns how many files lie where it puts what it could not send.
    fn failed(&self) -> usize;

    /// Has it send a text. Numbers give the order, and are given once.
    fn send(&self, number: usize, to: &str, text: &str) {
        let (name, contents) = self.outgoing(number, to, text);
        let outbox = self.outbox();
        // Written elsewhere first: it must not see half a file.
        let draft = outbox.with_file_name("draft");
        std::fs::write(&draft, contents).unwrap();
        std::fs::rename(&draft, outbox.join(name)).unwrap();
    }
}

/// Makes folders for a daemon in the folder of a test, and returns theirs.
pub(crate) fn folders(world: &World, name: &str, names: &[&str]) -> PathBuf {
    let folder = world.folder().join(name);
    names.iter().for_each(|name| std::fs::create_dir_all(folder.join(name)).unwrap());
    folder
}

/// Returns the files of a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Reads UTF-16, high octets first, with a byte order mark or without. `None`: it is no whole text.
pub(crate) fn utf16(bytes: &[u8]) -> Option<String> {
    let units = bytes.chunks(2).map(|unit| unit.try_into().map(u16::from_be_bytes).ok());
    let text = String::from_utf16(&units.collect::<Option<Vec<_>>>()?).ok()?;
    Some(text.trim_start_matches('\u{feff}').to_owned())
}
