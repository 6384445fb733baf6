//! Files that remote file management has changed under the applet.

use polysim_base::Imsi;
use polysim_ota::Counter;

use super::Applet;
use super::memory::{Change, Stage};
use super::session::Commit;
use crate::files::Read;
use crate::wire::OrderId;
use crate::{FileWrite, KeyChoice, KeyIndex, Subscription};

/// What stands for the order of a write by remote file management.
const EXTERNAL: OrderId = OrderId(0);

impl Applet {
    /// Takes what the files say now. Being told again changes nothing.
    pub(super) fn files_updated(&mut self, counter: Counter, files: &[FileWrite]) {
        self.hear(counter);
        let read = Read::of(files);
        let current = self.memory.current().cloned();
        match (read.imsi, current) {
            (Some(imsi), Some(current)) if imsi != current.imsi => {
                self.imsi_changed(imsi, &read, Some(&current));
            }
            (Some(imsi), None) => self.imsi_changed(imsi, &read, None),
            (_, Some(current)) => {
                let amended = amended(&current, &read);
                if amended != current {
                    self.keep(Change::Amended(amended.into()));
                }
            }
            (None, None) => {}
        }
    }

    /// Another subscription stands in the files: it gets the key that is meant for it, and a trial.
    fn imsi_changed(&mut self, imsi: Imsi, read: &Read, current: Option<&Subscription>) {
        if self.session.commit.is_some() {
            return;
        }
        // What is proved, or has been taken back, is over; what is on trial never was the old one.
        if let Some(Stage::Effective | Stage::Reverted) = self.memory.stage() {
            self.keep(Change::Settled);
        }
        let key = self.key_of(imsi);
        let base = Subscription {
            imsi,
            mnc_len: current.map_or(2, |current| current.mnc_len),
            msisdn: None,
            centre: current.and_then(|current| current.centre),
            key: key.clone().unwrap_or(KeyChoice::Preloaded(KeyIndex(0))),
        };
        let new = amended(&base, read);
        if key.is_some() {
            let live = self.session.terminal.is_some();
            self.begin(EXTERNAL, new, Stage::Begun);
            self.commit_new(Commit::Write { prove: false, first: false, live });
        } else {
            // The terminal has not been told of it, and need not be, unless it works with what was
            // on trial.
            let live = matches!(self.memory.stage(), Some(Stage::Trial | Stage::Undone));
            self.begin(EXTERNAL, new, Stage::Undoing);
            self.go_back(live);
        }
    }

    fn key_of(&self, imsi: Imsi) -> Option<KeyChoice> {
        let settled = self.memory.settled.as_ref().filter(|settled| settled.imsi == imsi);
        if let Some(settled) = settled {
            return Some(settled.key.clone());
        }
        if self.config.seed == Some(imsi) {
            return Some(KeyChoice::Preloaded(KeyIndex(0)));
        }
        let mut meant = self.config.preloaded.iter().filter(|(_, meant)| *meant == Some(imsi));
        meant.next().map(|(index, _)| KeyChoice::Preloaded(*index))
    }
}

/// Returns a subscription with what was read in the place of what it had.
fn amended(subscription: &Subscription, read: &Read) -> Subscription {
    Subscription {
        imsi: subscription.imsi,
        mnc_len: read.mnc_len.unwrap_or(subscription.mnc_len),
        msisdn: read.msisdn.unwrap_or(subscription.msisdn),
        centre: read.centre.unwrap_or(subscription.centre),
        key: subscription.key.clone(),
    }
}
