//! A device in a world of two countries, its platform, the SM-DP+ of the operators, and everything
//! that can go wrong between them.

use std::collections::BTreeMap;
use std::string::String;
use std::sync::Arc;
use std::vec::Vec;

use polysim_base::{Duration, Iccid, Instant, Machine, Msisdn, Out, Plmn, Purpose, Stream};
use polysim_lpa::AskNumber;
use polysim_rsp::{es2, es9};

use super::super::*;
use super::deputy::{self, Deputy};
use super::setup::{
    ABROAD, HOME, ORIGINAL, advisor_config, config, eid, iccid, identity, network, plmn, secs,
};
use crate::advisor::{
    Advisor, AdvisorEvent, AdvisorInput, AdvisorOutput, AdvisorRecord, CallNumber, DeviceRow,
    Entitlement, Path,
};
use crate::wire::OperatorNumber;
use crate::{Level, Location, Registration, VisibleNetwork};

/// What is between the parties.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// Of a million messages, so many are lost, and so many doubled.
    pub(super) lost: u32,
    pub(super) doubled: u32,
    /// The latest that one comes.
    pub(super) delay: Duration,
}

#[derive(Clone, Debug)]
enum Event {
    /// For what has been asked in this life, or for any.
    Agent(Option<u64>, AgentInput),
    Advisor(AdvisorInput),
    Smdp(OperatorNumber, CallNumber, es2::Request),
    /// The modem has started with the profile that is enabled.
    Booted(u64),
    Registered(u64),
}

#[derive(Debug)]
pub(super) struct Rig {
    pub(super) now: Instant,
    pub(super) agent: Agent<Deputy>,
    pub(super) config: Arc<AgentConfig>,
    pub(super) records: Vec<AgentRecord>,
    life: u64,
    pub(super) advisor: Advisor,
    pub(super) advisor_records: Vec<AdvisorRecord>,
    advisor_crashes: u32,
    /// Profiles on the eUICC: whose each is.
    pub(super) profiles: BTreeMap<Iccid, u16>,
    pub(super) enabled: Iccid,
    /// How many profiles there is room for.
    pub(super) room: usize,
    /// What is received.
    pub(super) visible: Vec<(Plmn, i16)>,
    /// Operators that refuse everybody, with this cause.
    pub(super) refusing: BTreeMap<u16, u8>,
    /// Operators whose profiles find no service.
    pub(super) dead: Vec<u16>,
    /// Operators whose SM-DP+ cannot be reached by devices.
    pub(super) smdp_down: Vec<u16>,
    /// Operators that refuse orders.
    pub(super) no_orders: Vec<u16>,
    pub(super) data: bool,
    pub(super) texts: bool,
    pub(super) platform_down: bool,
    /// No network accepts the original profile abroad.
    pub(super) no_roaming: bool,
    /// The profile that the modem works with; none while it starts.
    modem: Option<Iccid>,
    boots: u64,
    queue: BTreeMap<(Instant, u64), Event>,
    pushed: u64,
    pub(super) faults: Faults,
    pub(super) stream: Stream,
    /// The device stops dead before the output of this number, and starts again.
    pub(super) crash_at: Option<usize>,
    /// The same for the platform.
    pub(super) advisor_crash_at: Option<usize>,
    pub(super) outputs: usize,
    pub(super) advisor_outputs: usize,
    pub(super) told: Vec<AgentEvent>,
    pub(super) advisor_told: Vec<AdvisorEvent>,
    /// When a profile was enabled.
    pub(super) enables: Vec<(Instant, Iccid)>,
    /// Orders at SM-DP+ by the name of their call, with the profile and its matching identifier.
    pub(super) orders: BTreeMap<String, Iccid>,
    pub(super) cancelled: Vec<Iccid>,
    next_profile: u16,
    pub(super) sent: Vec<(Bearer, usize)>,
}

impl Rig {
    /// A device at home with its original profile and those of `presets`.
    pub(super) fn new(presets: &[u16]) -> Self {
        Self::with(presets, config())
    }

