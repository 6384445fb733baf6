//! What a host agent has its modem do: one command after the other.

use super::super::config::SteeringConfig;
use super::super::system::Ctx;
use super::HostAgent;
use super::es10::Es10;
use crate::world::MobileWorld;
use polysim_at::{OperatorStatus, RegistrationStatus};
use polysim_base::{Instant, Plmn};
use polysim_card::ISD_R_AID;
use polysim_lpa::AskNumber;
use polysim_lpa::transport::CardError;
use polysim_modem::{
    Channel, CurrentOperator, ModemCommand, ModemError, ModemEvent, ModemInput, OutgoingBody,
    OutgoingText, Reply, TextBody,
};
use polysim_sms::{Address, DataCoding, HeaderBuf, UserData, ValidityPeriod};
use polysim_steering::agent::{AgentEvent, AgentInput, Bearers};
use polysim_steering::{Level, Location, Registration, VisibleNetwork};
use std::collections::VecDeque;

/// Commands of agents are numbered from here on, beyond those of users and tools.
const FIRST: u64 = 1 << 60;
/// 8-bit data of no class (TS 23.038, 4).
const OCTETS: DataCoding = DataCoding(0x04);
/// The list of networks says no level, but begins with the strongest: what is taken for that one, and
/// by how much each after it is weaker.
const STRONGEST_DBM: i16 = -60;
const STEP_DB: i16 = 5;

/// Returns whether a command of the modem is an agent's.
pub(crate) const fn is_for_agent(id: u64) -> bool {
    id >= FIRST
}

/// What a modem is asked.
#[derive(Debug)]
enum Job {
    Registration,
    Operator,
    Scan,
    Open,
    Apdu(Vec<u8>),
    Restart,
    Text(Vec<u8>),
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Drive {
    /// The command that the modem has, and what it is for.
    asked: Option<(u64, Job)>,
    last: u64,
    texts: VecDeque<Vec<u8>>,
    /// Where the device is is wanted, and whether with what it receives.
    locating: Option<bool>,
    restart: bool,
    functions: VecDeque<Es10>,
    channel: Option<Channel>,
    /// The modem takes commands.
    ready: bool,
    registration: Option<(RegistrationStatus, Option<u8>)>,
    serving: Option<Plmn>,
    bearers: Bearers,
}

impl Drive {
    pub(super) fn locate(&mut self, visible: bool) {
        self.locating = Some(visible || self.locating == Some(true));
    }

    pub(super) const fn restart(&mut self) {
        self.restart = true;
    }

    pub(super) fn text(&mut self, frame: Vec<u8>) {
        self.texts.push_back(frame);
    }

    pub(super) fn function(&mut self, number: AskNumber, function: &[u8]) {
        self.functions.push_back(Es10::new(number, function));
    }

    /// Returns what is next.
    fn next(&mut self) -> Option<Job> {
        if !self.ready {
            return None;
        }
        if let Some(function) = self.functions.front() {
            return match (&self.channel, function.next()) {
                (None, _) => Some(Job::Open),
                (Some(_), apdu) => apdu.map(Job::Apdu),
            };
        }
        if let Some(frame) = self.texts.pop_front() {
            return Some(Job::Text(frame));
        }
        if self.locating.is_some() {
            return Some(Job::Registration);
        }
        core::mem::take(&mut self.restart).then_some(Job::Restart)
    }

    fn location(&self, visible: Vec<VisibleNetwork>) -> Location {
        let registration = match self.registration {
            Some((RegistrationStatus::Home, _)) => Registration::Home,
            Some((status, _)) if status.is_registered() => Registration::Roaming,
            Some((RegistrationStatus::Denied, cause)) => {
                Registration::Denied { cause: cause.unwrap_or(0) }
            }
            Some((RegistrationStatus::Searching, _)) => Registration::Searching,
            Some(_) | None => Registration::NotRegistered,
        };
        let serving = self.serving.filter(|_| registration.is_registered());
        Location { registration, serving, visible }
    }
}

impl MobileWorld {
    /// Has the modem of a phone do what its agent wants next.
    pub(super) fn drive_modem(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        let Some(agent) = self.host_agent(phone) else { return };
        if agent.drive.asked.is_some() {
            return;
        }
        let Some(job) = agent.drive.next() else { return };
        let Some(command) = command(agent, &job) else { return };
        agent.drive.last += 1;
        let id = FIRST + agent.drive.last;
        agent.drive.asked = Some((id, job));
        self.host_input(ctx, phone, ModemInput::Command { id, command });
    }

