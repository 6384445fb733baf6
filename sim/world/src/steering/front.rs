//! Where connections of devices end: octets become messages there, and answers octets.
//!
//! A connection keeps its octets and their order; what passes between its end and the service is one
//! message at a time over a link, which may lose it.

use super::cards::device_key;
use super::config::{SteeringConfig, SteeringNode};
use super::message::{SteeringMessage, ToOperator, ToService};
use super::system::{Ctx, Steering, node_of};
use crate::message::Message;
use crate::observer::Observer;
use polysim_base::Instant;
use polysim_card::frame::{self, Said};
use polysim_radio::air::{StreamDownlink, StreamUplink};
use polysim_radio::{CoreCommand, CoreInput, StreamRef};
use polysim_rsp::es9::{Answer, Failure, Request};
use polysim_smdp::RequestId;
use polysim_steering::advisor::Path;
use polysim_steering::wire::UplinkView;
use std::collections::BTreeMap;

/// Requests that nobody has answered, beyond which the oldest is forgotten.
const PENDING_MAX: usize = 1_000_000;

/// The connections that are open, and the requests that are under way.
#[derive(Debug, Default)]
pub(crate) struct Front {
    connections: BTreeMap<StreamRef, Connection>,
    by_id: BTreeMap<u64, StreamRef>,
    last: u64,
    pending: BTreeMap<u64, Asker>,
    last_request: u64,
    /// Sessions with servers that have begun and are not told of: the phone and the service.
    pub(crate) sessions: Vec<(u32, usize)>,
    /// How many octets have passed, both ways.
    pub(crate) octets: u64,
}

#[derive(Debug)]
struct Connection {
    service: usize,
    id: u64,
    incoming: Vec<u8>,
}

/// Who has asked a server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asker {
    /// A device, on a connection and by its own number.
    Stream(StreamRef, u64),
    /// The agent on a phone's host, in this life of it and by its own number.
    Host { phone: u32, life: u32, number: u64 },
}

impl Front {
    /// Notes a request, and returns the number by which the server answers.
    pub(crate) fn ask(&mut self, asker: Asker) -> RequestId {
        if self.pending.len() >= PENDING_MAX {
            self.pending.pop_first();
        }
        self.last_request += 1;
        self.pending.insert(self.last_request, asker);
        RequestId(self.last_request)
    }

    /// Returns who has asked, once.
    pub(crate) fn answered(&mut self, to: RequestId) -> Option<Asker> {
        self.pending.remove(&to.0)
    }

    fn open(&mut self, name: StreamRef, service: usize) {
        self.last += 1;
        self.by_id.insert(self.last, name);
        let connection = Connection { service, id: self.last, incoming: Vec::new() };
        self.connections.insert(name, connection);
    }

    fn close(&mut self, name: &StreamRef) {
        if let Some(connection) = self.connections.remove(name) {
            self.by_id.remove(&connection.id);
        }
    }

    /// All connections to a service end.
    fn close_all(&mut self, service: usize) -> Vec<StreamRef> {
        let own = self.connections.iter().filter(|(_, it)| it.service == service);
        let names: Vec<_> = own.map(|(name, _)| *name).collect();
        names.iter().for_each(|name| self.close(name));
        names
    }
}

impl Steering {
    /// A device says something on a connection of its own. Returns whether anybody listens there.
    pub(crate) fn stream(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        name: StreamRef,
        said: &StreamUplink,
    ) -> bool {
        let heard = self.hear_stream(ctx, name, said);
        if let Some(observer) = observer {
            self.tell_sessions(ctx.now(), observer);
        }
        heard
    }

    fn hear_stream(&mut self, ctx: &mut Ctx<'_>, name: StreamRef, said: &StreamUplink) -> bool {
        match said {
            StreamUplink::Open { address, port } => {
                let there =
                    |service: &usize| SteeringConfig::address(*service) == (*address, *port);
                let found = (0..self.services.len()).find(there);
                let operator = usize::from(name.serving.0);
                let Some(service) = found.filter(|it| self.is_reached(operator, *it)) else {
                    return false;
                };
                self.front.open(name, service);
                self.on_stream(ctx, name, StreamDownlink::Opened);
                true
            }
            StreamUplink::Data(octets) => {
                let known = self.front.connections.contains_key(&name);
                if known {
                    self.front.octets += octets.len() as u64;
                    self.receive(ctx, name, octets);
                }
                known
            }
            StreamUplink::Close => {
                let known = self.front.connections.contains_key(&name);
                self.front.close(&name);
                known
            }
        }
    }

    /// Returns whether devices in an operator's network reach a service now.
    pub(crate) fn is_reached(&self, operator: usize, service: usize) -> bool {
        let ends = (SteeringNode::Operator(operator), SteeringNode::Service(service));
        let up = self.services.get(service).is_some_and(|service| service.is_up());
        up && !self.no_data.contains(&operator)
            && !self.links.is_cut(ends.0, ends.1)
            && !self.links.is_cut(ends.1, ends.0)
    }

    fn receive(&mut self, ctx: &mut Ctx<'_>, name: StreamRef, octets: &[u8]) {
        let Some(connection) = self.front.connections.get_mut(&name) else { return };
        connection.incoming.extend_from_slice(octets);
        let (service, id) = (connection.service, connection.id);
        loop {
            let Some(connection) = self.front.connections.get_mut(&name) else { return };
            let Ok(Some(message)) = frame::take(&mut connection.incoming) else { return };
            let operator = usize::from(name.serving.0);
            if self.is_platform(service) {
                self.send_frame(ctx, (operator, service), Path::Data(id), message);
                continue;
            }
            let Ok((number, request)) = frame::read_request(&message) else { continue };
            let asker = Asker::Stream(name, number);
            self.ask_server(ctx, (operator, service), asker, request);
        }
    }

