//! A function of ES10 over a channel of the modem: STORE DATA by STORE DATA (SGP.22, 5.7.2).

use polysim_lpa::AskNumber;
use polysim_lpa::transport::{CardError, Refusal};

/// Octets in one STORE DATA.
const BLOCK: usize = 250;
/// Octets of an answer, at most.
const ANSWER_MAX: usize = 1 << 16;
/// More blocks follow, and the last one (P1 of STORE DATA).
const MORE: u8 = 0x11;
const LAST: u8 = 0x91;

/// A function under way.
#[derive(Debug)]
pub(super) struct Es10 {
    pub(super) number: AskNumber,
    blocks: Vec<Vec<u8>>,
    /// How many blocks the card has.
    sent: usize,
    answer: Vec<u8>,
    /// The card has more to say.
    more: Option<u8>,
}

/// What comes of a function.
pub(super) type Answered = Result<Vec<u8>, CardError>;

impl Es10 {
    pub(super) fn new(number: AskNumber, function: &[u8]) -> Self {
        let count = function.chunks(BLOCK).count();
        let block = |(at, data): (usize, &[u8])| {
            let p1 = if at + 1 == count { LAST } else { MORE };
            let p2 = u8::try_from(at).unwrap_or(u8::MAX);
            let len = u8::try_from(data.len()).unwrap_or(u8::MAX);
            [&[0x80, 0xE2, p1, p2, len], data].concat()
        };
        let blocks = function.chunks(BLOCK).enumerate().map(block).collect();
        Self { number, blocks, sent: 0, answer: Vec::new(), more: None }
    }

    /// Returns the next command, if there is one.
    pub(super) fn next(&self) -> Option<Vec<u8>> {
        match self.more {
            Some(len) => Some(vec![0x80, 0xC0, 0x00, 0x00, len]),
            None => self.blocks.get(self.sent).cloned(),
        }
    }

    /// The card has answered a command; returns what comes of the function, once that is known.
    pub(super) fn hears(&mut self, response: &[u8]) -> Option<Answered> {
        let Some((data, status)) = response.split_last_chunk::<2>() else {
            return Some(Err(CardError::NoAnswer));
        };
        if self.more.is_none() {
            self.sent += 1;
        }
        self.answer.extend_from_slice(data);
        if self.answer.len() > ANSWER_MAX {
            return Some(Err(CardError::Endless { limit: ANSWER_MAX }));
        }
        match *status {
            [0x61, len] => {
                self.more = Some(len);
                None
            }
            // 91xx: done, and the card has something for the terminal.
            [0x90 | 0x91, _] if self.sent < self.blocks.len() => None,
            [0x90 | 0x91, _] => Some(Ok(core::mem::take(&mut self.answer))),
            other => Some(Err(CardError::Refused(Refusal(u16::from_be_bytes(other))))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_goes_in_blocks_and_its_answer_comes_in_parts() {
        let mut es10 = Es10::new(AskNumber(1), &[0xAB; 300]);
        let first = es10.next().unwrap();
        assert_eq!(first[..5], [0x80, 0xE2, 0x11, 0x00, 250]);
        assert_eq!(es10.hears(&[0x90, 0x00]), None);
        let second = es10.next().unwrap();
        assert_eq!(second[..5], [0x80, 0xE2, 0x91, 0x01, 50]);
        assert_eq!(es10.hears(&[0x61, 0x02]), None);
        assert_eq!(es10.next().unwrap(), [0x80, 0xC0, 0x00, 0x00, 0x02]);
        assert_eq!(es10.hears(&[0x01, 0x02, 0x90, 0x00]), Some(Ok(vec![0x01, 0x02])));
    }

    #[test]
    fn a_refusal_ends_it() {
        let mut es10 = Es10::new(AskNumber(1), &[0xAB]);
        let refused = Err(CardError::Refused(Refusal(0x6985)));
        assert_eq!(es10.hears(&[0x69, 0x85]), Some(refused));
    }
}
