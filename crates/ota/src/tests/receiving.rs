//! The rules of the card's end.

use super::{TAR, aes_keys, card, counter, key, version};
use crate::*;

const SPI: Spi = Spi::FULL;

/// A command to `TAR`, made outside of any sender.
fn command(keys: &KeySet, spi: Spi, cntr: u64) -> std::vec::Vec<u8> {
    let header = Sender::new(keys.clone(), Counter::ZERO).header(TAR, spi);
    let protection = Protection::of_command(&header, Some(keys)).unwrap();
    seal_command(&header, counter(cntr), b"\x00\xA4\x00\x04\x02\x3F\x00", &protection).unwrap()
}

/// The status of an answer in clear.
fn clear_status(refusal: &Refusal) -> StatusCode {
    let packet = &refusal.proof.as_ref().unwrap().packet;
    let packet = ResponsePacket::parse(packet).unwrap();
    let response = packet.open(&Protection::NONE).unwrap();
    assert_eq!((packet.check_len(), response.data.len()), (0, 0));
    response.status
}

#[test]
fn a_command_is_given_out_only_with_its_counter_used() {
    let keys = aes_keys(1);
    let mut card = card(keys.clone(), 4, MinimumSecurity::FULL);
    let packet = command(&keys, SPI, 5);

    // Dropped before it was committed, say by a loss of power: it was never there.
    let used = card.check(&packet).unwrap().counter_used();
    assert_eq!(used, Some(CounterUsed { keys: version(1), counter: counter(5) }));
    assert_eq!(card.counter(version(1)), Some(counter(4)));

    card.check(&packet).unwrap().commit();
    assert_eq!(card.counter(version(1)), Some(counter(5)));
    let refused = card.check(&packet).unwrap_err().reason;
    let low = CounterRefusal::Low { stored: counter(5), got: counter(5) };
    assert_eq!(refused, RefusalReason::Counter(low));
}

#[test]
fn a_counter_that_was_kept_survives_a_restart_and_never_goes_back() {
    let keys = aes_keys(1);
    let mut restarted = card(keys.clone(), 0, MinimumSecurity::FULL);
    for kept in [5, 4] {
        restarted.restore(CounterUsed { keys: version(1), counter: counter(kept) });
        assert_eq!(restarted.counter(version(1)), Some(counter(5)));
    }
    restarted.restore(CounterUsed { keys: version(2), counter: counter(9) });
    assert!(restarted.check(&command(&keys, SPI, 5)).is_err());
    assert!(restarted.check(&command(&keys, SPI, 6)).is_ok());
}

#[test]
fn counters_belong_to_key_sets() {
    let (one, two) = (aes_keys(1), aes_keys(2));
    let mut card = card(one.clone(), 10, MinimumSecurity::FULL);
    card.install_keys(two.clone(), Counter::ZERO);
    card.check(&command(&two, SPI, 1)).unwrap().commit();
    assert_eq!(card.counter(version(1)), Some(counter(10)));
    assert_eq!(card.counter(version(2)), Some(counter(1)));
    assert!(card.check(&command(&one, SPI, 2)).is_err());
    assert_eq!(card.counter(version(3)), None);
}

#[test]
fn a_wrong_counter_is_answered_with_the_security_asked_for() {
    let keys = aes_keys(1);
    let next = Spi { counter: CounterMode::Next, ..SPI };
    for (last, spi, cntr, status) in [
        (5, SPI, 5, StatusCode::CounterLow),
        (5, next, 4, StatusCode::CounterLow),
        (5, next, 7, StatusCode::CounterHigh),
        (Counter::MAX.value(), SPI, 7, StatusCode::CounterBlocked),
    ] {
        let mut card = card(keys.clone(), last, MinimumSecurity::FULL);
        let refusal = card.check(&command(&keys, spi, cntr)).unwrap_err();
        assert_eq!(refusal.reason.status(), Some(status));
        let sender = Sender::new(keys.clone(), Counter::ZERO);
        let expected = sender.expect(sender.header(TAR, spi), counter(cntr));
        let answer = expected.judge(&refusal.proof.unwrap().packet);
        let Ok(Answer::Proof(response)) = answer else { panic!("{answer:?}") };
        assert_eq!((response.status, response.counter), (status, counter(cntr)));
        assert_eq!(card.counter(version(1)), Some(counter(last)), "nothing has changed");
    }
}

