//! For the tests of those who build on this crate: the body of the fuzz target.
#![expect(clippy::expect_used, reason = "the EID is valid")]

use polysim_base::Eid;

use crate::DeviceKey;
use crate::wire::{Downlink, Uplink, UplinkView, open_downlink, seal_downlink, seal_uplink};

/// Reads octets as frames of agents and of the platform, and their messages without the MAC that
/// nobody would guess.
///
/// # Panics
/// When a message that was read is not the same after writing and reading it.
pub fn fuzz_steering_wire(data: &[u8]) {
    let key = DeviceKey::new([0; 16]);
    let eid = Eid::parse("89049032000000000000000000000066").expect("a valid EID");
    if let Ok((counter, message)) = UplinkView::parse(data).and_then(|view| view.open(&key)) {
        assert_eq!(seal_uplink(&key, eid, counter, &message).len(), data.len());
    }
    if let Ok(message) = Uplink::parse(data) {
        let frame = seal_uplink(&key, eid, 1, &message);
        let again = UplinkView::parse(&frame).and_then(|view| view.open(&key));
        assert_eq!(again, Ok((1, message)));
    }
    if let Ok((counter, message)) = open_downlink(&key, eid, data) {
        assert_eq!(seal_downlink(&key, eid, counter, &message), data);
    }
    if let Ok(message) = Downlink::parse(data) {
        let frame = seal_downlink(&key, eid, 1, &message);
        assert_eq!(open_downlink(&key, eid, &frame), Ok((1, message)));
    }
}
