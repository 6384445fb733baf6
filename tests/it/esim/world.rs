//! Three machines in one process, and what goes wrong between them.

use std::collections::VecDeque;
use std::sync::Arc;

use polysim_apdu::contact::{Lane, RawChannel};
use polysim_base::procedure::{Procedure, Step};
use polysim_base::{Iccid, Instant, Machine as _, Out, Purpose, Stream};
use polysim_card::testkit::server::{NEW_ICCID, Server, upp};
use polysim_card::{Card, EuiccConfig, EuiccModel, IdentitySource};
use polysim_lpa::transport::{CardError, TransportConfig, exchange};
use polysim_lpa::{
    CommandId, Decide, Download, Lpa, LpaCommand, LpaConfig, LpaDone, LpaError, LpaEvent, LpaInput,
    LpaOutput, LpaRecord, Source,
};
use polysim_rsp::activation::{ActivationCode, ConfirmationCode};
use polysim_rsp::crypto::Randomness;
use polysim_rsp::data::{DeviceCapabilities, DeviceInfo};
use polysim_rsp::es2;
use polysim_rsp::es9::{self, Failure};
use polysim_smdp::testkit::{ADDRESS, EPOCH, Lab, MATCHING_ID, SMDS};
use polysim_smdp::{RequestId, Smdp, SmdpInput, SmdpOutput};

/// Where a run is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cut {
    /// The power goes before this APDU arrives.
    BeforeApdu(usize),
    /// The power goes before the answer to this APDU arrives.
    AfterApdu(usize),
    /// This request does not arrive at the server.
    Request(usize),
    /// The answer to this request does not arrive.
    Answer(usize),
    /// The assistant crashes before this output.
    Crash(usize),
}

/// Changes what a server answers.
pub(super) type Tamper = Box<dyn FnMut(&mut es9::Answer)>;

/// Most that happens in one run.
const STEPS_MAX: usize = 5_000;

pub(super) struct World {
    pub(super) lpa: Lpa,
    pub(super) card: Card,
    pub(super) smdp: Smdp,
    pub(super) now: Instant,
    pub(super) cut: Option<Cut>,
    pub(super) tamper: Option<Tamper>,
    /// How many APDUs, requests and outputs there were.
    pub(super) apdus: usize,
    pub(super) requests: usize,
    pub(super) outputs: usize,
    pub(super) progress: Vec<es2::Progress>,
    raw: RawChannel,
    lane: Option<Lane>,
    records: Vec<LpaRecord>,
    results: Vec<Result<LpaDone, LpaError>>,
    inbox: VecDeque<LpaInput>,
    next_id: u64,
    crashed: bool,
}

/// What is around the machines.
pub(super) struct Bench {
    pub(super) lab: Lab,
    pub(super) euicc: EuiccConfig,
}

impl Bench {
    /// Everybody is certified by one root.
    pub(super) fn new() -> Self {
        let template = upp(&Iccid::parse(NEW_ICCID).unwrap());
        let lab = Lab::new(1, &template);
        let mut euicc = Server::default().euicc();
        let mut randomness = Randomness::Simulated(Stream::derive(3, 3, Purpose::Keys, 0));
        let identity = lab.eum.euicc(&mut randomness, &euicc.eid).unwrap();
        euicc.identity = IdentitySource::Given(Arc::new(identity));
        let mut model = EuiccModel::new(Arc::new(lab.trust()), SMDS);
        model.epoch = Some(EPOCH);
        euicc.model = Arc::new(model);
        Self { lab, euicc }
    }

    /// Changes what the eUICC shares with others of its make.
    pub(super) fn model(mut self, change: impl FnOnce(&mut EuiccModel)) -> Self {
        let mut model = EuiccModel::clone(&self.euicc.model);
        change(&mut model);
        self.euicc.model = Arc::new(model);
        self
    }

    pub(super) fn world(self) -> World {
        let mut card = Card::new_euicc(self.euicc).unwrap();
        assert!(card.power_on().is_some());
        World {
            lpa: Lpa::new(Arc::new(LpaConfig::default()), 0),
            card,
            smdp: self.lab.smdp(0),
            now: Instant::ZERO,
            cut: None,
            tamper: None,
            apdus: 0,
            requests: 0,
            outputs: 0,
            progress: Vec::new(),
            raw: RawChannel::default(),
            lane: None,
            records: Vec::new(),
            results: Vec::new(),
            inbox: VecDeque::new(),
            next_id: 0,
            crashed: false,
        }
    }
}

