//! The card's end: what is believed, what is refused, and what is answered.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::command::{CommandPacket, OpenedCommand};
use crate::counter::{Counter, CounterRefusal};
use crate::execution::{Command, Proof, Replier};
use crate::header::{CommandHeader, CounterMode, Integrity, KeyVersion, Tar};
use crate::key::KeySet;
use crate::packet::{OpenError, PacketError};
use crate::protection::{KeyUse, Protection, ProtectionError};
use crate::response::StatusCode;
use crate::security::MinimumSecurity;

/// The most applications that a receiver knows.
pub const APPLICATIONS_MAX: usize = 64;

/// The receiving end of secured packets: keys with their counters, and applications with the least
/// security they accept. It does what TS 102.225 asks of a card, and is stricter in three points:
///
/// - a counter is checked and advanced only under a checksum, so that nobody without the key can
///   use it up;
/// - a proof that needs a key is given only for a command whose checksum held, so that nobody
///   without the key gets anything made with it;
/// - where both keys are used, they are of one version, whose counter counts.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    /// By version; at most one of each.
    keys: Vec<Stored>,
    /// At most [`APPLICATIONS_MAX`].
    applications: Vec<Application>,
}

/// An application: one TAR, or several in a row.
#[derive(Clone, Copy, Debug)]
struct Application {
    first: Tar,
    last: Tar,
    minimum: MinimumSecurity,
}

#[derive(Clone, Debug)]
struct Stored {
    set: KeySet,
    counter: Counter,
}

/// A counter that was used. It must be kept where a loss of power does not reach it, before the
/// command is carried out or the packet sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CounterUsed {
    /// Whose counter.
    pub keys: KeyVersion,
    /// Its value.
    pub counter: Counter,
}

/// There is no room for another application.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{limit} applications are registered, which is the limit")]
pub struct TooManyApplications {
    /// [`APPLICATIONS_MAX`].
    pub limit: usize,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The octets are no command packet.
    #[error(transparent)]
    Malformed(#[from] PacketError),
    /// No application has this TAR.
    #[error("no application has TAR {tar}")]
    UnknownTar {
        /// The TAR.
        tar: Tar,
    },
    /// The application wants better security.
    #[error("the application asks for at least {minimum:?}")]
    MinimumSecurity {
        /// What it asks for.
        minimum: MinimumSecurity,
    },
    /// A counter is to be checked that no checksum guards.
    #[error("a counter is checked only in a packet with a checksum; add one")]
    CounterUnauthenticated,
    /// A proof is asked for that needs a key, by a command that did not show to have it.
    #[error("a signed or ciphered proof is given only for a command with a checksum; add one")]
    ProofUnauthenticated,
    /// `KIc` and `KID` name different key sets.
    #[error("KIc and KID name different key sets; name one")]
    KeySets,
    /// The keys do not suit the header.
    #[error(transparent)]
    Protection(#[from] ProtectionError),
    /// Another key, or changed on the way.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The counter is not the right one.
    #[error(transparent)]
    Counter(#[from] CounterRefusal),
}

impl RefusalReason {
    /// Returns the status code that says so; `None` where there is nobody to answer.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        Some(match self {
            Self::Malformed(_) => return None,
            Self::UnknownTar { .. } => StatusCode::TarUnknown,
            Self::MinimumSecurity { .. }
            | Self::CounterUnauthenticated
            | Self::ProofUnauthenticated => StatusCode::InsufficientSecurity,
            Self::KeySets
            | Self::Protection(ProtectionError::Signature | ProtectionError::RedundancyCheck) => {
                StatusCode::UnidentifiedSecurity
            }
            Self::Protection(
                ProtectionError::KeyVersion { key: KeyUse::Kic, .. }
                | ProtectionError::Algorithm { key: KeyUse::Kic, .. },
            )
            | Self::Open(OpenError::Blocks { .. }) => StatusCode::CipheringError,
            Self::Protection(
                ProtectionError::KeyVersion { key: KeyUse::Kid, .. }
                | ProtectionError::Algorithm { key: KeyUse::Kid, .. },
            )
            | Self::Open(OpenError::CheckLength { .. } | OpenError::Check) => {
                StatusCode::CheckFailed
            }
            Self::Counter(CounterRefusal::Low { .. }) => StatusCode::CounterLow,
            Self::Counter(CounterRefusal::High { .. }) => StatusCode::CounterHigh,
            Self::Counter(CounterRefusal::Blocked) => StatusCode::CounterBlocked,
        })
    }
}

