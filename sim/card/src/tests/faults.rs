use polysim_apdu::{KeyRef, Status};
use polysim_base::{Instant, Machine, Out};

use crate::testkit::card;
use crate::tests::{hex, send};
use crate::{CardFault, CardInput, CardOutput, FaultSpan, PinConfig};

const SELECT_PL: &str = "00A4000C022F05";
const READ_PL: &str = "00B0000002";

#[test]
fn a_mute_card_says_nothing_until_it_is_healed() {
    let mut card = card(PinConfig::default());
    card.inject(CardFault::Mute, FaultSpan::UntilHealed);
    assert!(send(&mut card, SELECT_PL).is_empty());
    assert_eq!(card.power_on(), None);
    card.heal();
    assert!(card.power_on().is_some());
    assert_eq!(send(&mut card, SELECT_PL), [0x90, 0x00]);
}

#[test]
fn a_refusal_lasts_as_long_as_it_was_told_to() {
    let mut card = card(PinConfig::default());
    card.inject(CardFault::Refuse(Status::ToolkitBusy), FaultSpan::Commands(2));
    assert_eq!(send(&mut card, SELECT_PL), [0x93, 0x00]);
    assert_eq!(send(&mut card, SELECT_PL), [0x93, 0x00]);
    assert_eq!(send(&mut card, SELECT_PL), [0x90, 0x00]);
    card.inject(CardFault::RefuseWrites(Status::MemoryProblem), FaultSpan::UntilHealed);
    assert_eq!(send(&mut card, READ_PL), [b'e', b'n', 0x90, 0x00]);
    assert_eq!(send(&mut card, "00D60000026465"), [0x65, 0x81]);
    assert_eq!(send(&mut card, READ_PL), [b'e', b'n', 0x90, 0x00]);
    card.inject(CardFault::RefuseAuthentication(Status::TechnicalProblem), FaultSpan::UntilHealed);
    assert_eq!(send(&mut card, READ_PL), [b'e', b'n', 0x90, 0x00]);
    assert_eq!(send(&mut card, "0088008000"), [0x6F, 0x00]);
}

#[test]
fn a_loss_of_power_leaves_a_file_old_or_new() {
    for (written, expected) in [(false, b"en"), (true, b"de")] {
        let mut card = card(PinConfig::default());
        send(&mut card, SELECT_PL);
        card.inject(CardFault::PowerLossInWrite { written }, FaultSpan::Commands(1));
        assert!(send(&mut card, "00D60000026465").is_empty());
        assert!(!card.is_on());
        assert!(send(&mut card, SELECT_PL).is_empty());
        card.power_on().unwrap();
        assert_eq!(send(&mut card, SELECT_PL), [0x90, 0x00]);
        assert_eq!(send(&mut card, READ_PL)[..2], *expected);
    }
}

#[test]
fn an_off_card_forgets_what_was_verified_but_not_what_was_written() {
    let mut card = card(PinConfig::default().with_pin1("1234", "12345678").unwrap());
    assert_eq!(send(&mut card, "00200001083030303000FFFFFF"), [0x63, 0xC2]);
    assert_eq!(send(&mut card, "002000010831323334FFFFFFFF"), [0x90, 0x00]);
    send(&mut card, SELECT_PL);
    assert_eq!(send(&mut card, "00D60000026465"), [0x90, 0x00]);
    assert_eq!(send(&mut card, "0070000001"), [0x01, 0x90, 0x00]);
    card.power_off();
    assert!(send(&mut card, SELECT_PL).is_empty());
    assert_eq!(card.reset(), None);
    card.power_on().unwrap();
    assert!(!card.pin(KeyRef::PIN1).unwrap().verified);
    assert_eq!(send(&mut card, "01A4000C022F05"), [0x68, 0x81]);
    send(&mut card, SELECT_PL);
    assert_eq!(send(&mut card, READ_PL), [b'd', b'e', 0x90, 0x00]);
    assert_eq!(send(&mut card, "00D6000002656E"), [0x69, 0x82]);
}

#[test]
fn it_is_a_machine_that_answers_each_input_once() {
    let mut card = card(PinConfig::default());
    let mut ask = |input| {
        card.handle(Instant::ZERO, input);
        let first = card.poll_output();
        assert_eq!(card.poll_output(), None);
        assert_eq!(card.poll_timeout(), None);
        first
    };
    let atr = ask(CardInput::PowerOn);
    assert!(matches!(&atr, Some(Out::Do(CardOutput::Atr(atr))) if atr.len() == 22));
    assert_eq!(ask(CardInput::ResetWarm), atr);
    let command = hex(SELECT_PL);
    let done = Some(Out::Do(CardOutput::Response(vec![0x90, 0x00])));
    assert_eq!(ask(CardInput::Command(command.clone())), done);
    assert_eq!(ask(CardInput::PowerOff), None);
    assert_eq!(ask(CardInput::Command(command)), None);
}

#[test]
fn debug_shows_no_secret() {
    let text = format!("{:?}", card(PinConfig::default())) + &format!("{:?}", PinConfig::default());
    assert!(!text.contains("1234, ") && !text.contains("0x31"), "{text}");
    for secret in ["[17, 17", "[34, 34", "1111111111", "2222222222", "[49, 50, 51, 52"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
