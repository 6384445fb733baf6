//! Whatever happens, in whatever order: operators, devices that lose, double and delay everything,
//! and a server that stops between any two outputs.

use super::rig::template;
use crate::testkit::{Lab, SoftEuicc};
use crate::{
    ATTEMPTS_MAX, Change, OutboxId, ProfileState, RequestId, Smdp, SmdpInput, SmdpOutput,
    SmdpRecord,
};
use polysim_base::{Duration, Eid, Iccid, Instant, Machine as _, Out};
use polysim_rsp::data::{CancelSessionReason, ErrorReason, NotificationEvent, TransactionId};
use polysim_rsp::es2::{self, CancelOrder, FinalStatus, Function, MatchingId, NotificationPoint};
use polysim_rsp::es9::{Answer, Request};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::vec::Vec;

const DEVICES: u32 = 3;

/// A device: what it has, and what it waits for.
struct Device {
    euicc: SoftEuicc,
    /// The request whose answer it waits for.
    waits: Option<RequestId>,
    asks_for: Option<std::string::String>,
    installed: BTreeSet<Iccid>,
    /// Reports that no server has taken, in order.
    reports: Vec<Request>,
    seq: u64,
}

/// A request on its way, and of which device. Reports name their place in the device's order.
#[derive(Clone)]
struct OnItsWay {
    device: Option<usize>,
    input: SmdpInput,
    report: Option<Request>,
}

struct World {
    lab: Lab,
    smdp: Smdp,
    records: Vec<SmdpRecord>,
    lives: u32,
    now: Instant,
    requests: u64,
    devices: Vec<Device>,
    network: Vec<OnItsWay>,
    answers: Vec<(RequestId, Answer)>,
    askers: BTreeMap<RequestId, OnItsWay>,
    calls: Vec<es2::Request>,
    /// Calls that were answered with a profile.
    orders: BTreeMap<std::string::String, Iccid>,
    cancelled: BTreeSet<Iccid>,
    told: BTreeMap<OutboxId, es2::Progress>,
    letters: Vec<SmdpInput>,
}

impl World {
    fn new() -> Self {
        let mut lab = Lab::new(3, &template());
        let device = |euicc| Device {
            euicc,
            waits: None,
            asks_for: None,
            installed: BTreeSet::new(),
            reports: Vec::new(),
            seq: 0,
        };
        let devices = (0..DEVICES).map(|number| device(lab.euicc(number))).collect();
        let smdp = lab.smdp(0);
        Self {
            lab,
            smdp,
            records: Vec::new(),
            lives: 0,
            now: Instant::ZERO,
            requests: 0,
            devices,
            network: Vec::new(),
            answers: Vec::new(),
            askers: BTreeMap::new(),
            calls: Vec::new(),
            orders: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            told: BTreeMap::new(),
            letters: Vec::new(),
        }
    }

    /// Gives an input, and stops the server dead after so many outputs.
    fn run(&mut self, input: Option<SmdpInput>, outputs: usize) {
        match input {
            Some(input) => self.smdp.handle(self.now, input),
            None => self.smdp.handle_timeout(self.now),
        }
        for _ in 0..outputs {
            match self.smdp.poll_output() {
                Some(Out::Record(record)) => self.records.push(record),
                Some(Out::Do(output)) => self.output(output),
                None => return,
            }
        }
        if outputs < usize::MAX {
            self.restart();
        }
    }

    fn restart(&mut self) {
        self.lives += 1;
        self.smdp = self.lab.smdp(self.lives);
        for record in self.records.clone() {
            self.smdp.restore(record);
        }
    }

    fn output(&mut self, output: SmdpOutput) {
        match output {
            SmdpOutput::Es9 { to, answer } => self.answers.push((to, answer)),
            SmdpOutput::Es2 { to, answer } => self.order_answered(to, answer),
            SmdpOutput::Provision { iccid, .. } => {
                self.letters.push(SmdpInput::Provisioned { iccid });
            }
            SmdpOutput::Progress { id, progress, .. } => {
                if let Some(before) = self.told.insert(id, (*progress).clone()) {
                    assert_eq!(before, *progress, "a repetition says the same");
                }
                self.letters.push(SmdpInput::ProgressTaken { id });
            }
            SmdpOutput::Es12 { .. } => panic!("there is no SM-DS here"),
        }
    }

