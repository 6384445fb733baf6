//! The session of the link, and what is said in it until it is answered.

use polysim_base::Instant;
use polysim_lease::Epoch;

use super::activity::Activity;
use super::{Slave, SlaveEvent, SlaveOutput};
use crate::wire::ToMaster;

/// The link to the master.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Session {
    Down,
    Up(Unanswered),
    /// It is up, and this slave was unpaired in it: whatever is late of the session is refused.
    Unpaired,
}

/// What the master has not answered yet. Nothing is said while the modem leaves.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Unanswered {
    pub(super) hello: Hello,
    /// A lease that was left in this session.
    pub(super) released: Option<Epoch>,
    /// When that is said again.
    retry: Option<Instant>,
}

/// Whether [`ToMaster::Hello`] is to be answered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Hello {
    Answered,
    Due,
    /// It says that the user wants the subscription no more. Until the master has noted that, what
    /// activates was on its way before.
    Declines,
}

impl Session {
    /// Returns when what was not answered is said again.
    pub(super) const fn retry(&self) -> Option<Instant> {
        match self {
            Self::Up(unanswered) => unanswered.retry,
            Self::Down | Self::Unpaired => None,
        }
    }
}

impl Slave {
    pub(super) fn up(&mut self, now: Instant) {
        self.down(now, now);
        let hello = Hello::Due;
        self.session = Session::Up(Unanswered { hello, released: None, retry: None });
        self.tell(SlaveEvent::Connected);
        self.say(now);
    }

    pub(super) fn down(&mut self, now: Instant, since: Instant) {
        if self.session == Session::Down {
            return;
        }
        self.session = Session::Down;
        self.tell(SlaveEvent::Lost);
        self.lost(now, since);
    }

    pub(super) fn serve_retry(&mut self, now: Instant) {
        if self.session.retry().is_some_and(|at| at <= now) {
            self.say(now);
        }
    }

    /// Says something to the master, if it can be reached.
    pub(super) fn send(&mut self, message: ToMaster) {
        match self.session {
            Session::Down => {}
            Session::Up(_) | Session::Unpaired => self.effect(SlaveOutput::Send(message)),
        }
    }

    /// Says what was not answered.
    pub(super) fn say(&mut self, now: Instant) {
        let is_leaving = self.activity.is_leaving();
        let Session::Up(unanswered) = &mut self.session else { return };
        let (hello, released) = (unanswered.hello, unanswered.released);
        let is_said = !is_leaving && (hello != Hello::Answered || released.is_some());
        unanswered.retry = is_said.then(|| now.plus(self.config.timing.retry));
        if !is_said {
            return;
        }
        if let Some(epoch) = released {
            let released = self.released(epoch);
            self.send(released);
        }
        if hello != Hello::Answered {
            self.send(ToMaster::Hello {
                holds: self.activity.lease(),
                newest: self.newest,
                wants: self.wants(),
                sequence: self.known_sequence(),
            });
        }
    }

    /// Says anew how things stand.
    pub(super) fn greet(&mut self, now: Instant, hello: Hello) {
        if let Session::Up(unanswered) = &mut self.session {
            unanswered.hello = hello;
            self.say(now);
        }
    }

    /// Says until it is noted that a lease was left.
    pub(super) fn release(&mut self, now: Instant, epoch: Epoch) {
        if let Session::Up(unanswered) = &mut self.session {
            unanswered.released = Some(epoch);
            self.say(now);
        }
    }

    pub(super) fn released(&self, epoch: Epoch) -> ToMaster {
        ToMaster::Released { epoch, sequence: self.known_sequence(), wants: self.wants() }
    }

    /// Returns whether the user has declined what activates now.
    pub(super) const fn declines(&self) -> bool {
        matches!(&self.session, Session::Up(Unanswered { hello: Hello::Declines, .. }))
    }

    /// Takes note that the master has answered how things stand.
    pub(super) fn answered(&mut self) {
        if let Session::Up(unanswered) = &mut self.session
            && unanswered.hello == Hello::Due
        {
            unanswered.hello = Hello::Answered;
        }
        self.settle();
    }

    /// Takes note that the master has granted a newer lease: it knows that the last one was left.
    pub(super) fn granted(&mut self) {
        if let Session::Up(unanswered) = &mut self.session {
            unanswered.released = None;
        }
        self.answered();
    }

    /// Takes note that the master has written down that a lease was left.
    pub(super) fn noted(&mut self, epoch: Epoch) {
        let is_answer = !self.wants() && self.activity == Activity::Idle;
        let Session::Up(unanswered) = &mut self.session else { return };
        if unanswered.released == Some(epoch) {
            // It may have said then that it wants the subscription again.
            unanswered.released = None;
        } else if is_answer {
            unanswered.hello = Hello::Answered;
        }
        self.settle();
    }

    fn settle(&mut self) {
        if let Session::Up(unanswered) = &mut self.session
            && unanswered.hello == Hello::Answered
            && unanswered.released.is_none()
        {
            unanswered.retry = None;
        }
    }
}
