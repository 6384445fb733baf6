//! What follows the handshake: who knows whom is settled, then messages go to and fro.

use alloc::vec::Vec;
use core::mem;

use polysim_base::{Duration, Instant};
use zeroize::Zeroizing;

use super::comparison::{Commitment, Comparison, Nonce, Verdict};
use super::greeting::Met;
use super::noise::{HandshakeHash, Transport};
use super::outputs::Outputs;
use super::packet::{Farewell, Packet};
use super::supervision::Supervision;
use super::{COMPARISON_MAX, ComparisonNumber, LinkEnd, LinkEvent, LinkTimer, MESSAGE_LEN_MAX};
use crate::{DeviceName, PeerKey};

/// Two ends that share a key. An error ends the session.
pub(super) struct Session {
    transport: Transport,
    hash: HandshakeHash,
    peer: PeerKey,
    name: DeviceName,
    hold: Duration,
    phase: Phase,
}

enum Phase {
    /// The initiator has said its last of the handshake at `sent`, and waits for what the responder makes
    /// of it.
    Waiting { sent: Instant, until: Instant, acquainted: bool, nonce: Option<Nonce> },
    /// The users compare numbers.
    Comparing { supervision: Supervision, comparison: Comparison, until: Instant },
    /// Messages may pass.
    Up { supervision: Supervision },
}

impl Session {
    /// Begins where the handshake is finished.
    pub(super) fn new(met: Met, hold: Duration) -> Self {
        let Met { transport, hash, peer, name, acquainted, nonce, until, sent, .. } = met;
        let phase = Phase::Waiting { sent, until, acquainted, nonce };
        Self { transport, hash, peer, name, hold, phase }
    }

    /// The responder says what it makes of the initiator.
    pub(super) fn receive_initiator(
        &mut self,
        now: Instant,
        out: &mut Outputs,
    ) -> Result<(), LinkEnd> {
        let Phase::Waiting { sent, acquainted, nonce, .. } = self.phase else {
            return Err(LinkEnd::Unexpected);
        };
        let supervision = self.supervise(now, sent)?;
        if acquainted {
            self.say(&Packet::Accept, out)?;
            self.come_up(supervision, false, out);
            return Ok(());
        }
        let nonce = nonce.ok_or(LinkEnd::PairingOff)?;
        let (comparison, commitment) = Comparison::commit(self.hash, nonce);
        self.phase = Phase::Comparing { supervision, comparison, until: now.plus(COMPARISON_MAX) };
        self.say(&Packet::Commit(commitment), out)
    }

    /// Takes what the other end has said.
    pub(super) fn hear(
        &mut self,
        now: Instant,
        frame: &[u8],
        out: &mut Outputs,
    ) -> Result<(), LinkEnd> {
        let octets = self.transport.open(frame).map_err(|_| LinkEnd::Undecipherable)?;
        match Packet::parse(&octets).ok_or(LinkEnd::Unexpected)? {
            Packet::Data(message) => self.receive(message, out),
            Packet::Ping(at) => {
                self.supervision()?;
                self.say(&Packet::Echo(at), out)
            }
            Packet::Echo(at) => self.supervision()?.echo(at),
            Packet::Accept => self.accepted(now, out),
            Packet::Commit(commitment) => self.answer(now, commitment, out),
            Packet::Nonce(nonce) => {
                let (own, number) = self.comparison()?.reveal(nonce)?;
                self.say(&Packet::Reveal(own), out)?;
                self.show(number, out);
                Ok(())
            }
            Packet::Reveal(nonce) => {
                let number = self.comparison()?.check(nonce)?;
                self.show(number, out);
                Ok(())
            }
            Packet::Equal => {
                let verdict = self.comparison()?.equal_there()?;
                self.judge(verdict, out)
            }
            Packet::Close(farewell) => Err(end_of(farewell)),
        }
    }

