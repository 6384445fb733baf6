mod corpus;
mod explaining;
mod messages;
mod objects;
mod profiles;
mod properties;
mod texts;
mod vectors;

use std::vec::Vec;

fn hex(text: impl AsRef<str>) -> Vec<u8> {
    polysim_base::parse_hex(text.as_ref().as_bytes()).unwrap()
}
