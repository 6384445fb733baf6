//! Tests, by what they are about.

mod addresses;
mod alphabets;
mod at_pdus;
mod corpus;
mod headers;
mod incidents;
mod properties;
mod reassembly;
mod segments;
mod tpdus;
mod values;
mod vectors;

use alloc::vec::Vec;

/// Octets of hexadecimal text; blanks are for the reader.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
    polysim_base::parse_hex(&digits).unwrap()
}