    /// The modem is done with something that an agent wanted.
    pub(crate) fn agent_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        phone: u32,
        id: u64,
        outcome: Result<Reply, ModemError>,
    ) {
        let Some(agent) = self.host_agent(phone) else { return };
        let Some((_, job)) = agent.drive.asked.take_if(|(asked, _)| *asked == id) else { return };
        self.job_done(ctx, phone, job, outcome);
        self.drive_modem(ctx, phone);
    }

    fn job_done(
        &mut self,
        ctx: &mut Ctx<'_>,
        phone: u32,
        job: Job,
        outcome: Result<Reply, ModemError>,
    ) {
        let Some(agent) = self.host_agent(phone) else { return };
        let drive = &mut agent.drive;
        match (job, outcome) {
            (Job::Registration, Ok(Reply::Registration(state))) => {
                let cause = state.reject.map(|cause| cause.cause);
                drive.registration = Some((state.status, cause));
                self.ask_more(ctx, phone);
            }
            (Job::Registration, _) => {
                drive.registration = None;
                self.located(ctx, phone, Vec::new());
            }
            (Job::Operator, outcome) => {
                drive.serving = match outcome {
                    Ok(Reply::Operator(Some(operator))) => plmn(&operator),
                    _ => None,
                };
                self.ask_more(ctx, phone);
            }
            (Job::Scan, Ok(Reply::Operators(found))) => {
                let found = found.into_iter().filter(|it| it.status != OperatorStatus::Unknown);
                let codes = found.filter_map(|it| Plmn::parse(it.numeric.as_str()?).ok());
                let levels = (0_i16..).map(|nth| STRONGEST_DBM - STEP_DB.saturating_mul(nth));
                let visible = codes
                    .zip(levels)
                    .map(|(plmn, dbm)| VisibleNetwork { plmn, level: Level::from_dbm(dbm) });
                let visible = visible.collect();
                self.located(ctx, phone, visible);
            }
            (Job::Scan, _) => self.located(ctx, phone, Vec::new()),
            (Job::Open, Ok(Reply::Channel(channel))) => drive.channel = Some(channel),
            (Job::Open, _) => self.function_done(ctx, phone, Err(CardError::NoChannel)),
            (Job::Apdu(_), Ok(Reply::Apdu(response))) => {
                let answered = drive.functions.front_mut().and_then(|it| it.hears(&response));
                if let Some(answered) = answered {
                    self.function_done(ctx, phone, answered);
                }
            }
            (Job::Apdu(_), _) => {
                drive.channel = None;
                self.function_done(ctx, phone, Err(CardError::NoAnswer));
            }
            (Job::Restart | Job::Text(_), _) => {}
        }
    }

    /// Of where the device is the rest is asked.
    fn ask_more(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        let Some(agent) = self.host_agent(phone) else { return };
        let drive = &agent.drive;
        let registered = drive.registration.is_some_and(|(status, _)| status.is_registered());
        let job = if registered && drive.serving.is_none() {
            Job::Operator
        } else if drive.locating == Some(true) {
            Job::Scan
        } else {
            return self.located(ctx, phone, Vec::new());
        };
        let Some(command) = command(agent, &job) else { return };
        agent.drive.last += 1;
        let id = FIRST + agent.drive.last;
        agent.drive.asked = Some((id, job));
        self.host_input(ctx, phone, ModemInput::Command { id, command });
    }

