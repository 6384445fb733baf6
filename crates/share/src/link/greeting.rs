//! The handshake as the two ends go through it: who is there, what it is called, who knows whom.

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_base::Instant;

use super::comparison::Nonce;
use super::noise::{Handshake, HandshakeHash, Transport};
use super::{HANDSHAKE_MAX, LinkConfig, LinkEnd, Role};
use crate::{DeviceName, PeerKey};

/// A link whose handshake is not finished.
pub(super) struct Greeting {
    handshake: Handshake,
    role: Role,
    name: DeviceName,
    known: Vec<PeerKey>,
    nonce: Option<Nonce>,
    /// When it must be finished.
    pub(super) until: Instant,
    sent: Instant,
}

/// What a message of the handshake leads to.
pub(super) enum Heard {
    /// This is to be said, and the handshake goes on.
    Answer(Box<Greeting>, Vec<u8>),
    /// The handshake is finished.
    Met(Box<Met>),
}

/// Two ends that have proven their keys to each other.
pub(super) struct Met {
    /// What an initiator has still to say.
    pub(super) last: Option<Vec<u8>>,
    pub(super) transport: Transport,
    pub(super) hash: HandshakeHash,
    pub(super) peer: PeerKey,
    pub(super) name: DeviceName,
    /// As far as this end can tell, both know each other.
    pub(super) acquainted: bool,
    /// What this end adds to the number, where it compares.
    pub(super) nonce: Option<Nonce>,
    /// When the link must be up, or numbers be compared.
    pub(super) until: Instant,
    /// When this end has last said something of the handshake.
    pub(super) sent: Instant,
}

const KNOWN: u8 = 1;
const UNKNOWN: u8 = 0;

impl Greeting {
    /// Begins, with the initiator's first message.
    pub(super) fn new(
        config: LinkConfig,
        now: Instant,
    ) -> Result<(Self, Option<Vec<u8>>), LinkEnd> {
        let LinkConfig { role, identity, name, known, pairing, mut randomness, .. } = config;
        let mut handshake = Handshake::new(role, &identity, &mut randomness).map_err(broken)?;
        let first = match role {
            Role::Initiator => Some(handshake.write(&[]).map_err(broken)?),
            Role::Responder => None,
        };
        let nonce = pairing.then(|| Nonce(randomness.bytes()));
        let until = now.plus(HANDSHAKE_MAX);
        Ok((Self { handshake, role, name, known, nonce, until, sent: now }, first))
    }

    /// Takes a message of the other end.
    pub(super) fn hear(
        mut self: Box<Self>,
        now: Instant,
        message: &[u8],
    ) -> Result<Heard, LinkEnd> {
        let payload = self.handshake.read(message).map_err(broken)?;
        match (self.role, self.handshake.peer()) {
            (Role::Responder, None) if payload.is_empty() => {
                let answer = self.handshake.write(self.name.as_str().as_bytes()).map_err(broken)?;
                self.sent = now;
                Ok(Heard::Answer(self, answer))
            }
            (Role::Responder, Some(peer)) => self.met_initiator(peer, &payload),
            (Role::Initiator, Some(peer)) => self.met_responder(now, peer, &payload),
            (Role::Initiator | Role::Responder, None) => Err(LinkEnd::Handshake),
        }
    }

    /// A stranger hears neither key nor name of an initiator that does not pair.
    fn met_responder(mut self, now: Instant, peer: PeerKey, name: &[u8]) -> Result<Heard, LinkEnd> {
        let name = read_name(name)?;
        let acquainted = self.known.contains(&peer);
        if !acquainted && self.nonce.is_none() {
            return Err(LinkEnd::PairingOff);
        }
        let stance = if acquainted { KNOWN } else { UNKNOWN };
        let payload = [&[stance], self.name.as_str().as_bytes()].concat();
        let last = self.handshake.write(&payload).map_err(broken)?;
        self.sent = now;
        self.met(peer, name, acquainted, Some(last))
    }

    fn met_initiator(self, peer: PeerKey, payload: &[u8]) -> Result<Heard, LinkEnd> {
        let (stance, name) = payload.split_first().ok_or(LinkEnd::Handshake)?;
        let known_there = match *stance {
            KNOWN => true,
            UNKNOWN => false,
            _ => return Err(LinkEnd::Handshake),
        };
        let acquainted = known_there && self.known.contains(&peer);
        self.met(peer, read_name(name)?, acquainted, None)
    }

    fn met(
        self,
        peer: PeerKey,
        name: DeviceName,
        acquainted: bool,
        last: Option<Vec<u8>>,
    ) -> Result<Heard, LinkEnd> {
        let Self { handshake, nonce, until, sent, .. } = self;
        let (transport, hash) = handshake.finish().map_err(broken)?;
        let met = Met { last, transport, hash, peer, name, acquainted, nonce, until, sent };
        Ok(Heard::Met(Box::new(met)))
    }
}

fn read_name(octets: &[u8]) -> Result<DeviceName, LinkEnd> {
    let name = core::str::from_utf8(octets).map_err(|_| LinkEnd::Handshake)?;
    DeviceName::new(name).map_err(|_| LinkEnd::Handshake)
}

/// What exactly was wrong with a handshake helps an attacker more than a user.
fn broken(_: snow::Error) -> LinkEnd {
    LinkEnd::Handshake
}