    /// Says a message, where the session is up.
    pub(super) fn send(&mut self, message: Vec<u8>, out: &mut Outputs) -> Result<(), LinkEnd> {
        let message = Zeroizing::new(message);
        match self.phase {
            Phase::Up { .. } if message.len() > MESSAGE_LEN_MAX => {
                Err(LinkEnd::MessageTooLong { len: message.len() })
            }
            Phase::Up { .. } => self.say(&Packet::Data(message), out),
            Phase::Waiting { .. } | Phase::Comparing { .. } => Ok(()),
        }
    }

    /// The user of this end has compared the numbers.
    pub(super) fn compared(&mut self, equal: bool, out: &mut Outputs) -> Result<(), LinkEnd> {
        let Phase::Comparing { comparison, .. } = &mut self.phase else { return Ok(()) };
        if !comparison.is_shown() {
            return Ok(());
        }
        if !equal {
            return Err(LinkEnd::Unequal);
        }
        let Some(verdict) = comparison.equal_here() else { return Ok(()) };
        self.say(&Packet::Equal, out)?;
        self.judge(verdict, out)
    }

    /// Says the last word.
    pub(super) fn farewell(&mut self, end: LinkEnd, out: &mut Outputs) {
        let Some(farewell) = farewell_of(end) else { return };
        // Where it cannot be said, supervision ends the session at the other end.
        self.say(&Packet::Close(farewell), out).unwrap_or_default();
    }

    /// Serves every deadline up to `now`.
    pub(super) fn expire(&mut self, now: Instant, out: &mut Outputs) -> Result<(), LinkEnd> {
        let over = match &self.phase {
            Phase::Waiting { until, .. } => Some((*until, LinkEnd::HandshakeTimeout)),
            Phase::Comparing { until, .. } => Some((*until, LinkEnd::ComparisonTimeout)),
            Phase::Up { .. } => None,
        };
        if let Some((until, end)) = over
            && now >= until
        {
            return Err(end);
        }
        let Ok(supervision) = self.supervision() else { return Ok(()) };
        if now >= supervision.until() {
            return Err(LinkEnd::Supervision);
        }
        if now >= supervision.ping_due() {
            supervision.ping(now);
            return self.say(&Packet::Ping(now), out);
        }
        Ok(())
    }

    /// Returns the next deadline.
    pub(super) fn deadline(&self) -> (Instant, LinkTimer) {
        let supervised = |supervision: &Supervision| {
            let (over, ping) = (supervision.until(), supervision.ping_due());
            if over <= ping { (over, LinkTimer::Supervision) } else { (ping, LinkTimer::Ping) }
        };
        match &self.phase {
            Phase::Waiting { until, .. } => (*until, LinkTimer::Handshake),
            Phase::Comparing { supervision, until, .. } => {
                let next = supervised(supervision);
                if *until <= next.0 { (*until, LinkTimer::Comparison) } else { next }
            }
            Phase::Up { supervision } => supervised(supervision),
        }
    }

    /// Returns whether messages may pass, which may be long.
    pub(super) const fn is_up(&self) -> bool {
        match self.phase {
            Phase::Up { .. } => true,
            Phase::Waiting { .. } | Phase::Comparing { .. } => false,
        }
    }

