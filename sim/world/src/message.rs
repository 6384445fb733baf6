//! What travels between the machines of a world, and what each adds to the trace.

use crate::courier::CourierMessage;
use crate::fleet::FleetMessage;
use crate::issuance::IssuanceMessage;
use crate::share::ShareMessage;
use crate::steering::SteeringMessage;
use polysim_baseband::BasebandInput;
use polysim_card::CardInput;
use polysim_kernel::{Digest, Summary};
use polysim_modem::ModemInput;
use polysim_radio::air::{AuthenticationAnswer, Downlink, Uplink};
use polysim_radio::{CoreInput, RegionInput};
use std::fmt::Write as _;

/// A message to a node.
#[derive(Debug)]
pub(crate) enum Message {
    /// To a region.
    Region(RegionInput),
    /// To an operator's network.
    Core(CoreInput),
    /// To a modem, over the air of this region; lost if the modem is elsewhere by then.
    Air(u16, Downlink),
    /// To a modem, from its ports and its card slot.
    Baseband(BasebandInput),
    /// To a card.
    Card(CardInput),
    /// To the software that drives a modem.
    Host(ModemInput),
    /// To a node of the fleet.
    Fleet(Box<FleetMessage>),
    /// To a node that opens cards, or about one.
    Issuance(Box<IssuanceMessage>),
    /// To a node that steers eSIMs, or about one.
    Steering(Box<SteeringMessage>),
    /// To a device that shares a SIM, or about one.
    Share(Box<ShareMessage>),
    /// To the courier's server or one of its devices, or about one.
    Courier(Box<CourierMessage>),
}

/// Kinds of messages in the trace. New ones come last: the numbers are part of golden hashes.
#[derive(Clone, Copy)]
enum TraceKind {
    Region = 1,
    Core,
    Air,
    Port,
    Baseband,
    Command,
    Card,
    Bytes,
    Host,
    Fleet,
    Issuance,
    Steering,
    Share,
    Courier,
}

impl Message {
    pub(crate) fn summary(&self) -> Summary {
        let digest = Digest::new();
        let (kind, digest) = match self {
            Self::Region(input) => (TraceKind::Region, region(digest, input)),
            Self::Core(input) => (TraceKind::Core, text(digest, input)),
            Self::Air(region, down) => {
                (TraceKind::Air, downlink(digest.with((*region).into()), down))
            }
            Self::Baseband(BasebandInput::Port { port, bytes }) => {
                (TraceKind::Port, digest.with((*port).into()).with_bytes(bytes))
            }
            Self::Baseband(input) => (TraceKind::Baseband, baseband(digest, input)),
            Self::Card(CardInput::Command(bytes)) => (TraceKind::Command, digest.with_bytes(bytes)),
            Self::Card(input) => (TraceKind::Card, text(digest, input)),
            Self::Host(ModemInput::Bytes(bytes)) => (TraceKind::Bytes, digest.with_bytes(bytes)),
            Self::Host(input) => (TraceKind::Host, text(digest, input)),
            Self::Fleet(message) => (TraceKind::Fleet, text(digest, message)),
            Self::Issuance(message) => (TraceKind::Issuance, text(digest, message)),
            Self::Steering(message) => (TraceKind::Steering, message.digest(digest)),
            Self::Share(message) => (TraceKind::Share, message.digest(digest)),
            Self::Courier(message) => (TraceKind::Courier, message.digest(digest)),
        };
        Summary { kind: kind as u32, digest: digest.finish() }
    }
}

/// What is frequent is digested field by field, the rest by its debug text.
pub(crate) fn text(digest: Digest, value: &impl std::fmt::Debug) -> Digest {
    struct Sink(Digest);
    impl std::fmt::Write for Sink {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 = self.0.with_bytes(text.as_bytes());
            Ok(())
        }
    }
    let mut sink = Sink(digest);
    let written = write!(sink, "{value:?}");
    debug_assert!(written.is_ok(), "the sink takes everything");
    sink.0
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is rare is digested by its text")]
fn region(digest: Digest, input: &RegionInput) -> Digest {
    match input {
        RegionInput::FromDevice(radio, up) => uplink(digest.with(radio.0.into()), up),
        RegionInput::FromCore { operator, radio, downlink: down } => {
            let from = (u64::from(operator.0) << 32) | u64::from(radio.0);
            downlink(digest.with(from), down)
        }
        other => text(digest, other),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is rare is digested by its text")]
fn uplink(digest: Digest, up: &Uplink) -> Digest {
    match up {
        Uplink::Scan => digest.with(1),
        Uplink::Attach { cell, imsi, imei, update } => {
            let imei = imei.digits().fold(0, |n, d| n * 10 + u64::from(d));
            let imsi = imsi.digits().fold(0, |n, d| n * 10 + u64::from(d));
            let kind = if *update { 4 } else { 2 };
            digest.with(kind).with(cell.0.into()).with(imsi).with(imei)
        }
        Uplink::Authentication(AuthenticationAnswer::Response(res)) => {
            digest.with(3).with_bytes(res.as_bytes())
        }
        other => text(digest, other),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is rare is digested by its text")]
fn downlink(digest: Digest, down: &Downlink) -> Digest {
    match down {
        Downlink::Cells(cells) => cells.iter().fold(digest.with(1), |digest, cell| {
            digest.with((u64::from(cell.cell.0) << 16) | u64::from(cell.level_dbm.unsigned_abs()))
        }),
        Downlink::Authentication(challenge) => {
            let autn = challenge.autn.as_ref().map_or(&[][..], |autn| &autn.as_bytes()[..]);
            digest.with(2).with_bytes(challenge.rand.as_bytes()).with_bytes(autn)
        }
        Downlink::Accept(registration) => digest.with(3).with(registration.tmsi.into()),
        other => text(digest, other),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is rare is digested by its text")]
fn baseband(digest: Digest, input: &BasebandInput) -> Digest {
    use polysim_baseband::CardToTerminal;
    match input {
        BasebandInput::Card(CardToTerminal::Response(bytes)) => digest.with(1).with_bytes(bytes),
        BasebandInput::Card(CardToTerminal::Atr(bytes)) => digest.with(2).with_bytes(bytes),
        other => text(digest, other),
    }
}
