//! An agent on a phone's host: a program of the user's side, which has the modem and a data link.

mod drive;
mod es10;

pub(crate) use drive::is_for_agent;

use super::message::{SteeringMessage, ToAgent};
use super::system::Ctx;
use crate::clock::NodeClock;
use crate::config::ClockConfig;
use crate::durable::{Did, Durable};
use crate::message::Message;
use crate::node::Kind;
use crate::world::MobileWorld;
use drive::Drive;
use polysim_base::{Duration, Instant, Machine, Plmn};
use polysim_card::AgentSetup;
use polysim_kernel::Disk;
use polysim_lpa::{AskNumber, Lpa};
use polysim_rsp::es9;
use polysim_steering::advisor::Path;
use polysim_steering::agent::{Agent, AgentInput, AgentOutput, AgentRecord, Bearer, Bearers};

/// How long the disk of a host takes.
const SYNC: Duration = Duration::from_millis(2);
/// Connections of hosts are numbered from here on: behind the phone, and its life.
const CONNECTIONS: u64 = 1 << 62;
const PHONE_SHIFT: u32 = 24;

/// See the module.
#[derive(Debug)]
pub(crate) struct HostAgent {
    setup: AgentSetup,
    platform: usize,
    node: Durable<Agent>,
    /// How often it has begun.
    lives: u32,
    /// It has been given its first input.
    started: bool,
    drive: Drive,
}

impl HostAgent {
    pub(crate) fn new(setup: AgentSetup, platform: usize, disk: Disk<AgentRecord>) -> Self {
        let clock = NodeClock::new(ClockConfig::default());
        let node = Durable::new(fresh(&setup, 0), disk, clock);
        Self { setup, platform, node, lives: 0, started: false, drive: Drive::default() }
    }

    /// Returns whether another operator is looked for.
    pub(crate) fn is_at_work(&self) -> bool {
        self.node.machine().is_some_and(Agent::is_switching)
    }

    /// The host loses its power, and begins again with what it has on its disk.
    pub(crate) fn restart(&mut self) {
        self.node.crash();
        self.lives = self.lives.wrapping_add(1);
        self.node.restart(fresh(&self.setup, self.lives));
        (self.started, self.drive) = (false, Drive::default());
    }
}

fn fresh(setup: &AgentSetup, life: u32) -> Agent {
    let assistant = Lpa::new(setup.assistant.clone(), life);
    Agent::new(setup.identity.clone(), setup.config.clone(), assistant)
}

impl super::system::Steering {
    /// Returns the phone and the life of the host agent whose connection this is.
    pub(crate) fn host_of(&self, connection: u64) -> Option<(u32, u32)> {
        let own = connection.checked_sub(CONNECTIONS)?;
        let phone = u32::try_from(own >> PHONE_SHIFT).ok()?;
        let life = u32::try_from(own & ((1 << PHONE_SHIFT) - 1)).ok()?;
        Some((phone, life))
    }
}

impl MobileWorld {
    pub(super) fn host_agent(&mut self, phone: u32) -> Option<&mut HostAgent> {
        self.phone_mut(phone)?.agent.as_deref_mut()
    }

    pub(crate) fn wake_host_agent(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        let now = ctx.now();
        let fired = self.host_agent(phone).is_some_and(|agent| agent.node.armed.fired(now));
        if fired {
            self.with_host_agent(ctx, phone, Agent::handle_timeout);
        }
    }

    /// Something reaches the agent on a host over its data link.
    pub(crate) fn host_agent_hears(&mut self, ctx: &mut Ctx<'_>, phone: u32, message: ToAgent) {
        let life = self.host_agent(phone).map(|agent| agent.lives);
        match message {
            ToAgent::Answer { life: of, number, said } if life == Some(of) => {
                let input = AgentInput::Server { number: AskNumber(number), answer: *said };
                self.give_host_agent(ctx, phone, input);
            }
            ToAgent::Frame { life: of, frame } if life == Some(of & ((1 << PHONE_SHIFT) - 1)) => {
                self.give_host_agent(ctx, phone, AgentInput::Frame(frame));
            }
            ToAgent::Answer { .. } | ToAgent::Frame { .. } => {}
        }
    }

    pub(crate) fn host_agent_written(&mut self, ctx: &mut Ctx<'_>, phone: u32, life: u32) {
        let Some(agent) = self.host_agent(phone) else { return };
        let held = agent.node.written(life);
        agent.node.compact(Agent::checkpoint);
        self.host_agent_did(ctx, phone, Did { now: held, writes: false });
    }

    pub(super) fn give_host_agent(&mut self, ctx: &mut Ctx<'_>, phone: u32, input: AgentInput) {
        self.with_host_agent(ctx, phone, |agent, now| agent.handle(now, input));
    }

