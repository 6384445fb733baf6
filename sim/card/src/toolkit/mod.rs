//! The card application toolkit: commands go out one at a time, what the terminal says goes to
//! whom it concerns (TS 102.223, 6 and 7; TS 102.221, 7.4.2 and 11.2).

mod session;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use polysim_apdu::{Le, Status};
use polysim_cat::{
    Command, Envelope, Feature, Message, ProactiveCommand, TerminalProfile, TerminalResponse,
};
use polysim_issuance::applet::AppletInput;

pub(crate) use session::Owner;
use session::{Dropped, Session};
pub use session::{NotSent, PROACTIVE_QUEUE_MAX};

use crate::agent::Heard;
use crate::card::{Answer, Card};

/// Most events that wait to be taken; the card answers `9300` until some are.
pub const TOOLKIT_EVENTS_MAX: usize = 16;

/// Too many proactive commands wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{limit} proactive commands wait already; have the terminal fetch some")]
pub struct ToolkitFull {
    /// [`PROACTIVE_QUEUE_MAX`].
    pub limit: usize,
}

/// What the toolkit tells who listens from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToolkitEvent {
    /// TERMINAL PROFILE.
    Profile(TerminalProfile),
    /// TERMINAL RESPONSE to a command fetched, whoever gave it.
    Response(Box<TerminalResponse>),
    /// ENVELOPE.
    Envelope(Box<Envelope>),
    /// A command of [`Card::push_proactive`] was dropped, for it cannot be sent to this terminal.
    NotSent(Box<Command>, NotSent),
}

/// The toolkit of a card that has one at work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toolkit {
    session: Session,
    listening: bool,
    events: VecDeque<ToolkitEvent>,
}

impl Toolkit {
    pub(crate) fn is_idle(&self) -> bool {
        self.session.is_idle() && !self.listening && self.events.is_empty()
    }

    /// A reset ends the session: what was fetched is forgotten, what waits is dropped.
    pub(crate) fn reset(&mut self) {
        self.session = Session::default();
    }

    fn tell(&mut self, event: impl FnOnce() -> ToolkitEvent) -> Result<(), Status> {
        if !self.listening {
            return Ok(());
        }
        if self.events.len() >= TOOLKIT_EVENTS_MAX {
            return Err(Status::ToolkitBusy);
        }
        self.events.push_back(event());
        Ok(())
    }
}