    pub(super) fn with(presets: &[u16], config: AgentConfig) -> Self {
        let config = Arc::new(config);
        let profiles: BTreeMap<_, _> =
            [ORIGINAL].iter().chain(presets).map(|of| (iccid(*of), *of)).collect();
        let row = DeviceRow {
            eid: eid(),
            original: Some(OperatorNumber(ORIGINAL)),
            entitled: Entitlement::All,
            downloads_per_month: 4,
            profiles: profiles.iter().map(|(iccid, of)| (OperatorNumber(*of), *iccid)).collect(),
        };
        let mut rig = Self {
            now: Instant::from_micros(1_000_000),
            agent: Agent::new(identity(presets), config.clone(), Deputy::new(0)),
            config,
            records: Vec::new(),
            life: 0,
            advisor: Advisor::new(advisor_config()),
            advisor_records: Vec::new(),
            advisor_crashes: 0,
            profiles,
            enabled: iccid(ORIGINAL),
            room: 8,
            visible: Vec::new(),
            refusing: BTreeMap::new(),
            dead: Vec::new(),
            smdp_down: Vec::new(),
            no_orders: Vec::new(),
            data: true,
            texts: true,
            platform_down: false,
            no_roaming: false,
            modem: None,
            boots: 0,
            queue: BTreeMap::new(),
            pushed: 0,
            faults: Faults::default(),
            stream: Stream::derive(7, 0, Purpose::Link, 0),
            crash_at: None,
            advisor_crash_at: None,
            outputs: 0,
            advisor_outputs: 0,
            told: Vec::new(),
            advisor_told: Vec::new(),
            enables: Vec::new(),
            orders: BTreeMap::new(),
            cancelled: Vec::new(),
            next_profile: 100,
            sent: Vec::new(),
        };
        rig.push_now(Event::Advisor(AdvisorInput::Enrol(row)));
        rig.go_home();
        rig.push_now(Event::Agent(None, AgentInput::Started));
        rig.boot();
        rig
    }

    /// The device is where the home network is.
    pub(super) fn go_home(&mut self) {
        self.travel(&[(HOME, -80)]);
    }

    /// The device is abroad, where the operators from 1 on are received, each more weakly.
    pub(super) fn go_abroad(&mut self) {
        self.travel(&[(ABROAD[0], -70), (ABROAD[1], -75), (ABROAD[2], -80), (ABROAD[3], -85)]);
    }

    pub(super) fn travel(&mut self, visible: &[(&str, i16)]) {
        self.visible = visible.iter().map(|(text, level)| (plmn(text), *level)).collect();
        let boots = self.boots;
        self.push(secs(2), Event::Registered(boots));
    }

    /// What the host would find out.
    pub(super) fn location(&self, visible: bool) -> Location {
        let seen = |(plmn, level): &(Plmn, i16)| VisibleNetwork {
            plmn: *plmn,
            level: Level::from_dbm(*level),
        };
        let (registration, serving) = self.registration();
        let visible = if visible { self.visible.iter().map(seen).collect() } else { Vec::new() };
        Location { registration, serving, visible }
    }

    fn registration(&self) -> (Registration, Option<Plmn>) {
        let Some(profile) = self.modem else { return (Registration::Searching, None) };
        let of = self.profiles.get(&profile).copied().unwrap_or(ORIGINAL);
        let home = network(of);
        if self.visible.iter().any(|(plmn, _)| *plmn == home) {
            return match self.refusing.get(&of) {
                Some(cause) => (Registration::Denied { cause: *cause }, Some(home)),
                None if self.dead.contains(&of) => (Registration::Searching, None),
                None => (Registration::Home, Some(home)),
            };
        }
        let strongest = self.visible.iter().max_by_key(|(_, level)| *level);
        match strongest {
            Some((plmn, _)) if !self.no_roaming => (Registration::Roaming, Some(*plmn)),
            Some(_) | None => (Registration::Searching, None),
        }
    }

    fn bearers(&self) -> Bearers {
        let on = self.registration().0.is_registered();
        Bearers { data: on && self.data, texts: on && self.texts }
    }

    /// The modem starts.
    fn boot(&mut self) {
        self.modem = None;
        self.boots += 1;
        let boots = self.boots;
        self.push(secs(3), Event::Booted(boots));
    }

    fn push(&mut self, after: Duration, event: Event) {
        self.pushed += 1;
        self.queue.insert((self.now.plus(after), self.pushed), event);
    }

    fn push_now(&mut self, event: Event) {
        self.push(Duration::ZERO, event);
    }