    /// Returns when the session is over that is up.
    pub(super) const fn over_at(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Up { supervision } => Some(supervision.until()),
            Phase::Waiting { .. } | Phase::Comparing { .. } => None,
        }
    }

    fn receive(&self, mut message: Zeroizing<Vec<u8>>, out: &mut Outputs) -> Result<(), LinkEnd> {
        if !self.is_up() {
            return Err(LinkEnd::Unexpected);
        }
        out.tell(LinkEvent::Received(mem::take(&mut *message)));
        Ok(())
    }

    fn accepted(&mut self, now: Instant, out: &mut Outputs) -> Result<(), LinkEnd> {
        let Phase::Waiting { sent, acquainted: true, .. } = self.phase else {
            return Err(LinkEnd::Unexpected);
        };
        let supervision = self.supervise(now, sent)?;
        self.come_up(supervision, false, out);
        Ok(())
    }

    fn answer(
        &mut self,
        now: Instant,
        commitment: Commitment,
        out: &mut Outputs,
    ) -> Result<(), LinkEnd> {
        let Phase::Waiting { sent, nonce, .. } = self.phase else {
            return Err(LinkEnd::Unexpected);
        };
        let supervision = self.supervise(now, sent)?;
        let nonce = nonce.ok_or(LinkEnd::PairingOff)?;
        let comparison = Comparison::answer(self.hash, commitment, nonce);
        self.phase = Phase::Comparing { supervision, comparison, until: now.plus(COMPARISON_MAX) };
        self.say(&Packet::Nonce(nonce), out)
    }

    fn show(&self, number: ComparisonNumber, out: &mut Outputs) {
        let (peer, name) = (self.peer, self.name.clone());
        out.tell(LinkEvent::Compare { number, peer, name });
    }

    fn judge(&mut self, verdict: Verdict, out: &mut Outputs) -> Result<(), LinkEnd> {
        match verdict {
            Verdict::Open => {}
            Verdict::Paired => {
                let supervision = *self.supervision()?;
                self.come_up(supervision, true, out);
            }
        }
        Ok(())
    }

    fn come_up(&mut self, supervision: Supervision, paired_now: bool, out: &mut Outputs) {
        self.phase = Phase::Up { supervision };
        out.tell(LinkEvent::Up { peer: self.peer, name: self.name.clone(), paired_now });
    }

    fn supervise(&self, now: Instant, proven: Instant) -> Result<Supervision, LinkEnd> {
        let supervision = Supervision::new(self.hold, proven);
        if now >= supervision.until() {
            return Err(LinkEnd::Supervision);
        }
        Ok(supervision)
    }

    fn supervision(&mut self) -> Result<&mut Supervision, LinkEnd> {
        match &mut self.phase {
            Phase::Comparing { supervision, .. } | Phase::Up { supervision } => Ok(supervision),
            Phase::Waiting { .. } => Err(LinkEnd::Unexpected),
        }
    }

    fn comparison(&mut self) -> Result<&mut Comparison, LinkEnd> {
        match &mut self.phase {
            Phase::Comparing { comparison, .. } => Ok(comparison),
            Phase::Waiting { .. } | Phase::Up { .. } => Err(LinkEnd::Unexpected),
        }
    }

    fn say(&mut self, packet: &Packet, out: &mut Outputs) -> Result<(), LinkEnd> {
        // Fails when 2^64 packets have been said: the next session has a new key.
        let sealed = self.transport.seal(&packet.encode()).map_err(|_| LinkEnd::Closed)?;
        out.frame(&sealed)
    }
}

/// What the other end is told of why this one ends; nothing where that one has ended.
const fn farewell_of(end: LinkEnd) -> Option<Farewell> {
    match end {
        LinkEnd::Closed => Some(Farewell::Closed),
        LinkEnd::PairingOff => Some(Farewell::PairingOff),
        LinkEnd::Unequal => Some(Farewell::Unequal),
        LinkEnd::ComparisonTimeout => Some(Farewell::ComparisonTimeout),
        LinkEnd::Supervision
        | LinkEnd::HandshakeTimeout
        | LinkEnd::Handshake
        | LinkEnd::Undecipherable
        | LinkEnd::Oversize { .. }
        | LinkEnd::Unexpected
        | LinkEnd::MessageTooLong { .. }
        | LinkEnd::WrongReveal => Some(Farewell::Fault),
        LinkEnd::ClosedByPeer
        | LinkEnd::FaultOfPeer
        | LinkEnd::PairingOffAtPeer
        | LinkEnd::UnequalAtPeer => None,
    }
}

const fn end_of(farewell: Farewell) -> LinkEnd {
    match farewell {
        Farewell::Closed => LinkEnd::ClosedByPeer,
        Farewell::PairingOff => LinkEnd::PairingOffAtPeer,
        Farewell::Unequal => LinkEnd::UnequalAtPeer,
        Farewell::ComparisonTimeout => LinkEnd::ComparisonTimeout,
        Farewell::Fault => LinkEnd::FaultOfPeer,
    }
}