    fn order_answered(&mut self, to: RequestId, answer: es2::Answer) {
        let Some(OnItsWay { input: SmdpInput::Es2 { request, .. }, .. }) = self.askers.get(&to)
        else {
            return;
        };
        match answer {
            es2::Answer::DownloadOrder { iccid } => {
                let before = self.orders.insert(request.call.id.clone(), iccid);
                assert!(before.is_none_or(|before| before == iccid), "one call, two profiles");
            }
            es2::Answer::ConfirmOrder(_) => {
                let Function::ConfirmOrder(order) = &request.function else { panic!() };
                let state = self.smdp.profile_state(order.iccid);
                assert!(!matches!(state, Some(ProfileState::Allocated | ProfileState::Linked)));
            }
            es2::Answer::CancelOrder | es2::Answer::ReleaseProfile | es2::Answer::Refused(_) => {}
        }
    }

    fn call(&mut self, request: es2::Request) {
        self.calls.push(request.clone());
        let from = self.next_id();
        self.send(OnItsWay { device: None, input: SmdpInput::Es2 { from, request }, report: None });
    }

    fn next_id(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    fn send(&mut self, message: OnItsWay) {
        if let SmdpInput::Es2 { from, .. } | SmdpInput::Es9 { from, .. } = &message.input {
            self.askers.insert(*from, message.clone());
        }
        self.network.push(message);
    }

    fn ask(&mut self, device: usize, request: Request) {
        let from = self.next_id();
        let report = matches!(request, Request::HandleNotification(_)).then(|| request.clone());
        if report.is_none() {
            self.devices[device].waits = Some(from);
        }
        let input = SmdpInput::Es9 { from, request };
        self.send(OnItsWay { device: Some(device), input, report });
    }

    fn step(&mut self, (op, a, b): (u8, u8, u8)) {
        let device = usize::from(a) % self.devices.len();
        match op % 20 {
            0 => self.call(Lab::download_order(u32::from(a % 5), self.eid_or_none(b))),
            1 | 2 => self.confirm(a, b),
            3 => self.cancel_order(a, b),
            4 => self.repeat_call(a),
            5 => self.begin(device, b),
            6 if self.devices[device].waits.is_none() => self.begin(device, b),
            6 => self.bring_report(device),
            7..=11 => self.deliver(a, b),
            12..=14 => {
                for _ in 0..3 {
                    self.deliver(a, 2);
                    self.answer(a, b);
                }
            }
            15 => self.bring_report(device),
            16 => {
                self.take_letter(a, b);
                self.take_letter(0, 2);
            }
            17 => self.manage(device, b),
            18 => {
                let seconds = if b > 250 { 30_000 } else { u64::from(a) };
                self.now = self.now.plus(Duration::from_secs(seconds));
                self.run(None, usize::MAX);
            }
            _ if b.is_multiple_of(3) => self.restart(),
            _ => {}
        }
        self.check();
    }

    fn eid_or_none(&self, b: u8) -> Option<Eid> {
        b.is_multiple_of(4).then(|| Lab::eid(u32::from(b / 4) % DEVICES))
    }

    fn some_order(&self, a: u8) -> Option<(std::string::String, Iccid)> {
        let count = self.orders.len().max(1);
        let order = self.orders.iter().nth(usize::from(a) % count)?;
        Some((order.0.clone(), *order.1))
    }

    fn confirm(&mut self, a: u8, b: u8) {
        let Some((call, iccid)) = self.some_order(a) else { return };
        let order = Lab::confirmation(iccid, &format!("T{}", call.len() + usize::from(b % 3)));
        let order = es2::ConfirmOrder { matching_id: id_of(iccid), ..order };
        self.call(Lab::call(&format!("c{}", self.requests), Function::ConfirmOrder(order.into())));
    }

    fn cancel_order(&mut self, a: u8, b: u8) {
        let Some((_, iccid)) = self.some_order(a) else { return };
        if !b.is_multiple_of(3) {
            return;
        }
        self.cancelled.insert(iccid);
        let final_status =
            if b.is_multiple_of(2) { FinalStatus::Available } else { FinalStatus::Unavailable };
        let Some(es2::Matching::Is(id)) = id_of(iccid) else { return };
        let order = CancelOrder { iccid, eid: None, matching_id: Some(id), final_status };
        self.call(Lab::call(&format!("x{}", self.requests), Function::CancelOrder(order)));
    }

    fn repeat_call(&mut self, a: u8) {
        let count = self.calls.len().max(1);
        let Some(request) = self.calls.get(usize::from(a) % count).cloned() else { return };
        let from = self.next_id();
        self.send(OnItsWay { device: None, input: SmdpInput::Es2 { from, request }, report: None });
    }

    fn begin(&mut self, at: usize, b: u8) {
        let Some((_, iccid)) = self.some_order(b) else { return };
        let Some(es2::Matching::Is(id)) = id_of(iccid) else { return };
        let device = &mut self.devices[at];
        device.asks_for = Some(id.as_str().into());
        let request = device.euicc.initiate();
        self.ask(at, request);
    }

    /// Delivers, doubles, delays or loses a request; some find the server dying.
    fn deliver(&mut self, a: u8, b: u8) {
        if self.network.is_empty() {
            return;
        }
        let at = usize::from(a) % self.network.len().min(3);
        let message =
            if b.is_multiple_of(5) { self.network[at].clone() } else { self.network.remove(at) };
        match b % 11 {
            0 => {}
            1 => self.run(Some(message.input), usize::from(b / 11) % 4),
            _ => self.run(Some(message.input), usize::MAX),
        }
    }

    fn answer(&mut self, a: u8, b: u8) {
        if self.answers.is_empty() {
            return;
        }
        let at = usize::from(a) % self.answers.len().min(3);
        let (to, answer) =
            if b.is_multiple_of(5) { self.answers[at].clone() } else { self.answers.remove(at) };
        if !b.is_multiple_of(11) {
            self.hear(to, answer, b);
        }
    }

    fn hear(&mut self, to: RequestId, answer: Answer, b: u8) {
        let Some(asked) = self.askers.get(&to).cloned() else { return };
        let Some(at) = asked.device else { return };
        let device = &mut self.devices[at];
        if asked.report.is_none() && device.waits.take_if(|waits| *waits == to).is_none() {
            return;
        }
        match answer {
            Answer::InitiateAuthentication(ok) => {
                let Some(id) = device.asks_for.take() else { return };
                let request = device.euicc.authenticate(&ok, Some(&id));
                self.ask(at, request);
            }
            Answer::AuthenticateClient(ok) => {
                let request = match b % 13 {
                    1 => device.euicc.cancel(&ok.transaction_id, CancelSessionReason::Postponed),
                    2 => device
                        .euicc
                        .cancel(&ok.transaction_id, CancelSessionReason::EndUserRejection),
                    _ => device.euicc.prepare(&ok, None),
                };
                self.ask(at, request);
            }
            Answer::GetBoundProfilePackage { transaction_id, bound_profile_package } => {
                device.install(&transaction_id, &bound_profile_package, b);
            }
            Answer::HandleNotification => {
                let report = asked.report.expect("only reports are taken");
                device.reports.retain(|it| *it != report);
            }
            Answer::CancelSession | Answer::Events { .. } | Answer::Refused(_) => {}
        }
    }

    fn bring_report(&mut self, at: usize) {
        if let Some(report) = self.devices[at].reports.first().cloned() {
            self.ask(at, report);
        }
    }

    fn take_letter(&mut self, a: u8, b: u8) {
        if self.letters.is_empty() {
            return;
        }
        let at = usize::from(a) % self.letters.len().min(3);
        let letter = self.letters.remove(at);
        match b % 7 {
            0 => {}
            1 => self.run(Some(letter), usize::from(b / 7) % 4),
            _ => self.run(Some(letter), usize::MAX),
        }
    }

    fn manage(&mut self, at: usize, b: u8) {
        let device = &mut self.devices[at];
        let Some(iccid) = device.installed.first().copied() else { return };
        let event = if b.is_multiple_of(2) {
            NotificationEvent::ENABLE
        } else {
            NotificationEvent::DISABLE
        };
        device.seq += 1;
        device.reports.push(device.euicc.managed(device.seq, event, iccid));
    }

    fn check(&self) {
        let mut homes = BTreeMap::new();
        for device in &self.devices {
            for iccid in &device.installed {
                let other = homes.insert(*iccid, device.euicc.eid);
                assert_eq!(other, None, "{iccid} is on two eUICCs");
                assert_eq!(self.smdp.holder(*iccid), Some(device.euicc.eid));
                if device.reports.is_empty() {
                    assert_eq!(self.smdp.profile_state(*iccid), Some(ProfileState::Installed));
                }
            }
        }
        for (iccid, state) in self.smdp.profiles() {
            if state == ProfileState::Installed {
                assert!(homes.contains_key(&iccid), "{iccid} is installed nowhere");
            }
        }
        let mut given = BTreeSet::new();
        for iccid in self.orders.values().filter(|iccid| !self.cancelled.contains(*iccid)) {
            assert!(given.insert(*iccid), "{iccid} was ordered twice");
        }
        let mut bound = BTreeMap::<Iccid, BTreeSet<Eid>>::new();
        let mut packages = BTreeMap::<Iccid, usize>::new();
        for record in &self.records {
            if let Change::Bound { iccid, bound: it } = &record.change {
                bound.entry(*iccid).or_default().insert(it.eid);
                *packages.entry(*iccid).or_default() += 1;
            }
        }
        assert!(bound.values().all(|eids| eids.len() == 1), "bound to two eUICCs");
        assert!(packages.values().all(|count| *count <= ATTEMPTS_MAX));
    }

    /// Everything arrives from now on.
    fn settle(&mut self) {
        self.network.clear();
        for _ in 0..40 {
            for at in 0..self.devices.len() {
                self.bring_report(at);
            }
            while let Some(message) = self.network.pop() {
                self.run(Some(message.input), usize::MAX);
            }
            while let Some((to, answer)) = self.answers.pop() {
                if matches!(answer, Answer::HandleNotification) {
                    self.hear(to, answer, 1);
                }
            }
            while let Some(letter) = self.letters.pop() {
                self.run(Some(letter), usize::MAX);
            }
            self.now = self.now.plus(Duration::from_secs(1_200));
            self.run(None, usize::MAX);
        }
        self.check();
        for device in &self.devices {
            assert_eq!(device.reports.len(), 0, "each report is taken");
            for iccid in &device.installed {
                let told = self.told.values().filter(|it| {
                    it.iccid == *iccid
                        && it.point == NotificationPoint::Installation
                        && it.result.is_ok()
                });
                assert_eq!(told.count(), 1, "told exactly once");
            }
        }
        let before: Vec<_> = self.smdp.profiles().collect();
        self.restart();
        assert_eq!(self.smdp.profiles().collect::<Vec<_>>(), before);
    }
}

impl Device {
    fn install(&mut self, transaction: &TransactionId, package: &[u8], b: u8) {
        let Ok((metadata, _)) = self.euicc.open(transaction, package) else {
            panic!("a package of its own session")
        };
        let iccid = metadata.iccid.digits().unwrap();
        let error = match b % 6 {
            _ if self.installed.contains(&iccid) => {
                Some(ErrorReason::InstallFailedDueToIccidAlreadyExistsOnEuicc)
            }
            0 => Some(ErrorReason::InstallFailedDueToInterruption),
            1 => Some(ErrorReason::InstallFailedDueToPeProcessingError),
            _ => None,
        };
        if error.is_none() {
            self.installed.insert(iccid);
        }
        self.seq += 1;
        self.reports.push(self.euicc.report(transaction, self.seq, iccid, error));
    }
}

fn id_of(iccid: Iccid) -> Option<es2::Matching> {
    MatchingId::parse(&format!("T{iccid}")).ok().map(es2::Matching::Is)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_profile_is_ever_on_two_euiccs_and_no_install_is_lost(
        steps in proptest::collection::vec(any::<(u8, u8, u8)>(), 100..700)
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.settle();
    }
}
