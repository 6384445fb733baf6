//! What is believed, what is refused, and how that is said.

use polysim_cat::Feature;
use polysim_ota::{
    Answer, Counter, CounterMode, Integrity, ProofRequest, ProofRoute, ProofWanted, ResponsePacket,
    Sender, Spi, StatusCode, Tar,
};

use super::*;

/// The status of an answer in clear.
fn hint(expected: &Expected, answer: &[u8]) -> StatusCode {
    match expected.judge(&packet_of(answer)).unwrap() {
        Answer::Hint(status) => status,
        Answer::Proof(proof) => panic!("{proof:?}"),
    }
}

#[test]
fn a_script_in_an_envelope_writes_the_imsi_and_is_proven() {
    let (mut card, mut server) = (card(), server());
    let sealed = seal(&mut server, Spi::FULL);
    let [message] = &messages(&sealed.packet, Reference::Eight(0))[..] else { panic!() };
    let mut response = Vec::new();
    card.transmit(polysim_base::Instant::ZERO, &envelope(message), &mut response);
    let [0x61, length] = response[..] else { panic!("{response:02X?}") };
    let answer = exchange(&mut card, &[0x00, 0xC0, 0x00, 0x00, length]);
    assert_eq!(answer.len(), usize::from(length) + 2);
    assert_eq!(answer[..3], [0x02, 0x71, 0x00]);
    assert_eq!(proof(&sealed.expected, &answer), (StatusCode::Ok, hex("029000")));
    assert_eq!(imsi(&card), hex(IMSI));
    assert_eq!(card.imsi().unwrap().to_string(), "001012345678901");
    assert_eq!(card.counter(version(1)), Some(counter(1)));
    assert_eq!(card.counter(version(2)), None);
    // What the terminal has selected is as it was: the MF.
    assert_eq!(exchange(&mut card, &hex("00B0000000")), [0x69, 0x86]);
    assert_eq!(exchange(&mut card, &hex("80F2000000"))[..5], hex("622C820278")[..5]);
}

#[test]
fn a_replay_is_told_and_does_nothing() {
    let (mut card, mut server) = (card(), server());
    let sealed = seal(&mut server, Spi::FULL);
    download(&mut card, &sealed.packet);
    run(&mut card, &mut server, Tar::USIM_FILES, &["00A4000C026F07", "00D600000108"]);
    let before = imsi(&card);
    let answer = download(&mut card, &sealed.packet);
    assert_eq!(proof(&sealed.expected, &answer), (StatusCode::CounterLow, Vec::new()));
    assert_eq!((imsi(&card), card.counter(version(1))), (before, Some(counter(2))));
    // Nor does it after the power was away.
    card.power_on().unwrap();
    let answer = download(&mut card, &sealed.packet);
    assert_eq!(proof(&sealed.expected, &answer).0, StatusCode::CounterLow);
}

#[test]
fn what_is_not_believed_is_refused_in_clear_and_leaves_the_card_as_it_was() {
    let mut card = card();
    let before = imsi(&card);
    let other = {
        let key = |first| Key::new(Algorithm::Aes128, &[first; 16]).unwrap();
        KeySet::new(version(1), key(0xAA), key(0xBB))
    };
    let weak = Spi { counter: CounterMode::Unchecked, ..Spi::FULL };
    let no_check = Spi { integrity: Integrity::None, ..weak };
    for (name, mut server, tar, spi, status) in [
        (
            "key",
            Sender::new(other, Counter::ZERO),
            Tar::USIM_FILES,
            Spi::FULL,
            StatusCode::CheckFailed,
        ),
        (
            "version",
            Sender::new(keys(2), Counter::ZERO),
            Tar::USIM_FILES,
            Spi::FULL,
            StatusCode::CheckFailed,
        ),
        ("TAR", server(), Tar([0xB0, 0xFF, 0xFF]), Spi::FULL, StatusCode::TarUnknown),
        ("counter", server(), Tar::USIM_FILES, weak, StatusCode::InsufficientSecurity),
        ("checksum", server(), Tar::UICC_FILES, no_check, StatusCode::InsufficientSecurity),
    ] {
        let sealed = server.seal(tar, spi, &script(&WRITE_IMSI)).unwrap();
        let answer = download(&mut card, &sealed.packet);
        let packet = packet_of(&answer);
        let clear = ResponsePacket::parse(&packet).unwrap();
        assert_eq!(clear.check_len(), 0, "{name}");
        assert_eq!(hint(&sealed.expected, &answer), status, "{name}");
        // Without a proof asked for, the status word tells.
        let silent = ProofRequest { wanted: ProofWanted::Never, ..spi.proof };
        let sealed = server.seal(tar, Spi { proof: silent, ..spi }, &script(&WRITE_IMSI)).unwrap();
        assert_eq!(download(&mut card, &sealed.packet), [0x62, 0x00], "{name}");
    }
    assert_eq!((imsi(&card), card.counter(version(1))), (before, Some(Counter::ZERO)));
}