impl Card {
    /// Queues a proactive command, as an applet of the card would. It is offered by `91xx` as soon as
    /// the terminal has sent TERMINAL PROFILE and no other is outstanding.
    ///
    /// A card with remote management or an applet keeps the profile and drops what the terminal
    /// cannot do ([`ToolkitEvent::NotSent`]). A plain card keeps it only while it is listened to,
    /// else it sends everything.
    ///
    /// # Errors
    /// [`ToolkitFull`]; the command is not queued then.
    pub fn push_proactive(&mut self, command: impl Into<Command>) -> Result<(), ToolkitFull> {
        let room = self.queue_command(Owner::Outside, ProactiveCommand::new(1, command));
        if room { Ok(()) } else { Err(ToolkitFull { limit: PROACTIVE_QUEUE_MAX }) }
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

    /// Takes what the toolkit told first, if anything.
    pub fn take_toolkit_event(&mut self) -> Option<ToolkitEvent> {
        let event = self.rare.as_mut()?.toolkit.as_mut()?.events.pop_front();
        self.tidy();
        event
    }

    /// Queues a command; returns whether there was room.
    pub(crate) fn queue_command(&mut self, owner: Owner, command: ProactiveCommand) -> bool {
        self.toolkit_mut().session.queue(owner, command)
    }

    /// Returns whether a command of this owner waits to be offered.
    pub(crate) fn has_waiting(&self, owner: Owner) -> bool {
        let toolkit = self.rare.as_ref().and_then(|rare| rare.toolkit.as_ref());
        toolkit.is_some_and(|toolkit| toolkit.session.has_waiting(owner))
    }

    /// Offers the next command if none is offered or out, and tells of those that cannot be sent.
    pub(crate) fn advance_toolkit(&mut self) {
        if !self.terminal_profile_seen {
            return;
        }
        while let Some(dropped) = self.toolkit().and_then(|toolkit| toolkit.session.advance()) {
            self.tell_dropped(dropped);
        }
    }

    fn tell_dropped(&mut self, dropped: Dropped) {
        match dropped.owner {
            Owner::Applet => self.tell_applet(|| AppletInput::NotAllowed),
            Owner::Agent => self.tell_agent(|| Heard::Response(None)),
            // The sender of the packet does without its proof, and the eUICC without its REFRESH.
            Owner::Remote | Owner::Euicc => {}
            Owner::Outside => {
                let event = ToolkitEvent::NotSent(Box::new(dropped.command), dropped.reason);
                // Who does not take the events loses those that cannot be put off.
                let _lost = self.toolkit().map(|toolkit| toolkit.tell(|| event));
            }
        }
    }

    /// Returns the length of the proactive command that the terminal is to fetch now.
    #[inline]
    pub(crate) fn proactive_pending(&self) -> Option<u8> {
        if !self.terminal_profile_seen {
            return None;
        }
        let octets = self.rare.as_ref()?.toolkit.as_ref()?.session.offered()?;
        u8::try_from(octets.len()).ok()
    }

    /// TERMINAL PROFILE.
    pub(crate) fn terminal_profile(&mut self, profile: &[u8]) -> Answer {
        if let Some(toolkit) = self.toolkit() {
            let profile = TerminalProfile::decode(profile).map_err(|_| Status::WrongLength)?;
            toolkit.tell(|| ToolkitEvent::Profile(profile.clone()))?;
            toolkit.session.set_profile(profile.clone());
            self.tell_agent(|| Heard::Profile(profile.clone()));
            self.tell_applet(|| AppletInput::Profile(profile));
        }
        self.terminal_profile_seen = true;
        Ok(Status::Success)
    }

    /// ENVELOPE. A card without anybody to tell it to passes over it.
    pub(crate) fn envelope(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Answer {
        let manages = self.takes_envelopes();
        let Some(toolkit) = self.toolkit().filter(|toolkit| toolkit.listening || manages) else {
            return Ok(Status::Success);
        };
        let envelope = Envelope::decode(octets).map_err(|_| Status::IncorrectData)?;
        if toolkit.session.is_full() {
            return Err(Status::ToolkitBusy);
        }
        toolkit.tell(|| ToolkitEvent::Envelope(Box::new(envelope.clone())))?;
        if let Message::SmsPpDownload(message) = &envelope.message
            && let Some(answer) = self.download(message, out)
        {
            return answer;
        }
        self.tell_agent(|| Heard::Envelope(Box::new(envelope.clone())));
        self.tell_applet(|| AppletInput::Envelope(Box::new(envelope)));
        Ok(Status::Success)
    }

    /// FETCH. Nothing to fetch is `6985`.
    pub(crate) fn fetch(&mut self, length: Le, out: &mut Vec<u8>) -> Answer {
        let pending = self.proactive_pending().ok_or(Status::ConditionsNotSatisfied)?;
        if length != Le::ANY && length.bytes() != usize::from(pending) {
            return Err(Status::WrongLe(pending));
        }
        let command = self.toolkit().and_then(|toolkit| toolkit.session.fetch());
        out.extend_from_slice(&command.ok_or(Status::ConditionsNotSatisfied)?);
        Ok(Status::Success)
    }

    /// TERMINAL RESPONSE. It must be for the command fetched (TS 102.223, 6.8.0).
    pub(crate) fn terminal_response(&mut self, octets: &[u8]) -> Answer {
        let toolkit = self.toolkit().filter(|toolkit| toolkit.session.is_out());
        let toolkit = toolkit.ok_or(Status::ConditionsNotSatisfied)?;
        if toolkit.listening && toolkit.events.len() >= TOOLKIT_EVENTS_MAX {
            return Err(Status::ToolkitBusy);
        }
        let answered = toolkit.session.answer(octets).ok_or(Status::IncorrectData)?;
        let response = Box::new(answered.response);
        toolkit.tell(|| ToolkitEvent::Response(response.clone()))?;
        let done = response.result.is_performed();
        match answered.owner {
            Owner::Applet => self.tell_applet(|| AppletInput::Response(response)),
            Owner::Agent => self.tell_agent(|| Heard::Response(Some(response))),
            Owner::Euicc if done => self.show_enabled_profile(),
            Owner::Remote | Owner::Outside | Owner::Euicc => {}
        }
        if answered.readable { Ok(Status::Success) } else { Err(Status::IncorrectData) }
    }

    /// Returns whether the terminal has said that it can do something.
    pub(crate) fn terminal_can(&self, feature: Feature) -> bool {
        let toolkit = self.rare.as_ref().and_then(|rare| rare.toolkit.as_ref());
        toolkit.is_some_and(|toolkit| toolkit.session.can(feature))
    }

    /// Returns whether the terminal has fetched a command and not answered it.
    pub(crate) fn has_command_out(&self) -> bool {
        let toolkit = self.rare.as_ref().and_then(|rare| rare.toolkit.as_ref());
        toolkit.is_some_and(|toolkit| toolkit.session.is_out())
    }

    fn toolkit(&mut self) -> Option<&mut Toolkit> {
        self.rare.as_mut()?.toolkit.as_deref_mut()
    }

    fn toolkit_mut(&mut self) -> &mut Toolkit {
        self.rare.get_or_insert_default().toolkit.get_or_insert_default()
    }
}
