use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

use super::TAR;
use crate::script::*;
use crate::testkit::{fuzz_ota_receiver, fuzz_ota_sender};
use crate::*;

fn any_key() -> impl Strategy<Value = Key> {
    let algorithm = prop_oneof![
        Just(Algorithm::TripleDes2),
        Just(Algorithm::TripleDes3),
        Just(Algorithm::Aes128),
        Just(Algorithm::Aes192),
        Just(Algorithm::Aes256),
    ];
    let named = (algorithm, any::<[u8; 32]>()).prop_filter_map("parts differ", |(what, bytes)| {
        Key::new(what, &bytes[..what.key_len()]).ok()
    });
    let des = any::<[u8; 8]>().prop_map(|bytes| Key::single_des(bytes, SingleDesAccepted));
    prop_oneof![5 => named, 1 => des]
}

fn any_keys() -> impl Strategy<Value = KeySet> {
    (1..=15_u8, any_key(), any_key(), any::<bool>()).prop_map(|(version, kic, kid, short)| {
        let keys = KeySet::new(KeyVersion::new(version).unwrap(), kic, kid);
        if !short {
            return keys;
        }
        keys.clone().with_mac_length(MacLength::Four).unwrap_or(keys)
    })
}

/// Every SPI without digital signatures.
fn any_spi() -> impl Strategy<Value = Spi> {
    any::<[u8; 2]>().prop_filter_map("supported", |octets| {
        let spi = Spi::parse(octets).ok()?;
        let signatures = [spi.integrity, spi.proof.integrity].contains(&Integrity::Signature);
        (!signatures).then_some(spi)
    })
}

/// Every SPI under which a command is authenticated.
fn authenticated() -> impl Strategy<Value = Spi> {
    any_spi().prop_map(|spi| Spi { integrity: Integrity::Checksum, ..spi })
}

fn any_counter() -> impl Strategy<Value = Counter> {
    let end = Counter::MAX.value();
    prop_oneof![0..=end, 0..=3_u64, end - 3..=end].prop_map(|value| Counter::new(value).unwrap())
}

fn any_tar() -> impl Strategy<Value = Tar> {
    any::<[u8; 3]>().prop_map(Tar)
}

fn any_data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => vec(any::<u8>(), 0..80), 1 => vec(any::<u8>(), 0..2_000)]
}

fn any_status() -> impl Strategy<Value = StatusCode> {
    any::<u8>().prop_map(StatusCode::from_octet)
}

fn any_apdu() -> impl Strategy<Value = Vec<u8>> {
    (any::<[u8; 4]>(), vec(any::<u8>(), 0..300), any::<bool>()).prop_map(|(header, data, le)| {
        let le = le.then_some(polysim_apdu::Le::ANY);
        polysim_apdu::CommandApdu::new(header.into(), &data, le).unwrap().to_vec()
    })
}

fn any_action() -> impl Strategy<Value = (Action, ErrorAction)> {
    let command = vec(any::<u8>(), 2..200).prop_map(|octets| ActionCommand::new(octets).unwrap());
    let record = (1..=0x7F_u8).prop_map(|number| ActionRecord::new(number).unwrap());
    prop_oneof![
        Just((Action::EarlyResponse, ErrorAction::None)),
        Just((Action::ProactiveSession, ErrorAction::None)),
        record.prop_map(|record| (Action::Record(record), ErrorAction::Record(record))),
        command.prop_map(|command| {
            (Action::Proactive(command.clone()), ErrorAction::Proactive(command))
        }),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any_apdu().prop_map(Step::Command),
        any_action().prop_map(|(action, _)| Step::Immediate(action)),
        any_action().prop_map(|(_, action)| Step::OnError(action)),
    ]
}

fn any_coding() -> impl Strategy<Value = LengthCoding> {
    prop_oneof![Just(LengthCoding::Definite), Just(LengthCoding::Indefinite)]
}

fn any_chaining() -> impl Strategy<Value = Option<Chaining>> {
    prop_oneof![
        Just(None),
        Just(Some(Chaining::First)),
        Just(Some(Chaining::FirstAcrossReset)),
        Just(Some(Chaining::Middle)),
        Just(Some(Chaining::Last)),
    ]
}

