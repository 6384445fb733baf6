//! Messages, and sets of parameters.

use crate::wire::{ToMaster, ToSlave};
use crate::{LockKey, StorageKey, VirtualSim};

/// Reads octets as messages of masters and slaves.
///
/// # Panics
/// When a message that was read is not written as it was.
pub fn fuzz_share_wire(data: &[u8]) {
    if let Ok(message) = ToSlave::decode(data) {
        assert_eq!(*message.encode(), data);
    }
    if let Ok(message) = ToMaster::decode(data) {
        assert_eq!(message.encode(), data);
    }
}

/// Reads octets as a set of parameters, plain and sealed.
///
/// # Panics
/// When a set that was read is not written as it was, or does not open after sealing it.
pub fn fuzz_share_sim(data: &[u8]) {
    let (storage, lock) = (StorageKey([1; 32]), LockKey([2; 32]));
    if let Ok(set) = VirtualSim::decode(data) {
        assert_eq!(*set.encode(), data);
        let sealed = set.seal(&storage, &lock);
        assert_eq!(VirtualSim::open(&sealed, &storage, &lock), Ok(set));
    }
    assert!(VirtualSim::open(data, &storage, &lock).is_err(), "it was sealed by nobody");
}
