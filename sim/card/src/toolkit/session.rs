//! The toolkit session of a card: what waits, what is offered, what is out (TS 102.223, 6.1).

use std::collections::VecDeque;

use polysim_base::tlv::ComprehensionReader;
use polysim_cat::{
    Command, CommandDetails, Feature, GeneralResult, ProactiveCommand, TerminalProfile,
    TerminalResponse, TooLong, tag,
};

/// Most proactive commands that wait, one each of the applet and the agent aside.
pub const PROACTIVE_QUEUE_MAX: usize = 16;
/// The highest number of a command (TS 102.223, 8.6).
const NUMBER_MAX: u8 = 254;

/// Who asked for a command, and is told what became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    /// Whoever drives the card from outside.
    Outside,
    /// Remote management: the messages with its proofs.
    Remote,
    /// The applet.
    Applet,
    /// The eUICC itself: REFRESH after another profile was enabled.
    Euicc,
    /// The agent at the level of the operating system.
    Agent,
}

/// Why a command that waited was not sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotSent {
    /// The terminal cannot do it.
    #[error("the terminal profile does not have {0:?}, which the command needs")]
    NotAllowed(Feature),
    /// One FETCH cannot bring it.
    #[error(transparent)]
    TooLong(TooLong),
}

/// A command that was dropped instead of sent.
pub(super) struct Dropped {
    pub(super) owner: Owner,
    pub(super) command: Command,
    pub(super) reason: NotSent,
}

/// A response that fits the command that was out.
pub(super) struct Answered {
    pub(super) owner: Owner,
    pub(super) response: TerminalResponse,
    /// Whether the terminal said it in a way that can be read.
    pub(super) readable: bool,
}

/// See the module. At most one command is offered or out at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    profile: Option<TerminalProfile>,
    waiting: VecDeque<(Owner, ProactiveCommand)>,
    stage: Stage,
    /// The number of the last command.
    number: u8,
}

/// Where the command of the moment stands.
#[derive(Clone, Debug, Default)]
enum Stage {
    /// There is none.
    #[default]
    Idle,
    /// The terminal is told to fetch it.
    Offered { owner: Owner, details: CommandDetails, octets: Box<[u8]> },
    /// It was fetched and is not answered yet.
    Out { owner: Owner, details: CommandDetails },
}

impl Session {
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= PROACTIVE_QUEUE_MAX
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && matches!(self.stage, Stage::Idle)
    }

    pub(super) fn set_profile(&mut self, profile: TerminalProfile) {
        self.profile = Some(profile);
    }

    /// Returns whether something of this owner waits.
    pub(super) fn has_waiting(&self, owner: Owner) -> bool {
        self.waiting.iter().any(|(other, _)| *other == owner)
    }

    /// Returns whether there was room. There always is for one command of the applet or the
    /// agent, which would take a refusal for the terminal's.
    pub(super) fn queue(&mut self, owner: Owner, command: ProactiveCommand) -> bool {
        let own = matches!(owner, Owner::Applet | Owner::Agent) && !self.has_waiting(owner);
        let room = !self.is_full() || own;
        if room {
            self.waiting.push_back((owner, command));
        }
        room
    }

    /// Offers what waits first if nothing is offered or out. Call it until it returns nothing: what
    /// cannot be sent comes back.
    ///
    /// A session that has not heard the profile, as its card kept none, sends everything.
    pub(super) fn advance(&mut self) -> Option<Dropped> {
        if !matches!(self.stage, Stage::Idle) {
            return None;
        }
        let (owner, mut command) = self.waiting.pop_front()?;
        let allowed = self.profile.as_ref().map_or(Ok(()), |known| known.allows(&command.command));
        if let Err(missing) = allowed {
            let reason = NotSent::NotAllowed(missing);
            return Some(Dropped { owner, command: command.command, reason });
        }
        command.number = if self.number >= NUMBER_MAX { 1 } else { self.number + 1 };
        match command.encode() {
            Ok(octets) => {
                self.number = command.number;
                let (details, octets) = (command.details(), octets.into());
                self.stage = Stage::Offered { owner, details, octets };
                None
            }
            Err(error) => {
                let reason = NotSent::TooLong(error);
                Some(Dropped { owner, command: command.command, reason })
            }
        }
    }

    /// Returns whether the terminal has said that it can do something.
    pub(super) fn can(&self, feature: Feature) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.supports(feature))
    }

    /// Returns the command to fetch.
    #[inline]
    pub(super) fn offered(&self) -> Option<&[u8]> {
        match &self.stage {
            Stage::Offered { octets, .. } => Some(octets),
            Stage::Idle | Stage::Out { .. } => None,
        }
    }

    /// Gives the command offered out.
    pub(super) fn fetch(&mut self) -> Option<Box<[u8]>> {
        match std::mem::take(&mut self.stage) {
            Stage::Offered { owner, details, octets } => {
                self.stage = Stage::Out { owner, details };
                Some(octets)
            }
            other @ (Stage::Idle | Stage::Out { .. }) => {
                self.stage = other;
                None
            }
        }
    }

    /// Returns whether a command is out.
    pub(super) const fn is_out(&self) -> bool {
        matches!(self.stage, Stage::Out { .. })
    }

    /// Ends the command that is out, if the response is to it. One that cannot be read further ends
    /// it too, or the session would stand still for ever.
    pub(super) fn answer(&mut self, octets: &[u8]) -> Option<Answered> {
        let Stage::Out { owner, details } = self.stage else {
            return None;
        };
        let answered = ComprehensionReader::new(octets).find(tag::COMMAND_DETAILS.number());
        let sent = [details.number, details.command_type, details.qualifier];
        if answered.ok()?? != sent {
            return None;
        }
        self.stage = Stage::Idle;
        Some(match TerminalResponse::decode(octets) {
            Ok(response) => Answered { owner, response, readable: true },
            Err(_) => {
                let response = TerminalResponse::new(details, GeneralResult::DataNotUnderstood);
                Answered { owner, response, readable: false }
            }
        })
    }
}
