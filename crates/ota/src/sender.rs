//! The server's end: commands go out, each under a counter of its own, and answers are matched.

use alloc::vec::Vec;

use crate::command::seal_command;
use crate::counter::Counter;
use crate::header::{AlgorithmCode, CommandHeader, Integrity, Kic, Kid, Spi, Tar};
use crate::key::KeySet;
use crate::packet::{OpenError, PacketError, PacketTooLong};
use crate::protection::{Protection, ProtectionError};
use crate::receiver::CounterUsed;
use crate::response::{Response, ResponsePacket, StatusCode};

/// The sending end of one card's key set.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sender {
    keys: KeySet,
    counter: Counter,
}

/// A packet that may be sent once [`Self::counter_used`] is durable.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "keep the counter, then send the packet"]
pub struct Sealed {
    /// The command packet, without the user data header that announces it.
    pub packet: Vec<u8>,
    /// What must be durable before the packet leaves: no counter is used twice.
    pub counter_used: CounterUsed,
    /// What its answer is held against.
    pub expected: Expected,
}

/// Why a command cannot be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SenderError {
    /// All counters are used.
    #[error("the counter has reached its end; the card needs a new key set")]
    CounterBlocked,
    /// The keys do not suit what is asked for.
    #[error(transparent)]
    Protection(#[from] ProtectionError),
    /// Too much data.
    #[error(transparent)]
    TooLong(#[from] PacketTooLong),
}

/// What the answer to one command is held against.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Expected {
    header: CommandHeader,
    counter: Counter,
    keys: KeySet,
}

/// An answer to the command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// A response secured as the command asked, be that in no way at all.
    Proof(Response),
    /// A status in clear where more was asked for: the card did not believe the command, or
    /// somebody else says so. It never says that all is well.
    Hint(StatusCode),
}

/// Why octets are no answer to the command.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The octets are no response packet.
    #[error(transparent)]
    Malformed(#[from] PacketError),
    /// It answers a command to another application.
    #[error("the answer is from TAR {found}")]
    Tar {
        /// The application it is from.
        found: Tar,
    },
    /// It answers a command with another counter.
    #[error("the answer is for counter {found}, not {expected}")]
    Counter {
        /// The counter of the command.
        expected: Counter,
        /// The one in the answer.
        found: Counter,
    },
    /// Its check does not hold.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It says in clear that all is well, where a key was to prove it.
    #[error("a success without the proof that was asked for; do not believe it")]
    Unproven,
}

impl Sender {
    /// Returns a sender with the last counter used under the keys.
    #[must_use]
    pub const fn new(keys: KeySet, counter: Counter) -> Self {
        Self { keys, counter }
    }

    /// Returns the last counter used.
    #[must_use]
    pub const fn counter(&self) -> Counter {
        self.counter
    }

    /// Goes on after this counter: what was kept before a restart, or where the card is known to
    /// be. A counter never goes back.
    pub fn skip_to(&mut self, counter: Counter) {
        self.counter = self.counter.max(counter);
    }

    /// Returns the header of a command: keys of this sender where keys are used, CRC-32 for a
    /// redundancy check.
    #[must_use]
    pub fn header(&self, tar: Tar, spi: Spi) -> CommandHeader {
        let version = self.keys.version();
        let code = |key: &crate::Key| AlgorithmCode::from(key.algorithm());
        let kid = match spi.integrity {
            Integrity::RedundancyCheck => Kid::redundancy_check(crate::Crc::Crc32),
            Integrity::None | Integrity::Checksum | Integrity::Signature => {
                Kid::new(version, code(self.keys.kid()))
            }
        };
        CommandHeader { spi, kic: Kic::new(version, code(self.keys.kic())), kid, tar }
    }

    /// Makes the packet of a command under the next counter. The counter travels in every mode, so
    /// that the answer can be told from others.
    ///
    /// # Errors
    /// [`SenderError`]; no counter is used then.
    pub fn seal(&mut self, tar: Tar, spi: Spi, data: &[u8]) -> Result<Sealed, SenderError> {
        let header = self.header(tar, spi);
        let counter = self.counter.next().ok_or(SenderError::CounterBlocked)?;
        let protection = Protection::of_command(&header, Some(&self.keys))?;
        Protection::of_proof(&header, Some(&self.keys))?;
        let packet = seal_command(&header, counter, data, &protection)?;
        self.counter = counter;
        let counter_used = CounterUsed { keys: self.keys.version(), counter };
        Ok(Sealed { packet, counter_used, expected: self.expect(header, counter) })
    }

    /// Returns what the answer to a command sent earlier is held against, after a restart.
    #[must_use]
    pub fn expect(&self, header: CommandHeader, counter: Counter) -> Expected {
        Expected { header, counter, keys: self.keys.clone() }
    }
}

impl Expected {
    /// Returns the header of the command.
    #[must_use]
    pub const fn header(&self) -> &CommandHeader {
        &self.header
    }

    /// Returns the counter of the command.
    #[must_use]
    pub const fn counter(&self) -> Counter {
        self.counter
    }

    /// Judges a response packet, whole and without the user data header that announced it.
    ///
    /// # Errors
    /// [`AnswerError`] when it does not answer this command, or is not to be believed.
    pub fn judge(&self, packet: &[u8]) -> Result<Answer, AnswerError> {
        let packet = ResponsePacket::parse(packet)?;
        if packet.tar() != self.header.tar {
            return Err(AnswerError::Tar { found: packet.tar() });
        }
        // `seal` has seen that the keys suit; without them nothing is believed.
        let protection = Protection::of_proof(&self.header, Some(&self.keys))
            .map_err(|_| AnswerError::Open(OpenError::Check))?;
        match packet.open(&protection) {
            Ok(response) if response.counter == self.counter => Ok(Answer::Proof(response)),
            // Ciphering alone guards nothing, and what was in clear deciphers to anything.
            Ok(_) if protection.is_ciphered() && !protection.is_authenticated() => {
                self.judge_clear(&packet, OpenError::Check)
            }
            Ok(Response { counter: found, .. }) => {
                Err(AnswerError::Counter { expected: self.counter, found })
            }
            Err(failure) => self.judge_clear(&packet, failure),
        }
    }

    /// Takes a packet that is not secured as the command asked for one in clear.
    fn judge_clear(
        &self,
        packet: &ResponsePacket<'_>,
        failure: OpenError,
    ) -> Result<Answer, AnswerError> {
        let failure = AnswerError::Open(failure);
        let response = packet.open(&Protection::NONE).map_err(|_| failure)?;
        // A card that could not decipher the command does not know its counter.
        if response.counter != self.counter && response.counter != Counter::ZERO {
            return Err(failure);
        }
        if response.status == StatusCode::Ok {
            return Err(AnswerError::Unproven);
        }
        Ok(Answer::Hint(response.status))
    }
}
