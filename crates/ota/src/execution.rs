//! A command that may be carried out, and the proof of receipt that answers it.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::command::OpenedCommand;
use crate::counter::Counter;
use crate::header::{CommandHeader, ProofRoute, ProofWanted, Tar};
use crate::key::KeySet;
use crate::packet::PacketTooLong;
use crate::protection::Protection;
use crate::response::{Response, StatusCode};

/// A command whose checks have held and whose counter is used.
pub struct Command {
    counter: Counter,
    data: Zeroizing<Vec<u8>>,
    replier: Replier,
}

/// A response packet, and how it travels.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proof {
    /// The packet, without the user data header that announces it.
    pub packet: Vec<u8>,
    /// How it travels.
    pub route: ProofRoute,
}

impl Command {
    pub(crate) fn new(opened: OpenedCommand, replier: Replier) -> Self {
        Self { counter: opened.counter, data: Zeroizing::new(opened.data), replier }
    }

    /// Returns the application it is for.
    #[must_use]
    pub const fn tar(&self) -> Tar {
        self.replier.header.tar
    }

    /// Returns how it was secured.
    #[must_use]
    pub const fn header(&self) -> &CommandHeader {
        &self.replier.header
    }

    /// Returns CNTR, which an application may want to know as information.
    #[must_use]
    pub const fn counter(&self) -> Counter {
        self.counter
    }

    /// Returns the secured data: a remote script, in general.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Returns the proof of receipt, secured as the command asked; `None` if it asked for none.
    /// More than one can be given, as [`StatusCode::MoreTime`] wants.
    ///
    /// # Errors
    /// [`PacketTooLong`] for too much data.
    pub fn prove(&self, status: StatusCode, data: &[u8]) -> Result<Option<Proof>, PacketTooLong> {
        self.replier.prove(status, data)
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (header, len) = (&self.replier.header, self.data.len());
        write!(f, "Command({}, counter {}, {len} octets)", header.tar, self.counter)
    }
}

/// Answers one command.
#[derive(Clone, Debug)]
pub(crate) struct Replier {
    header: CommandHeader,
    counter: Counter,
    keys: Option<KeySet>,
    secured: bool,
}

impl Replier {
    /// Answers a command whose checks have held; `keys` are those that authenticated it.
    pub(crate) const fn new(
        header: &CommandHeader,
        counter: Counter,
        keys: Option<KeySet>,
    ) -> Self {
        Self { header: *header, counter, keys, secured: true }
    }

    /// Answers a command that is not believed: in clear, whatever it asks for.
    pub(crate) const fn clear(header: &CommandHeader, counter: Counter) -> Self {
        Self { header: *header, counter, keys: None, secured: false }
    }

    fn prove(&self, status: StatusCode, data: &[u8]) -> Result<Option<Proof>, PacketTooLong> {
        let request = self.header.spi.proof;
        let wanted = match request.wanted {
            ProofWanted::Never => false,
            ProofWanted::Always => true,
            ProofWanted::OnError => status != StatusCode::Ok,
        };
        if !wanted {
            return Ok(None);
        }
        let data = data.to_vec();
        let response = Response { tar: self.header.tar, counter: self.counter, status, data };
        let protection = if self.secured {
            // That it can be made was seen when the command was opened.
            Protection::of_proof(&self.header, self.keys.as_ref()).unwrap_or(Protection::NONE)
        } else {
            Protection::NONE
        };
        let packet = response.seal(&protection)?;
        Ok(Some(Proof { packet, route: request.route }))
    }

    /// Answers with a status alone.
    pub(crate) fn refuse(&self, status: StatusCode) -> Option<Proof> {
        // Nothing is too long for a packet without data.
        self.prove(status, &[]).ok().flatten()
    }
}
