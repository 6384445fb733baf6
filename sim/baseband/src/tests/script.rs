//! A toolkit that tests put in front of a card.

use polysim_cat::{Command, CommandDetails, Envelope, ProactiveCommand, TerminalResponse};
use std::collections::{BTreeMap, VecDeque};

/// What the card asks, what it answers, and what it was told.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// The card speaks for itself.
    pub(super) absent: bool,
    /// Commands that it wants to send, one at a time.
    pub(super) queue: VecDeque<Vec<u8>>,
    /// Whether one was fetched and not answered.
    pub(super) open: bool,
    pub(super) profiles: Vec<Vec<u8>>,
    pub(super) responses: Vec<Vec<u8>>,
    pub(super) envelopes: Vec<Vec<u8>>,
    /// How often it was polled by STATUS.
    pub(super) polls: usize,
    /// Resets that were warm.
    pub(super) resets: usize,
    /// Answers to ENVELOPE, done if there is none.
    pub(super) answers: VecDeque<Vec<u8>>,
    /// What GET RESPONSE brings.
    pub(super) more: Option<Vec<u8>>,
    /// Contents of files by their short identifier, in place of the card's.
    pub(super) files: BTreeMap<u8, Vec<u8>>,
    /// What was written to files, by the command.
    pub(super) written: Vec<Vec<u8>>,
    /// Every command is answered by the offer of the same one.
    pub(super) endless: bool,
}

const DONE: [u8; 2] = [0x90, 0x00];

impl Script {
    pub(super) fn push(&mut self, number: u8, command: impl Into<Command>) {
        let octets = ProactiveCommand::new(number, command).encode().unwrap();
        self.queue.push_back(octets);
    }

    /// Answers what is of the toolkit.
    pub(super) fn answer(&mut self, apdu: &[u8]) -> Option<Vec<u8>> {
        if self.absent {
            return None;
        }
        let data = apdu.get(5..).unwrap_or_default().to_vec();
        Some(match apdu {
            [0x80, 0x10, ..] => {
                self.profiles.push(data);
                DONE.to_vec()
            }
            [0x80, 0x12, ..] => {
                assert!(!self.open, "fetched twice");
                self.open = true;
                let mut command = self.queue.pop_front().unwrap();
                if self.endless {
                    self.queue.push_back(command.clone());
                }
                command.extend(DONE);
                command
            }
            [0x80, 0x14, ..] => {
                assert!(core::mem::take(&mut self.open), "answered twice");
                self.responses.push(data);
                DONE.to_vec()
            }
            [0x80, 0xC2, _, _, length, ..] => {
                self.envelopes.push(data[..usize::from(*length)].to_vec());
                self.answers.pop_front().unwrap_or_else(|| DONE.to_vec())
            }
            [0x80, 0xF2, 0x00, 0x0C, 0x00] => {
                self.polls += 1;
                DONE.to_vec()
            }
            [0x00, 0xC0, ..] if self.more.is_some() => {
                let mut more = self.more.take().unwrap();
                more.extend(DONE);
                more
            }
            [0x00, 0xB0, sfi, ..] if self.files.contains_key(&(sfi & 0x1F)) && sfi & 0x80 != 0 => {
                let mut contents = self.files[&(sfi & 0x1F)].clone();
                contents.extend(DONE);
                contents
            }
            [0x00, 0xD6, ..] => {
                self.written.push(apdu.to_vec());
                return None;
            }
            _ => return None,
        })
    }

    /// Offers the next command with an answer, if it may.
    pub(super) fn offering(&self, mut answer: Vec<u8>) -> Vec<u8> {
        if let (Some(next), false, true) = (self.queue.front(), self.open, answer.ends_with(&DONE))
        {
            let at = answer.len() - 2;
            answer.truncate(at);
            answer.extend([0x91, u8::try_from(next.len()).unwrap()]);
        }
        answer
    }

    /// The responses since the last time.
    pub(super) fn responded(&mut self) -> Vec<TerminalResponse> {
        let responses = core::mem::take(&mut self.responses);
        responses.iter().map(|octets| TerminalResponse::decode(octets).unwrap()).collect()
    }

    /// The envelopes since the last time.
    pub(super) fn told(&mut self) -> Vec<Envelope> {
        let envelopes = core::mem::take(&mut self.envelopes);
        envelopes.iter().map(|octets| Envelope::decode(octets).unwrap()).collect()
    }

    /// Details of a command that it sent.
    pub(super) fn details(command: &[u8]) -> CommandDetails {
        CommandDetails::find(command).unwrap()
    }
}
