//! The applets that a card can hold.

use polysim_base::{Instant, Machine as _, Out};
use polysim_issuance::applet::{Applet, AppletInput, AppletOutput, AppletRecord};
use polysim_ota::Tar;

#[cfg(test)]
use super::tests::Scripted;

/// An applet. It has no clock: what it does later it does when the terminal polls the card, or by
/// timers of the terminal.
#[derive(Clone, Debug)]
pub(crate) enum Program {
    /// The card-writing applet.
    Issuance(Box<Applet>),
    /// One that does what a test tells it.
    #[cfg(test)]
    Scripted(Box<Scripted>),
}

/// What an applet remembers without power.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    Issuance(AppletRecord),
    #[cfg(test)]
    Scripted(u8),
}

impl Program {
    pub(crate) fn aid(&self) -> &[u8] {
        match self {
            Self::Issuance(applet) => applet.config().aid.octets(),
            #[cfg(test)]
            Self::Scripted(_) => &Scripted::AID,
        }
    }

    pub(crate) fn tar(&self) -> Tar {
        match self {
            Self::Issuance(applet) => applet.config().tar,
            #[cfg(test)]
            Self::Scripted(_) => Scripted::TAR,
        }
    }

    pub(super) fn handle(&mut self, now: Instant, input: AppletInput) {
        match self {
            Self::Issuance(applet) => applet.handle(now, input),
            #[cfg(test)]
            Self::Scripted(scripted) => scripted.handle(input),
        }
    }

    pub(super) fn poll_output(&mut self) -> Option<Out<Record, AppletOutput>> {
        match self {
            Self::Issuance(applet) => applet.poll_output().map(|out| match out {
                Out::Record(record) => Out::Record(Record::Issuance(record)),
                Out::Do(output) => Out::Do(output),
            }),
            #[cfg(test)]
            Self::Scripted(scripted) => scripted.outputs.pop_front(),
        }
    }

    /// Takes over a record that another copy of it has made.
    pub(super) fn restore(&mut self, record: Record) {
        match (self, record) {
            (Self::Issuance(applet), Record::Issuance(record)) => applet.restore(record),
            #[cfg(test)]
            (Self::Scripted(scripted), Record::Scripted(record)) => scripted.kept.push(record),
            #[cfg(test)]
            (Self::Issuance(_), Record::Scripted(_)) | (Self::Scripted(_), Record::Issuance(_)) => {
            }
        }
    }
}
