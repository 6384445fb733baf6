//! The link between a device and the server: when it is up, what each end is told, how long what takes.

use super::config::CourierEnd;
use super::message::{CourierMessage, End};
use super::octets;
use super::system::{Courier, Ctx};
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use polysim_base::{Duration, Instant, Purpose, Stream};
use polysim_courier::client::ClientInput;
use polysim_courier::server::{Connection, ServerInput};
use polysim_courier::wire::{AccountToDevice, FromDevice, ToDevice};
use polysim_kernel::Transit;

/// How long a device takes to reach the server anew.
const CONNECT_MIN: Duration = Duration::from_millis(300);
const CONNECT_MAX: Duration = Duration::from_millis(1_500);
/// Within which time an end sees that a session is down.
const SUPERVISION: Duration = Duration::from_secs(5);
/// What waits for longer to be sent is dropped: queues are short.
const QUEUE_MAX: Duration = Duration::from_secs(8);
/// Streams of links are derived from numbers beyond those of all other things.
const LINK_ENTITY: u64 = 19 << 40;

/// A link, in sessions: at each end the one that it takes itself to be in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tie {
    /// How many sessions there were.
    last: u32,
    /// The one that is being opened.
    opening: Option<u32>,
    pub(super) at_server: Option<u32>,
    pub(super) at_device: Option<u32>,
    /// It is broken, and the ends learn of it.
    breaking: bool,
    /// When what was sent has left, to the server and to the device.
    free: (Instant, Instant),
}

impl Tie {
    fn at(&mut self, end: End) -> &mut Option<u32> {
        match end {
            End::Server => &mut self.at_server,
            End::Device => &mut self.at_device,
        }
    }

    const fn is_apart(&self) -> bool {
        self.opening.is_none() && self.at_server.is_none() && self.at_device.is_none()
    }
}

/// Returns how the server calls a session of a device.
fn connection(device: u32, session: u32) -> Connection {
    Connection(u64::from(device) << 32 | u64::from(session))
}

/// Returns which session that is, and of which device.
fn session(connection: Connection) -> Option<(u32, u32)> {
    let device = u32::try_from(connection.0 >> 32).ok()?;
    Some((device, u32::try_from(connection.0 & u64::from(u32::MAX)).ok()?))
}

impl Courier {
    /// Returns whether a device can reach the server.
    fn is_reached(&self, device: u32) -> bool {
        let Some(of) = self.device(device) else { return false };
        let end = CourierEnd::Phone(of.phone as usize);
        let is_cut = self.links.is_cut(end, CourierEnd::Server)
            || self.links.is_cut(CourierEnd::Server, end);
        let operator = of.serving.filter(|operator| self.has_data(*operator));
        let (runs, serves) = (of.node.machine().is_some(), self.server.node.machine().is_some());
        operator.is_some() && !is_cut && runs && serves
    }

    /// Something has changed that a link depends on.
    pub(super) fn look_at_link(&mut self, ctx: &mut Ctx<'_>, device: u32) {
        let is_reached = self.is_reached(device);
        let seed = self.seed;
        let Some(of) = self.device_mut(device) else { return };
        let tie = &mut of.tie;
        if is_reached && tie.is_apart() {
            tie.last = tie.last.wrapping_add(1);
            (tie.opening, tie.breaking) = (Some(tie.last), false);
            let session = tie.last;
            let delay = draws(seed, device, session).duration(CONNECT_MIN, CONNECT_MAX);
            send(ctx, delay, device, CourierMessage::Open { session });
        } else if !is_reached && tie.opening.take().is_none() {
            self.break_link(ctx, device);
        }
    }

    pub(super) fn look_at_links(&mut self, ctx: &mut Ctx<'_>) {
        (0_u32..).take(self.devices.len()).for_each(|device| self.look_at_link(ctx, device));
    }

    /// Each end that is in a session is told that it is down, at a moment of its own.
    pub(super) fn break_link(&mut self, ctx: &mut Ctx<'_>, device: u32) {
        let seed = self.seed;
        let Some(of) = self.device_mut(device) else { return };
        let tie = &mut of.tie;
        if core::mem::replace(&mut tie.breaking, true) {
            return;
        }
        let tie = *tie;
        for (end, session) in [(End::Server, tie.at_server), (End::Device, tie.at_device)] {
            let Some(session) = session else { continue };
            let mut stream = draws(seed, device, session);
            stream.next_u64();
            let delay = stream.duration(Duration::ZERO, SUPERVISION);
            send(ctx, delay, device, CourierMessage::Down { session, end });
        }
    }

    /// An end has left its session without being told, for it has crashed or has closed it.
    pub(super) fn leave(&mut self, ctx: &mut Ctx<'_>, device: u32, end: End) {
        let Some(of) = self.device_mut(device) else { return };
        let left = of.tie.at(end).take();
        of.tie.opening = None;
        if left.is_some() {
            self.break_link(ctx, device);
        }
        self.look_at_link(ctx, device);
    }

    /// A session begins, where nothing has come between.
    pub(super) fn open(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        device: u32,
        session: u32,
    ) {
        let Some(of) = self.device_mut(device) else { return };
        if of.tie.opening.take_if(|opening| *opening == session).is_none() {
            return;
        }
        (of.tie.at_server, of.tie.at_device) = (Some(session), Some(session));
        let now = ctx.now();
        of.tie.free = (now, now);
        let up = ServerInput::Up(connection(device, session));
        self.tell_server(ctx, observer.as_deref_mut(), up);
        self.note_of(now, observer.as_deref_mut(), device, "courier.up");
        self.tell_device(ctx, observer, device, ClientInput::Up);
        self.may_register(ctx, device);
    }