pub(super) fn download(code: Option<&str>) -> LpaCommand {
    token(MATCHING_ID, code)
}

pub(super) fn token(matching_id: &str, code: Option<&str>) -> LpaCommand {
    let activation = ActivationCode::new(ADDRESS, matching_id).unwrap();
    LpaCommand::Download(Box::new(Download {
        source: Source::ActivationCode(Box::new(activation)),
        device: DeviceInfo {
            tac: vec![0x35, 0x29, 0x06, 0x11].into(),
            device_capabilities: DeviceCapabilities::default(),
            imei: None,
        },
        confirmation_code: code.map(|code| ConfirmationCode::new(code).unwrap()),
        consent: Decide::Auto,
    }))
}

impl World {
    /// The operator orders a profile and releases it; returns its ICCID.
    pub(super) fn order(&mut self, code: Option<&str>) -> Iccid {
        let ordered = self.es2(Lab::download_order(1, None));
        let es2::Answer::DownloadOrder { iccid } = ordered else { panic!("{ordered:?}") };
        let mut confirmation = Lab::confirmation(iccid, MATCHING_ID);
        confirmation.confirmation_code =
            code.map(|code| es2::ConfirmationCode::parse(code).unwrap());
        let call = Lab::call("confirm-1", es2::Function::ConfirmOrder(Box::new(confirmation)));
        let confirmed = self.es2(call);
        assert!(matches!(confirmed, es2::Answer::ConfirmOrder(_)), "{confirmed:?}");
        iccid
    }

    fn es2(&mut self, request: es2::Request) -> es2::Answer {
        self.smdp.handle(self.now, SmdpInput::Es2 { from: RequestId(0), request });
        self.serve().1.expect("an answer")
    }

    /// Lets the server speak until it has nothing more to say.
    fn serve(&mut self) -> (Option<es9::Answer>, Option<es2::Answer>) {
        let (mut to_assistant, mut to_operator) = (None, None);
        while let Some(out) = self.smdp.poll_output() {
            let Out::Do(output) = out else { continue };
            match output {
                SmdpOutput::Es9 { answer, .. } => to_assistant = Some(answer),
                SmdpOutput::Es2 { answer, .. } => to_operator = Some(answer),
                SmdpOutput::Provision { iccid, .. } => {
                    self.smdp.handle(self.now, SmdpInput::Provisioned { iccid });
                }
                SmdpOutput::Progress { id, progress, .. } => {
                    self.progress.push(*progress);
                    self.smdp.handle(self.now, SmdpInput::ProgressTaken { id });
                }
                SmdpOutput::Es12 { .. } => panic!("no discovery server is involved"),
            }
        }
        (to_assistant, to_operator)
    }

    /// Gives a command and runs until nothing is left to do.
    pub(super) fn run(&mut self, command: &LpaCommand) -> Result<LpaDone, LpaError> {
        self.next_id += 1;
        let id = CommandId(self.next_id);
        self.results.clear();
        loop {
            let command = Box::new(command.clone());
            self.lpa.handle(self.now, LpaInput::Command { id, command });
            self.crashed = false;
            self.settle();
            if !self.crashed || !self.results.is_empty() {
                return self.results.pop().expect("a command is over");
            }
        }
    }

    fn settle(&mut self) {
        for _ in 0..STEPS_MAX {
            self.drain();
            if let Some(input) = self.inbox.pop_front() {
                self.lpa.handle(self.now, input);
            } else if let Some((due, _)) = self.lpa.poll_timeout() {
                self.now = self.now.max(due);
                self.lpa.handle_timeout(self.now);
            } else {
                return;
            }
        }
        panic!("it does not come to an end");
    }

    fn drain(&mut self) {
        loop {
            if self.cut == Some(Cut::Crash(self.outputs)) {
                self.cut = None;
                return self.crash();
            }
            let Some(output) = self.lpa.poll_output() else { return };
            self.outputs += 1;
            match output {
                Out::Record(record) => self.records.push(record),
                Out::Do(LpaOutput::Event(event)) => {
                    if let LpaEvent::Finished { result, .. } = *event {
                        self.results.push(result);
                    }
                }
                Out::Do(LpaOutput::ResetCard) => self.power_cycle(),
                Out::Do(LpaOutput::Card { number, function }) => {
                    let reply = self.function(function);
                    self.inbox.push_back(LpaInput::Card { number, reply });
                }
                Out::Do(LpaOutput::Server { number, address, request }) => {
                    let answer = self.request(&address, *request);
                    self.inbox.push_back(LpaInput::Server { number, answer });
                }
            }
        }
    }

