//! The link between a slave and its master: who is in range, and what each end is told of it.

use super::message::{End, ShareMessage};
use super::system::{Ctx, Share};
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use polysim_base::{Duration, Instant, Purpose, Stream};
use polysim_kernel::Transit;
use polysim_share::master::MasterInput;
use polysim_share::sap::ClientInput;
use polysim_share::slave::SlaveInput;
use polysim_share::wire::{ToMaster, ToSlave};

/// How long two devices in range take to find and to authenticate each other.
const CONNECT_MIN: Duration = Duration::from_millis(200);
const CONNECT_MAX: Duration = Duration::from_millis(1_000);
/// How often octets of a card are sent at most.
const TRIES_MAX: u32 = 8;
/// Streams of links are derived from numbers beyond those of all other things.
const LINK_ENTITY: u64 = 14 << 40;

/// A link, in sessions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tie {
    /// The number of the newest session.
    session: u32,
    state: State,
    /// When the last octets of a card arrive, at the master and at the slave.
    last: (Instant, Instant),
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    /// There is none.
    #[default]
    Apart,
    /// Both ends look for each other.
    Opening,
    /// Both ends have it.
    Whole,
    /// It is broken, and these ends have not been told so.
    Broken { master: bool, slave: bool },
}

impl Tie {
    /// Returns whether an end takes itself to be in that session.
    pub(crate) fn hears(&self, end: End, session: u32) -> bool {
        self.session == session && self.is_up(end)
    }

    /// Returns whether an end takes itself to be linked.
    pub(crate) fn is_up(&self, end: End) -> bool {
        match (self.state, end) {
            (State::Apart | State::Opening, _) => false,
            (State::Whole, _) => true,
            (State::Broken { master, .. }, End::Master) => master,
            (State::Broken { slave, .. }, End::Slave) => slave,
        }
    }

    /// An end was told that it is down, or hears nothing any more.
    fn lose(&mut self, end: End) {
        let (mut master, mut slave) = (self.is_up(End::Master), self.is_up(End::Slave));
        match end {
            End::Master => master = false,
            End::Slave => slave = false,
        }
        self.state = if master || slave { State::Broken { master, slave } } else { State::Apart };
    }
}

impl Share {
    /// Returns whether two devices could talk: in range, linked by nothing that is cut, running, and
    /// known to each other.
    fn could_talk(&self, slave: u32) -> bool {
        let Some(member) = self.member(slave) else { return false };
        let Some(group) = self.group(member.group) else { return false };
        let (Some(master), Some(_)) = (group.node.machine(), member.node.machine()) else {
            return false;
        };
        let ends = (member.device.phone as usize, group.device.phone as usize);
        let is_cut = self.links.is_cut(ends.0, ends.1) || self.links.is_cut(ends.1, ends.0);
        member.device.spot == group.device.spot
            && !is_cut
            && master.slave_with(&member.key).is_some()
    }

    /// Something has changed that a link depends on.
    pub(crate) fn look_at_link(&mut self, ctx: &mut Ctx<'_>, slave: u32) {
        let could_talk = self.could_talk(slave);
        let Some(member) = self.member_mut(slave) else { return };
        match (member.tie.state, could_talk) {
            (State::Apart, true) => {
                let tie = &mut member.tie;
                (tie.session, tie.state) = (tie.session.wrapping_add(1), State::Opening);
                let session = tie.session;
                let delay = self.stream_of(slave, session).duration(CONNECT_MIN, CONNECT_MAX);
                send(ctx, delay, slave, ShareMessage::Open { session });
            }
            (State::Opening, false) => member.tie.state = State::Apart,
            (State::Whole, false) => self.break_link(ctx, slave),
            (State::Opening | State::Whole, true)
            | (State::Apart, false)
            | (State::Broken { .. }, _) => {}
        }
    }

    /// The same for all links of a master.
    pub(crate) fn look_at_links(&mut self, ctx: &mut Ctx<'_>, group: u32) {
        let slaves = self.group(group).map_or(0..0, |group| group.slaves.clone());
        slaves.for_each(|slave| self.look_at_link(ctx, slave));
    }

    /// Each end is told, at a moment of its own, within the time of supervision.
    fn break_link(&mut self, ctx: &mut Ctx<'_>, slave: u32) {
        let Some(member) = self.member(slave) else { return };
        let (session, group) = (member.tie.session, member.group);
        let within = self.group(group).map_or(Duration::ZERO, |it| it.config.timing.supervision);
        let mut stream = self.stream_of(slave, session);
        stream.next_u64();
        for end in [End::Master, End::Slave] {
            let delay = stream.duration(Duration::ZERO, within);
            send(ctx, delay, slave, ShareMessage::Down { session, end });
        }
        if let Some(member) = self.member_mut(slave) {
            member.tie.state = State::Broken { master: true, slave: true };
        }
    }

    /// The draws of a session of a link.
    fn stream_of(&self, slave: u32, session: u32) -> Stream {
        let entity = LINK_ENTITY + u64::from(slave);
        Stream::derive(self.seed, entity, Purpose::Link, session)
    }