#[test]
fn a_failed_check_is_answered_in_clear_and_gives_nothing_away() {
    let (keys, other) = (aes_keys(1), {
        let (kic, kid) = (key(Algorithm::Aes128, 0x90), key(Algorithm::Aes128, 0xA0));
        KeySet::new(version(1), kic, kid)
    });
    let mut card = card(keys, 0, MinimumSecurity::FULL);
    let refusal = card.check(&command(&other, SPI, 1)).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::Open(OpenError::Check));
    assert_eq!(clear_status(&refusal), StatusCode::CheckFailed);
    // What was deciphered with the key of the card is not sent back as a counter.
    let packet = refusal.proof.unwrap().packet;
    let response = ResponsePacket::parse(&packet).unwrap().open(&Protection::NONE).unwrap();
    assert_eq!(response.counter, Counter::ZERO);
}

#[test]
fn each_refusal_before_the_check_has_its_status_and_is_in_clear() {
    let keys = aes_keys(1);
    let mut card = card(keys.clone(), 0, MinimumSecurity::FULL);
    let with = |change: &dyn Fn(&mut std::vec::Vec<u8>)| {
        let mut packet = command(&keys, SPI, 1);
        change(&mut packet);
        packet
    };
    // CPL(2) CHL SPI(2) KIc KID TAR(3)
    let cases = [
        (with(&|packet| packet[9] = 0xFF), StatusCode::TarUnknown),
        (with(&|packet| packet[3] = 0x06), StatusCode::InsufficientSecurity),
        (with(&|packet| packet[3] = 0x12), StatusCode::InsufficientSecurity),
        (with(&|packet| packet[3] = 0x17), StatusCode::UnidentifiedSecurity),
        (with(&|packet| packet[4] = 0x1D), StatusCode::UnidentifiedSecurity),
        (with(&|packet| packet[5] = 0x22), StatusCode::UnidentifiedSecurity),
        (with(&|packet| (packet[5], packet[6]) = (0x32, 0x32)), StatusCode::CheckFailed),
        (with(&|packet| packet[5] = 0x15), StatusCode::CipheringError),
        (with(&|packet| packet[6] = 0x13), StatusCode::CheckFailed),
        (with(&|packet| packet[2] += 1), StatusCode::CheckFailed),
        (
            with(&|packet| {
                packet.push(0);
                packet[1] += 1;
            }),
            StatusCode::CipheringError,
        ),
        (with(&|packet| packet[12] ^= 1), StatusCode::CheckFailed),
    ];
    for (index, (packet, status)) in cases.into_iter().enumerate() {
        let refusal = card.check(&packet).unwrap_err();
        assert_eq!(clear_status(&refusal), status, "case {index}: {refusal}");
    }
    assert_eq!(card.counter(version(1)), Some(Counter::ZERO));
}

#[test]
fn what_is_no_packet_is_not_answered() {
    let keys = aes_keys(1);
    let mut card = card(keys.clone(), 0, MinimumSecurity::NONE);
    let packet = command(&keys, SPI, 1);
    for len in 0..packet.len() {
        let refusal = card.check(&packet[..len]).unwrap_err();
        assert!(matches!(refusal.reason, RefusalReason::Malformed(_)), "{refusal:?}");
        assert_eq!(refusal.proof, None);
    }
    let mut reserved = packet;
    reserved[4] |= 3;
    let refusal = card.check(&reserved).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::Malformed(PacketError::Reserved(ReservedProof)));
}

