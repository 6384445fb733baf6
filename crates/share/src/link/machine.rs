//! The machine.

use alloc::boxed::Box;
use core::convert::Infallible;
use core::{fmt, mem};

use polysim_base::{Duration, Instant, Machine, Out};
use polysim_noise::TAG_LEN;

use super::frame::Frames;
use super::greeting::{Greeting, Heard, Met};
use super::noise::GREETING_LEN_MAX;
use super::outputs::Outputs;
use super::session::Session;
use super::{
    InvalidLink, LinkConfig, LinkEnd, LinkEvent, LinkInput, LinkOutput, LinkTimer, MESSAGE_LEN_MAX,
    packet,
};

/// Octets of a frame of a session that is up, at most.
const FRAME_LEN_MAX: usize = MESSAGE_LEN_MAX + packet::TAG_LEN + TAG_LEN;

/// One end of one session over one stream of octets.
///
/// It begins with [`LinkInput::Start`], and has ended for good with [`LinkEvent::Down`]: the next session
/// is another `Link`, with octets from its own randomness. Keys are overwritten when it ends.
pub struct Link {
    state: State,
    hold: Duration,
    frames: Frames,
    outputs: Outputs,
}

enum State {
    New(Box<LinkConfig>),
    Greeting(Box<Greeting>),
    Session(Box<Session>),
    Down,
}

impl Link {
    /// Returns a link that waits for its stream.
    ///
    /// # Errors
    /// [`InvalidLink`].
    pub fn new(config: LinkConfig) -> Result<Self, InvalidLink> {
        let hold = config.hold()?;
        let (frames, outputs) = (Frames::default(), Outputs::default());
        let state = State::New(Box::new(config));
        Ok(Self { state, hold, frames, outputs })
    }

    /// Returns when the session is over for this end, unless it hears the other one before; `None` where it
    /// is not up. Whoever finds the clock there need not wait to be told: what was received before is
    /// not to be acted upon any more.
    #[must_use]
    pub fn over_at(&self) -> Option<Instant> {
        match &self.state {
            State::Session(session) => session.over_at(),
            State::New(_) | State::Greeting(_) | State::Down => None,
        }
    }

    fn input(&mut self, now: Instant, input: LinkInput) -> Result<(), LinkEnd> {
        match input {
            LinkInput::Start => self.start(now),
            LinkInput::Octets(octets) => {
                self.start(now)?;
                self.octets(now, &octets)
            }
            LinkInput::Send(message) => match &mut self.state {
                State::Session(session) => session.send(message, &mut self.outputs),
                State::New(_) | State::Greeting(_) | State::Down => Ok(()),
            },
            LinkInput::Compared(equal) => match &mut self.state {
                State::Session(session) => session.compared(equal, &mut self.outputs),
                State::New(_) | State::Greeting(_) | State::Down => Ok(()),
            },
            LinkInput::Close => match self.state {
                State::New(_) | State::Greeting(_) | State::Session(_) => Err(LinkEnd::Closed),
                State::Down => Ok(()),
            },
        }
    }

    /// Starts, unless it has.
    fn start(&mut self, now: Instant) -> Result<(), LinkEnd> {
        match mem::replace(&mut self.state, State::Down) {
            State::New(config) => {
                let (greeting, first) = Greeting::new(*config, now)?;
                self.state = State::Greeting(Box::new(greeting));
                first.map_or(Ok(()), |first| self.outputs.frame(&first))
            }
            started @ (State::Greeting(_) | State::Session(_) | State::Down) => {
                self.state = started;
                Ok(())
            }
        }
    }

    fn octets(&mut self, now: Instant, mut octets: &[u8]) -> Result<(), LinkEnd> {
        loop {
            let limit = match &self.state {
                State::Session(session) if session.is_up() => FRAME_LEN_MAX,
                State::New(_) | State::Greeting(_) | State::Session(_) => GREETING_LEN_MAX,
                State::Down => return Ok(()),
            };
            let Some(frame) = self.frames.take(&mut octets, limit)? else { return Ok(()) };
            self.frame(now, &frame)?;
        }
    }

    fn frame(&mut self, now: Instant, frame: &[u8]) -> Result<(), LinkEnd> {
        if let State::Session(session) = &mut self.state {
            return session.hear(now, frame, &mut self.outputs);
        }
        let State::Greeting(greeting) = mem::replace(&mut self.state, State::Down) else {
            return Ok(());
        };
        match greeting.hear(now, frame)? {
            Heard::Answer(greeting, answer) => {
                self.state = State::Greeting(greeting);
                self.outputs.frame(&answer)
            }
            Heard::Met(met) => self.meet(now, *met),
        }
    }

    fn meet(&mut self, now: Instant, mut met: Met) -> Result<(), LinkEnd> {
        let last = met.last.take();
        let mut session = Box::new(Session::new(met, self.hold));
        let settled = match last {
            Some(last) => self.outputs.frame(&last),
            None => session.receive_initiator(now, &mut self.outputs),
        };
        self.state = State::Session(session);
        settled
    }

    fn expire(&mut self, now: Instant) -> Result<(), LinkEnd> {
        match &mut self.state {
            State::Greeting(greeting) if now >= greeting.until => Err(LinkEnd::HandshakeTimeout),
            State::Session(session) => session.expire(now, &mut self.outputs),
            State::New(_) | State::Greeting(_) | State::Down => Ok(()),
        }
    }

    /// Ends it, where something has led to its end.
    fn settle(&mut self, result: Result<(), LinkEnd>) {
        let Err(end) = result else { return };
        if let State::Session(session) = &mut self.state {
            session.farewell(end, &mut self.outputs);
        }
        self.state = State::Down;
        self.frames = Frames::default();
        self.outputs.tell(LinkEvent::Down(end));
    }
}

impl Machine for Link {
    type Input = LinkInput;
    type Output = LinkOutput;
    type Record = Infallible;
    type Timer = LinkTimer;

    /// What comes when the session should be down already is not heard any more.
    fn handle(&mut self, now: Instant, input: LinkInput) {
        self.handle_timeout(now);
        let result = self.input(now, input);
        self.settle(result);
    }

    fn handle_timeout(&mut self, now: Instant) {
        let result = self.expire(now);
        self.settle(result);
    }

    fn poll_output(&mut self) -> Option<Out<Infallible, LinkOutput>> {
        self.outputs.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, LinkTimer)> {
        match &self.state {
            State::Greeting(greeting) => Some((greeting.until, LinkTimer::Handshake)),
            State::Session(session) => Some(session.deadline()),
            State::New(_) | State::Down => None,
        }
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::New(_) => "New",
            State::Greeting(_) => "Greeting",
            State::Session(session) if session.is_up() => "Up",
            State::Session(_) => "Meeting",
            State::Down => "Down",
        };
        f.debug_struct("Link").field("state", &state).finish_non_exhaustive()
    }
}