    fn with_host_agent(
        &mut self,
        ctx: &mut Ctx<'_>,
        phone: u32,
        give: impl FnOnce(&mut Agent, Instant),
    ) {
        let now = ctx.now();
        let Some(agent) = self.host_agent(phone) else { return };
        let did = agent.node.give(now, give);
        self.host_agent_did(ctx, phone, did);
    }

    fn host_agent_did(&mut self, ctx: &mut Ctx<'_>, phone: u32, did: Did<AgentOutput>) {
        let Some(agent) = self.host_agent(phone) else { return };
        if did.writes {
            let message = SteeringMessage::Written(agent.node.life);
            let to = Kind::Agent.node(phone);
            ctx.send(SYNC, to, Message::Steering(Box::new(message)));
        }
        for output in did.now {
            self.host_agent_says(ctx, phone, output);
        }
        if let Some(agent) = self.host_agent(phone) {
            let deadline = agent.node.deadline();
            agent.node.armed.arm(ctx, Kind::Agent.node(phone), deadline);
        }
        self.drive_modem(ctx, phone);
    }

    fn host_agent_says(&mut self, ctx: &mut Ctx<'_>, phone: u32, output: AgentOutput) {
        let Some(agent) = self.host_agent(phone) else { return };
        match output {
            AgentOutput::Locate { visible } => agent.drive.locate(visible),
            AgentOutput::Restart => agent.drive.restart(),
            AgentOutput::Card { number, function } => agent.drive.function(number, &function),
            AgentOutput::Send { bearer: Bearer::Text, frame } => agent.drive.text(frame),
            AgentOutput::Send { bearer: Bearer::Data, frame } => {
                let connection = (u64::from(phone) << PHONE_SHIFT) + u64::from(agent.lives);
                let (platform, path) = (agent.platform, Path::Data(CONNECTIONS + connection));
                let Some(operator) = self.data_link(phone) else { return };
                self.with_steering(|steering, _| {
                    if steering.is_reached(operator, platform) {
                        steering.send_frame(ctx, (operator, platform), path, frame);
                    }
                });
            }
            AgentOutput::Server { number, address, request } => {
                self.ask_from_host(ctx, phone, number, &address, *request);
            }
            AgentOutput::Tell(event) => self.tell_of_host(ctx.now(), phone, &event),
        }
    }

    fn ask_from_host(
        &mut self,
        ctx: &mut Ctx<'_>,
        phone: u32,
        number: AskNumber,
        address: &str,
        request: es9::Request,
    ) {
        let life = self.host_agent(phone).map_or(0, |agent| agent.lives);
        let (operator, now) = (self.data_link(phone), ctx.now());
        self.with_steering(|steering, observer| {
            let services = 0..steering.services.len();
            let mut services = services.filter(|it| steering.config.host(*it) == address);
            let reached = services.next().zip(operator);
            let reached = reached.filter(|(to, operator)| steering.is_reached(*operator, *to));
            if let Some((service, operator)) = reached {
                let asker = super::front::Asker::Host { phone, life, number: number.0 };
                steering.ask_server(ctx, (operator, service), asker, request);
            } else {
                let said = Box::new(Err(es9::Failure::Unreachable));
                let message = ToAgent::Answer { life, number: number.0, said };
                let message = Message::Steering(Box::new(SteeringMessage::Agent(message)));
                ctx.send(crate::paths::REACTION, Kind::Agent.node(phone), message);
            }
            if let Some(observer) = observer {
                steering.tell_sessions(now, observer);
            }
        });
    }

    /// Returns the operator in whose network a phone has a data link now.
    fn data_link(&mut self, phone: u32) -> Option<usize> {
        let modem = &self.phone(phone)?.baseband.machine;
        let serving = modem.serving().map(|cell| cell.plmn);
        let steering = self.steering.as_mut()?;
        let operator =
            |plmn: Plmn| steering.operators.iter().position(|home| home.config.plmn == plmn);
        let operator = serving.and_then(operator)?;
        let carries = steering.operators.get(operator).is_some_and(|it| !it.config.apns.is_empty());
        steering.serving.insert(phone, operator);
        carries.then_some(operator)
    }

    /// Returns the ways to the platform that a phone's host has.
    pub(super) fn bearers_of_host(&mut self, phone: u32) -> Bearers {
        let served = self.phone(phone).is_some_and(|it| it.baseband.machine.serving().is_some());
        let link = self.data_link(phone);
        let data = link.is_some_and(|operator| {
            self.steering.as_ref().is_some_and(|steering| !steering.no_data.contains(&operator))
        });
        Bearers { data, texts: served }
    }
}