/// Without the key nobody gets anything made with it, nor can use up its counter.
#[test]
fn without_a_checksum_keys_and_counters_are_not_touched() {
    let keys = aes_keys(1);
    let mut card = card(keys.clone(), 0, MinimumSecurity::NONE);
    for integrity in [Integrity::None, Integrity::RedundancyCheck] {
        let plain = Spi { integrity, ciphered: false, counter: CounterMode::None, ..SPI };
        for proof in [
            ProofRequest { ciphered: false, ..SPI.proof },
            ProofRequest { integrity: Integrity::None, ..SPI.proof },
        ] {
            let refusal = card.check(&command(&keys, Spi { proof, ..plain }, 1)).unwrap_err();
            assert_eq!(refusal.reason, RefusalReason::ProofUnauthenticated);
            assert_eq!(clear_status(&refusal), StatusCode::InsufficientSecurity);
        }
        for (ciphered, mode) in [(true, CounterMode::Higher), (false, CounterMode::Next)] {
            let spi = Spi { integrity, ciphered, counter: mode, ..SPI };
            let refusal = card.check(&command(&keys, spi, 1)).unwrap_err();
            assert_eq!(refusal.reason, RefusalReason::CounterUnauthenticated);
            assert_eq!(clear_status(&refusal), StatusCode::InsufficientSecurity);
        }
    }
    assert_eq!(card.counter(version(1)), Some(Counter::ZERO));
}

#[test]
fn an_application_that_asks_for_nothing_is_answered_as_asked() {
    let mut card = card(aes_keys(1), 0, MinimumSecurity::NONE);
    let request = ProofRequest {
        integrity: Integrity::RedundancyCheck,
        ciphered: false,
        route: ProofRoute::Submit,
        ..SPI.proof
    };
    let spi = Spi { proof: request, ..Spi::default() };
    let header =
        CommandHeader { spi, kic: Kic(0), kid: Kid::redundancy_check(Crc::Crc16), tar: TAR };
    let packet = seal_command(&header, counter(3), b"data", &Protection::NONE).unwrap();
    let pending = card.check(&packet).unwrap();
    assert_eq!(pending.counter_used(), None);
    let command = pending.commit();
    assert_eq!((command.counter(), command.data()), (counter(3), &b"data"[..]));
    let proof = command.prove(StatusCode::Ok, b"done").unwrap().unwrap();
    assert_eq!(proof.route, ProofRoute::Submit);
    assert_eq!(ResponsePacket::parse(&proof.packet).unwrap().check_len(), 2);
    let expected = Sender::new(aes_keys(1), Counter::ZERO).expect(header, counter(3));
    assert!(matches!(expected.judge(&proof.packet), Ok(Answer::Proof(_))));
}

#[test]
fn a_proof_is_given_when_it_is_wanted() {
    let keys = aes_keys(1);
    for (wanted, on_success, on_error) in [
        (ProofWanted::Never, false, false),
        (ProofWanted::Always, true, true),
        (ProofWanted::OnError, false, true),
    ] {
        let spi = Spi { proof: ProofRequest { wanted, ..SPI.proof }, ..SPI };
        let mut card = card(keys.clone(), 0, MinimumSecurity::FULL);
        let command_packet = command(&keys, spi, 1);
        let accepted = card.check(&command_packet).unwrap().commit();
        assert_eq!(accepted.prove(StatusCode::Ok, &[]).unwrap().is_some(), on_success);
        let error = accepted.prove(StatusCode::InsufficientMemory, &[]).unwrap();
        assert_eq!(error.is_some(), on_error);
        let replay = card.check(&command_packet).unwrap_err();
        assert_eq!(replay.proof.is_some(), on_error);
    }
}

#[test]
fn counter_modes_that_do_not_check_change_nothing() {
    let keys = aes_keys(1);
    let mut card = card(keys.clone(), 9, MinimumSecurity::NONE);
    for mode in [CounterMode::None, CounterMode::Unchecked] {
        let packet = command(&keys, Spi { counter: mode, ..SPI }, 3);
        for _ in 0..2 {
            let pending = card.check(&packet).unwrap();
            assert_eq!(pending.counter_used(), None);
            assert_eq!(pending.commit().counter(), counter(3));
        }
    }
    assert_eq!(card.counter(version(1)), Some(counter(9)));
}

#[test]
fn applications_are_limited_and_can_change_their_mind() {
    let keys = aes_keys(1);
    let mut card = card(keys.clone(), 0, MinimumSecurity::FULL);
    for number in 1..APPLICATIONS_MAX {
        let tar = Tar([1, 0, u8::try_from(number).unwrap()]);
        card.register(tar, MinimumSecurity::FULL).unwrap();
    }
    let error = TooManyApplications { limit: APPLICATIONS_MAX };
    assert_eq!(card.register(Tar([2, 0, 0]), MinimumSecurity::FULL), Err(error));
    let weak = command(&keys, Spi { counter: CounterMode::None, ..SPI }, 1);
    assert!(card.check(&weak).is_err());
    card.register(TAR, MinimumSecurity::NONE).unwrap();
    assert!(card.check(&weak).is_ok());
}