    /// Has a server asked by somebody in an operator's network.
    pub(crate) fn ask_server(
        &mut self,
        ctx: &mut Ctx<'_>,
        (operator, service): (usize, usize),
        asker: Asker,
        request: Request,
    ) {
        if self.observed && matches!(request, Request::InitiateAuthentication(_)) {
            self.front.sessions.push((self.phone_of(&asker), service));
        }
        let from = self.front.ask(asker);
        if let Some(failure) = self.failure_of(service) {
            let answer = ToOperator::Answer { to: from, said: Box::new(Err(failure)) };
            let ends = (SteeringNode::Service(service), SteeringNode::Operator(operator));
            return self.over(ctx, ends, SteeringMessage::Operator(answer));
        }
        self.send_to_service(ctx, operator, service, ToService::Es9 { from, request });
    }

    /// A frame of a device is on its way to a platform.
    pub(crate) fn send_frame(
        &mut self,
        ctx: &mut Ctx<'_>,
        (operator, service): (usize, usize),
        path: Path,
        frame: Vec<u8>,
    ) {
        if self.observed
            && let Ok(eid) = UplinkView::parse(&frame).map(|view| view.eid())
        {
            self.truth.says(eid, &device_key(self.seed, service, eid), &frame);
        }
        self.send_to_service(ctx, operator, service, ToService::Frame { path, frame });
    }

    fn send_to_service(
        &mut self,
        ctx: &mut Ctx<'_>,
        operator: usize,
        service: usize,
        message: ToService,
    ) {
        let ends = (SteeringNode::Operator(operator), SteeringNode::Service(service));
        self.over(ctx, ends, SteeringMessage::Service(message));
    }

    /// Returns why a server cannot be asked, where it is up and that is so all the same.
    fn failure_of(&self, service: usize) -> Option<Failure> {
        let faults = &self.services.get(service)?.faults;
        if faults.tls {
            return Some(Failure::TlsBadCertificate { reason: "it has expired".into() });
        }
        faults.http.map(Failure::Http)
    }

    const fn phone_of(&self, asker: &Asker) -> u32 {
        match asker {
            Asker::Stream(name, _) => name.radio.0.wrapping_sub(self.first_radio),
            Asker::Host { phone, .. } => *phone,
        }
    }

    /// Returns the operator in whose network it is that somebody waits for an answer.
    pub(crate) fn operator_of(&self, to: RequestId) -> Option<usize> {
        match self.front.pending.get(&to.0)? {
            Asker::Stream(name, _) => Some(usize::from(name.serving.0)),
            Asker::Host { phone, .. } => self.serving.get(phone).copied(),
        }
    }

    /// Tells of the sessions that have begun.
    pub(crate) fn tell_sessions(&mut self, now: Instant, observer: &mut Observer) {
        for (phone, service) in core::mem::take(&mut self.front.sessions) {
            self.tell_session(now, observer, phone, service);
        }
    }

    /// Returns the operator in whose network a connection is.
    pub(crate) fn operator_of_connection(&self, connection: u64) -> Option<usize> {
        self.front.by_id.get(&connection).map(|name| usize::from(name.serving.0))
    }

    /// An answer has come to the connection that it is for.
    pub(crate) fn answer_stream(
        &mut self,
        ctx: &mut Ctx<'_>,
        (name, number): (StreamRef, u64),
        said: &Said,
    ) {
        if self.front.connections.contains_key(&name) {
            let octets = frame::put_answer(number, said);
            self.front.octets += octets.len() as u64;
            self.on_stream(ctx, name, StreamDownlink::Data(octets));
        }
    }

    /// A frame has come to the connection that it is for.
    pub(crate) fn frame_on_stream(&mut self, ctx: &mut Ctx<'_>, connection: u64, octets: &[u8]) {
        if let Some(name) = self.front.by_id.get(&connection).copied() {
            self.front.octets += octets.len() as u64;
            self.on_stream(ctx, name, StreamDownlink::Data(frame::with_length(octets)));
        }
    }

    /// The connections of a service break.
    pub(crate) fn break_connections(&mut self, ctx: &mut Ctx<'_>, service: usize) {
        for name in self.front.close_all(service) {
            self.on_stream(ctx, name, StreamDownlink::Closed);
        }
    }

    /// The connections of devices in an operator's network break.
    pub(crate) fn break_connections_in(&mut self, ctx: &mut Ctx<'_>, operator: usize) {
        let own = |name: &&StreamRef| usize::from(name.serving.0) == operator;
        let names: Vec<_> = self.front.connections.keys().filter(own).copied().collect();
        for name in names {
            self.front.close(&name);
            self.on_stream(ctx, name, StreamDownlink::Closed);
        }
    }

    fn on_stream(&self, ctx: &mut Ctx<'_>, stream: StreamRef, message: StreamDownlink) {
        let to = node_of(SteeringNode::Operator(stream.serving.0.into()));
        let command = CoreInput::Command(CoreCommand::Stream { stream, message });
        ctx.send(crate::paths::REACTION, to, Message::Core(command));
    }
}

/// Spoils a package on its way, in the middle.
pub(crate) fn spoil(answer: &mut Answer) {
    if let Answer::GetBoundProfilePackage { bound_profile_package, .. } = answer {
        let middle = bound_profile_package.len() / 2;
        if let Some(octet) = bound_profile_package.get_mut(middle) {
            *octet ^= 0x01;
        }
    }
}
