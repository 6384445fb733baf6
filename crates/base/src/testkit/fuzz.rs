use crate::tlv::{Ber, BerReader, ComprehensionReader, TlvError, put_ber, put_comprehension};
use std::vec::Vec;

/// Reads octets as BER-TLV objects, and those inside of them, and as COMPREHENSION-TLV objects.
///
/// # Panics
/// When an object that was read is not the same after writing and reading it again, when objects
/// are not the octets that they were read from, or when an error lies outside of these.
pub fn fuzz_tlv(data: &[u8]) {
    let mut readers = Vec::from([BerReader::new(data)]);
    while let Some(mut reader) = readers.pop() {
        // Each object is shorter than what it is in, so this ends.
        for object in &mut reader {
            match object {
                Ok(object) => {
                    let mut octets = Vec::new();
                    put_ber(&mut octets, object.tag, object.value);
                    assert_eq!(Ber::read(&octets), Ok((object, &[][..])));
                    if object.is_constructed() {
                        readers.push(object.children());
                    }
                }
                Err(error) => inside(error, data),
            }
        }
    }
    let mut left = data.len();
    for object in ComprehensionReader::new(data) {
        match object {
            Ok(object) => {
                let mut octets = Vec::new();
                put_comprehension(&mut octets, object.tag, object.required, object.value);
                let again: Vec<_> = ComprehensionReader::new(&octets).collect();
                assert_eq!(again, [Ok(object)]);
                assert!(left >= object.value.len() + 2, "more objects than octets");
                left -= object.value.len() + 2;
            }
            Err(error) => inside(error, data),
        }
    }
}

fn inside(error: TlvError, data: &[u8]) {
    let (TlvError::Truncated { at }
    | TlvError::ValueTooLong { at, .. }
    | TlvError::Tag { at }
    | TlvError::LengthForm { at, .. }) = error;
    assert!(at < data.len(), "{error} lies outside");
}
