//! Messages out of a stream of octets.

use alloc::vec::Vec;

use super::parameter::{ALIGNMENT, HEAD};
use super::{MaxMsgSize, Message, MessageError};

/// Puts messages together from a stream that may be split anywhere.
///
/// A message does not say how long it is; its parameters do. Octets of a message that is too long, or of
/// one that cannot be read, are passed over up to its end, so that the next one is found. It never holds
/// more than the longest message that is allowed.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MessageReader {
    limit: u16,
    held: Vec<u8>,
    too_long: bool,
    /// The last octets of a head.
    head: [u8; HEAD],
    piece: Piece,
    /// Octets up to the end of the piece.
    left: usize,
    /// Parameters up to the end of the message, with the one that is being read.
    parameters: u8,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Piece {
    Message,
    Parameter,
    Value,
}

impl MessageReader {
    /// Begins at the beginning of a message.
    #[must_use]
    pub const fn new(limit: MaxMsgSize) -> Self {
        Self {
            limit: limit.octets(),
            held: Vec::new(),
            too_long: false,
            head: [0; HEAD],
            piece: Piece::Message,
            left: HEAD,
            parameters: 0,
        }
    }

    /// Agrees on another length.
    pub const fn limit(&mut self, limit: MaxMsgSize) {
        self.limit = limit.octets();
    }

    /// Takes octets from the front up to the end of a message, and returns that; nothing, with all octets
    /// taken, if it is not whole yet.
    pub fn take(&mut self, octets: &mut &[u8]) -> Option<Result<Message, MessageError>> {
        loop {
            let (taken, rest) = octets.split_at_checked(self.left).unwrap_or((*octets, &[]));
            *octets = rest;
            self.hold(taken);
            self.left = self.left.saturating_sub(taken.len());
            if self.left > 0 {
                return None;
            }
            if self.piece_ends() {
                return Some(self.end());
            }
        }
    }

    fn hold(&mut self, taken: &[u8]) {
        if self.piece != Piece::Value {
            for octet in taken {
                let [_, second, third, fourth] = self.head;
                self.head = [second, third, fourth, *octet];
            }
        }
        if self.held.len().saturating_add(taken.len()) > usize::from(self.limit) {
            self.too_long = true;
        }
        if self.too_long {
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(taken);
        }
    }

    /// Goes on to the next piece; returns whether the message has ended instead.
    fn piece_ends(&mut self) -> bool {
        let [_, count, high, low] = self.head;
        match self.piece {
            Piece::Message => self.parameters = count,
            Piece::Parameter => {
                let len = usize::from(u16::from_be_bytes([high, low]));
                (self.piece, self.left) = (Piece::Value, len.next_multiple_of(ALIGNMENT));
                return false;
            }
            Piece::Value => self.parameters = self.parameters.saturating_sub(1),
        }
        (self.piece, self.left) = (Piece::Parameter, HEAD);
        self.parameters == 0
    }

    fn end(&mut self) -> Result<Message, MessageError> {
        let (limit, held, too_long) = (self.limit, core::mem::take(&mut self.held), self.too_long);
        (self.piece, self.left, self.too_long) = (Piece::Message, HEAD, false);
        self.head = [0; HEAD];
        if too_long { Err(MessageError::TooLong { limit }) } else { Message::decode(&held) }
    }
}
