//! A card to try things on, and the bodies of the fuzz targets.

mod es10;
pub mod server;

use std::sync::Arc;

use polysim_aka::{Algorithm, Key, Milenage, Opc};
use polysim_base::{Iccid, Imsi, Instant, Msisdn, Plmn, Purpose, Stream};

pub use es10::{bound_package, download, fuzz_card_es10};

use crate::{Card, CardConfig, PinConfig, PreferredPlmn, Profile, ProfileConfig};

/// Returns an operator's values for tests: network 001-01.
///
/// # Panics
/// Never: what it reads is fixed.
#[must_use]
#[expect(clippy::expect_used, reason = "the texts are fixed")]
pub fn profile_config() -> ProfileConfig {
    let plmn: Plmn = "00101".parse().expect("a network");
    let mut config = ProfileConfig::new(plmn, "Polynet");
    config.smsc = Some("+447700900000".parse().expect("a number"));
    config.operator_plmns = vec![PreferredPlmn::new("00102".parse().expect("a network"))];
    config
}

/// Describes the test card `001010000000123`, number `+447700900123`, of a profile.
///
/// # Panics
/// Never: what it reads is fixed.
#[must_use]
#[expect(clippy::expect_used, reason = "the texts are fixed")]
pub fn card_config(profile: Arc<Profile>) -> CardConfig {
    let iccid = Iccid::parse("8944000000000000003").expect("an ICCID");
    let imsi = Imsi::parse("001010000000123").expect("an IMSI");
    let algorithm: Algorithm = Milenage::new(Key::from([0x11; 16]), Opc::from([0x22; 16])).into();
    let stream = Stream::derive(1, 1, Purpose::Test, 0);
    let msisdn = Msisdn::parse("+447700900123").expect("a number");
    let config = CardConfig::new(profile, iccid, imsi, algorithm, stream);
    CardConfig { msisdn: Some(msisdn), ..config }
}

/// Returns the test card with these PINs, switched on.
///
/// # Panics
/// Never: what it is made of is fixed.
#[must_use]
#[expect(clippy::expect_used, reason = "the values are fixed")]
pub fn card(pins: PinConfig) -> Card {
    let profile = Profile::new(profile_config()).expect("a profile");
    let mut card = Card::new(CardConfig { pins: Arc::new(pins), ..card_config(profile) });
    let atr = card.power_on();
    assert!(atr.is_some(), "a card without a fault answers");
    card
}

/// Carries commands out that `data` holds, each with a length byte before it; a length of `FF` is
/// a reset, `FE` a cut of the supply. Each answer must be well formed, a command refused must
/// answer no data, and a SELECT that found nothing must leave the current DF as it was.
///
/// # Panics
/// When the card breaks one of these rules.
pub fn fuzz_card_apdus(data: &[u8]) {
    let mut card = card(PinConfig::default());
    let mut response = Vec::new();
    let mut rest = data;
    while let Some((&length, behind)) = rest.split_first() {
        rest = behind;
        match length {
            0xFF => drop(card.reset()),
            0xFE => drop(card.power_on()),
            length => {
                let (command, behind) = rest.split_at(usize::from(length).min(rest.len()));
                rest = behind;
                let before = current_df(&mut card);
                card.transmit(Instant::ZERO, command, &mut response);
                check(command, &response);
                if response == [0x6A, 0x82] {
                    assert_eq!(before, current_df(&mut card), "after {command:02X?}");
                }
            }
        }
    }
}

fn current_df(card: &mut Card) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(Instant::ZERO, &[0x80, 0xF2, 0x00, 0x00, 0x00], &mut response);
    response
}

fn check(command: &[u8], response: &[u8]) {
    let Some((data, [sw1, _])) = response.split_last_chunk::<2>() else {
        unreachable!("no answer to {command:02X?}");
    };
    assert!(matches!(sw1, 0x61..=0x6F | 0x90..=0x9F), "{command:02X?} gave {response:02X?}");
    assert!(data.len() <= 256, "{command:02X?} gave {} bytes", data.len());
    let refused = matches!(sw1, 0x64..=0x6F | 0x94 | 0x98);
    assert!(!refused || data.is_empty(), "{command:02X?} gave {response:02X?}");
}