    /// An end is told that a session is down.
    pub(super) fn down(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        device: u32,
        (session, end): (u32, End),
    ) {
        let Some(of) = self.device_mut(device) else { return };
        if of.tie.at(end).take_if(|at| *at == session).is_none() {
            return;
        }
        match end {
            End::Server => {
                let down = ServerInput::Down(connection(device, session));
                self.tell_server(ctx, observer, down);
            }
            End::Device => {
                self.note_of(ctx.now(), observer.as_deref_mut(), device, "courier.down");
                self.tell_device(ctx, observer, device, ClientInput::Down);
            }
        }
        self.look_at_link(ctx, device);
    }

    /// The server ends a session.
    pub(super) fn close(&mut self, ctx: &mut Ctx<'_>, of: Connection) {
        let Some((device, session)) = session(of) else { return };
        if self.device(device).is_some_and(|it| it.tie.at_server == Some(session)) {
            self.leave(ctx, device, End::Server);
        }
    }

    /// A device says something to the server.
    pub(super) fn say_to_server(&mut self, ctx: &mut Ctx<'_>, device: u32, said: FromDevice) {
        let Some(session) = self.device(device).and_then(|of| of.tie.at_device) else { return };
        let octets = octets::from_device(&said);
        let message = CourierMessage::ToServer { device, session, said };
        self.over(ctx, device, End::Server, (octets, message));
    }

    /// The server says something in a session.
    pub(super) fn say_to_device(&mut self, ctx: &mut Ctx<'_>, to: Connection, said: ToDevice) {
        let Some((device, session)) = session(to) else { return };
        if self.device(device).is_some_and(|of| of.tie.at_server == Some(session)) {
            let octets = octets::to_device(&said);
            let message = CourierMessage::ToDevice { session, said };
            self.over(ctx, device, End::Device, (octets, message));
        }
    }

    /// What is said leaves at the rate of the device's link, and is under way for as long as links take.
    fn over(
        &mut self,
        ctx: &mut Ctx<'_>,
        device: u32,
        to: End,
        (octets, message): (u64, CourierMessage),
    ) {
        let now = ctx.now();
        self.counts.messages += 1;
        self.counts.octets += octets;
        let Some(of) = self.devices.get_mut(device as usize) else { return };
        // What is said into a broken link is lost.
        let Some(time) = sending_time(octets, of.rate_kbps).filter(|_| !of.tie.breaking) else {
            return;
        };
        let free = match to {
            End::Server => &mut of.tie.free.0,
            End::Device => &mut of.tie.free.1,
        };
        let begins = now.max(*free);
        if begins.since(now) > QUEUE_MAX {
            return;
        }
        *free = begins.plus(time);
        let phone = CourierEnd::Phone(of.phone as usize);
        let (from, at, node) = match to {
            End::Server => (phone, CourierEnd::Server, Kind::Courier.node(0)),
            End::Device => (CourierEnd::Server, phone, Kind::CourierDevice.node(device)),
        };
        let send = |ctx: &mut Ctx<'_>, at: Instant, message| {
            ctx.send(at.since(now), node, Message::Courier(Box::new(message)));
        };
        match self.links.transmit(*free, from, at) {
            Transit::Lost => {}
            Transit::Arrives(at) => send(ctx, at, message),
            Transit::Twice(first, second) => {
                send(ctx, first, message.clone());
                send(ctx, second, message);
            }
        }
    }

    /// Something that a device has said arrives.
    pub(super) fn server_hears(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        (device, session): (u32, u32),
        said: FromDevice,
    ) {
        if self.device(device).is_some_and(|of| of.tie.at_server == Some(session)) {
            let input = ServerInput::Message(connection(device, session), said);
            self.tell_server(ctx, observer, input);
        }
    }

    /// Something that the server has said arrives.
    pub(super) fn device_hears(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        (device, session): (u32, u32),
        said: ToDevice,
    ) {
        let Some(of) = self.device_mut(device) else { return };
        if of.tie.at_device == Some(session) {
            if let ToDevice::Account(AccountToDevice::Registered { device: id, .. }) = &said {
                of.mind.id = Some(*id);
            }
            self.tell_device(ctx, observer, device, ClientInput::Message(said));
        }
    }
}

/// Returns the device that the server calls so.
pub(super) fn device_of(connection: Connection) -> Option<u32> {
    session(connection).map(|(device, _)| device)
}

/// Returns how long octets take; `None` where nothing comes through.
fn sending_time(octets: u64, kbps: u32) -> Option<Duration> {
    let micros = octets.saturating_mul(8_000).checked_div(kbps.into())?;
    Some(Duration::from_micros(micros))
}

/// The draws of a session of a link.
fn draws(seed: u64, device: u32, session: u32) -> Stream {
    Stream::derive(seed, LINK_ENTITY + u64::from(device), Purpose::Link, session)
}

fn send(ctx: &mut Ctx<'_>, delay: Duration, device: u32, message: CourierMessage) {
    let to = Kind::CourierDevice.node(device);
    ctx.send(delay, to, Message::Courier(Box::new(message)));
}
