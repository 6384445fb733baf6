//! The card as a whole.

mod arbitrary;
mod faults;
mod replay;

use polysim_base::{Instant, parse_hex};

use crate::Card;

pub(crate) fn hex(text: &str) -> Vec<u8> {
    parse_hex(text.as_bytes()).unwrap()
}

/// Sends a command and returns data and status word.
pub(crate) fn send(card: &mut Card, command: &str) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(Instant::ZERO, &hex(command), &mut response);
    response
}
