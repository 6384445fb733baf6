//! The servers and platforms of a world, and where what they say goes.

use super::cards::Chips;
use super::config::{ServiceKind, SteeringConfig, SteeringLinks, SteeringNode};
use super::front::{Asker, Front, spoil};
use super::message::{SteeringMessage, ToAgent, ToOperator, ToService};
use super::pki::Pki;
use super::tell::Told;
use super::truth::Truth;
use super::watch::Seen;
use crate::config::LatencyRange;
use crate::durable::{Did, Durable};
use crate::links::Links;
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use polysim_base::{Instant, Machine, Msisdn, Plmn, Stream};
use polysim_card::frame::Said;
use polysim_kernel::{Armed, Context, NodeId, Transit};
use polysim_radio::Directory;
use polysim_rsp::es2;
use polysim_smdp::{RequestId, Smdp, SmdpInput, SmdpOutput, Smds, SmdsInput, SmdsOutput};
use polysim_steering::advisor::{Advisor, AdvisorInput, AdvisorOutput, CallNumber, Path};
use polysim_steering::wire::OperatorNumber;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) type Ctx<'a> = Context<'a, Message>;

/// Upper bits of a request's number: it is no device's, but that of a service.
const SERVICE_BIT: u64 = 1 << 63;
/// Where the number of the service is in it.
const SERVICE_SHIFT: u32 = 48;

/// What steers the eSIMs of a world.
#[derive(Debug)]
pub(crate) struct Steering {
    pub(crate) config: SteeringConfig,
    pub(crate) seed: u64,
    /// The wall clock at virtual time zero, seconds since the Unix epoch.
    pub(crate) epoch: i64,
    pub(crate) directory: Arc<Directory>,
    /// The names, networks and numbers of the operators.
    pub(crate) operators: Vec<super::build::Home>,
    /// The networks that can be received in each region.
    pub(crate) regions: Vec<Vec<Plmn>>,
    pub(crate) pki: Pki,
    pub(crate) chips: Chips,
    pub(crate) services: Vec<Service>,
    /// The platform of each number.
    pub(crate) numbers: BTreeMap<Msisdn, usize>,
    pub(crate) links: Links<SteeringLinks>,
    pub(crate) front: Front,
    /// Operators that carry no data.
    pub(crate) no_data: BTreeSet<usize>,
    /// In whose network phones are whose host asks servers.
    pub(crate) serving: BTreeMap<u32, usize>,
    /// The radio of the first phone.
    pub(crate) first_radio: u32,
    /// Somebody looks on.
    pub(crate) observed: bool,
    pub(crate) told: Told,
    pub(crate) seen: Seen,
    pub(crate) truth: Truth,
    /// How long disks take.
    pub(crate) disks: Stream,
}

/// A server or a platform.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) machine: ServiceMachine,
    pub(crate) faults: Faults,
}

/// Its machine with its disk.
#[derive(Debug)]
pub(crate) enum ServiceMachine {
    Smdp(Box<Durable<Smdp>>),
    Smds(Box<Durable<Smds>>),
    Advisor(Box<Durable<Advisor>>),
}

/// What is wrong with a service that is up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Its TLS certificate is bad.
    pub(crate) tls: bool,
    /// It answers with this status of HTTP.
    pub(crate) http: Option<u16>,
    /// What it says takes that long beside.
    pub(crate) slow: Option<LatencyRange>,
    /// Packages are spoilt.
    pub(crate) corrupt: bool,
    /// Answers are of another question.
    pub(crate) wrong: bool,
}

/// What a service says.
enum Output {
    Smdp(SmdpOutput),
    Smds(SmdsOutput),
    Advisor(AdvisorOutput),
}

impl Service {
    pub(crate) fn is_up(&self) -> bool {
        match &self.machine {
            ServiceMachine::Smdp(node) => node.machine().is_some(),
            ServiceMachine::Smds(node) => node.machine().is_some(),
            ServiceMachine::Advisor(node) => node.machine().is_some(),
        }
    }

    pub(crate) fn smdp(&self) -> Option<&Smdp> {
        match &self.machine {
            ServiceMachine::Smdp(node) => node.machine(),
            ServiceMachine::Smds(_) | ServiceMachine::Advisor(_) => None,
        }
    }

