//! Bodies of the fuzz targets; a stable test replays their corpus.

use crate::{
    CardChannel, CardErrorKind, CardLink, ModemPort, OutputLines, Pcap, PortErrorKind,
    ReplayedCard, ReplayedPort, Reset, TraceEvent, TraceSink,
};
use polysim_apdu::ApduSecrets;
use polysim_base::Instant;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What is asked of a recording, each in a playing of its own.
const ACTS: u8 = 6;

/// Plays any bytes back as a recording, of a port and of a card: what is read is never nothing, a
/// driver that does something else hears of it ever after, and at the end all is gone.
pub fn fuzz_recording(data: &[u8]) {
    for act in 0..ACTS {
        if let Ok(port) = ReplayedPort::new(data) {
            play_port(port, act, data.len());
        }
        if let Ok(card) = ReplayedCard::new(data) {
            play_card(card, act, data.len());
        }
    }
}

fn play_port(mut port: ReplayedPort, act: u8, steps: usize) {
    let mut buffer = [0; 16];
    for _ in 0..steps {
        let went = match at_once(port.read(&mut buffer)) {
            Some(Ok(read)) => {
                assert!((1..=buffer.len()).contains(&read), "{read} bytes were read");
                continue;
            }
            Some(Err(error)) => Err(error),
            None => match act {
                0 => at_once(port.lines()).unwrap().map(drop),
                1 => at_once(port.reopen()).unwrap(),
                2 => at_once(port.set_lines(OutputLines { dtr: true, rts: true })).unwrap(),
                _ => at_once(port.write(b"AT\r")).unwrap(),
            },
        };
        if let (Err(error), Some(_)) = (went, port.mismatch()) {
            assert_eq!(*error.kind(), PortErrorKind::Io, "of a driver that does something else");
        }
    }
    if port.is_over() && port.mismatch().is_none() {
        let gone = at_once(port.read(&mut buffer)).unwrap().unwrap_err();
        assert_eq!(*gone.kind(), PortErrorKind::Gone, "at the end");
    }
}

fn play_card(mut card: ReplayedCard, act: u8, steps: usize) {
    for _ in 0..steps {
        let (over, channel) = (card.is_over(), CardChannel::basic(card.epoch()));
        let went = match act {
            0 => at_once(card.reset(Reset::Cold)).unwrap().map(drop),
            1 => at_once(card.begin()).unwrap(),
            2 => at_once(card.end()).unwrap(),
            3 => at_once(card.open_channel(&[0xA0])).unwrap().map(drop),
            4 => at_once(card.close_channel(channel)).unwrap(),
            _ => at_once(card.transmit(channel, &[0x00, 0xA4, 0x00, 0x04])).unwrap().map(drop),
        };
        match went {
            Ok(()) => assert!(!over, "an answer that was not recorded"),
            Err(error) if card.mismatch().is_some() => {
                assert_eq!(
                    *error.kind(),
                    CardErrorKind::Io,
                    "of a driver that does something else"
                );
            }
            Err(error) if over => assert_eq!(*error.kind(), CardErrorKind::CardGone, "at the end"),
            Err(_) => {}
        }
    }
}

/// Returns what a future says at once, if it says something.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Writes exchanges as packets: what is written can be read again, packet by packet, with right
/// lengths and sums.
///
/// Each exchange is the length of a command, the length of a response, how often that is repeated,
/// and the octets of both.
pub fn fuzz_pcap(data: &[u8]) {
    let (mut file, mut secrets, mut rest) = (Vec::new(), ApduSecrets::default(), data);
    let mut pcap = Pcap::new(&mut file);
    while let [command_len, response_len, times, tail @ ..] = rest {
        let Some((command, tail)) = tail.split_at_checked((*command_len).into()) else { break };
        let Some((response, tail)) = tail.split_at_checked((*response_len).into()) else { break };
        rest = tail;
        let command = &secrets.command(command);
        let response = &secrets.response(&response.repeat((*times).into()));
        let at = Instant::from_micros(u64::from(*times) << 50);
        pcap.write(at, "card", &TraceEvent::Exchange { command, response }).unwrap();
    }
    let mut packets = file.get(24..).unwrap_or_default();
    while !packets.is_empty() {
        let (header, tail) = packets.split_at(16);
        assert!(u32_of(&header[4..]) < 1_000_000, "microseconds");
        let len = usize::try_from(u32_of(&header[8..])).unwrap();
        assert_eq!(header[8..12], header[12..], "a packet is whole");
        let (packet, tail) = tail.split_at(len);
        packets = tail;
        let words = packet[..20].as_chunks().0.iter().copied().map(u16::from_be_bytes);
        let sum: u32 = words.map(u32::from).sum();
        assert_eq!((sum & 0xFFFF) + (sum >> 16), 0xFFFF, "the sum of the header");
        assert_eq!(usize::from(u16::from_be_bytes([packet[2], packet[3]])), len);
        assert_eq!(usize::from(u16::from_be_bytes([packet[24], packet[25]])), len - 20);
    }
}

fn u32_of(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(*bytes.first_chunk().unwrap())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINES: &[&str] = &[
        r#"{"port":"p"}"#,
        r#"{"read":"OK\r\n"}"#,
        r#"{"read":""}"#,
        r#"{"read-failed":"gone"}"#,
        r#"{"write":"AT\r"}"#,
        r#"{"write":""}"#,
        r#"{"write-failed":"stalled"}"#,
        r#"{"set-lines":[{"dtr":true,"rts":true},{"Ok":null}]}"#,
        r#"{"lines":{"Err":"unsupported"}}"#,
        r#"{"reopen":{"Ok":null}}"#,
        r#"{"card":{"atr":"3B00","epoch":1}}"#,
        r#"{"did":{"what":"begin","went":{"Ok":""},"epoch":1}}"#,
        r#"{"did":{"what":{"open":{"aid":"A0"}},"went":{"Ok":""},"epoch":1}}"#,
        r#"{"did":{"what":{"reset":"cold"},"went":{"Err":"mute"},"epoch":2,"atr":"**"}}"#,
        "",
    ];

    proptest! {
        #[test]
        fn the_bodies_hold(data in prop::collection::vec(any::<u8>(), 0..200)) {
            fuzz_recording(&data);
            fuzz_pcap(&data);
        }

        #[test]
        fn any_order_of_lines_can_be_played(
            first in prop::sample::select(&[0_usize, 10][..]),
            lines in prop::collection::vec(prop::sample::select(LINES), 0..8),
        ) {
            let text: String = [LINES[first]].into_iter().chain(lines).map(|l| format!("{l}\n")).collect();
            fuzz_recording(text.as_bytes());
        }
    }
}