    /// A session begins, where nothing has come between.
    pub(crate) fn open(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        slave: u32,
        session: u32,
    ) {
        let Some(member) = self.member_mut(slave) else { return };
        if member.tie.session != session || member.tie.state != State::Opening {
            return;
        }
        member.tie.state = State::Whole;
        let (group, id) = (member.group, member.id);
        if let Some(id) = id {
            self.tell_master(ctx, observer.as_deref_mut(), group, MasterInput::Up(id));
        }
        self.tell_slave(ctx, observer, slave, SlaveInput::Up);
    }

    /// An end is told that a session is down.
    pub(crate) fn down(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        slave: u32,
        session: u32,
        end: End,
    ) {
        let Some(member) = self.member_mut(slave) else { return };
        if !member.tie.hears(end, session) {
            return;
        }
        member.tie.lose(end);
        let (group, id) = (member.group, member.id);
        match (end, id) {
            (End::Slave, _) => {
                self.tell_client(ctx, observer.as_deref_mut(), slave, ClientInput::LinkLost);
                self.tell_slave_down(ctx, observer, slave);
            }
            (End::Master, Some(id)) => {
                self.tell_master(ctx, observer, group, MasterInput::Down(id));
            }
            (End::Master, None) => {}
        }
        self.look_at_link(ctx, slave);
    }

    /// The software at an end has died: it hears nothing any more, and is told nothing.
    pub(crate) fn died(&mut self, ctx: &mut Ctx<'_>, slave: u32, end: End) {
        self.look_at_link(ctx, slave);
        if let Some(member) = self.member_mut(slave)
            && member.tie.is_up(end)
        {
            member.tie.lose(end);
        }
    }

    pub(crate) fn say_to_slave(&mut self, ctx: &mut Ctx<'_>, slave: u32, said: ToSlave) {
        let said = if self.encode { recoded_to_slave(&said) } else { Some(said) };
        if let (Some(said), Some(session)) = (said, self.session(slave, End::Master)) {
            let message = ShareMessage::ToSlave { session, said };
            self.over(ctx, slave, End::Slave, message);
        }
    }

    pub(crate) fn say_to_master(&mut self, ctx: &mut Ctx<'_>, slave: u32, said: ToMaster) {
        let said = if self.encode { recoded_to_master(&said) } else { Some(said) };
        if let (Some(said), Some(session)) = (said, self.session(slave, End::Slave)) {
            let message = ShareMessage::ToMaster { slave, session, said };
            self.over(ctx, slave, End::Master, message);
        }
    }

    /// Returns the session that an end says something in; what it says into a broken one is lost.
    fn session(&self, slave: u32, end: End) -> Option<u32> {
        let tie = self.member(slave)?.tie;
        (tie.state == State::Whole && tie.is_up(end)).then_some(tie.session)
    }

    fn over(&mut self, ctx: &mut Ctx<'_>, slave: u32, to: End, message: ShareMessage) {
        let Some(member) = self.member(slave) else { return };
        let Some(group) = self.group(member.group) else { return };
        let (own, master) = (member.device.phone as usize, group.device.phone as usize);
        let (ends, node) = match to {
            End::Master => ((own, master), Kind::Master.node(member.group)),
            End::Slave => ((master, own), Kind::Slave.node(slave)),
        };
        let now = ctx.now();
        let send = |ctx: &mut Ctx<'_>, at: Instant, message| {
            ctx.send(at.since(now), node, Message::Share(Box::new(message)));
        };
        if message.is_of_card() {
            if let Some(at) = self.stream(now, ends, (slave, to)) {
                send(ctx, at, message);
            }
            return;
        }
        match self.links.transmit(now, ends.0, ends.1) {
            Transit::Lost => {}
            Transit::Arrives(at) => send(ctx, at, message),
            Transit::Twice(first, second) => {
                send(ctx, first, message.clone());
                send(ctx, second, message);
            }
        }
    }
}

impl Share {
    /// What is said to cards and by them is a stream: what is lost on its way is sent again, and nothing
    /// overtakes. Returns when something sent now arrives, unless nothing does.
    fn stream(
        &mut self,
        now: Instant,
        (from, at): (usize, usize),
        (slave, to): (u32, End),
    ) -> Option<Instant> {
        let arrives = (0..TRIES_MAX).find_map(|_| match self.links.transmit(now, from, at) {
            Transit::Lost => None,
            Transit::Arrives(at) | Transit::Twice(at, _) => Some(at),
        })?;
        let last = &mut self.member_mut(slave)?.tie.last;
        let last = match to {
            End::Master => &mut last.0,
            End::Slave => &mut last.1,
        };
        *last = arrives.max(*last);
        Some(*last)
    }
}

fn send(ctx: &mut Ctx<'_>, delay: Duration, slave: u32, message: ShareMessage) {
    ctx.send(delay, Kind::Slave.node(slave), Message::Share(Box::new(message)));
}

/// Returns what comes out of a message that was encoded.
fn recoded_to_slave(said: &ToSlave) -> Option<ToSlave> {
    ToSlave::decode(&said.encode()).ok()
}

fn recoded_to_master(said: &ToMaster) -> Option<ToMaster> {
    ToMaster::decode(&said.encode()).ok()
}