fn any_finding() -> impl Strategy<Value = Finding> {
    prop_oneof![
        (vec(any::<u8>(), 0..300), any::<u16>()).prop_map(|(data, word)| {
            Finding::Command(StepResponse { data, status: word.into() })
        }),
        Just(Finding::BadFormat(BadFormat::NoLength)),
        Just(Finding::Chaining(ChainingFailure::Unable)),
        vec(any::<u8>(), 0..9).prop_map(Finding::ImmediateAction),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn command_packets_round_trip(
        keys in any_keys(), spi in any_spi(), tar in any_tar(), counter in any_counter(),
        data in any_data(),
    ) {
        let header = Sender::new(keys.clone(), Counter::ZERO).header(tar, spi);
        let protection = Protection::of_command(&header, Some(&keys)).unwrap();
        let packet = seal_command(&header, counter, &data, &protection).unwrap();
        let view = CommandPacket::parse(&packet).unwrap();
        prop_assert_eq!(view.header(), &header);
        prop_assert_eq!(view.clear_counter(), (!spi.ciphered).then_some(counter));
        prop_assert_eq!(view.open(&protection), Ok(OpenedCommand { counter, data }));
    }

    #[test]
    fn response_packets_round_trip(
        keys in any_keys(), spi in authenticated(), tar in any_tar(), counter in any_counter(),
        status in any_status(), data in any_data(),
    ) {
        let sender = Sender::new(keys.clone(), Counter::ZERO);
        let header = sender.header(tar, spi);
        let protection = Protection::of_proof(&header, Some(&keys)).unwrap();
        let response = Response { tar, counter, status, data };
        let packet = response.seal(&protection).unwrap();
        let view = ResponsePacket::parse(&packet).unwrap();
        prop_assert_eq!(view.open(&protection), Ok(response.clone()));
        let answer = sender.expect(header, counter).judge(&packet);
        prop_assert_eq!(answer, Ok(Answer::Proof(response)));
    }

    #[test]
    fn every_flipped_bit_of_an_authenticated_packet_is_refused(
        keys in any_keys(), spi in authenticated(), data in vec(any::<u8>(), 0..24),
    ) {
        let sealed = Sender::new(keys.clone(), Counter::ZERO).seal(TAR, spi, &data).unwrap();
        let minimum = MinimumSecurity { integrity: Integrity::Checksum, ..MinimumSecurity::NONE };
        let mut card = super::card(keys.clone(), 0, minimum);
        for bit in 0..sealed.packet.len() * 8 {
            let mut packet = sealed.packet.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            let refusal = card.check(&packet).map(|_| bit);
            prop_assert!(refusal.is_err(), "{:?}", refusal);
            // Nothing made with the key comes back.
            if let Some(proof) = refusal.unwrap_err().proof {
                let view = ResponsePacket::parse(&proof.packet).unwrap();
                prop_assert!(view.open(&Protection::NONE).is_ok());
            }
        }
        prop_assert!(card.check(&sealed.packet).is_ok());
    }

    #[test]
    fn every_flipped_bit_of_a_signed_proof_is_refused(
        keys in any_keys(), ciphered: bool, data in vec(any::<u8>(), 0..24),
    ) {
        let proof = ProofRequest { ciphered, ..Spi::FULL.proof };
        let spi = Spi { proof, ..Spi::FULL };
        let sealed = Sender::new(keys.clone(), Counter::ZERO).seal(TAR, spi, b"script").unwrap();
        let mut card = super::card(keys, 0, MinimumSecurity::FULL);
        let command = card.check(&sealed.packet).unwrap().commit();
        let packet = command.prove(StatusCode::Ok, &data).unwrap().unwrap().packet;
        prop_assert!(matches!(sealed.expected.judge(&packet), Ok(Answer::Proof(_))));
        for bit in 0..packet.len() * 8 {
            let mut changed = packet.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let answer = sealed.expected.judge(&changed);
            prop_assert!(!matches!(answer, Ok(Answer::Proof(_))), "{}: {:?}", bit, answer);
        }
    }

    #[test]
    fn a_replay_is_refused_and_what_is_newer_accepted(
        keys in any_keys(), spi in authenticated(), strict: bool, count in 1..6_usize,
    ) {
        let counter = if strict { CounterMode::Next } else { CounterMode::Higher };
        let spi = Spi { counter, ..spi };
        let mut sender = Sender::new(keys.clone(), Counter::ZERO);
        let mut card = super::card(keys, 0, MinimumSecurity::NONE);
        let mut sent = Vec::new();
        for _ in 0..count {
            let sealed = sender.seal(TAR, spi, b"script").unwrap();
            let pending = card.check(&sealed.packet).unwrap();
            prop_assert_eq!(pending.counter_used(), Some(sealed.counter_used));
            pending.commit();
            sent.push(sealed.packet);
            for old in &sent {
                let reason = card.check(old).map(|_| ()).unwrap_err().reason;
                let low = matches!(reason, RefusalReason::Counter(CounterRefusal::Low { .. }));
                prop_assert!(low, "{:?}", reason);
            }
        }
    }

    #[test]
    fn a_packet_that_is_cut_or_lengthened_is_refused(
        keys in any_keys(), spi in authenticated(), data in any_data(), cut in 1..40_usize,
    ) {
        let sealed = Sender::new(keys.clone(), Counter::ZERO).seal(TAR, spi, &data).unwrap();
        let minimum = MinimumSecurity { integrity: Integrity::Checksum, ..MinimumSecurity::NONE };
        let mut card = super::card(keys, 0, minimum);
        let mut packets = [sealed.packet.clone(), sealed.packet];
        let len = packets[0].len();
        packets[0].truncate(len.saturating_sub(cut));
        packets[1].resize(len + cut, 0);
        for packet in &mut packets {
            prop_assert!(card.check(packet).is_err());
            // Even if the length says so.
            if let Some(stated) = packet.len().checked_sub(2) {
                packet[..2].copy_from_slice(&u16::try_from(stated).unwrap().to_be_bytes());
            }
            prop_assert!(card.check(packet).is_err());
        }
    }

    #[test]
    fn expanded_scripts_round_trip(
        coding in any_coding(), chaining in any_chaining(), steps in vec(any_step(), 0..8),
    ) {
        let script = ExpandedScript { coding, chaining, steps };
        prop_assert_eq!(ExpandedScript::parse(&script.octets()), Ok(script));
    }

    #[test]
    fn expanded_responses_round_trip(
        executed in any::<Option<u16>>(), findings in vec(any_finding(), 0..8),
    ) {
        let response = ExpandedResponse { executed, findings };
        prop_assert_eq!(ExpandedResponse::parse(&response.octets()), Ok(response));
    }

    #[test]
    fn the_fuzz_bodies_hold_for_arbitrary_bytes(data in vec(any::<u8>(), 0..200)) {
        fuzz_ota_receiver(&data);
        fuzz_ota_sender(&data);
    }

    /// Random octets rarely have lengths that agree.
    #[test]
    fn arbitrary_packets_of_the_right_lengths_are_refused(
        keys in any_keys(), spi in authenticated(), body in vec(any::<u8>(), 6..80),
        header_len in 13..40_u8,
    ) {
        let header = Sender::new(keys.clone(), Counter::ZERO).header(TAR, spi).octets();
        let stated = u8::try_from(1 + header.len() + body.len()).unwrap();
        let packet = [&[0, stated, header_len][..], &header, &body].concat();
        let mut card = super::card(keys.clone(), 0, MinimumSecurity::NONE);
        // With four octets of checksum one in four thousand million is believed.
        prop_assert!(card.check(&packet).is_err());
        let response = [&[0, stated - 4, header_len][..], &TAR.0, &body].concat();
        let sender = Sender::new(keys, Counter::ZERO);
        let expected = sender.expect(sender.header(TAR, spi), Counter::ZERO);
        let proven = matches!(expected.judge(&response), Ok(Answer::Proof(_)));
        prop_assert!(!proven || spi.proof.integrity != Integrity::Checksum);
    }
}
