//! Finds the packet in what it travels in.

use super::args::Kind;
use anyhow::{Context as _, Result, anyhow, bail};
use polysim_apdu::CommandApdu;
use polysim_base::Instant;
use polysim_cat::{Command, Envelope, Message, ProactiveCommand};
use polysim_ota::sms::PacketKind;
use polysim_sms::{
    Accepted, Address, AtPdu, MobileOriginated, MobileTerminated, Part, Reassembler, Rp, Timestamp,
    Tpdu as _, UserData,
};

/// A packet, and what it was in.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    pub(super) packet: Vec<u8>,
    pub(super) within: String,
}

/// One layer less.
enum Peeled {
    Packet(Option<Kind>, Vec<u8>),
    /// A message with its user data.
    Message(UserData, &'static str),
}

/// Finds the packet in octets of any layer; in several if it travels in several messages.
pub(super) fn packet(inputs: &[Vec<u8>], kind: Option<Kind>) -> Result<Found> {
    if let [single] = inputs {
        let (peeled, envelope) = peel(single)?;
        let (found, packet, message) = match peeled {
            Peeled::Packet(found, packet) => (found, packet, None),
            Peeled::Message(user_data, name) => {
                if let Some(concatenation) = user_data.concatenation()
                    && concatenation.total() > 1
                {
                    bail!(
                        "this is message {} of {}; give all of them",
                        concatenation.sequence(),
                        concatenation.total()
                    );
                }
                (of(&user_data), user_data.payload().to_vec(), Some(name))
            }
        };
        let within = [envelope, message].into_iter().flatten().collect::<Vec<_>>().join(", ");
        return named(kind.or(found), packet, within);
    }
    let mut reassembler = Reassembler::default();
    let mut name = "messages";
    for (number, octets) in (1..).zip(inputs) {
        let (peeled, _) = peel(octets).with_context(|| format!("message {number}"))?;
        let Peeled::Message(user_data, message) = peeled else {
            bail!("several octets are given, and number {number} is no short message");
        };
        name = message;
        let part = Part {
            originator: Address::international("1")?,
            timestamp: Timestamp::from_octets([0; 7]),
            user_data,
            tag: (),
        };
        if let Ok(Accepted::Complete(whole)) = reassembler.accept(Instant::ZERO, part) {
            if number < inputs.len() {
                bail!("message {number} is the last of a packet; give one packet at a time");
            }
            let found = of(&whole.first().user_data);
            return named(kind.or(found), whole.payload(), format!("{number} {name}"));
        }
    }
    bail!("{} {name} are given, and some of the packet are missing", inputs.len())
}

fn of(user_data: &UserData) -> Option<Kind> {
    PacketKind::of(user_data).map(|kind| match kind {
        PacketKind::Command => Kind::Command,
        PacketKind::Response => Kind::Response,
    })
}

fn named(kind: Option<Kind>, packet: Vec<u8>, within: String) -> Result<Found> {
    let kind = kind
        .or_else(|| by_header(&packet))
        .context("a command or a response? Its header length tells neither; say so by --kind")?;
    Ok(Found { kind, packet, within })
}

/// The header of a command has 13 octets and its check, that of a response 10: with the checks
/// that there are, no length is one of both.
fn by_header(packet: &[u8]) -> Option<Kind> {
    match packet.get(2)? {
        0x0D | 0x0F | 0x11 | 0x15 => Some(Kind::Command),
        0x0A | 0x0C | 0x0E | 0x12 => Some(Kind::Response),
        _ => None,
    }
}

fn peel(octets: &[u8]) -> Result<(Peeled, Option<&'static str>)> {
    match octets {
        [0x80..=0x8F | 0xA0, 0xC2, ..] => {
            let apdu = CommandApdu::parse(octets).context("the ENVELOPE")?;
            Ok((downloaded(apdu.data())?, Some("ENVELOPE")))
        }
        [0xD1, ..] => Ok((downloaded(octets)?, Some("SMS-PP download"))),
        [0xD0, ..] => Ok((sent(octets)?, Some("SEND SHORT MESSAGE"))),
        // User data with its header, as a card answers to ENVELOPE.
        [0x02, element @ (0x70 | 0x71), 0x00, packet @ ..] => {
            let kind = if *element == 0x70 { Kind::Command } else { Kind::Response };
            Ok((Peeled::Packet(Some(kind), without_status(packet).to_vec()), None))
        }
        [high, low, _, ..] if stated(*high, *low) == octets.len() => {
            Ok((Peeled::Packet(None, octets.to_vec()), None))
        }
        _ => Ok((message(octets)?, None)),
    }
}

/// Octets of a packet by its length field.
fn stated(high: u8, low: u8) -> usize {
    usize::from(u16::from_be_bytes([high, low])) + 2
}

/// Leaves out the status word of a card that gave the packet.
fn without_status(packet: &[u8]) -> &[u8] {
    match packet {
        [high, low, ..] if stated(*high, *low) + 2 == packet.len() => {
            packet.get(..stated(*high, *low)).unwrap_or(packet)
        }
        _ => packet,
    }
}

fn downloaded(octets: &[u8]) -> Result<Peeled> {
    let envelope = Envelope::decode(octets).context("the ENVELOPE")?.message;
    let Message::SmsPpDownload(download) = envelope else {
        bail!("an ENVELOPE with tag {:02X} brings no packet; D1 does", envelope.tag());
    };
    message(download.tpdu.octets())
}

fn sent(octets: &[u8]) -> Result<Peeled> {
    let command = ProactiveCommand::decode(octets).context("the proactive command")?.command;
    let Command::SendShortMessage(send) = command else {
        bail!("{} sends no packet", command.command_type().name());
    };
    message(send.tpdu.octets())
}

/// Reads a TPDU, with a service centre in front or without.
fn message(octets: &[u8]) -> Result<Peeled> {
    let candidates = [
        MobileTerminated::parse(octets, Rp::Data).ok().and_then(received),
        MobileOriginated::parse(octets, Rp::Data).ok().and_then(originated),
        AtPdu::<MobileTerminated>::parse(octets, Rp::Data).ok().and_then(|pdu| received(pdu.tpdu)),
        AtPdu::<MobileOriginated>::parse(octets, Rp::Data)
            .ok()
            .and_then(|pdu| originated(pdu.tpdu)),
        MobileOriginated::parse(octets, Rp::Ack).ok().and_then(originated),
    ];
    let mut messages = candidates.into_iter().flatten();
    let announced = |(user_data, _): &(UserData, _)| {
        of(user_data).is_some() || user_data.concatenation().is_some()
    };
    let (user_data, name) = messages.find(announced).ok_or_else(|| {
        anyhow!(
            "no packet is in these {} octets: they are no packet by their length, no TPDU with \
             one, no ENVELOPE (D1), no SEND SHORT MESSAGE (D0) and no user data (027000, 027100)",
            octets.len()
        )
    })?;
    Ok(Peeled::Message(user_data, name))
}

fn received(tpdu: MobileTerminated) -> Option<(UserData, &'static str)> {
    match tpdu {
        MobileTerminated::Deliver(deliver) => Some((deliver.user_data, "SMS-DELIVER")),
        MobileTerminated::StatusReport(_) | MobileTerminated::SubmitReport(_) => None,
    }
}

fn originated(tpdu: MobileOriginated) -> Option<(UserData, &'static str)> {
    match tpdu {
        MobileOriginated::Submit(submit) => Some((submit.user_data, "SMS-SUBMIT")),
        MobileOriginated::DeliverReport(report) => report
            .parameters
            .user_data()
            .cloned()
            .map(|user_data| (user_data, "SMS-DELIVER-REPORT")),
        MobileOriginated::Command(_) => None,
    }
}