    pub(crate) fn life(&self) -> u32 {
        match &self.machine {
            ServiceMachine::Smdp(node) => node.life,
            ServiceMachine::Smds(node) => node.life,
            ServiceMachine::Advisor(node) => node.life,
        }
    }

    fn armed(&mut self) -> (&mut Armed, Option<Instant>) {
        match &mut self.machine {
            ServiceMachine::Smdp(node) => {
                let deadline = node.deadline();
                (&mut node.armed, deadline)
            }
            ServiceMachine::Smds(node) => {
                let deadline = node.deadline();
                (&mut node.armed, deadline)
            }
            ServiceMachine::Advisor(node) => {
                let deadline = node.deadline();
                (&mut node.armed, deadline)
            }
        }
    }

    fn timeout(&mut self, now: Instant) -> Did<Output> {
        match &mut self.machine {
            ServiceMachine::Smdp(node) => of(node.give(now, Machine::handle_timeout), Output::Smdp),
            ServiceMachine::Smds(node) => of(node.give(now, Machine::handle_timeout), Output::Smds),
            ServiceMachine::Advisor(node) => {
                of(node.give(now, Machine::handle_timeout), Output::Advisor)
            }
        }
    }

    fn written(&mut self, life: u32) -> Vec<Output> {
        match &mut self.machine {
            ServiceMachine::Smdp(node) => {
                node.written(life).into_iter().map(Output::Smdp).collect()
            }
            ServiceMachine::Smds(node) => {
                node.written(life).into_iter().map(Output::Smds).collect()
            }
            ServiceMachine::Advisor(node) => {
                let held = node.written(life);
                node.compact(Advisor::checkpoint);
                held.into_iter().map(Output::Advisor).collect()
            }
        }
    }

    /// Gives it what has come, if that is for what it is.
    fn hear(&mut self, now: Instant, message: ToService) -> Did<Output> {
        match &mut self.machine {
            ServiceMachine::Smdp(node) => match to_smdp(message) {
                Some(input) => of(node.give(now, |it, now| it.handle(now, input)), Output::Smdp),
                None => nothing(),
            },
            ServiceMachine::Smds(node) => match to_smds(message) {
                Some(input) => of(node.give(now, |it, now| it.handle(now, input)), Output::Smds),
                None => nothing(),
            },
            ServiceMachine::Advisor(node) => match to_advisor(message) {
                Some(input) => of(node.give(now, |it, now| it.handle(now, input)), Output::Advisor),
                None => nothing(),
            },
        }
    }
}

fn of<O>(did: Did<O>, output: fn(O) -> Output) -> Did<Output> {
    Did { now: did.now.into_iter().map(output).collect(), writes: did.writes }
}

const fn nothing() -> Did<Output> {
    Did { now: Vec::new(), writes: false }
}

fn to_smdp(message: ToService) -> Option<SmdpInput> {
    match message {
        ToService::Es9 { from, request } => Some(SmdpInput::Es9 { from, request }),
        ToService::Es2 { from, request } => Some(SmdpInput::Es2 { from, request }),
        ToService::Es12Answer { id, answer } => Some(SmdpInput::Es12 { id, answer }),
        ToService::Provisioned { iccid } => Some(SmdpInput::Provisioned { iccid }),
        ToService::ProgressTaken { id } => Some(SmdpInput::ProgressTaken { id }),
        ToService::Es12 { .. } | ToService::Es2Answer { .. } | ToService::Frame { .. } => None,
    }
}

fn to_smds(message: ToService) -> Option<SmdsInput> {
    match message {
        ToService::Es9 { from, request } => Some(SmdsInput::Es11 { from, request }),
        ToService::Es12 { from, request } => Some(SmdsInput::Es12 { from, request }),
        ToService::Es2 { .. }
        | ToService::Es12Answer { .. }
        | ToService::Es2Answer { .. }
        | ToService::Provisioned { .. }
        | ToService::ProgressTaken { .. }
        | ToService::Frame { .. } => None,
    }
}

