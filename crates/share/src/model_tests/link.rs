//! A link, as bad as the contract of the crate allows.
//!
//! What was said in a session can be heard at any time while the session is up at the hearing end, in any
//! order, and any number of times: so a message is lost (never heard), late, overtaken or doubled without
//! any further rule. Each end is told by itself that a session is up and that it is down.

use super::fingerprint::fingerprint;
use crate::wire::{ToMaster, ToSlave};
use core::hash::{Hash, Hasher};
use std::rc::Rc;
use std::vec::Vec;

/// At most so many sessions, of which all but the last are ending.
const SESSIONS_MAX: usize = 2;
/// More different messages than a session ever needs: beyond that somebody says new things for ever.
const MAIL_MAX: usize = 64;

/// One end of a link.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Side {
    Master,
    Slave,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Master, Self::Slave];

    const fn other(self) -> Self {
        match self {
            Self::Master => Self::Slave,
            Self::Slave => Self::Master,
        }
    }
}

/// What one end knows of a session.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum End {
    /// It was not told yet that it is up.
    Before,
    Up,
    Over,
}

/// What was said, without doubles.
#[derive(Clone, Debug)]
pub(super) struct Mail<M>(Vec<(u64, Rc<M>)>);

impl<M: Hash> Mail<M> {
    fn add(&mut self, message: M) {
        let key = fingerprint(&message);
        if let Err(place) = self.0.binary_search_by_key(&key, |(key, _)| *key) {
            self.0.insert(place, (key, Rc::new(message)));
            assert!(self.0.len() < MAIL_MAX, "new messages for ever");
        }
    }
}

impl<M> Hash for Mail<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.len().hash(state);
        for (key, _) in &self.0 {
            state.write(&key.to_ne_bytes());
        }
    }
}

/// One session of a link.
#[derive(Clone, Debug, Hash)]
pub(super) struct Session {
    ends: [End; 2],
    /// After how many ticks the end that was not told yet is told that it is down.
    ends_in: Option<u64>,
    to_slave: Mail<ToSlave>,
    to_master: Mail<ToMaster>,
}

impl Session {
    const NEW: Self = Self {
        ends: [End::Before; 2],
        ends_in: None,
        to_slave: Mail(Vec::new()),
        to_master: Mail(Vec::new()),
    };

    pub(super) const fn end(&self, side: Side) -> End {
        self.ends[side as usize]
    }

    fn is_over(&self) -> bool {
        self.ends == [End::Over; 2]
    }
}

/// The link between the master and a slave.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Link {
    sessions: Vec<Session>,
}

impl Link {
    pub(super) fn up(&self, side: Side) -> Option<&Session> {
        self.sessions.iter().find(|session| session.end(side) == End::Up)
    }

    /// Whether there is one session, up at both ends.
    pub(super) fn is_whole(&self) -> bool {
        self.sessions.len() == 1 && Side::BOTH.into_iter().all(|side| self.up(side).is_some())
    }

    /// Whether that end is up and the session is not ending.
    pub(super) fn is_sound(&self, side: Side) -> bool {
        self.up(side).is_some_and(|session| session.ends_in.is_none())
    }

    /// Whether an end may be told that a session is up: `None` if not, else whether that is a new one.
    pub(super) fn may_come_up(&self, side: Side) -> Option<bool> {
        if self.up(side).is_some() {
            return None;
        }
        match self.sessions.last() {
            Some(newest) if newest.end(side) == End::Before => Some(false),
            Some(_) | None => (self.sessions.len() < SESSIONS_MAX).then_some(true),
        }
    }

    pub(super) fn come_up(&mut self, side: Side) {
        if self.may_come_up(side) == Some(true) {
            self.sessions.push(Session::NEW);
        }
        if let Some((newest, old)) = self.sessions.split_last_mut() {
            newest.ends[side as usize] = End::Up;
            old.iter_mut().for_each(|session| session.ends[side as usize] = End::Over);
        }
        self.sessions.retain(|session| !session.is_over());
    }

    /// One end is told that its session is down; the other will be, after `supervision` at the latest.
    pub(super) fn go_down(&mut self, side: Side, supervision: u64) {
        for session in &mut self.sessions {
            if session.end(side) == End::Up {
                session.end_at(side, supervision);
            }
        }
        self.sessions.retain(|session| !session.is_over());
    }

    /// One end is no more, and knows nothing of any session.
    pub(super) fn die(&mut self, side: Side, supervision: u64) {
        for session in &mut self.sessions {
            if session.end(side) != End::Over {
                session.end_at(side, supervision);
            }
        }
        self.sessions.retain(|session| !session.is_over());
    }

    /// A tick passes; returns the ends that are told now that their session is down.
    pub(super) fn elapse(&mut self) -> Vec<Side> {
        let mut due = Vec::new();
        for session in &mut self.sessions {
            session.ends_in = session.ends_in.map(|ticks| ticks.saturating_sub(1));
            if session.ends_in == Some(0) {
                let up = |side: &Side| session.end(*side) == End::Up;
                due.extend(Side::BOTH.into_iter().filter(up));
                for end in &mut session.ends {
                    *end = if *end == End::Before { End::Over } else { *end };
                }
            }
        }
        self.sessions.retain(|session| !session.is_over());
        due
    }

    pub(super) fn say_to_slave(&mut self, mut message: ToSlave) {
        // How long somebody may have to wait at most is for people: it would only tell states apart.
        if let ToSlave::Busy { for_at_most, .. } = &mut message {
            *for_at_most = None;
        }
        if let Some(session) = self.sessions.iter_mut().find(|s| s.end(Side::Master) == End::Up) {
            session.to_slave.add(message);
        }
    }

    pub(super) fn say_to_master(&mut self, message: ToMaster) {
        if let Some(session) = self.sessions.iter_mut().find(|s| s.end(Side::Slave) == End::Up) {
            session.to_master.add(message);
        }
    }

    pub(super) fn to_slave(&self) -> &[(u64, Rc<ToSlave>)] {
        self.up(Side::Slave).map_or(&[], |session| &session.to_slave.0)
    }

    pub(super) fn to_master(&self) -> &[(u64, Rc<ToMaster>)] {
        self.up(Side::Master).map_or(&[], |session| &session.to_master.0)
    }

    /// Takes out what is under way, to be heard once: no more faults.
    pub(super) fn take(&mut self) -> (Vec<Rc<ToSlave>>, Vec<Rc<ToMaster>>) {
        let (mut to_slave, mut to_master) = (Vec::new(), Vec::new());
        for session in &mut self.sessions {
            to_slave.extend(session.to_slave.0.drain(..).map(|(_, message)| message));
            to_master.extend(session.to_master.0.drain(..).map(|(_, message)| message));
        }
        (to_slave, to_master)
    }
}

impl Session {
    fn end_at(&mut self, side: Side, supervision: u64) {
        self.ends[side as usize] = End::Over;
        if self.end(side.other()) != End::Over {
            self.ends_in = Some(self.ends_in.unwrap_or(supervision));
        }
    }
}
