//! The frame of the card application toolkit: what waits for FETCH, what the terminal said
//! (TS 102.223, 6; TS 102.221, 7.4.2 and 11.2). The commands themselves are made elsewhere.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use polysim_apdu::{Le, Status};
use polysim_base::tlv::{Ber, ComprehensionReader};

use crate::card::{Answer, Card};

/// Longest proactive command: what one FETCH can bring (TS 102.221, 7.4.2.1).
pub const PROACTIVE_LEN_MAX: usize = 255;
/// Most proactive commands that wait.
pub const PROACTIVE_QUEUE_MAX: usize = 16;
/// Most events that wait to be taken; the card answers `9300` until some are.
pub const TOOLKIT_EVENTS_MAX: usize = 16;

/// Tag of a proactive command (TS 101.220, table 7.17).
const PROACTIVE_TAG: u32 = 0xD0;
/// Tag of the command details (TS 102.223, 8.6).
const COMMAND_DETAILS: u16 = 0x01;

/// Why a proactive command is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolkitError {
    /// No data object `D0` with command details, or bytes behind it.
    #[error("a proactive command is one data object D0 with command details")]
    Malformed,
    /// Longer than one FETCH can bring.
    #[error("a proactive command of {len} bytes, {limit} is the limit")]
    TooLong {
        /// Bytes given.
        len: usize,
        /// The limit.
        limit: usize,
    },
    /// Too many wait already.
    #[error("{limit} proactive commands wait already")]
    Full {
        /// The limit.
        limit: usize,
    },
}

/// What the terminal told the toolkit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToolkitEvent {
    /// TERMINAL PROFILE: what the terminal can do, one bit each.
    Profile(Vec<u8>),
    /// TERMINAL RESPONSE to the command fetched.
    Response(Vec<u8>),
    /// ENVELOPE.
    Envelope(Vec<u8>),
}

/// The toolkit of a card that has one at work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toolkit {
    /// Commands not fetched yet.
    waiting: VecDeque<Box<[u8]>>,
    /// The command details of the command fetched and not answered yet.
    outstanding: Option<[u8; 3]>,
    listening: bool,
    events: VecDeque<ToolkitEvent>,
}

impl Toolkit {
    /// Returns the length for `91xx` if a command can be fetched now: one at a time.
    fn pending(&self) -> Option<u8> {
        if self.outstanding.is_some() {
            return None;
        }
        self.waiting.front().and_then(|command| u8::try_from(command.len()).ok())
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
            && self.outstanding.is_none()
            && !self.listening
            && self.events.is_empty()
    }

    /// A reset ends the session: what was fetched is forgotten, what waits is dropped.
    pub(crate) fn reset(&mut self) {
        self.waiting.clear();
        self.outstanding = None;
    }

    fn tell(&mut self, event: ToolkitEvent) -> Answer {
        if !self.listening {
            return Ok(Status::Success);
        }
        if self.events.len() == TOOLKIT_EVENTS_MAX {
            return Err(Status::ToolkitBusy);
        }
        self.events.push_back(event);
        Ok(Status::Success)
    }
}

/// Returns the value of the command details.
fn details(objects: &[u8]) -> Option<[u8; 3]> {
    let value = ComprehensionReader::new(objects).find(COMMAND_DETAILS).ok()??;
    value.try_into().ok()
}

impl Card {
    /// Queues a proactive command, a whole data object `D0`. It is offered by `91xx` as soon as
    /// the terminal has sent TERMINAL PROFILE and no other is outstanding.
    ///
    /// # Errors
    /// [`ToolkitError`]; nothing is queued then.
    pub fn push_proactive(&mut self, command: Vec<u8>) -> Result<(), ToolkitError> {
        if command.len() > PROACTIVE_LEN_MAX {
            return Err(ToolkitError::TooLong { len: command.len(), limit: PROACTIVE_LEN_MAX });
        }
        let whole = Ber::read(&command).ok().filter(|(object, rest)| {
            object.tag == PROACTIVE_TAG && rest.is_empty() && details(object.value).is_some()
        });
        if whole.is_none() {
            return Err(ToolkitError::Malformed);
        }
        let toolkit = self.toolkit_mut();
        if toolkit.waiting.len() == PROACTIVE_QUEUE_MAX {
            return Err(ToolkitError::Full { limit: PROACTIVE_QUEUE_MAX });
        }
        toolkit.waiting.push_back(command.into());
        Ok(())
    }

    /// Chooses whether what the terminal tells is kept for [`Card::take_toolkit_event`].
    pub fn listen_toolkit(&mut self, listen: bool) {
        let toolkit = self.toolkit_mut();
        toolkit.listening = listen;
        if !listen {
            toolkit.events.clear();
        }
        self.tidy();
    }

    /// Takes what the terminal told first, if anything.
    pub fn take_toolkit_event(&mut self) -> Option<ToolkitEvent> {
        let event = self.rare.as_mut()?.toolkit.as_mut()?.events.pop_front();
        self.tidy();
        event
    }

    /// Returns the length of the proactive command that the terminal is to fetch now.
    #[inline]
    pub(crate) fn proactive_pending(&self) -> Option<u8> {
        if !self.terminal_profile_seen {
            return None;
        }
        self.rare.as_ref()?.toolkit.as_ref()?.pending()
    }

    /// TERMINAL PROFILE.
    pub(crate) fn terminal_profile(&mut self, profile: &[u8]) -> Answer {
        self.terminal_profile_seen = true;
        self.tell(|| ToolkitEvent::Profile(profile.to_vec()))
    }

    /// ENVELOPE.
    pub(crate) fn envelope(&mut self, envelope: &[u8]) -> Answer {
        self.tell(|| ToolkitEvent::Envelope(envelope.to_vec()))
    }

    /// FETCH. Nothing to fetch is `6985`.
    pub(crate) fn fetch(&mut self, length: Le, out: &mut Vec<u8>) -> Answer {
        let pending = self.proactive_pending().ok_or(Status::ConditionsNotSatisfied)?;
        if length != Le::ANY && length.bytes() != usize::from(pending) {
            return Err(Status::WrongLe(pending));
        }
        let toolkit = self.toolkit_mut();
        let command = toolkit.waiting.pop_front().ok_or(Status::ConditionsNotSatisfied)?;
        toolkit.outstanding =
            Ber::read(&command).ok().and_then(|(object, _)| details(object.value));
        out.extend_from_slice(&command);
        Ok(Status::Success)
    }

    /// TERMINAL RESPONSE. It must be for the command fetched (TS 102.223, 6.8.0).
    pub(crate) fn terminal_response(&mut self, response: &[u8]) -> Answer {
        let outstanding = self.rare.as_ref().and_then(|rare| rare.toolkit.as_ref()?.outstanding);
        let Some(outstanding) = outstanding else {
            return Err(Status::ConditionsNotSatisfied);
        };
        if details(response) != Some(outstanding) {
            return Err(Status::IncorrectData);
        }
        let answer = self.tell(|| ToolkitEvent::Response(response.to_vec()))?;
        self.toolkit_mut().outstanding = None;
        Ok(answer)
    }

    fn tell(&mut self, event: impl FnOnce() -> ToolkitEvent) -> Answer {
        match self.rare.as_mut().and_then(|rare| rare.toolkit.as_mut()) {
            Some(toolkit) if toolkit.listening => toolkit.tell(event()),
            Some(_) | None => Ok(Status::Success),
        }
    }

    fn toolkit_mut(&mut self) -> &mut Toolkit {
        self.rare.get_or_insert_default().toolkit.get_or_insert_default()
    }
}