fn to_advisor(message: ToService) -> Option<AdvisorInput> {
    match message {
        ToService::Frame { path, frame } => Some(AdvisorInput::Frame { path, frame }),
        ToService::Es2Answer { call, answer } => Some(AdvisorInput::Es2 { call, answer }),
        ToService::Es9 { .. }
        | ToService::Es2 { .. }
        | ToService::Es12 { .. }
        | ToService::Es12Answer { .. }
        | ToService::Provisioned { .. }
        | ToService::ProgressTaken { .. } => None,
    }
}

impl Steering {
    pub(crate) fn is_platform(&self, service: usize) -> bool {
        let kind = self.config.services.get(service).map(|service| &service.kind);
        matches!(kind, Some(ServiceKind::Advisor(_)))
    }

    /// Sends something over a link.
    pub(crate) fn over(
        &mut self,
        ctx: &mut Ctx<'_>,
        (from, to): (SteeringNode, SteeringNode),
        message: SteeringMessage,
    ) {
        let now = ctx.now();
        let slow = [from, to].into_iter().find_map(|node| self.slowness(node));
        let extra = slow.map(|range| self.disks.duration(range.min, range.max));
        let mut send = |at: Instant, message| {
            let delay = at.since(now).plus(extra.unwrap_or_default());
            ctx.send(delay, node_of(to), Message::Steering(Box::new(message)));
        };
        match self.links.transmit(now, from, to) {
            Transit::Lost => {}
            Transit::Arrives(at) => send(at, message),
            Transit::Twice(first, second) => {
                send(first, message.clone());
                send(second, message);
            }
        }
    }

    fn slowness(&self, node: SteeringNode) -> Option<LatencyRange> {
        match node {
            SteeringNode::Service(service) => self.services.get(service)?.faults.slow,
            SteeringNode::Operator(_) => None,
        }
    }

    /// A message arrives at a service.
    pub(crate) fn deliver(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        node: usize,
        message: SteeringMessage,
    ) {
        let now = ctx.now();
        match message {
            SteeringMessage::Service(message) => {
                let Some(service) = self.services.get_mut(node) else { return };
                let did = service.hear(now, message);
                self.did(ctx, observer, node, did);
            }
            SteeringMessage::Written(life) => {
                let Some(service) = self.services.get_mut(node) else { return };
                let did = Did { now: service.written(life), writes: false };
                self.did(ctx, observer, node, did);
            }
            // The world itself carries these out.
            SteeringMessage::Operator(_) | SteeringMessage::Agent(_) => {}
        }
    }

    /// Gives a management platform something beside all links.
    pub(crate) fn tell_advisor(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        node: usize,
        input: AdvisorInput,
    ) {
        let now = ctx.now();
        let machine = self.services.get_mut(node).map(|service| &mut service.machine);
        if let Some(ServiceMachine::Advisor(advisor)) = machine {
            let did = advisor.give(now, |it, now| it.handle(now, input));
            self.did(ctx, observer, node, of(did, Output::Advisor));
        }
    }

    /// A service is woken.
    pub(crate) fn wake(&mut self, ctx: &mut Ctx<'_>, observer: Option<&mut Observer>, node: usize) {
        let now = ctx.now();
        let Some(service) = self.services.get_mut(node) else { return };
        if service.armed().0.fired(now) {
            let did = service.timeout(now);
            self.did(ctx, observer, node, did);
        }
    }

    /// Carries out what a service has done.
    fn did(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        node: usize,
        did: Did<Output>,
    ) {
        if did.writes {
            let life = self.services.get(node).map_or(0, Service::life);
            let sync = self.config.sync;
            let delay = self.disks.duration(sync.min, sync.max);
            let message = Message::Steering(Box::new(SteeringMessage::Written(life)));
            ctx.send(delay, node_of(SteeringNode::Service(node)), message);
        }
        for output in did.now {
            match output {
                Output::Smdp(output) => self.smdp_says(ctx, node, output),
                Output::Smds(output) => self.smds_says(ctx, node, output),
                Output::Advisor(output) => {
                    self.advisor_says(ctx, observer.as_deref_mut(), node, output);
                }
            }
        }
        self.arm(ctx, node);
    }