/// A refused command, and the answer to it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// Why.
    pub reason: RefusalReason,
    /// The proof of receipt, if the command asked for one. It is signed and ciphered only where
    /// the checksum of the command held, which is so for a wrong counter alone.
    pub proof: Option<Proof>,
}

/// A command that is believed and not begun: drop it, and nothing has happened.
#[derive(Debug)]
#[must_use = "keep the counter, then `commit`; dropped, the command was never received"]
pub struct Pending<'r> {
    counter: Option<&'r mut Counter>,
    used: Option<CounterUsed>,
    command: Command,
}

impl Pending<'_> {
    /// Returns how the command was secured and whom it is for.
    #[must_use]
    pub const fn header(&self) -> &CommandHeader {
        self.command.header()
    }

    /// Returns what must be durable before [`Self::commit`]; nothing if no counter was checked.
    #[must_use]
    pub const fn counter_used(&self) -> Option<CounterUsed> {
        self.used
    }

    /// Advances the counter and gives out the command. There is no other way to the command, so
    /// none is carried out twice.
    pub fn commit(self) -> Command {
        if let (Some(counter), Some(used)) = (self.counter, self.used) {
            *counter = used.counter;
        }
        self.command
    }
}

impl Receiver {
    /// Returns a receiver that knows no key and no application, and refuses everything.
    #[must_use]
    pub const fn new() -> Self {
        Self { keys: Vec::new(), applications: Vec::new() }
    }

    /// Installs a key set with the last counter used under it, in place of one of its version.
    pub fn install_keys(&mut self, set: KeySet, counter: Counter) {
        let version = set.version();
        self.keys.retain(|stored| stored.set.version() != version);
        // One key set is what most of a million cards have.
        self.keys.reserve_exact(1);
        self.keys.push(Stored { set, counter });
    }

    /// Makes an application reachable, or changes what it accepts.
    ///
    /// # Errors
    /// [`TooManyApplications`] at [`APPLICATIONS_MAX`].
    pub fn register(
        &mut self,
        tar: Tar,
        minimum: MinimumSecurity,
    ) -> Result<(), TooManyApplications> {
        self.register_range(tar..=tar, minimum)
    }

    /// Makes an application reachable that has several TARs in a row, as remote management of files
    /// has (TS 101.220, annex D). Where ranges overlap, the one registered last counts.
    ///
    /// # Errors
    /// [`TooManyApplications`] at [`APPLICATIONS_MAX`].
    pub fn register_range(
        &mut self,
        tars: RangeInclusive<Tar>,
        minimum: MinimumSecurity,
    ) -> Result<(), TooManyApplications> {
        let (first, last) = tars.into_inner();
        // It is the last now, even if it was registered before.
        self.applications.retain(|known| (known.first, known.last) != (first, last));
        if self.applications.len() >= APPLICATIONS_MAX {
            return Err(TooManyApplications { limit: APPLICATIONS_MAX });
        }
        self.applications.reserve_exact(1);
        self.applications.push(Application { first, last, minimum });
        Ok(())
    }

    /// Returns the last counter used under a key set.
    #[must_use]
    pub fn counter(&self, version: KeyVersion) -> Option<Counter> {
        let stored = self.keys.iter().find(|stored| stored.set.version() == version);
        stored.map(|stored| stored.counter)
    }

    /// Takes up what was kept before a restart. A counter never goes back.
    pub fn restore(&mut self, used: CounterUsed) {
        let stored = self.keys.iter_mut().find(|stored| stored.set.version() == used.keys);
        if let Some(stored) = stored {
            stored.counter = stored.counter.max(used.counter);
        }
    }

