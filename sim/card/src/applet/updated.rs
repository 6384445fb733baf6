//! Files that remote management has changed: the applet is told, sooner or later.

use polysim_issuance::applet::AppletInput;
use polysim_issuance::{FileWrite, Place};
use polysim_ota::Counter;

use super::Host;
use crate::card::Card;
use crate::template::{FileIndex, Structure};

/// Files changed by scripts, with the records where they have some.
#[derive(Clone, Debug)]
pub(super) struct Updated {
    /// Of the last packet that brought a script.
    counter: Counter,
    files: Vec<(FileIndex, u8)>,
}

impl Host {
    /// Takes up what was not heard, in front of what has come since.
    pub(super) fn restore_updates(&mut self, unheard: Option<Updated>) {
        let Some(mut all) = unheard else {
            return;
        };
        if let Some(later) = self.updated.take() {
            all.counter = later.counter;
            all.files.extend(later.files);
        }
        self.updated = Some(all);
    }
}

impl Card {
    /// Notes a change, as durable as the change itself.
    pub(crate) fn note_update(&mut self, counter: Counter, file: FileIndex, record: u8) {
        let Some(host) = self.host() else {
            return;
        };
        let updated = host.updated.get_or_insert_with(|| Updated { counter, files: Vec::new() });
        updated.counter = counter;
        if !updated.files.contains(&(file, record)) {
            updated.files.push((file, record));
        }
    }

    /// Tells the applet what the changed files hold now, if there are any that it has not heard of.
    pub(crate) fn tell_applet_updated(&mut self) {
        let updated = self.host().and_then(|host| host.updated.clone());
        let Some(Updated { counter, files }) = updated else {
            return;
        };
        let files = files.into_iter().filter_map(|(file, record)| self.contents(file, record));
        let files = files.collect();
        self.tell_applet(|| AppletInput::FilesUpdated { counter, files });
    }

    fn contents(&self, file: FileIndex, record: u8) -> Option<FileWrite> {
        let template = self.contents.profile.template();
        let place = match template.ef(file)?.structure {
            Structure::Transparent => Place::Offset(0),
            Structure::LinearFixed | Structure::Cyclic => Place::Record(record),
        };
        let data = self.read_at(file, record)?;
        Some(FileWrite { path: template.path(file)?, place, data })
    }
}
