//! The agent with the profile assistant that devices have, on a card that answers ES10.

use std::sync::Arc;
use std::vec::Vec;

use polysim_base::{Iccid, Instant, Machine, Out};
use polysim_lpa::transport::CardError;
use polysim_lpa::{Lpa, LpaConfig};
use polysim_rsp::data::{
    EnableProfileRequest, EnableProfileResponse, EnableResult, ListNotificationRequest,
    ListNotificationResponse, ProfileIdentifier, ProfileInfo, ProfileInfoListRequest,
    ProfileInfoListResponse, ProfileState, decode, encode,
};

use super::super::*;
use super::setup::{ABROAD, HOME, ORIGINAL, config, eid, iccid, plmn, secs};
use crate::wire::{
    Downlink, DownloadAnswer, ListAnswer, ListEntry, OperatorNumber, Outcome, Refusal, Uplink,
    UplinkView, seal_downlink,
};
use crate::{Level, Location, MasterKey, Registration, VisibleNetwork};

struct Bench {
    now: Instant,
    agent: Agent,
    enabled: Iccid,
    /// The answer to the next enabling is lost; the card does it all the same.
    loses_answer: bool,
    enables: usize,
    restarts: usize,
    told: Vec<AgentEvent>,
    counter: u32,
}

fn key() -> crate::DeviceKey {
    MasterKey::new([9; 16]).device(eid())
}

impl Bench {
    fn new() -> Self {
        let identity = Identity {
            eid: eid(),
            key: key(),
            original: iccid(ORIGINAL),
            home: [plmn(HOME)].into(),
            presets: Vec::new(),
        };
        let lpa = Lpa::new(Arc::new(LpaConfig::default()), 0);
        let mut bench = Self {
            now: Instant::from_micros(1),
            agent: Agent::new(identity, Arc::new(config()), lpa),
            enabled: iccid(ORIGINAL),
            loses_answer: false,
            enables: 0,
            restarts: 0,
            told: Vec::new(),
            counter: 0,
        };
        bench.give(AgentInput::Started);
        bench.give(AgentInput::Reset);
        bench.give(AgentInput::Bearers(Bearers { data: true, texts: true }));
        bench
    }

    fn give(&mut self, input: AgentInput) {
        self.agent.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        let mut inputs = Vec::new();
        while let Some(out) = self.agent.poll_output() {
            let Out::Do(output) = out else { continue };
            inputs.extend(self.answer(output));
        }
        inputs.into_iter().for_each(|input| self.give(input));
    }

    fn answer(&mut self, output: AgentOutput) -> Option<AgentInput> {
        match output {
            AgentOutput::Locate { .. } => Some(AgentInput::Located(self.location())),
            AgentOutput::Send { frame, .. } => self.platform(&frame).map(AgentInput::Frame),
            AgentOutput::Restart => {
                self.restarts += 1;
                Some(AgentInput::Reset)
            }
            AgentOutput::Card { number, function } => {
                Some(AgentInput::Card { number, reply: self.card(&function) })
            }
            AgentOutput::Server { .. } => panic!("no server is asked"),
            AgentOutput::Tell(event) => {
                self.told.push(event);
                None
            }
        }
    }

    fn location(&self) -> Location {
        let abroad = plmn(ABROAD[0]);
        let registration = match self.enabled == iccid(ORIGINAL) {
            true => Registration::Roaming,
            false => Registration::Home,
        };
        let visible = [VisibleNetwork { plmn: abroad, level: Level::from_dbm(-70) }].into();
        Location { registration, serving: Some(abroad), visible }
    }

    fn card(&mut self, function: &[u8]) -> Result<Vec<u8>, CardError> {
        if decode::<ProfileInfoListRequest>("", function).is_ok() {
            let profile = |of: u16| ProfileInfo {
                iccid: Some((&iccid(of)).into()),
                profile_state: Some(match self.enabled == iccid(of) {
                    true => ProfileState::Enabled,
                    false => ProfileState::Disabled,
                }),
                ..ProfileInfo::default()
            };
            return Ok(encode(&ProfileInfoListResponse::Ok([ORIGINAL, 1].map(profile).into())));
        }
        if let Ok(request) = decode::<EnableProfileRequest>("", function) {
            let ProfileIdentifier::Iccid(named) = request.profile_identifier else {
                panic!("by its ICCID")
            };
            assert!(!request.refresh_flag, "the agent has the device restart");
            self.enabled = named.digits().unwrap();
            self.enables += 1;
            if core::mem::take(&mut self.loses_answer) {
                return Err(CardError::NoAnswer);
            }
            return Ok(encode(&EnableProfileResponse { enable_result: EnableResult::Ok }));
        }
        if decode::<ListNotificationRequest>("", function).is_ok() {
            return Ok(encode(&ListNotificationResponse::Ok(Vec::new())));
        }
        Err(CardError::NoIsdr)
    }

    fn platform(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        let (_, message) = UplinkView::parse(frame).unwrap().open(&key()).unwrap();
        let message = match message {
            Uplink::List(request) => {
                assert!(request.profiles.iter().any(|it| it.is_enabled && it.is_original));
                let entry = ListEntry {
                    operator: OperatorNumber(1),
                    plmns: [plmn(ABROAD[0])].into(),
                    iccid: Some(iccid(1)),
                };
                let answer = ListAnswer::Listed([entry].into());
                Downlink::List { number: request.number, answer }
            }
            Uplink::Download(request) => {
                let answer = DownloadAnswer::Refused(Refusal::NotEntitled);
                Downlink::Download { number: request.number, answer }
            }
            Uplink::Report(report) => Downlink::Noted { number: report.number },
        };
        self.counter += 1;
        Some(seal_downlink(&key(), eid(), self.counter, &message))
    }

    fn run(&mut self, time: u64) {
        let end = self.now.plus(secs(time));
        while let Some((at, _)) = self.agent.poll_timeout()
            && at <= end
        {
            self.now = self.now.max(at);
            self.agent.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }
}

#[test]
fn a_real_assistant_lists_and_enables_for_the_agent() {
    for loses_answer in [false, true] {
        let mut bench = Bench::new();
        bench.loses_answer = loses_answer;
        bench.give(AgentInput::LocationChanged);
        bench.run(1_800);
        let serving = Some(plmn(ABROAD[0]));
        let ended = AgentEvent::Ended(Outcome::Switched { iccid: iccid(1), serving });
        assert_eq!(bench.told.last(), Some(&ended), "{:?}", bench.told);
        assert_eq!((bench.enabled, bench.enables, bench.restarts), (iccid(1), 1, 1));
        bench.give(AgentInput::Bearers(Bearers { data: false, texts: true }));
        assert_eq!(bench.agent.reports_waiting(), 0);
        assert!(bench.agent.assistant().is_idle());
    }
}