    pub(crate) fn arm(&mut self, ctx: &mut Ctx<'_>, node: usize) {
        if let Some(service) = self.services.get_mut(node) {
            let (armed, deadline) = service.armed();
            armed.arm(ctx, node_of(SteeringNode::Service(node)), deadline);
        }
    }

    fn between(&mut self, ctx: &mut Ctx<'_>, from: usize, to: usize, message: ToService) {
        let ends = (SteeringNode::Service(from), SteeringNode::Service(to));
        self.over(ctx, ends, SteeringMessage::Service(message));
    }

    fn send_to_operator(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: usize,
        operator: Option<usize>,
        message: ToOperator,
    ) {
        if let Some(operator) = operator {
            let ends = (SteeringNode::Service(from), SteeringNode::Operator(operator));
            self.over(ctx, ends, SteeringMessage::Operator(message));
        }
    }

    /// Answers whoever has asked a server.
    fn answer(&mut self, ctx: &mut Ctx<'_>, node: usize, to: RequestId, said: Said) {
        let operator = self.operator_of(to);
        let answer = ToOperator::Answer { to, said: Box::new(self.spoilt(node, said)) };
        self.send_to_operator(ctx, node, operator, answer);
    }

    /// Returns what becomes of an answer on its way.
    fn spoilt(&self, node: usize, mut said: Said) -> Said {
        let faults = self.services.get(node).map(|it| it.faults).unwrap_or_default();
        if faults.wrong {
            return Ok(polysim_rsp::es9::Answer::CancelSession);
        }
        if let (true, Ok(answer)) = (faults.corrupt, &mut said) {
            spoil(answer);
        }
        said
    }

    fn smdp_says(&mut self, ctx: &mut Ctx<'_>, node: usize, output: SmdpOutput) {
        match output {
            SmdpOutput::Es9 { to, answer } => self.answer(ctx, node, to, Ok(answer)),
            SmdpOutput::Es2 { to, answer } => {
                let (advisor, call) = (service_of(to), CallNumber(number_of(to)));
                let message = ToService::Es2Answer { call, answer: Ok(answer) };
                self.between(ctx, node, advisor, message);
            }
            SmdpOutput::Provision { operator, iccid, imsi, keys, eid } => {
                let index = self.operators.iter().position(|home| *home.name == operator);
                if let (true, Some(index)) = (self.observed, index) {
                    self.truth.ordered(iccid, index, eid);
                }
                let asked = ToOperator::Provision { service: node, iccid, imsi, keys };
                self.send_to_operator(ctx, node, index, asked);
            }
            SmdpOutput::Progress { id, operator, progress } => {
                let index = self.operators.iter().position(|home| *home.name == operator);
                let message = ToOperator::Progress { service: node, id, progress };
                self.send_to_operator(ctx, node, index, message);
            }
            SmdpOutput::Es12 { id, smds, request } => {
                let services = 0..self.services.len();
                let to = services.clone().find(|service| self.config.host(*service) == smds);
                let from = request_of(node, id.0);
                if let Some(to) = to {
                    self.between(ctx, node, to, ToService::Es12 { from, request });
                }
            }
        }
    }

    fn smds_says(&mut self, ctx: &mut Ctx<'_>, node: usize, output: SmdsOutput) {
        match output {
            SmdsOutput::Es11 { to, answer } => self.answer(ctx, node, to, Ok(answer)),
            SmdsOutput::Es12 { to, answer } => {
                let (smdp, id) = (service_of(to), polysim_smdp::OutboxId(number_of(to)));
                self.between(ctx, node, smdp, ToService::Es12Answer { id, answer });
            }
        }
    }

