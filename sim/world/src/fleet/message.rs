//! What travels between the nodes of a fleet, and its encoding.

use polysim_base::Stream;
use polysim_fleet::SlotId;
use polysim_fleet::site::SiteInput;
use polysim_fleet::terminal::{TerminalInput, TerminalWish};
use polysim_fleet::wire::{
    Act, CardReply, CardSignal, Contact, Done, Envelope, FrameReader, FromModem, Input, ToModem,
    frame,
};
use polysim_modem::{ModemOutput, Reply};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message to a node of the fleet.
#[derive(Clone, Debug)]
pub(crate) enum FleetMessage {
    /// To a server.
    Server(Input),
    /// To a site.
    Site(SiteInput),
    /// To a terminal.
    Terminal(TerminalInput),
    /// To the card in a slot.
    Card(SlotId, CardSignal),
    /// To a node: the disk, or the log, is done with what was begun in this life.
    Written(u32),
    /// To a server: time to show that it is there, or to see whether another one is.
    Tick,
    /// To a phone, by its index: its user says the next frame.
    Speak,
}

/// Encodes something, and reads it back as the other end of a stream does, which gets pieces that
/// end anywhere. `None` where it does not come back as it was: then the wire types are broken.
pub(crate) fn recoded<T>(body: T, cuts: &mut Stream) -> Option<T>
where
    T: Clone + PartialEq + Serialize + DeserializeOwned,
{
    let bytes = serde_json::to_vec(&Envelope::new(body.clone())).ok()?;
    let bytes = framed(&bytes, cuts)?;
    let read: Envelope<T> = serde_json::from_slice(&bytes).ok()?;
    read.open().ok().filter(|read| *read == body)
}

/// Puts octets into a frame, cuts the stream at drawn places, and takes them out again. They are
/// sent twice in a row, so that there are pieces with the end of one frame and the head of another.
fn framed(bytes: &[u8], cuts: &mut Stream) -> Option<Vec<u8>> {
    let stream = frame(bytes).ok()?.repeat(2);
    let longest = cuts.range(1, stream.len() as u64);
    let (mut reader, mut frames) = (FrameReader::new(), Vec::new());
    let mut rest = stream.as_slice();
    while !rest.is_empty() {
        let at = usize::try_from(cuts.range(1, longest)).unwrap_or(usize::MAX).min(rest.len());
        let (mut piece, later) = rest.split_at(at);
        while let Some(frame) = reader.next(&mut piece).ok()? {
            frames.push(frame);
        }
        rest = later;
    }
    let second = frames.pop()?;
    let whole = frames == [second.as_slice()] && reader == FrameReader::new();
    whole.then_some(second)
}

/// An APDU in a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Apdu<'a> {
    Command(&'a [u8]),
    Response(&'a [u8]),
}

impl FleetMessage {
    /// Returns what traces call it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Server(_) => "server",
            Self::Site(_) => "site",
            Self::Terminal(_) => "terminal",
            Self::Card(..) => "card",
            Self::Written(_) => "written",
            Self::Tick => "tick",
            Self::Speak => "speak",
        }
    }

    /// Returns the APDU that it carries, whose secrets no trace may show.
    pub(crate) fn apdu(&self) -> Option<Apdu<'_>> {
        match self {
            Self::Card(_, signal) => signalled(signal),
            Self::Site(SiteInput::ModemCard(_, signal)) => signalled(signal),
            Self::Site(SiteInput::Card { reply, .. }) => replied(reply),
            Self::Site(SiteInput::Modem(
                _,
                ModemOutput::Done { outcome: Ok(Reply::Apdu(bytes)), .. },
            )) => Some(Apdu::Response(bytes)),
            Self::Site(SiteInput::Site(_, relay)) => match &relay.contact {
                Contact::ToCard(signal) => signalled(signal),
                Contact::FromCard(reply) => replied(reply),
                Contact::Fenced => None,
            },
            Self::Site(SiteInput::Terminal(_, _, ToModem::Request(request))) => {
                match &request.act {
                    Act::Apdu(bytes) => Some(Apdu::Command(bytes)),
                    Act::Dial { .. }
                    | Act::Answer(_)
                    | Act::Reject(_)
                    | Act::HangUp(_)
                    | Act::Hold(_)
                    | Act::Dtmf(..)
                    | Act::Text { .. }
                    | Act::Ussd(_)
                    | Act::UssdCancel => None,
                }
            }
            Self::Terminal(TerminalInput::Wish(_, TerminalWish::Apdu { apdu, .. })) => {
                Some(Apdu::Command(apdu))
            }
            Self::Terminal(TerminalInput::Modem(_, FromModem::Reply { outcome, .. })) => {
                if let Ok(Done::Apdu(bytes)) = outcome { Some(Apdu::Response(bytes)) } else { None }
            }
            Self::Server(_)
            | Self::Site(_)
            | Self::Terminal(_)
            | Self::Written(_)
            | Self::Tick
            | Self::Speak => None,
        }
    }
}

fn signalled(signal: &CardSignal) -> Option<Apdu<'_>> {
    if let CardSignal::Command(bytes) = signal { Some(Apdu::Command(bytes)) } else { None }
}

fn replied(reply: &CardReply) -> Option<Apdu<'_>> {
    if let CardReply::Response(bytes) = reply { Some(Apdu::Response(bytes)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_base::Purpose;

    #[test]
    fn what_is_sent_comes_back_however_the_stream_is_cut() {
        let mut cuts = Stream::derive(1, 0, Purpose::Test, 0);
        for length in [0, 1, 3, 4, 5, 300] {
            let bytes: Vec<u8> = (0..length).map(|octet: u16| octet.to_be_bytes()[1]).collect();
            for _ in 0..200 {
                assert_eq!(framed(&bytes, &mut cuts).as_ref(), Some(&bytes));
            }
        }
        assert_eq!(recoded("a".to_owned(), &mut cuts), Some("a".to_owned()));
    }
}
