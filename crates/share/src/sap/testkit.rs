//! The body of the fuzz target.

use alloc::vec::Vec;

use super::{MaxMsgSize, Message, MessageError, MessageReader};

/// Reads octets as one message, and as a stream of them, whole and octet by octet.
///
/// # Panics
/// When a message that was read is not the same after writing and reading it, when a stream is not the
/// same if it is split, or when more than the octets of a message are taken from it.
pub fn fuzz_sap(data: &[u8]) {
    if let Ok(message) = Message::decode(data) {
        same_again(&message);
    }
    let mut reader = MessageReader::new(MaxMsgSize::MIN);
    let whole = take_all(&mut reader, data);
    whole.iter().flatten().for_each(same_again);
    let mut reader = MessageReader::new(MaxMsgSize::MIN);
    let split: Vec<_> = data.chunks(1).flat_map(|octet| take_all(&mut reader, octet)).collect();
    assert_eq!(split, whole);
}

fn take_all(reader: &mut MessageReader, mut octets: &[u8]) -> Vec<Result<Message, MessageError>> {
    core::iter::from_fn(|| reader.take(&mut octets)).collect()
}

fn same_again(message: &Message) {
    assert_eq!(Message::decode(&message.encode()).as_ref(), Ok(message));
}