    /// Judges a command packet, whole and without the user data header that announced it.
    ///
    /// # Errors
    /// [`Refusal`] with the answer that the sender gets; the receiver is as before.
    pub fn check(&mut self, packet: &[u8]) -> Result<Pending<'_>, Refusal> {
        let packet = CommandPacket::parse(packet)
            .map_err(|error| Refusal { reason: error.into(), proof: None })?;
        let header = *packet.header();
        // Until its check has held, nothing deciphered of it leaves here: no counter either.
        let clear = Replier::clear(&header, packet.clear_counter().unwrap_or(Counter::ZERO));
        let (opened, index) = match self.open(&packet) {
            Ok(opened) => opened,
            Err(reason) => return Err(refusal(reason, &clear)),
        };
        let stored = index.and_then(|index| self.keys.get_mut(index));
        let keys = stored.as_ref().map(|stored| stored.set.clone());
        let replier = Replier::new(&header, opened.counter, keys);
        let last = stored.as_ref().map_or(Counter::ZERO, |stored| stored.counter);
        let used = match last.accept(header.spi.counter, opened.counter) {
            Ok(used) => used,
            Err(reason) => return Err(refusal(reason.into(), &replier)),
        };
        let used = used.zip(stored.as_ref().map(|stored| stored.set.version()));
        Ok(Pending {
            used: used.map(|(counter, keys)| CounterUsed { keys, counter }),
            counter: stored.map(|stored| &mut stored.counter),
            command: Command::new(opened, replier),
        })
    }

    /// Opens a packet that is secure enough, and tells which keys authenticated it.
    fn open(
        &self,
        packet: &CommandPacket<'_>,
    ) -> Result<(OpenedCommand, Option<usize>), RefusalReason> {
        let header = packet.header();
        let mut applications = self.applications.iter().rev();
        let reached = |known: &&Application| (known.first..=known.last).contains(&header.tar);
        let application = applications.find(reached);
        let minimum = application.ok_or(RefusalReason::UnknownTar { tar: header.tar })?.minimum;
        if !minimum.is_met_by(header.spi) {
            return Err(RefusalReason::MinimumSecurity { minimum });
        }
        let authenticated = authentication(header)?;
        let version = key_set(header)?;
        let index = self.keys.iter().position(|stored| Some(stored.set.version()) == version);
        let keys = index.and_then(|index| self.keys.get(index)).map(|stored| &stored.set);
        // A proof that cannot be made is found before anything is done, not after.
        Protection::of_proof(header, keys)?;
        let opened = packet.open(&Protection::of_command(header, keys)?)?;
        Ok((opened, index.filter(|_| authenticated)))
    }
}

/// Tells whether the command has a checksum, and refuses what only a checksum allows.
const fn authentication(header: &CommandHeader) -> Result<bool, RefusalReason> {
    let spi = &header.spi;
    match spi.integrity {
        Integrity::Signature => Err(RefusalReason::Protection(ProtectionError::Signature)),
        Integrity::Checksum => Ok(true),
        Integrity::None | Integrity::RedundancyCheck => match spi.counter {
            CounterMode::Higher | CounterMode::Next => Err(RefusalReason::CounterUnauthenticated),
            CounterMode::None | CounterMode::Unchecked if spi.proof.needs_key() => {
                Err(RefusalReason::ProofUnauthenticated)
            }
            CounterMode::None | CounterMode::Unchecked => Ok(false),
        },
    }
}

/// Returns the one key set that the header uses, if it uses any.
fn key_set(header: &CommandHeader) -> Result<Option<KeyVersion>, RefusalReason> {
    let spi = &header.spi;
    let proof = spi.proof;
    let ciphers = spi.ciphered || proof.ciphered && proof.needs_key();
    // A proof that is signed is for a command that is.
    let signs = spi.integrity == Integrity::Checksum;
    let kic = ciphers.then(|| KeyUse::Kic.version(header));
    let kid = signs.then(|| KeyUse::Kid.version(header));
    match (kic, kid) {
        (Some(kic), Some(kid)) if kic != kid => Err(RefusalReason::KeySets),
        (Some(version), _) | (None, Some(version)) => Ok(version),
        (None, None) => Ok(None),
    }
}

fn refusal(reason: RefusalReason, replier: &Replier) -> Refusal {
    let proof = reason.status().and_then(|status| replier.refuse(status));
    Refusal { reason, proof }
}