#[test]
fn every_tar_of_a_range_is_reached_and_starts_where_it_should() {
    let (mut card, mut server) = (card(), server());
    for last in 0x00..=0x1F {
        let tar = Tar([0xB0, 0x00, last]);
        let answer = run(&mut card, &mut server, tar, &["00A4000C026F07"]);
        let expected = if last < 0x10 { [0x6A, 0x82] } else { [0x90, 0x00] };
        assert_eq!(answer.status.to_bytes(), expected, "{last:02X}");
    }
}

#[test]
fn a_proof_by_submit_goes_to_the_sender_in_a_message_of_its_own() {
    let (mut card, mut server) = (card(), server());
    let request = ProofRequest { route: ProofRoute::Submit, ..Spi::FULL.proof };
    let sealed = seal(&mut server, Spi { proof: request, ..Spi::FULL });
    let answer = download(&mut card, &sealed.packet);
    assert!(matches!(answer[..], [0x91, _]), "{answer:02X?}");
    let Answer::Proof(response) = sealed.expected.judge(&sent_packet(&mut card)).unwrap() else {
        panic!()
    };
    assert_eq!((response.status, response.data), (StatusCode::Ok, hex("029000")));
}

#[test]
fn a_proof_too_long_for_a_report_is_announced_and_follows() {
    let (mut card, mut server) = (card(), server());
    // A whole record of EF.SMS.
    let read = script(&["00A4000C026F3C", "00B20104B0"]);
    let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, &read).unwrap();
    let answer = download(&mut card, &sealed.packet);
    assert_eq!(proof(&sealed.expected, &answer), (StatusCode::ResponseBySubmit, Vec::new()));
    let Answer::Proof(response) = sealed.expected.judge(&sent_packet(&mut card)).unwrap() else {
        panic!()
    };
    let answer = CompactResponse::parse(&response.data).unwrap();
    assert_eq!((answer.executed, answer.status.to_bytes()), (2, [0x90, 0x00]));
    assert_eq!(answer.data, card.read_record(&[0x7FF0, 0x6F3C], 1).unwrap());
    assert_eq!(fetch(&mut card), None);
}

#[test]
fn a_terminal_that_sends_no_messages_brings_no_proof_by_submit() {
    let features = features(&[Feature::DisplayText]);
    let mut card = card_with(config(OtaConfig::new(keys(1), Counter::ZERO)), &features);
    let request = ProofRequest { route: ProofRoute::Submit, ..Spi::FULL.proof };
    let sealed = seal(&mut server(), Spi { proof: request, ..Spi::FULL });
    assert_eq!(download(&mut card, &sealed.packet), [0x90, 0x00]);
    assert_eq!(imsi(&card), hex(IMSI));
    assert_eq!(fetch(&mut card), None);
}

#[test]
fn no_proof_is_given_where_none_is_wanted() {
    let (mut card, mut server) = (card(), server());
    for wanted in [ProofWanted::Never, ProofWanted::OnError] {
        let proof = ProofRequest { wanted, ..Spi::FULL.proof };
        let sealed = seal(&mut server, Spi { proof, ..Spi::FULL });
        assert_eq!(download(&mut card, &sealed.packet), [0x90, 0x00]);
    }
    assert_eq!(imsi(&card), hex(IMSI));
}

#[test]
fn packets_of_anybody_do_not_fill_the_queue_with_messages_that_answer_them() {
    let (mut card, mut server) = (card(), server());
    let proof = ProofRequest {
        wanted: ProofWanted::Always,
        route: ProofRoute::Submit,
        ..ProofRequest::default()
    };
    let sealed = server.seal(Tar([1, 2, 3]), Spi { proof, ..Spi::default() }, &[]).unwrap();
    for _ in 0..2 * crate::PROACTIVE_QUEUE_MAX {
        assert!(matches!(download(&mut card, &sealed.packet)[..], [0x91, _]));
    }
    let sent = std::iter::from_fn(|| fetch(&mut card)).count();
    assert_eq!(sent, 2, "the one that is offered, and the one behind it");
}
