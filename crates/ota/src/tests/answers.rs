//! The rules of the server's end.

use super::{TAR, aes_keys, counter, key, version};
use crate::*;

fn response(cntr: u64, status: StatusCode) -> Response {
    Response { tar: TAR, counter: counter(cntr), status, data: std::vec![1, 0x90, 0] }
}

fn sealed(spi: Spi) -> (Sender, Sealed) {
    let mut sender = Sender::new(aes_keys(1), counter(6));
    let sealed = sender.seal(TAR, spi, b"script").unwrap();
    (sender, sealed)
}

#[test]
fn each_command_has_a_counter_of_its_own() {
    let (mut sender, first) = sealed(Spi::FULL);
    assert_eq!(first.counter_used, CounterUsed { keys: version(1), counter: counter(7) });
    let second = sender.seal(TAR, Spi::FULL, b"script").unwrap();
    assert_eq!(second.counter_used.counter, counter(8));
    assert_ne!(first.packet, second.packet);
    sender.skip_to(counter(3));
    assert_eq!(sender.counter(), counter(8));
    sender.skip_to(Counter::MAX);
    assert_eq!(sender.seal(TAR, Spi::FULL, b"script"), Err(SenderError::CounterBlocked));
}

#[test]
fn what_cannot_be_made_uses_no_counter() {
    let (mut sender, _) = sealed(Spi::FULL);
    let signature = Spi { integrity: Integrity::Signature, ..Spi::FULL };
    let error = SenderError::Protection(ProtectionError::Signature);
    assert_eq!(sender.seal(TAR, signature, b"script"), Err(error));
    let long = std::vec![0; PACKET_LEN_MAX];
    let refused = sender.seal(TAR, Spi::FULL, &long);
    assert!(matches!(refused, Err(SenderError::TooLong(PacketTooLong { .. }))));
    assert_eq!(sender.counter(), counter(7));
}

#[test]
fn the_proof_is_matched_with_its_command() {
    let (sender, Sealed { expected, .. }) = sealed(Spi::FULL);
    let protection = Protection::of_proof(expected.header(), None);
    assert!(protection.is_err(), "the keys are needed");
    let keys = aes_keys(1);
    let protection = Protection::of_proof(expected.header(), Some(&keys)).unwrap();
    let good = response(7, StatusCode::Ok);
    let packet = good.seal(&protection).unwrap();
    assert_eq!(expected.judge(&packet), Ok(Answer::Proof(good.clone())));
    // The same after a restart.
    let again = sender.expect(*expected.header(), expected.counter());
    assert_eq!(again.judge(&packet), Ok(Answer::Proof(good)));

    let late = response(6, StatusCode::Ok).seal(&protection).unwrap();
    let error = AnswerError::Counter { expected: counter(7), found: counter(6) };
    assert_eq!(expected.judge(&late), Err(error));
    let other = Response { tar: Tar::CARD_MANAGER, ..response(7, StatusCode::Ok) };
    let other = other.seal(&protection).unwrap();
    assert_eq!(expected.judge(&other), Err(AnswerError::Tar { found: Tar::CARD_MANAGER }));
    assert!(matches!(expected.judge(&packet[1..]), Err(AnswerError::Malformed(_))));
    let forged = KeySet::new(version(1), key(Algorithm::Aes128, 1), key(Algorithm::Aes128, 2));
    let forged = Protection::of_proof(expected.header(), Some(&forged)).unwrap();
    let forged = response(7, StatusCode::Ok).seal(&forged).unwrap();
    assert_eq!(expected.judge(&forged), Err(AnswerError::Open(OpenError::Check)));
}

#[test]
fn an_answer_in_clear_is_a_hint_and_never_a_success() {
    let requests = [
        Spi::FULL.proof,
        ProofRequest { ciphered: false, ..Spi::FULL.proof },
        ProofRequest { integrity: Integrity::None, ..Spi::FULL.proof },
        ProofRequest { integrity: Integrity::RedundancyCheck, ciphered: false, ..Spi::FULL.proof },
    ];
    for proof in requests {
        let (_, Sealed { expected, .. }) = sealed(Spi { proof, ..Spi::FULL });
        for cntr in [7, 0] {
            let low = Response { data: std::vec![], ..response(cntr, StatusCode::CheckFailed) };
            let low = low.seal(&Protection::NONE).unwrap();
            assert_eq!(expected.judge(&low), Ok(Answer::Hint(StatusCode::CheckFailed)));
            let good = response(cntr, StatusCode::Ok).seal(&Protection::NONE).unwrap();
            assert_eq!(expected.judge(&good), Err(AnswerError::Unproven), "{proof:?}");
        }
        let other = response(6, StatusCode::CheckFailed).seal(&Protection::NONE).unwrap();
        assert!(matches!(expected.judge(&other), Err(AnswerError::Open(_))), "{proof:?}");
    }
}

#[test]
fn every_status_code_has_its_octet_and_its_words() {
    for octet in 0..=255 {
        let status = StatusCode::from_octet(octet);
        assert_eq!(status.octet(), octet);
        assert_eq!(StatusCode::ALL.contains(&status), octet <= 0x0C);
        assert!(!std::format!("{status}").is_empty());
    }
}

#[test]
fn a_packet_may_be_as_long_as_its_length_field_says() {
    let header = CommandHeader { spi: Spi::default(), kic: Kic(0), kid: Kid(0), tar: TAR };
    let room = PACKET_LEN_MAX - 16;
    let packet =
        seal_command(&header, Counter::ZERO, &std::vec![7; room], &Protection::NONE).unwrap();
    assert_eq!(packet.len(), PACKET_LEN_MAX);
    let opened = CommandPacket::parse(&packet).unwrap().open(&Protection::NONE).unwrap();
    assert_eq!(opened.data.len(), room);
    let long = std::vec![7; room + 1];
    let error = PacketTooLong { len: PACKET_LEN_MAX + 1, limit: PACKET_LEN_MAX };
    assert_eq!(seal_command(&header, Counter::ZERO, &long, &Protection::NONE), Err(error));
}
