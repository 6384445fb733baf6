//! Loss of power at every step of a script.

use super::*;
use crate::{CardFault, FaultSpan};

const LOCI: &str = "FFFFFFFF00F110000001FF01";

fn commands() -> [String; 6] {
    [
        WRITE_IMSI[0].to_owned(),
        WRITE_IMSI[1].to_owned(),
        "00A4000C026F7E".to_owned(),
        format!("00D600000B{}", &LOCI[..22]),
        "00A4000C026F78".to_owned(),
        "00D60000020002".to_owned(),
    ]
}

/// IMSI, LOCI and access class.
fn state(card: &Card) -> [Vec<u8>; 3] {
    [0x6F07, 0x6F7E, 0x6F78].map(|file| card.read_file(&[0x7FF0, file]).unwrap())
}

#[test]
fn after_each_step_what_was_done_stays_and_nothing_else_happens() {
    let commands = commands();
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    let old = state(&card());
    let new = {
        let (mut card, mut server) = (card(), server());
        run(&mut card, &mut server, Tar::USIM_FILES, &commands);
        state(&card)
    };
    for steps in 0..=4 {
        let (mut card, mut server) = (card(), server());
        let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, &script(&commands)).unwrap();
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        assert_eq!(exchange(&mut card, &hex("00A4000C023F00")), [0x90, 0x00], "no step, no loss");
        assert!(download(&mut card, &sealed.packet).is_empty(), "no answer leaves the card");
        assert!(!card.is_on());
        // The counter comes first, then one file after the other.
        let written = usize::try_from(steps).unwrap().saturating_sub(1);
        let expected: Vec<_> = new[..written].iter().chain(&old[written..]).cloned().collect();
        assert_eq!(state(&card)[..], expected, "after {steps} steps");
        let used = u64::from(steps > 0);
        assert_eq!(card.counter(version(1)), Some(counter(used)), "after {steps} steps");
        card.power_on().unwrap();
        let answer = download(&mut card, &sealed.packet);
        let status = if steps == 0 { StatusCode::Ok } else { StatusCode::CounterLow };
        assert_eq!(proof(&sealed.expected, &answer).0, status);
    }
    let (mut card, mut server) = (card(), server());
    let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, &script(&commands)).unwrap();
    card.inject(CardFault::PowerLossAfter { steps: 5 }, FaultSpan::Commands(1));
    assert_eq!(proof(&sealed.expected, &download(&mut card, &sealed.packet)).0, StatusCode::Ok);
    // One step of the five is left to what comes next.
    let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, &script(&commands)).unwrap();
    let counted = card.counter(version(1)).unwrap().value();
    assert!(download(&mut card, &sealed.packet).is_empty());
    assert_eq!(card.counter(version(1)), Some(counter(counted + 1)));
}

#[test]
fn a_write_of_a_script_is_cut_as_one_of_the_terminal() {
    for (written, expected) in [(false, 0), (true, 1)] {
        let (mut card, mut server) = (card(), server());
        let old = state(&card);
        let sealed = seal(&mut server, Spi::FULL);
        card.inject(CardFault::PowerLossInWrite { written }, FaultSpan::Commands(1));
        assert!(download(&mut card, &sealed.packet).is_empty());
        assert!(!card.is_on());
        assert_eq!(usize::from(state(&card)[0] != old[0]), expected);
        card.power_on().unwrap();
        assert_eq!(
            proof(&sealed.expected, &download(&mut card, &sealed.packet)).0,
            StatusCode::CounterLow
        );
    }
}

#[test]
fn a_plain_update_is_one_step() {
    let mut card = card();
    exchange(&mut card, &hex("00A4040C07A0000000871002"));
    exchange(&mut card, &hex("00A4000C026F7E"));
    for (steps, octet) in [(0, 0xFF), (1, 0x11)] {
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        assert!(exchange(&mut card, &hex("00D600000111")).is_empty());
        assert_eq!(card.read_file(&[0x7FF0, 0x6F7E]).unwrap()[0], octet);
        card.power_on().unwrap();
        exchange(&mut card, &hex("00A4040C07A0000000871002"));
        exchange(&mut card, &hex("00A4000C026F7E"));
    }
}
