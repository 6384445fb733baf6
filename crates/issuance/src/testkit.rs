//! For the tests of those who build on this crate: the body of the fuzz target.

use crate::wire::apdu::{AppletState, StoredPair};
use crate::wire::stream::{CardUnit, take_packet};
use crate::wire::{AppletAnswer, AppletMessage, CardMessage, UplinkFrame};

/// Reads octets as everything that applet, platform and on-site tool say to each other.
///
/// # Panics
/// When what was read is not the same octets again, or not the same after writing and reading it.
pub fn fuzz_issuance_wire(data: &[u8]) {
    if let Ok(frame) = UplinkFrame::parse(data) {
        assert_eq!(frame.encode(), data);
    }
    if let Ok(message) = CardMessage::parse(data) {
        assert_eq!(message.encode(), data);
    }
    if let Ok(message) = AppletMessage::parse(data) {
        assert_eq!(message.encode().as_slice(), data);
    }
    if let Ok(answer) = AppletAnswer::parse(data) {
        assert_eq!(answer.encode(), data);
    }
    // A length can be written in more than one way.
    if let Ok(state) = AppletState::parse(data) {
        assert_eq!(AppletState::parse(&state.encode()), Ok(state));
    }
    if let Ok(pair) = StoredPair::parse(data) {
        assert_eq!(StoredPair::parse(&pair.encode()), Ok(pair));
    }
    connection(data);
}

/// A connection gives the same units however its octets are cut.
fn connection(data: &[u8]) {
    let (mut whole, mut units) = (data.to_vec(), alloc::vec::Vec::new());
    while let Ok(Some(unit)) = CardUnit::take(&mut whole) {
        assert!(data.len() >= whole.len() + unit.encode().len());
        units.push(unit);
    }
    let (mut received, mut again) = (alloc::vec::Vec::new(), alloc::vec::Vec::new());
    'cut: for octet in data {
        received.push(*octet);
        loop {
            match CardUnit::take(&mut received) {
                Ok(Some(unit)) => again.push(unit),
                Ok(None) => break,
                Err(_) => break 'cut,
            }
        }
    }
    assert_eq!(units, again);
    let mut packets = data.to_vec();
    while let Ok(Some(packet)) = take_packet(&mut packets) {
        assert!(packet.len() >= 2);
    }
}
