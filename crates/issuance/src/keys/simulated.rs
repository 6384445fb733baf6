//! Keys made from a seed, for cards of a simulation.

use alloc::vec::Vec;

use polysim_aka::Milenage;
use polysim_base::{Eid, Imsi, Purpose, Stream};
use polysim_ota::{Algorithm, Key, KeySet, KeyVersion};

use super::{CardKeys, Origin};
use crate::SubscriptionKey;

/// What a stream of keys is for: the last step of its derivation.
#[derive(Clone, Copy)]
enum Use {
    Downlink = 1,
    Uplink = 2,
    Subscription = 3,
}

pub(super) fn card(seed: u64, eid: Eid) -> CardKeys {
    CardKeys {
        origin: Origin::Simulated,
        downlink: downlink(seed, eid),
        uplink: uplink(seed, eid),
        preloaded: Vec::new(),
    }
}

pub(super) fn downlink(seed: u64, eid: Eid) -> KeySet {
    set(stream(seed, &eid.octets(), Use::Downlink))
}

pub(super) fn uplink(seed: u64, eid: Eid) -> KeySet {
    set(stream(seed, &eid.octets(), Use::Uplink))
}

pub(super) fn subscription(seed: u64, imsi: Imsi) -> SubscriptionKey {
    let mut stream = stream(seed, &imsi.ef(), Use::Subscription);
    let (key, opc) = (stream.bytes::<16>(), stream.bytes::<16>());
    SubscriptionKey::Milenage(Milenage::new(key.into(), opc.into()))
}

fn stream(seed: u64, identity: &[u8], purpose: Use) -> Stream {
    let root = Stream::derive(seed, 0, Purpose::Keys, 0).fork(purpose as u64);
    identity.chunks(8).fold(root, |stream, chunk| {
        stream.fork(chunk.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
    })
}

#[expect(clippy::expect_used, reason = "a version of 1, and 16 bytes for AES-128")]
fn set(mut stream: Stream) -> KeySet {
    let mut key =
        || Key::new(Algorithm::Aes128, &stream.bytes::<16>()).expect("AES-128 has 16 bytes");
    let (kic, kid) = (key(), key());
    KeySet::new(KeyVersion::new(1).expect("1 is a version"), kic, kid)
}
