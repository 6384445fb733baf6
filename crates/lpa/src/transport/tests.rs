use std::sync::Arc;
use std::vec;
use std::vec::Vec;

use polysim_apdu::contact::{Lane, RawChannel};
use polysim_base::procedure::{Procedure, Step};
use polysim_base::{Instant, Machine as _, Out};
use proptest::prelude::*;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// A card that keeps what it was sent, and the way to it.
struct Bench<F> {
    raw: RawChannel,
    lane: Option<Lane>,
    config: Arc<TransportConfig>,
    sent: Vec<Vec<u8>>,
    card: F,
}

impl<F: FnMut(&[u8]) -> Option<Vec<u8>>> Bench<F> {
    fn new(config: TransportConfig, card: F) -> Self {
        let (raw, config) = (RawChannel::default(), Arc::new(config));
        Self { raw, lane: None, config, sent: Vec::new(), card }
    }

    fn function(&mut self, function: &[u8]) -> Result<Vec<u8>, CardError> {
        let (lane, config, function) = (self.lane, self.config.clone(), function.to_vec());
        let flow = Procedure::start(Instant::ZERO, |port| exchange(port, lane, config, function));
        let (lane, reply) = self.run(flow);
        self.lane = lane;
        reply
    }

    fn close(&mut self) {
        let lane = self.lane.take();
        let flow = Procedure::start(Instant::ZERO, |port| close(port, lane));
        self.run(flow);
    }

    fn run<T>(
        &mut self,
        mut flow: Procedure<polysim_apdu::contact::Ask, polysim_apdu::contact::Reply, T>,
    ) -> T {
        loop {
            match flow.poll_output() {
                Some(Out::Do(Step::Ask(ticket, ask))) => {
                    let (sent, card) = (&mut self.sent, &mut self.card);
                    let reply = self.raw.answer(ask, |apdu| {
                        sent.push(apdu.to_vec());
                        card(apdu)
                    });
                    flow.handle(Instant::ZERO, (ticket, reply));
                }
                Some(Out::Do(Step::Done(result))) => return result,
                Some(Out::Record(record)) => match record {},
                None => panic!("nothing to do"),
            }
        }
    }
}

/// Says `9000` to all, and that channel 1 is open.
fn friendly(apdu: &[u8]) -> Option<Vec<u8>> {
    Some(if apdu[..4] == [0, 0x70, 0, 0] { vec![1, 0x90, 0] } else { vec![0x90, 0] })
}

#[test]
fn the_sequence_is_that_of_other_assistants_octet_by_octet() {
    let eid = hex("BF3E125A1089049032000000000000000000000001");
    let mut left = eid.clone();
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| {
        Some(match apdu[1] {
            0x70 if apdu[2] == 0 => vec![1, 0x90, 0x00],
            0xA4 => vec![0x61, 0x20],
            0xE2 if apdu[2] == 0x91 => vec![0x61, 0x10],
            // In two pieces.
            0xC0 => {
                let rest = left.split_off(left.len().min(usize::from(apdu[4])));
                let piece = core::mem::replace(&mut left, rest);
                let more = left.len();
                let word = if more == 0 { [0x90, 0] } else { [0x61, u8::try_from(more).unwrap()] };
                [piece, word.to_vec()].concat()
            }
            _ => vec![0x90, 0x00],
        })
    });
    assert_eq!(bench.function(&hex("BF3E035C015A")), Ok(eid));
    bench.close();
    let expected = [
        "80AA00000A A9088100820101830107",
        "0070000001",
        "01A4040010 A0000005591010FFFFFFFF8900000100",
        "81E2910006 BF3E035C015A",
        "81C0000010",
        "81C0000005",
        "0070800100",
    ];
    assert_eq!(bench.sent, expected.map(hex));
}

#[test]
fn a_long_function_is_cut_into_blocks_with_a_counter() {
    let function: Vec<u8> = (0..=255).cycle().take(300).collect();
    let mut bench = Bench::new(TransportConfig::default(), friendly);
    assert_eq!(bench.function(&function), Ok(vec![]));
    let blocks = &bench.sent[3..];
    assert_eq!(blocks[0][..5], hex("81E2110078"));
    assert_eq!(blocks[1][..5], hex("81E2110178"));
    assert_eq!(blocks[2][..5], hex("81E291023C"));
    let data: Vec<u8> = blocks.iter().flat_map(|block| block[5..].to_vec()).collect();
    assert_eq!(data, function);
    assert_eq!(bench.function(&[1, 2]), Ok(vec![]));
    assert_eq!(bench.sent.last().unwrap()[..], hex("81E2910002 0102"), "the counter begins anew");
    assert_eq!(bench.sent.len(), 7, "the channel stays open");
}

#[test]
fn other_identifiers_are_tried_in_their_order() {
    let theirs = ISD_R[5];
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0xA4 if !apdu.ends_with(&theirs) => Some(vec![0x6A, 0x82]),
        _ => friendly(apdu),
    });
    assert_eq!(bench.function(&[0]), Ok(vec![]));
    let opened = bench.sent.iter().filter(|apdu| apdu[..4] == [0, 0x70, 0, 0]).count();
    let closed = bench.sent.iter().filter(|apdu| apdu[..3] == [0, 0x70, 0x80]).count();
    assert_eq!((opened, closed), (6, 5), "no channel is left behind");
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0xA4 => Some(vec![0x6A, 0x82]),
        _ => friendly(apdu),
    });
    assert_eq!(bench.function(&[0]), Err(CardError::NoIsdr));
    assert!(bench.lane.is_none());
}

