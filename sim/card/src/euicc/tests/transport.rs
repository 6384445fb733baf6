//! STORE DATA chains, channels and selection, octet by octet as LPAs send them.

use super::*;
use crate::{CardFault, FaultSpan, T0Interface};

const SELECT: &str = "A4040010A0000005591010FFFFFFFF8900000100";

/// What an LPA asks first: addresses, EID, rules and the second information.
#[test]
fn an_lpa_asks_for_everything_over_a_channel() {
    let mut card = made(config());
    assert_eq!(send(&mut card, "80AA00000AA9088100820101830107"), [0x90, 0x00]);
    assert_eq!(send(&mut card, "0070000001"), [0x01, 0x90, 0x00]);
    assert_eq!(send(&mut card, &format!("01{SELECT}"))[0], 0x61);
    // The FCI is not fetched.
    let sent = send(&mut card, "81E2910006BF3E035C015A");
    assert_eq!(sent, [0x61, 0x15]);
    let eid = send(&mut card, "81C0000015");
    assert_eq!(eid[..5], hex("BF3E125A10")[..]);
    assert_eq!(eid[5..21], card.euicc().unwrap().eid().octets());
    assert_eq!(eid[21..], [0x90, 0x00]);
    assert_eq!(send(&mut card, "81E2910003BF3C00"), [0x61, 0x0F]);
    let addresses = [hex("BF3C0C810A").as_slice(), b"ds.example", &[0x90, 0x00]].concat();
    assert_eq!(send(&mut card, "81C000000F"), addresses);
    assert_eq!(send(&mut card, "81E2910003BF4300"), [0x61, 0x05]);
    assert_eq!(send(&mut card, "01C0000005"), hex("BF4302A0009000"));
    assert_eq!(send(&mut card, "81E2910003BF2200")[0], 0x61);
    assert_eq!(send(&mut card, "0070800100"), [0x90, 0x00]);
    assert_eq!(send(&mut card, "81E2910003BF2200"), [0x68, 0x81]);
}

#[test]
fn with_le_the_answer_comes_at_once_and_a_long_one_in_parts() {
    let mut card = made(config());
    send(&mut card, &format!("00{SELECT}"));
    assert_eq!(send(&mut card, "80E2910003BF3C0000").len(), 15 + 2);
    card.es10(Instant::ZERO, &encode(&enable(1, false)));
    let long = send(&mut card, "80E2910003BF2B0000");
    assert_eq!((long.len(), long[256]), (256 + 2, 0x61));
    let (all, status) = exchange(&mut card, &hex("80E2910003BF2B00"));
    assert_eq!(status, [0x90, 0x00]);
    assert_eq!(all, card.es10(Instant::ZERO, &hex("BF2B00")));
    assert!(all.len() > 1_024);
}

#[test]
fn a_reader_with_t0_gets_the_same() {
    let (mut card, mut t0) = (made(config()), T0Interface::default());
    let mut ask = |tpdu: &str| {
        let mut response = Vec::new();
        t0.transmit(&mut card, Instant::ZERO, &hex(tpdu), &mut response);
        response
    };
    assert_eq!(ask(&format!("00{SELECT}"))[0], 0x61);
    assert_eq!(ask("80E2910003BF3C00"), [0x61, 0x0F]);
    assert_eq!(ask("80C000000F").len(), 17);
}

#[test]
fn blocks_are_counted_from_zero() {
    let mut card = made(config());
    send(&mut card, &format!("00{SELECT}"));
    assert_eq!(send(&mut card, "80E2910103BF3C00"), [0x69, 0x85]);
    assert_eq!(send(&mut card, "80E2110001BF"), [0x90, 0x00]);
    assert_eq!(send(&mut card, "80E29102023C00"), [0x6A, 0x86]);
    assert_eq!(send(&mut card, "80E29101023C00"), [0x69, 0x85], "the chain was given up");
    assert_eq!(send(&mut card, "80E2110001BF"), [0x90, 0x00]);
    assert_eq!(send(&mut card, "80E2110001BF"), [0x90, 0x00], "block 00 begins anew");
    assert_eq!(send(&mut card, "80E29101023C00"), [0x61, 0x0F]);
    assert_eq!(send(&mut card, "80E2900003BF3C00"), [0x6A, 0x86]);
    assert_eq!(send(&mut card, "00E2910003BF3C00"), [0x6E, 0x00]);
    assert_eq!(send(&mut card, "80E2910003BF7F00"), [0x6A, 0x88]);
    assert_eq!(send(&mut card, "80E2910002BF3C"), [0x6A, 0x80]);
}

#[test]
fn a_function_that_never_ends_is_refused() {
    let mut card = made(config());
    send(&mut card, &format!("00{SELECT}"));
    let block = |number: usize| {
        let header = [0x80, 0xE2, 0x11, low(number), 0xFF];
        [&header[..], &[0; 255]].concat()
    };
    let blocks = ES10_COMMAND_MAX / 255;
    for number in 0..blocks {
        assert_eq!(exchange(&mut card, &block(number)).1, [0x90, 0x00]);
    }
    assert_eq!(exchange(&mut card, &block(blocks)).1, [0x6A, 0x84]);
}

#[test]
fn domains_are_selected_by_their_aids_and_only_they_take_store_data() {
    let mut card = made(config());
    assert_eq!(send(&mut card, "80E2910003BF3C00"), [0x6D, 0x00]);
    let fci = send(&mut card, "00A4040009A0000005591010FFFF00");
    assert_eq!(fci[..4], hex("6F1F8410")[..]);
    assert!(fci.windows(7).any(|part| part == hex("E0058203020500")), "{fci:02X?}");
    assert_eq!(send(&mut card, "00A40004023F00"), [0x6A, 0x82]);
    assert_eq!(send(&mut card, "00B0000001"), [0x6D, 0x00]);
    assert_eq!(send(&mut card, "00A4040010A0000005591010FFFFFFFF8900000200")[0], 0x61);
    assert_eq!(send(&mut card, "80E2910003BF3C00"), [0x6D, 0x00]);
    assert_eq!(send(&mut card, "00A4040010A0000005591010FFFFFFFF8900000300"), [0x6A, 0x82]);
    assert_eq!(send(&mut card, "00A4040007A0000000871002")[0], 0x61);
    assert_eq!(send(&mut card, "00A4000C026F07"), [0x90, 0x00]);
}

#[test]
fn an_answer_that_is_lost_leaves_what_was_done() {
    let mut card = made(config());
    let lpa = Lpa::open(&mut card);
    card.inject(CardFault::PowerLossInWrite { written: true }, FaultSpan::Commands(1));
    assert_eq!(lpa.ask_raw(&mut card, &encode(&enable(1, false))), (Vec::new(), [0, 0]));
    card.power_on().unwrap();
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[1]));
}
