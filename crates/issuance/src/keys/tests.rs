use super::*;
use alloc::format;
use polysim_aka::Milenage;
use polysim_ota::{Algorithm, Key, KeyVersion, MacLength};
use proptest::prelude::*;

fn eid(number: u32) -> Eid {
    Eid::with_check_digits(&format!("8904903200000000000000{number:08}")).unwrap()
}

fn imsi(number: u32) -> Imsi {
    Imsi::parse(&format!("00101{number:010}")).unwrap()
}

fn live_card() -> CardKeys {
    let key = |fill| {
        Key::new(
            Algorithm::TripleDes3,
            &core::array::from_fn::<u8, 24, _>(|i| fill + u8::try_from(i).unwrap() * 2),
        )
        .unwrap()
    };
    let aes = |fill| Key::new(Algorithm::Aes256, &[fill; 32]).unwrap();
    let version = KeyVersion::new(3).unwrap();
    CardKeys {
        origin: Origin::Live,
        downlink: KeySet::new(version, key(1), key(2)),
        uplink: KeySet::new(version, aes(3), aes(4)).with_mac_length(MacLength::Four).unwrap(),
        preloaded: alloc::vec![(KeyIndex(0), imsi(7)), (KeyIndex(9), imsi(8))],
    }
}

fn subscription() -> SubscriptionKey {
    SubscriptionKey::Milenage(Milenage::new([1; 16].into(), [2; 16].into()))
}

fn live_store() -> KeyStore {
    let mut store = KeyStore::new(Origin::Live);
    store.insert_card(eid(1), live_card()).unwrap();
    store.insert_subscription(imsi(5), subscription(), Origin::Live).unwrap();
    store
}

const KEY: StoreKey = StoreKey::new([0x5A; 32]);

#[test]
fn simulated_keys_follow_from_seed_and_eid() {
    let (store, other) = (KeyStore::simulated(1), KeyStore::simulated(2));
    let keys = store.card(eid(1)).unwrap();
    assert_eq!(keys.origin, Origin::Simulated);
    assert_eq!(Some(&keys.downlink), store.downlink(eid(1)).as_ref());
    assert_eq!(Some(&keys.uplink), store.uplink(eid(1)).as_ref());
    assert_ne!(keys.downlink, keys.uplink);
    assert_ne!(Some(&keys.downlink), store.downlink(eid(2)).as_ref());
    assert_ne!(Some(&keys.downlink), other.downlink(eid(1)).as_ref());
    assert_ne!(store.subscription(imsi(1)), store.subscription(imsi(2)));
    assert_eq!(store.cards.len(), 0, "nothing is stored for a card");
}

#[test]
fn a_live_store_refuses_simulated_keys() {
    let keys = KeyStore::simulated(1).card(eid(1)).unwrap();
    let mut store = live_store();
    assert_eq!(store.insert_card(eid(2), keys.clone()), Err(KeyStoreError::Simulated));
    let refused = store.insert_subscription(imsi(1), subscription(), Origin::Simulated);
    assert_eq!(refused, Err(KeyStoreError::Simulated));
    let mut simulated = KeyStore::new(Origin::Simulated);
    simulated.insert_card(eid(2), keys).unwrap();
    let sealed = simulated.seal(&KEY, [1; NONCE_LEN]);
    assert_eq!(KeyStore::open(&sealed, &KEY, Origin::Live), Err(OpenStoreError::Simulated));
    assert_eq!(KeyStore::open(&sealed, &KEY, Origin::Simulated), Ok(simulated));
}

#[test]
fn a_card_does_not_have_the_same_keys_both_ways() {
    let mut keys = live_card();
    keys.uplink = keys.downlink.clone();
    assert_eq!(live_store().insert_card(eid(2), keys), Err(KeyStoreError::SameKeys));
}

#[test]
fn a_card_with_a_key_of_its_own_gets_that_and_another_gets_one_that_travels() {
    let store = live_store();
    assert_eq!(store.choose(eid(1), imsi(8)), Some(KeyChoice::Preloaded(KeyIndex(9))));
    assert_eq!(store.choose(eid(1), imsi(5)), Some(KeyChoice::Carried(subscription())));
    assert_eq!(store.choose(eid(1), imsi(6)), None);
}

#[test]
fn a_sealed_store_opens_with_its_key_alone_and_unchanged_alone() {
    let store = live_store();
    let sealed = store.seal(&KEY, [7; NONCE_LEN]);
    assert_eq!(KeyStore::open(&sealed, &KEY, Origin::Live), Ok(store));
    let other = StoreKey::new([0x5B; 32]);
    assert_eq!(KeyStore::open(&sealed, &other, Origin::Live), Err(OpenStoreError::NotAuthentic));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(KeyStore::open(&changed, &KEY, Origin::Live).is_err(), "octet {at}");
        assert!(KeyStore::open(&sealed[..at], &KEY, Origin::Live).is_err(), "{at} octets");
    }
    assert_eq!(sealed[4], 1);
    let mut newer = sealed;
    newer[4] = 2;
    let refused = KeyStore::open(&newer, &KEY, Origin::Live);
    assert_eq!(refused, Err(OpenStoreError::Version { version: 2 }));
}

#[test]
fn nothing_prints_a_key() {
    let shown = format!("{:?} {:?} {KEY:?}", live_store(), live_card());
    assert!(
        shown.contains("***") && !shown.contains("0303") && !shown.contains("90, 90"),
        "{shown}"
    );
    assert!(shown.contains("cards: 1"));
}

#[test]
fn the_key_of_a_store_is_64_hexadecimal_digits() {
    let text = format!(" {}\n", "5A".repeat(32));
    assert_eq!(StoreKey::parse(&text).unwrap().0, KEY.0);
    assert_eq!(StoreKey::parse("5A").unwrap_err(), StoreKeyError::Length { got: 1 });
    assert!(matches!(StoreKey::parse("5").unwrap_err(), StoreKeyError::Hex(_)));
}

proptest! {
    #[test]
    fn reading_a_store_never_panics(octets: Vec<u8>) {
        drop(codec::decode(&octets));
        prop_assert!(KeyStore::open(&octets, &KEY, Origin::Simulated).is_err());
    }
}
