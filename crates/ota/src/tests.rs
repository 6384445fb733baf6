mod answers;
mod corpus;
mod explaining;
mod keys;
mod messages;
mod properties;
mod receiving;
mod scripts;
mod vectors;

use std::vec::Vec;

use crate::*;

fn hex(text: &str) -> Vec<u8> {
    polysim_base::parse_hex(text.replace(' ', "").as_bytes()).unwrap()
}

fn version(number: u8) -> KeyVersion {
    KeyVersion::new(number).unwrap()
}

fn counter(value: u64) -> Counter {
    Counter::new(value).unwrap()
}

fn key(algorithm: Algorithm, first: u8) -> Key {
    let bytes: Vec<u8> = (first..).take(algorithm.key_len()).collect();
    Key::new(algorithm, &bytes).unwrap()
}

fn aes_keys(number: u8) -> KeySet {
    let (kic, kid) = (key(Algorithm::Aes128, 0x10), key(Algorithm::Aes128, 0x40));
    KeySet::new(version(number), kic, kid)
}

const TAR: Tar = Tar::USIM_FILES;

/// A card with one key set and one application, which asks for `minimum`.
fn card(keys: KeySet, last: u64, minimum: MinimumSecurity) -> Receiver {
    let mut receiver = Receiver::new();
    receiver.install_keys(keys, counter(last));
    receiver.register(TAR, minimum).unwrap();
    receiver
}