    fn advisor_says(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        node: usize,
        output: AdvisorOutput,
    ) {
        match output {
            AdvisorOutput::Frame { path: Path::Data(id), frame } => match self.host_of(id) {
                Some((phone, life)) => {
                    let operator = self.serving.get(&phone).copied();
                    self.send_to_host(ctx, (node, operator), phone, ToAgent::Frame { life, frame });
                }
                None => {
                    let operator = self.operator_of_connection(id);
                    let message = ToOperator::Frame { connection: id, frame };
                    self.send_to_operator(ctx, node, operator, message);
                }
            },
            AdvisorOutput::Frame { path: Path::Text(to), frame } => {
                let operator = self.directory.operator_of(&to).map(|it| usize::from(it.0));
                let message = ToOperator::Text { service: node, to, frame };
                self.send_to_operator(ctx, node, operator, message);
            }
            AdvisorOutput::Es2 { to, call, request } => {
                self.orders(ctx, node, to, (call, *request));
            }
            AdvisorOutput::Tell(event) => {
                if let Some(observer) = observer {
                    self.truth.advised(&event);
                    self.tell_advised(ctx.now(), observer, node, &event);
                }
            }
        }
    }

    /// An operator orders what a platform has asked it for, in its own name.
    fn orders(
        &mut self,
        ctx: &mut Ctx<'_>,
        node: usize,
        operator: OperatorNumber,
        (call, mut request): (CallNumber, es2::Request),
    ) {
        let operator = usize::from(operator.0);
        let Some(home) = self.operators.get(operator) else { return };
        let asked = core::mem::replace(&mut request.call.requester, home.name.to_string());
        request.call.id = format!("{asked}/{}", request.call.id);
        if let Some(smdp) = self.smdp_of(operator) {
            let from = request_of(node, call.0);
            self.between(ctx, node, smdp, ToService::Es2 { from, request });
        }
    }

    /// Sends something to the agent on a phone's host, over the data link of the phone.
    pub(crate) fn send_to_host(
        &mut self,
        ctx: &mut Ctx<'_>,
        (service, operator): (usize, Option<usize>),
        phone: u32,
        message: ToAgent,
    ) {
        let Some(operator) = operator else { return };
        let ends = (SteeringNode::Service(service), SteeringNode::Operator(operator));
        let now = ctx.now();
        let message = SteeringMessage::Agent(message);
        if let Transit::Arrives(at) | Transit::Twice(at, _) =
            self.links.transmit(now, ends.0, ends.1)
        {
            let to = Kind::Agent.node(phone);
            ctx.send(at.since(now), to, Message::Steering(Box::new(message)));
        }
    }

    /// Returns the SM-DP+ of an operator.
    fn smdp_of(&self, operator: usize) -> Option<usize> {
        let has = |kind: &ServiceKind| match kind {
            ServiceKind::Smdp(smdp) => smdp.stock.iter().any(|it| it.operator == operator),
            ServiceKind::Smds | ServiceKind::Advisor(_) => false,
        };
        self.config.services.iter().position(|service| has(&service.kind))
    }

    /// An answer has come to the network in which it is waited for.
    pub(crate) fn answer_came(&mut self, ctx: &mut Ctx<'_>, to: RequestId, said: Said) {
        match self.front.answered(to) {
            Some(Asker::Stream(name, number)) => self.answer_stream(ctx, (name, number), &said),
            Some(Asker::Host { phone, life, number }) => {
                let message = ToAgent::Answer { life, number, said: Box::new(said) };
                let message = SteeringMessage::Agent(message);
                let to = Kind::Agent.node(phone);
                ctx.send(crate::paths::REACTION, to, Message::Steering(Box::new(message)));
            }
            None => {}
        }
    }
}

/// Returns the node of the kernel.
pub(crate) fn node_of(node: SteeringNode) -> NodeId {
    let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    match node {
        SteeringNode::Service(node) => Kind::Service.node(index(node)),
        SteeringNode::Operator(node) => Kind::Core.node(index(node)),
    }
}

/// Makes the number of a request tell which service it is of.
fn request_of(service: usize, number: u64) -> RequestId {
    let own = number & ((1 << SERVICE_SHIFT) - 1);
    RequestId(SERVICE_BIT | (service as u64) << SERVICE_SHIFT | own)
}

fn service_of(request: RequestId) -> usize {
    usize::try_from((request.0 & !SERVICE_BIT) >> SERVICE_SHIFT).unwrap_or(usize::MAX)
}

const fn number_of(request: RequestId) -> u64 {
    request.0 & ((1 << SERVICE_SHIFT) - 1)
}
