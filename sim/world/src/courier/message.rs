//! What travels between the courier's server and its devices, and what their links, disks and users do.

use polysim_courier::DeviceId;
use polysim_courier::client::{CallId, Choice, Offer};
use polysim_courier::server::OutText;
use polysim_courier::wire::{
    FromDevice, RateFromDevice, RateToDevice, ToDevice, VoiceFromDevice, VoiceToDevice,
};
use polysim_kernel::Digest;
use polysim_speech::Packet;

/// A message to a node.
#[derive(Clone, Debug)]
pub(crate) enum CourierMessage {
    /// To the server, from a device, in a session of their link.
    ToServer { device: u32, session: u32, said: FromDevice },
    /// To a device, in a session of its link.
    ToDevice { session: u32, said: ToDevice },
    /// To a device: a session of its link begins.
    Open { session: u32 },
    /// To a device: one end of the link is told that a session is down.
    Down { session: u32, end: End },
    /// To a node: the disk is done with what was begun in this life.
    Written(u32),
    /// To the server: what became of a verification text.
    Texted { text: OutText, taken: bool },
    /// To a device: its user does something.
    User(Deed),
}

/// An end of a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Server,
    Device,
}

/// What a user does after a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deed {
    /// To register the number of the card.
    Register,
    /// To register the number that is typed, for the card tells none.
    Type,
    /// To confirm with the code that has come.
    Confirm,
    /// To link the devices that are to be linked.
    Link,
    /// To redeem the invitation that was shown.
    Redeem,
    /// To answer a call.
    Answer(CallId),
    /// To answer an offer.
    Choose(Offer, Choice),
    /// To read what has come.
    Read,
    /// To speak a frame.
    Speak(CallId),
}

impl CourierMessage {
    /// Adds what it says to a digest. What fills trains of octets says nothing.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let numbered = |kind: u64, of: u32, number: u16, session: u32| {
            let in_session = u64::from(number) << 32 | u64::from(session);
            digest.with(kind).with(of.into()).with(in_session)
        };
        match self {
            Self::ToServer {
                device,
                session,
                said: FromDevice::Rate(RateFromDevice::Probe { train, part: number, .. }),
            } => numbered(1, *train, *number, *session).with((*device).into()),
            Self::ToDevice {
                session,
                said: ToDevice::Rate(RateToDevice::Probe { train, part: number, .. }),
            } => numbered(2, *train, *number, *session),
            Self::ToServer {
                device,
                session,
                said: FromDevice::Voice(VoiceFromDevice::Speech { from, call, packet }),
            } => speech(numbered(3, call.0, packet.sequence, *session), *from, packet)
                .with((*device).into()),
            Self::ToDevice {
                session,
                said: ToDevice::Voice(VoiceToDevice::Speech { from, call, packet }),
            } => speech(numbered(4, call.0, packet.sequence, *session), *from, packet),
            Self::Written(life) => digest.with(5).with((*life).into()),
            Self::ToServer { .. }
            | Self::ToDevice { .. }
            | Self::Open { .. }
            | Self::Down { .. }
            | Self::Texted { .. }
            | Self::User(_) => crate::message::text(digest, self),
        }
    }

    /// Returns what traces call it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::ToServer { .. } => "to-courier",
            Self::ToDevice { .. } => "to-device",
            Self::Open { .. } | Self::Down { .. } => "link",
            Self::Written(_) => "disk",
            Self::Texted { .. } => "gateway",
            Self::User(_) => "user",
        }
    }

    /// Returns it as traces write it.
    pub(crate) fn content(&self) -> String {
        match self {
            Self::ToServer {
                said: FromDevice::Rate(RateFromDevice::Probe { train, part, parts, octets }),
                ..
            }
            | Self::ToDevice {
                said: ToDevice::Rate(RateToDevice::Probe { train, part, parts, octets }),
                ..
            } => {
                let octets = octets.len();
                format!("Probe {{ train: {train}, part: {part} of {parts}, octets: {octets} }}")
            }
            Self::ToServer { .. }
            | Self::ToDevice { .. }
            | Self::Open { .. }
            | Self::Down { .. }
            | Self::Written(_)
            | Self::Texted { .. }
            | Self::User(_) => format!("{self:?}"),
        }
    }
}

fn speech(digest: Digest, from: DeviceId, packet: &Packet) -> Digest {
    digest.with(from.0).with(packet.timestamp.into()).with_bytes(&packet.payload)
}