    /// Sends something over a network that may lose it, double it, and deliver it late.
    fn send(&mut self, event: &Event) {
        let copies = match () {
            () if self.stream.chance(self.faults.lost) => 0,
            () if self.stream.chance(self.faults.doubled) => 2,
            () => 1,
        };
        for _ in 0..copies {
            let late = self.stream.duration(Duration::ZERO, self.faults.delay);
            self.push(secs(1).plus(late), event.clone());
        }
    }

    /// Lets time pass.
    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now.plus(time);
        loop {
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            let agent = self.agent.poll_timeout().map(|(at, _)| at.max(self.now));
            let advisor = self.advisor.poll_timeout().map(|(at, _)| at.max(self.now));
            let next = [event, agent, advisor].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= end) else { break };
            self.now = next;
            if event == Some(next) {
                let (_, event) = self.queue.pop_first().unwrap();
                self.deliver(event);
            } else if agent == Some(next) {
                self.agent.handle_timeout(next);
                self.drain();
                let due = self.agent.poll_timeout();
                assert!(due.is_none_or(|(at, _)| at > next || self.life_ended()), "{due:?}");
            } else {
                self.advisor.handle_timeout(next);
                self.drain_advisor();
            }
            self.check();
        }
        self.now = end;
    }

    fn life_ended(&self) -> bool {
        self.queue.values().any(|event| matches!(event, Event::Agent(_, AgentInput::Started)))
    }

    /// Lets time pass until something is told.
    pub(super) fn run_until(&mut self, event: impl Fn(&AgentEvent) -> bool, at_most: Duration) {
        let end = self.now.plus(at_most);
        while !self.told.iter().any(&event) {
            assert!(self.now < end, "it did not happen: {:?}", self.told);
            self.run(secs(1));
        }
    }

    fn deliver(&mut self, event: Event) {
        match event {
            Event::Agent(life, input) => {
                if life.is_none_or(|life| life == self.life) {
                    self.agent.handle(self.now, input);
                    self.drain();
                }
            }
            Event::Advisor(input) => {
                let gone = self.platform_down && matches!(input, AdvisorInput::Frame { .. });
                if !gone {
                    self.advisor.handle(self.now, input);
                    self.drain_advisor();
                }
            }
            Event::Smdp(of, call, request) => self.smdp(of, call, request),
            Event::Booted(boots) if boots == self.boots => {
                self.modem = Some(self.enabled);
                self.push_now(Event::Agent(None, AgentInput::Reset));
                self.push(secs(4), Event::Registered(boots));
            }
            Event::Registered(boots) if boots == self.boots && self.modem.is_some() => {
                let bearers = self.bearers();
                self.push_now(Event::Agent(None, AgentInput::Bearers(bearers)));
                self.push_now(Event::Agent(None, AgentInput::LocationChanged));
                if let (Registration::Denied { cause }, plmn) = self.registration() {
                    self.push_now(Event::Agent(None, AgentInput::Rejected { plmn, cause }));
                }
            }
            Event::Booted(_) | Event::Registered(_) => {}
        }
    }

    /// The device loses power, and starts again.
    pub(super) fn crash(&mut self) {
        self.life += 1;
        let mut fresh = self.restored(&self.records);
        assert_eq!(fresh.poll_output(), None);
        let short = fresh.checkpoint();
        let again = self.restored(&short);
        assert_eq!(again.checkpoint(), short, "the checkpoint stands for all before it");
        // Every other life goes on with the short form.
        if self.life.is_multiple_of(2) {
            (fresh, self.records) = (again, short);
        }
        self.agent = fresh;
        self.push_now(Event::Agent(Some(self.life), AgentInput::Started));
        self.boot();
    }

    /// Returns an agent of this device that remembers what the records say.
    pub(super) fn restored(&self, records: &[AgentRecord]) -> Agent<Deputy> {
        let (identity, deputy) = (self.agent.identity().clone(), Deputy::new(self.life));
        let mut fresh = Agent::new(identity, self.config.clone(), deputy);
        records.iter().cloned().for_each(|record| fresh.restore(record));
        fresh
    }

    /// The platform stops, and starts again; every other time from the short form of its records.
    pub(super) fn crash_advisor(&mut self) {
        self.advisor_crashes += 1;
        let fresh = restored_advisor(&self.advisor_records);
        let again = restored_advisor(&fresh.checkpoint());
        assert!(again.agrees(&fresh), "the checkpoint stands for all before it");
        self.advisor = if self.advisor_crashes.is_multiple_of(2) { again } else { fresh };
        self.push_now(Event::Advisor(AdvisorInput::Started));
    }

    fn drain(&mut self) {
        loop {
            if self.crash_at == Some(self.outputs) {
                self.crash_at = None;
                return self.crash();
            }
            let Some(out) = self.agent.poll_output() else { return };
            self.outputs += 1;
            match out {
                Out::Record(record) => self.records.push(record),
                Out::Do(output) => self.act(output),
            }
        }
    }

    fn act(&mut self, output: AgentOutput) {
        match output {
            AgentOutput::Locate { visible } => {
                let location = self.location(visible);
                self.push(secs(1), Event::Agent(Some(self.life), AgentInput::Located(location)));
            }
            AgentOutput::Send { bearer, frame } => {
                self.sent.push((bearer, frame.len()));
                let path = match bearer {
                    Bearer::Data => Path::Data(self.life),
                    Bearer::Text => Path::Text(Msisdn::parse("491700000001").unwrap()),
                };
                self.send(&Event::Advisor(AdvisorInput::Frame { path, frame }));
            }
            AgentOutput::Restart => self.boot(),
            AgentOutput::Card { number, function } => self.card(number, &function),
            AgentOutput::Server { .. } => panic!("the deputy asks no server"),
            AgentOutput::Tell(event) => self.told.push(event),
        }
    }

    fn card(&mut self, number: AskNumber, function: &[u8]) {
        let named = |octets: &[u8]| Iccid::from_wire(octets.try_into().unwrap()).unwrap();
        let reply = match function[0] {
            deputy::LIST => {
                let mut reply = std::vec![deputy::DONE];
                for iccid in self.profiles.keys() {
                    reply.extend(iccid.wire());
                    reply.push(u8::from(*iccid == self.enabled));
                }
                reply
            }
            deputy::ENABLE => std::vec![self.enable(named(&function[1..]))],
            deputy::DELETE => {
                let iccid = named(&function[1..]);
                assert_ne!(iccid, super::setup::iccid(ORIGINAL), "the original stays");
                let is_enabled = self.enabled == iccid;
                let gone = !is_enabled && self.profiles.remove(&iccid).is_some();
                std::vec![if gone { deputy::DONE } else { deputy::WRONG_STATE }]
            }
            _ => self.install(core::str::from_utf8(&function[1..]).unwrap()),
        };
        let input = AgentInput::Card { number, reply: Ok(reply) };
        self.push(Duration::from_millis(100), Event::Agent(Some(self.life), input));
    }

    fn enable(&mut self, iccid: Iccid) -> u8 {
        match () {
            () if !self.profiles.contains_key(&iccid) => deputy::NOT_FOUND,
            () if self.enabled == iccid => deputy::WRONG_STATE,
            () => {
                self.enabled = iccid;
                self.enables.push((self.now, iccid));
                deputy::DONE
            }
        }
    }

    /// The token is the ICCID of the profile: the SM-DP+ gives the same again for the same.
    fn install(&mut self, token: &str) -> Vec<u8> {
        let iccid = Iccid::parse(token).unwrap();
        let of = self.owner(iccid);
        if self.profiles.contains_key(&iccid) {
            return [&[deputy::DONE][..], iccid.wire()].concat();
        }
        if self.smdp_down.contains(&of) || !self.bearers().data {
            return std::vec![deputy::UNREACHABLE];
        }
        if self.profiles.len() >= self.room {
            return std::vec![deputy::NO_MEMORY];
        }
        self.profiles.insert(iccid, of);
        [&[deputy::DONE][..], iccid.wire()].concat()
    }

    /// Profiles that are ordered of operator `n` are numbered `n * 1000` on.
    fn owner(&self, iccid: Iccid) -> u16 {
        let text = std::format!("{iccid}");
        text[13..18].parse::<u16>().unwrap() / 1_000
    }

    fn smdp(&mut self, of: OperatorNumber, number: CallNumber, request: es2::Request) {
        use es2::{Answer, Function};
        let refused = || Answer::Refused(es9::Status::new("8.2.6", "3.8"));
        let answer = match request.function {
            Function::DownloadOrder(_) if self.no_orders.contains(&of.0) => refused(),
            Function::DownloadOrder(_) => {
                let fresh = of.0 * 1_000 + self.next_profile;
                let known = self.orders.len();
                let iccid = *self.orders.entry(request.call.id).or_insert_with(|| iccid(fresh));
                self.next_profile += u16::try_from(self.orders.len() - known).unwrap();
                Answer::DownloadOrder { iccid }
            }
            Function::ConfirmOrder(confirm) => Answer::ConfirmOrder(es2::ConfirmOrderOk {
                eid: confirm.eid,
                matching_id: Some(
                    es2::MatchingId::parse(&std::format!("{}", confirm.iccid)).unwrap(),
                ),
                smdp_address: std::format!("smdp{}.example", of.0),
            }),
            Function::CancelOrder(cancel) => {
                if !self.cancelled.contains(&cancel.iccid) {
                    self.cancelled.push(cancel.iccid);
                }
                Answer::CancelOrder
            }
            Function::ReleaseProfile { .. } => Answer::ReleaseProfile,
        };
        self.send(&Event::Advisor(AdvisorInput::Es2 { call: number, answer: Ok(answer) }));
    }

    fn drain_advisor(&mut self) {
        loop {
            if self.advisor_crash_at == Some(self.advisor_outputs) {
                self.advisor_crash_at = None;
                return self.crash_advisor();
            }
            let Some(out) = self.advisor.poll_output() else { return };
            self.advisor_outputs += 1;
            match out {
                Out::Record(record) => self.advisor_records.push(record),
                Out::Do(AdvisorOutput::Frame { path: _, frame }) => {
                    if !self.platform_down {
                        self.send(&Event::Agent(None, AgentInput::Frame(frame)));
                    }
                }
                Out::Do(AdvisorOutput::Es2 { to, call, request }) => {
                    self.send(&Event::Smdp(to, call, *request));
                }
                Out::Do(AdvisorOutput::Tell(event)) => self.advisor_told.push(event),
            }
        }
    }

    /// What must hold at every moment.
    fn check(&self) {
        assert!(self.profiles.contains_key(&self.enabled), "an enabled profile is there");
        assert!(self.profiles.contains_key(&iccid(ORIGINAL)), "the original profile is there");
    }

    /// Runs on without faults until the device has nothing to tell any more, and checks that each
    /// report was recorded once, and that both ends are the fold over their records.
    pub(super) fn settle(&mut self) {
        (self.faults, self.platform_down) = (Faults::default(), false);
        (self.data, self.texts) = (true, true);
        let mut hours = 0;
        while self.agent.reports_waiting() > 0 || self.agent.is_switching() {
            let boots = self.boots;
            self.push(secs(1), Event::Registered(boots));
            self.run(secs(3_600));
            hours += 1;
            assert!(hours < 300, "it does not come to an end: {:?}", self.agent);
        }
        assert_eq!(self.reports(), (1..=self.last_report()).collect::<Vec<_>>(), "each once");
        let again = self.restored(&self.records);
        assert!(again.agrees(&self.agent), "the fold over the records is the same");
        let again = restored_advisor(&self.advisor_records);
        assert!(again.agrees(&self.advisor), "the fold over the records is the same");
    }

    fn last_report(&self) -> u32 {
        self.agent.memory.past.as_ref().map_or(0, |past| past.last_report.0)
    }

    /// The numbers of the reports that the platform has recorded.
    fn reports(&self) -> Vec<u32> {
        self.advisor_records
            .iter()
            .filter_map(AdvisorRecord::report)
            .map(|it| it.number.0)
            .collect()
    }

    /// The outcomes that the platform has recorded.
    pub(super) fn outcomes(&self) -> Vec<crate::wire::Outcome> {
        self.advisor_records.iter().filter_map(AdvisorRecord::report).map(|it| it.outcome).collect()
    }
}

fn restored_advisor(records: &[AdvisorRecord]) -> Advisor {
    let mut fresh = Advisor::new(advisor_config());
    records.iter().cloned().for_each(|record| fresh.restore(record));
    fresh
}