#[test]
fn minimum_security_orders_each_part() {
    assert!(MinimumSecurity::FULL.is_met_by(Spi::FULL));
    let stricter = Spi { counter: CounterMode::Next, ..Spi::FULL };
    assert!(MinimumSecurity::FULL.is_met_by(stricter));
    for weaker in [
        Spi { integrity: Integrity::RedundancyCheck, ..Spi::FULL },
        Spi { ciphered: false, ..Spi::FULL },
        Spi { counter: CounterMode::Unchecked, ..Spi::FULL },
    ] {
        assert!(!MinimumSecurity::default().is_met_by(weaker), "{weaker:?}");
        assert!(MinimumSecurity::NONE.is_met_by(weaker));
    }
}

#[test]
fn new_keys_take_the_place_of_those_of_their_version() {
    let (kic, kid) = (key(Algorithm::Aes256, 0x10), key(Algorithm::Aes256, 0x40));
    let (old, new) = (aes_keys(1), KeySet::new(version(1), kic, kid));
    let mut card = card(old.clone(), 40, MinimumSecurity::FULL);
    card.install_keys(new.clone(), counter(3));
    assert_eq!(card.counter(version(1)), Some(counter(3)));
    assert!(card.check(&command(&old, SPI, 41)).is_err());
    assert!(card.check(&command(&new, SPI, 4)).is_ok());
}

#[test]
fn padding_is_shorter_than_a_block() {
    let plain = Spi { integrity: Integrity::None, ciphered: false, ..SPI };
    let mut packet = command(&aes_keys(1), plain, 1);
    let parse = |packet: &[u8]| CommandPacket::parse(packet).unwrap().open(&Protection::NONE);
    assert_eq!(parse(&packet).unwrap().data.len(), 7);
    // PCNTR: what is not ciphered has no padding.
    for padding in [1, 7, 8, 0xFF] {
        packet[15] = padding;
        assert_eq!(parse(&packet), Err(OpenError::Check));
    }
}

#[test]
fn how_a_proof_is_secured_does_not_matter_where_none_is_wanted() {
    let proof = ProofRequest { wanted: ProofWanted::Never, ..SPI.proof };
    let plain = Spi { proof, ..Spi::default() };
    let mut card = card(aes_keys(1), 0, MinimumSecurity::NONE);
    let accepted = card.check(&command(&aes_keys(1), plain, 1)).unwrap().commit();
    assert_eq!(accepted.prove(StatusCode::Ok, &[]), Ok(None));
}

#[test]
fn an_application_may_have_several_tars_in_a_row() {
    let keys = aes_keys(1);
    let mut card = Receiver::new();
    card.install_keys(keys.clone(), Counter::ZERO);
    let tars = Tar([TAR.0[0], TAR.0[1], 0x10])..=Tar([TAR.0[0], TAR.0[1], 0x1F]);
    card.register_range(tars.clone(), MinimumSecurity::FULL).unwrap();
    let packet = command(&keys, SPI, 1);
    assert!(tars.contains(&TAR) && card.check(&packet).is_ok());
    card.register(Tar([TAR.0[0], TAR.0[1], 0x20]), MinimumSecurity::NONE).unwrap();
    let weak = Spi { counter: CounterMode::None, ..SPI };
    let refused = card.check(&command(&keys, weak, 1)).unwrap_err().reason;
    assert!(matches!(refused, RefusalReason::MinimumSecurity { .. }), "{refused}");
    // What is registered last counts.
    card.register(TAR, MinimumSecurity::NONE).unwrap();
    assert!(card.check(&command(&keys, weak, 1)).is_ok());
    // So it does if it was registered before.
    card.register_range(tars, MinimumSecurity::FULL).unwrap();
    let refused = card.check(&command(&keys, weak, 1)).unwrap_err().reason;
    assert!(matches!(refused, RefusalReason::MinimumSecurity { .. }), "{refused}");
}