    fn located(&mut self, ctx: &mut Ctx<'_>, phone: u32, visible: Vec<VisibleNetwork>) {
        let bearers = self.bearers_of_host(phone);
        let Some(agent) = self.host_agent(phone) else { return };
        let location = agent.drive.location(visible);
        (agent.drive.locating, agent.drive.serving) = (None, None);
        let bearers =
            if location.registration.is_registered() { bearers } else { Bearers::default() };
        if core::mem::replace(&mut agent.drive.bearers, bearers) != bearers {
            self.give_host_agent(ctx, phone, AgentInput::Bearers(bearers));
        }
        self.give_host_agent(ctx, phone, AgentInput::Located(location));
    }

    fn function_done(&mut self, ctx: &mut Ctx<'_>, phone: u32, reply: super::es10::Answered) {
        let function = self.host_agent(phone).and_then(|it| it.drive.functions.pop_front());
        if let Some(Es10 { number, .. }) = function {
            self.give_host_agent(ctx, phone, AgentInput::Card { number, reply });
        }
    }

    /// The modem tells something.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other event concerns agents")]
    pub(crate) fn agent_sees(&mut self, ctx: &mut Ctx<'_>, phone: u32, event: &ModemEvent) {
        let Some(agent) = self.host_agent(phone) else { return };
        match event {
            ModemEvent::Ready(_) => {
                agent.drive.ready = true;
                (agent.drive.channel, agent.drive.bearers) = (None, Bearers::default());
                if !core::mem::replace(&mut agent.started, true) {
                    self.give_host_agent(ctx, phone, AgentInput::Started);
                }
                // Who has begun may want the reset that has just been.
                if let Some(agent) = self.host_agent(phone) {
                    agent.drive.restart = false;
                }
                self.give_host_agent(ctx, phone, AgentInput::Reset);
            }
            ModemEvent::Reset | ModemEvent::NotReady(_) => {
                agent.drive.ready = false;
                (agent.drive.asked, agent.drive.channel) = (None, None);
                let lost: Vec<_> = agent.drive.functions.drain(..).collect();
                for Es10 { number, .. } in lost {
                    let reply = Err(CardError::Reset);
                    self.give_host_agent(ctx, phone, AgentInput::Card { number, reply });
                }
            }
            ModemEvent::Registration(_) => {
                self.give_host_agent(ctx, phone, AgentInput::LocationChanged);
            }
            ModemEvent::Text(text) => {
                let TextBody::Data(frame) = &text.body else { return };
                let from = SteeringConfig::number(agent.platform).map(Address::from);
                if from.as_ref() == Some(&text.from) {
                    let frame = frame.to_vec();
                    self.give_host_agent(ctx, phone, AgentInput::Frame(frame));
                }
            }
            _ => {}
        }
    }

    pub(super) fn tell_of_host(&mut self, now: Instant, phone: u32, event: &AgentEvent) {
        let serving = self.phone(phone).and_then(|it| it.baseband.machine.serving());
        let serving = serving.map(|cell| cell.plmn);
        self.with_steering(|steering, observer| {
            if let Some(observer) = observer {
                steering.tell_agent(now, observer, (phone, serving), event);
            }
        });
    }
}

fn plmn(operator: &CurrentOperator) -> Option<Plmn> {
    Plmn::parse(operator.code.as_str()?).ok()
}

fn command(agent: &HostAgent, job: &Job) -> Option<ModemCommand> {
    Some(match job {
        Job::Registration => ModemCommand::Registration,
        Job::Operator => ModemCommand::Operator,
        Job::Scan => ModemCommand::ScanOperators,
        Job::Open => ModemCommand::OpenChannel { aid: ISD_R_AID.as_slice().into() },
        Job::Apdu(apdu) => {
            ModemCommand::Transmit { channel: agent.drive.channel?, apdu: apdu.as_slice().into() }
        }
        Job::Restart => ModemCommand::Restart,
        Job::Text(frame) => {
            let to = Address::from(SteeringConfig::number(agent.platform)?);
            let data = UserData::from_octets(OCTETS, &HeaderBuf::new(), frame).ok()?;
            let body = OutgoingBody::Parts(vec![data]);
            let validity = ValidityPeriod::Absent;
            ModemCommand::SendText(Box::new(OutgoingText { to, body, report: false, validity }))
        }
    })
}