    fn crash(&mut self) {
        self.crashed = true;
        self.inbox.clear();
        self.lpa = Lpa::new(Arc::new(LpaConfig::default()), 1);
        self.records.iter().cloned().for_each(|record| self.lpa.restore(record));
    }

    fn power_cycle(&mut self) {
        assert!(self.card.power_on().is_some());
        self.raw = RawChannel::default();
        self.lane = None;
        self.inbox.push_back(LpaInput::CardReset);
        self.check();
    }

    /// Brings a function of ES10 to the card.
    fn function(&mut self, function: Vec<u8>) -> Result<Vec<u8>, CardError> {
        let (now, lane) = (self.now, self.lane);
        let config = Arc::new(TransportConfig::default());
        let mut flow = Procedure::start(now, |port| exchange(port, lane, config, function));
        loop {
            match flow.poll_output() {
                Some(Out::Do(Step::Ask(ticket, ask))) => {
                    let mut raw = core::mem::take(&mut self.raw);
                    let reply = raw.answer(ask, |apdu| self.apdu(apdu));
                    self.raw = raw;
                    flow.handle(now, (ticket, reply));
                }
                Some(Out::Do(Step::Done((lane, reply)))) => {
                    self.lane = lane;
                    return reply;
                }
                Some(Out::Record(record)) => match record {},
                None => panic!("a transport waits for nothing but the card"),
            }
        }
    }

    fn apdu(&mut self, apdu: &[u8]) -> Option<Vec<u8>> {
        let number = self.apdus;
        self.apdus += 1;
        let before = self.cut.take_if(|cut| *cut == Cut::BeforeApdu(number));
        let mut response = Vec::new();
        if before.is_none() {
            self.card.transmit(self.now, apdu, &mut response);
        }
        let after = self.cut.take_if(|cut| *cut == Cut::AfterApdu(number));
        if before.or(after).is_some() {
            self.power_cycle();
            return None;
        }
        Some(response)
    }

    fn request(&mut self, address: &str, request: es9::Request) -> Result<es9::Answer, Failure> {
        let number = self.requests;
        self.requests += 1;
        if self.cut.take_if(|cut| *cut == Cut::Request(number)).is_some() {
            return Err(Failure::Timeout);
        }
        if address != ADDRESS {
            return Err(Failure::Unreachable);
        }
        while let Some((due, _)) = self.smdp.poll_timeout().filter(|(due, _)| *due <= self.now) {
            self.smdp.handle_timeout(due);
            self.serve();
        }
        let from = RequestId(1 + u64::try_from(number).unwrap());
        self.smdp.handle(self.now, SmdpInput::Es9 { from, request });
        let mut answer = self.serve().0.expect("an answer");
        if self.cut.take_if(|cut| *cut == Cut::Answer(number)).is_some() {
            return Err(Failure::Timeout);
        }
        if let Some(tamper) = &mut self.tamper {
            tamper(&mut answer);
        }
        Ok(answer)
    }

    pub(super) fn free(&self) -> u32 {
        self.card.euicc().unwrap().free_memory()
    }

    pub(super) fn has(&self, iccid: &Iccid) -> bool {
        self.card.euicc().unwrap().profiles().any(|profile| profile.iccid.as_ref() == Some(iccid))
    }

    /// What must be so whatever has happened.
    pub(super) fn check(&self) {
        let euicc = self.card.euicc().unwrap();
        assert_eq!(euicc.profiles().filter(|profile| profile.enabled).count(), 1);
        assert!(self.card.imsi().is_some(), "the enabled profile works");
    }

    /// What must be so when everything is over.
    pub(super) fn check_end(&self) {
        self.check();
        let euicc = self.card.euicc().unwrap();
        assert_eq!(euicc.pending_notifications().count(), 0, "the server was told");
        assert!(self.lpa.is_idle() && self.lpa.open_order().is_none());
    }
}
