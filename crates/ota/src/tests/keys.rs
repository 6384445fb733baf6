use std::format;

use super::{aes_keys, card, counter, hex, key, version};
use crate::*;

#[test]
fn keys_are_never_shown() {
    let keys = aes_keys(1);
    let mut sender = Sender::new(keys.clone(), Counter::ZERO);
    let sealed = sender.seal(Tar::USIM_FILES, Spi::FULL, b"\x4B\x69").unwrap();
    let mut card = card(keys.clone(), 0, MinimumSecurity::FULL);
    let pending = card.check(&sealed.packet).unwrap();
    let shown = [
        format!("{:?}", keys.kic()),
        format!("{keys:?}"),
        format!("{sender:?}"),
        format!("{:?}", sealed.expected),
        format!("{pending:?}"),
        format!("{:?}", pending.commit()),
        format!("{card:?}"),
    ];
    for text in shown {
        let lower = text.to_lowercase();
        for secret in ["16, 17, 18", "101112", "64, 65, 66", "404142", "75, 105", "4b69"] {
            assert!(!lower.contains(secret), "{text}");
        }
    }
    assert_eq!(format!("{:?}", keys.kic()), "Key(AES-128, ***)");
}

#[test]
fn single_des_is_refused_unless_asked_for_by_name() {
    let bytes = hex("0123456789abcdef");
    assert_eq!(Key::new(Algorithm::SingleDes, &bytes), Err(KeyError::SingleDes));
    // Nor does it come in by a key of triple DES whose parts are equal, parity aside.
    let twice = hex("0123456789abcdef0022456789abcdef");
    assert_eq!(Key::new(Algorithm::TripleDes2, &twice), Err(KeyError::Degenerate));
    let last = hex("00112233445566770123456789abcdef0022456789abcdef");
    assert_eq!(Key::new(Algorithm::TripleDes3, &last), Err(KeyError::Degenerate));

    let des = Key::single_des(bytes.try_into().unwrap(), SingleDesAccepted);
    let keys = KeySet::new(version(1), des.clone(), des);
    let mut sender = Sender::new(keys.clone(), Counter::ZERO);
    let sealed = sender.seal(Tar::USIM_FILES, Spi::FULL, b"data").unwrap();
    let mut accepting = card(keys, 0, MinimumSecurity::FULL);
    assert_eq!(accepting.check(&sealed.packet).unwrap().commit().data(), b"data");

    // A packet that names DES finds no key where none was made for it.
    let mut other = card(aes_keys(1), 0, MinimumSecurity::FULL);
    let refused = other.check(&sealed.packet).unwrap_err().reason;
    let held = Algorithm::Aes128;
    let error = ProtectionError::Algorithm { key: KeyUse::Kid, held };
    assert_eq!(refused, RefusalReason::Protection(error));
}

#[test]
fn a_key_has_the_length_of_its_algorithm() {
    let algorithms = [
        Algorithm::TripleDes2,
        Algorithm::TripleDes3,
        Algorithm::Aes128,
        Algorithm::Aes192,
        Algorithm::Aes256,
    ];
    for algorithm in algorithms {
        let expected = algorithm.key_len();
        for got in [0, 8, expected - 1, expected + 1, 64] {
            let bytes: std::vec::Vec<u8> = (0..=255).take(got).collect();
            let wrong = KeyError::Length { algorithm, expected, got };
            assert_eq!(Key::new(algorithm, &bytes), Err(wrong));
        }
        assert_eq!(key(algorithm, 1).algorithm(), algorithm);
        assert_ne!(key(algorithm, 1), key(algorithm, 2));
    }
}

#[test]
fn a_checksum_of_four_octets_exists_with_aes_only() {
    let kid = key(Algorithm::TripleDes2, 1);
    let keys = KeySet::new(version(1), kid.clone(), kid);
    let error = KeyError::MacLength { algorithm: Algorithm::TripleDes2 };
    assert_eq!(keys.with_mac_length(MacLength::Four), Err(error));

    let keys = aes_keys(1).with_mac_length(MacLength::Four).unwrap();
    let sealed =
        Sender::new(keys.clone(), Counter::ZERO).seal(Tar::USIM_FILES, Spi::FULL, b"data").unwrap();
    assert_eq!(CommandPacket::parse(&sealed.packet).unwrap().check_len(), 4);
    assert!(card(keys, 0, MinimumSecurity::FULL).check(&sealed.packet).is_ok());
    // A card that has agreed on eight is not talked into four.
    let mut strict = card(aes_keys(1), 0, MinimumSecurity::FULL);
    let refused = strict.check(&sealed.packet).unwrap_err().reason;
    let error = OpenError::CheckLength { found: 4, expected: 8 };
    assert_eq!(refused, RefusalReason::Open(error));
}

#[test]
fn versions_are_1_to_15_and_octets_keep_what_they_say() {
    assert_eq!(KeyVersion::new(0), None);
    assert_eq!(KeyVersion::new(16), None);
    for octet in 0..=255 {
        let (kic, kid) = (Kic(octet), Kid(octet));
        if let Some(version) = kic.version() {
            assert_eq!(Kic::new(version, kic.algorithm()), kic);
            assert_eq!(Kid::new(version, kid.algorithm()), kid);
        }
    }
    assert_eq!(Kid::redundancy_check(Crc::Crc16).crc(), Some(Crc::Crc16));
    assert_eq!(Kid::redundancy_check(Crc::Crc32).crc(), Some(Crc::Crc32));
    assert_eq!(Kid(0x3).crc(), None);
    assert_eq!(counter(5).next(), Some(counter(6)));
    for first in 0..=255 {
        for second in 0..=255 {
            match Spi::parse([first, second]) {
                Ok(spi) => assert_eq!(spi.octets(), [first & 0x1F, second & 0x3F]),
                Err(ReservedProof) => assert_eq!(second & 3, 3),
            }
        }
    }
}

#[test]
fn idle_values_are_small() {
    assert!(size_of::<KeySet>() <= 72, "{}", size_of::<KeySet>());
    assert!(size_of::<Receiver>() <= 48, "{}", size_of::<Receiver>());
    assert!(size_of::<Sender>() <= 80, "{}", size_of::<Sender>());
}
