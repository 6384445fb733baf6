//! What a card tells its applet, and what the applet does.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use polysim_base::{Eid, Iccid, Imsi, Msisdn};
use polysim_cat::{Aid, Command, Envelope, TerminalProfile, TerminalResponse};
use polysim_ota::{Counter, KeySet, StatusCode, Tar};
use zeroize::Zeroizing;

use crate::{FileSizes, FileWrite, KeyChoice, KeyIndex};

/// What an applet is personalised with.
#[derive(Clone, Debug)]
pub struct AppletConfig {
    /// The card.
    pub eid: Eid,
    /// As printed on it.
    pub iccid: Iccid,
    /// Its application identifier: an on-site tool selects it.
    pub aid: Aid,
    /// Its toolkit application reference: packets for it.
    pub tar: Tar,
    /// The keys under which it speaks to the platform. They are not those of what comes.
    pub uplink: KeySet,
    /// How it reaches the platform.
    pub bearer: Bearer,
    /// The IMSI that the card is issued with, if any: the seed.
    pub seed: Option<Imsi>,
    /// The number that belongs to it.
    pub seed_msisdn: Option<Msisdn>,
    /// Digits of the mobile network code in it, 2 or 3: what the card goes back to.
    pub seed_mnc_len: u8,
    /// The service centre that the card is issued with: what the card goes back to.
    pub seed_centre: Option<Msisdn>,
    /// The keys that the card holds, the seed's being 0, and for which IMSI each is meant where
    /// that is known.
    pub preloaded: Vec<(KeyIndex, Option<Imsi>)>,
    /// Sizes of the card's files.
    pub sizes: FileSizes,
    /// For how many minutes a new subscription may fail to find service until the card goes back.
    pub trial_min: u16,
}

/// How an applet reaches the platform.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Bearer {
    /// Short messages to this number, by way of the device's service centre.
    Text(Msisdn),
    /// A TCP connection (bearer independent protocol, TS 102.223).
    Channel {
        /// Access point name; empty: the subscription's default.
        apn: String,
        /// IPv4 address of the platform.
        address: [u8; 4],
        /// TCP port.
        port: u16,
    },
}

/// What a card tells its applet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AppletInput {
    /// The card was reset: what was asked of the terminal is forgotten there.
    Reset,
    /// The terminal has said what it can do: commands can be given from now on.
    Profile(TerminalProfile),
    /// The terminal has answered the command given last.
    Response(Box<TerminalResponse>),
    /// The command given last is not for this terminal: its profile does not have it.
    NotAllowed,
    /// The terminal tells of an event, a timer or the user.
    Envelope(Box<Envelope>),
    /// The terminal polls the card (STATUS).
    Polled,
    /// A command packet for the applet's TAR has held its checks; [`AppletOutput::Prove`] is wanted,
    /// at the latest after the answer to an [`AppletOutput::Commit`].
    Secured {
        /// Its counter.
        counter: Counter,
        /// The secured data.
        data: SecuredData,
    },
    /// Remote file management has changed files (TS 31.130 calls it an external file update). Told
    /// once for a script, of all files that it has changed; and told again after a reset, before
    /// the terminal reads, if it may not have reached the applet.
    FilesUpdated {
        /// The counter of the packet that brought the script.
        counter: Counter,
        /// What each file holds now, from its beginning on; of a file of records, the records that
        /// were changed.
        files: Vec<FileWrite>,
    },
    /// A response packet for a packet that came by [`AppletOutput::Packet`]; `None` where it asked
    /// for none.
    Proof(Option<Vec<u8>>),
    /// A command APDU for the applet, which is selected on the channel; [`AppletOutput::Answer`] is
    /// wanted.
    Apdu(Vec<u8>),
    /// The transaction of [`AppletOutput::Commit`] is carried out. This, or the next, is the first
    /// input after it.
    Committed,
    /// The transaction could not be carried out: nothing of it was.
    TransactionFailed,
}

/// Secured data of a packet: it may carry a subscription key. `Debug` shows its length.
#[derive(Clone, Eq, PartialEq)]
pub struct SecuredData(Zeroizing<Vec<u8>>);

impl SecuredData {
    /// Returns the octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for SecuredData {
    fn from(octets: Vec<u8>) -> Self {
        Self(Zeroizing::new(octets))
    }
}

impl fmt::Debug for SecuredData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecuredData({} octets)", self.0.len())
    }
}

/// What an applet does, in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AppletOutput {
    /// Give the terminal this command, behind the proofs that were given before it. One at a time:
    /// the next only after the answer, or [`AppletInput::NotAllowed`], or a reset.
    Command(Box<Command>),
    /// Write files and choose the key: all of it or nothing, whatever happens to the power.
    /// [`AppletInput::Committed`] or [`AppletInput::TransactionFailed`] is wanted, at once.
    Commit(Transaction),
    /// Answer the packet of [`AppletInput::Secured`].
    Prove {
        /// The status.
        status: StatusCode,
        /// Additional data.
        data: Vec<u8>,
    },
    /// Give a command packet that came over a channel to the card, as if it had come in an ENVELOPE.
    Packet(Vec<u8>),
    /// Answer the APDU: data and status word.
    Answer(Vec<u8>),
}

/// What is written at once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Transaction {
    /// Files, past all access rules. One that the card does not have is passed over; a record is
    /// filled up with `FF`.
    pub files: Vec<FileWrite>,
    /// The subscription key from now on.
    pub key: Option<KeyChoice>,
}