#[test]
fn a_card_without_channels_is_asked_on_the_basic_one() {
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0x70 => Some(vec![0x6A, 0x81]),
        _ => friendly(apdu),
    });
    assert_eq!(bench.function(&[7]), Ok(vec![]));
    assert_eq!(bench.sent.last().unwrap()[..], hex("80E2910001 07"));
}

#[test]
fn a_channel_that_the_card_has_lost_is_opened_again() {
    let mut is_lost = false;
    let mut opened = 0;
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0x70 => {
            opened += 1;
            is_lost = false;
            friendly(apdu)
        }
        0xE2 if is_lost => Some(vec![0x68, 0x81]),
        0xE2 => {
            is_lost = true;
            friendly(apdu)
        }
        _ => friendly(apdu),
    });
    assert_eq!(bench.function(&[1]), Ok(vec![]));
    assert_eq!(bench.function(&[2]), Ok(vec![]));
    drop(bench);
    assert_eq!(opened, 2);
}

#[test]
fn a_function_of_which_the_card_has_a_part_is_not_sent_again() {
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0xE2 if apdu[3] == 1 => Some(vec![0x68, 0x81]),
        _ => friendly(apdu),
    });
    assert_eq!(bench.function(&[1]), Ok(vec![]));
    assert_eq!(bench.function(&[0; 200]), Err(CardError::Refused(Refusal(0x6881))));
    assert!(bench.lane.is_none(), "the next one opens a channel");
}

#[test]
fn refusals_say_what_to_do() {
    for (word, expected) in
        [(0x6985, "reset the card"), (0x6A88, "does not have this function"), (0x6982, "selected")]
    {
        let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
            0xE2 => Some(u16::to_be_bytes(word).to_vec()),
            _ => friendly(apdu),
        });
        let error = bench.function(&[1]).unwrap_err();
        assert_eq!(error, CardError::Refused(Refusal(word)));
        assert!(std::format!("{error}").contains(expected), "{error}");
        assert!(error.is_certain());
    }
}

#[test]
fn a_proactive_command_that_waits_is_no_error_and_a_wrong_length_is_followed() {
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0xE2 => Some(vec![0x61, 0x00]),
        0xC0 if apdu[4] == 0 => Some(vec![0x6C, 0x02]),
        0xC0 => Some(vec![7, 8, 0x91, 0x10]),
        _ => friendly(apdu),
    });
    assert_eq!(bench.function(&[1]), Ok(vec![7, 8]));
}

#[test]
fn a_card_that_is_gone_or_without_end_is_an_error() {
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0xE2 => None,
        _ => friendly(apdu),
    });
    assert_eq!(bench.function(&[1]), Err(CardError::NoAnswer));
    let mut bench = Bench::new(TransportConfig::default(), |apdu: &[u8]| match apdu[1] {
        0xE2 | 0xC0 => Some(vec![0, 0x61, 0x01]),
        _ => friendly(apdu),
    });
    assert!(matches!(bench.function(&[1]), Err(CardError::Endless { .. })));
}

#[test]
fn a_configuration_that_cannot_be_is_refused() {
    let config = TransportConfig::default();
    assert_eq!(config.clone().with_block_len(5), Err(TransportConfigError::BlockLen(5)));
    assert_eq!(config.clone().with_aids(vec![]), Err(TransportConfigError::Aid));
    let mut bench = Bench::new(config.with_block_len(6).unwrap(), friendly);
    let (length, limit) = (6 * FUNCTION_BLOCKS_MAX + 1, 6 * FUNCTION_BLOCKS_MAX);
    assert_eq!(bench.function(&vec![0; length]), Err(CardError::TooLong { length, limit }));
    assert_eq!(bench.function(&vec![0; limit]), Ok(vec![]));
}

proptest! {
    #[test]
    fn no_card_makes_a_function_panic_or_run_without_end(
        answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..6), 0..40),
        function in proptest::collection::vec(any::<u8>(), 0..700),
        block_len in BLOCK_LEN,
    ) {
        let mut answers = answers.into_iter();
        let config = TransportConfig::default().with_block_len(block_len).unwrap();
        let mut bench = Bench::new(config, |_: &[u8]| answers.next());
        drop(bench.function(&function));
        drop(bench.function(&function));
    }

    #[test]
    fn every_function_arrives_whole(
        function in proptest::collection::vec(any::<u8>(), 1..1500),
        block_len in BLOCK_LEN,
    ) {
        let config = TransportConfig::default().with_block_len(block_len).unwrap();
        let mut bench = Bench::new(config, friendly);
        prop_assert_eq!(bench.function(&function), Ok(vec![]));
        let blocks = bench.sent.iter().filter(|apdu| apdu[1] == 0xE2);
        let data: Vec<u8> = blocks.flat_map(|block| block[5..].to_vec()).collect();
        prop_assert_eq!(data, function);
    }
}
