//! Remote management: secured packets in ENVELOPEs, and what is done with them (TS 31.115,
//! TS 102.226).

mod config;
mod download;
mod files;
mod proof;
mod script;
#[cfg(test)]
pub(crate) mod tests;

use polysim_base::{Duration, Instant};
use polysim_ota::{MinimumSecurity, Receiver, Tar};
use polysim_sms::{Accepted, Deliver, Limits, Part, Reassembler, Whole};

pub use config::{FileManagement, FilesStart, OtaConfig};
pub(crate) use download::Received;
pub(crate) use proof::Back;

/// How long parts wait in a card without a clock.
const NEVER: Duration = Duration::from_secs(1 << 40);
/// Most messages whose parts a card keeps; for one more, all of them give way.
const OPEN_MESSAGES_MAX: usize = 4;

/// Remote management of a card that has it. Keys and counters are durable, the rest is not.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    receiver: Receiver,
    files: Box<[FileManagement]>,
    parts: Reassembler<()>,
    /// Of the last message that had parts.
    reference: u8,
}

impl Remote {
    /// Takes the configuration; what is past the limits of the receiver is left out.
    pub(crate) fn new(config: OtaConfig, applet: Option<Tar>) -> Self {
        let mut receiver = Receiver::new();
        for (keys, counter) in config.keys {
            receiver.install_keys(keys, counter);
        }
        let mut files = config.files;
        files.retain(|files| receiver.register_range(files.tars.clone(), files.security).is_ok());
        let mut remote = Self { receiver, files: files.into(), parts: no_parts(), reference: 0 };
        if let Some(tar) = applet {
            remote.register_applet(tar, config.applet_security);
        }
        remote
    }

    fn register_applet(&mut self, tar: Tar, security: MinimumSecurity) {
        // Full, the applet cannot be reached over the air; it still is on site.
        let _full = self.receiver.register(tar, security);
    }

    pub(crate) const fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// Forgets what a reset ends.
    pub(crate) fn reset(&mut self) {
        self.parts = no_parts();
    }

    /// Takes a message; returns what is whole with it. A card has no clock: parts wait until they
    /// are complete, the card is reset, or newer messages need their place.
    fn collect(&mut self, message: Deliver) -> Option<Whole<()>> {
        let accepted = self.parts.accept(Instant::ZERO, Part::new(message, ()));
        let accepted = match accepted {
            Ok(accepted) => accepted,
            Err(refused) => {
                self.parts = no_parts();
                self.parts.accept(Instant::ZERO, refused.part).ok()?
            }
        };
        // A number that was used again gives its older message up.
        while self.parts.expire(Instant::ZERO).is_some() {}
        match accepted {
            Accepted::Complete(whole) => Some(whole),
            Accepted::Pending { .. } | Accepted::Duplicate(_) => None,
        }
    }
}

const fn no_parts() -> Reassembler<()> {
    Reassembler::new(Limits {
        window: NEVER,
        open_per_originator: OPEN_MESSAGES_MAX,
        open: OPEN_MESSAGES_MAX,
        remembered: 0,
    })
}
