//! Profile assistant, SM-DP+ and eUICC, each our own, over the octets between them.

use polysim_base::{Duration, Machine as _, Out};
use polysim_lpa::transport::{CardError, Refusal};
use polysim_lpa::{
    CommandId, Download, Installed, Lpa as Assistant, LpaCommand, LpaConfig, LpaDone, LpaError,
    LpaEvent, LpaInput, LpaOutput, Source,
};
use polysim_rsp::activation::ActivationCode;
use polysim_rsp::data::{DeviceCapabilities, DeviceInfo};
use polysim_rsp::{es2, es9};
use polysim_smdp::testkit::{ADDRESS, EPOCH, Lab, MATCHING_ID};
use polysim_smdp::{ProfileState, RequestId, Smdp, SmdpInput, SmdpOutput};

use super::*;
use crate::testkit::server::Order;

struct Parties {
    now: Instant,
    card: Card,
    channel: Lpa,
    assistant: Assistant,
    smdp: Smdp,
    asked: u64,
    done: Vec<Result<LpaDone, LpaError>>,
    /// The supply fails at that function of the card, before or after it is done.
    cut: Option<(usize, bool)>,
    functions: usize,
}

fn parties() -> Parties {
    let lab = Lab::new(3, &Order::default().upp);
    let mut config = Server::default().euicc();
    config.eid = Lab::eid(1);
    config.identity = IdentitySource::Derived(Arc::new(lab.eum.clone()));
    for preset in &mut config.presets {
        Arc::make_mut(&mut preset.metadata).notifications.clear();
    }
    let mut model = EuiccModel::new(Arc::new(lab.trust()), "smds.example");
    model.epoch = Some(EPOCH);
    config.model = Arc::new(model);
    let mut card = made(config);
    Parties {
        now: Instant::ZERO,
        channel: Lpa::open(&mut card),
        card,
        assistant: Assistant::new(Arc::new(LpaConfig::default()), 0),
        smdp: lab.smdp(0),
        asked: 0,
        done: Vec::new(),
        cut: None,
        functions: 0,
    }
}

impl Parties {
    /// Gives the SM-DP+ something, and answers what it tells others.
    fn smdp(&mut self, input: SmdpInput) -> Vec<SmdpOutput> {
        let (mut inputs, mut outputs) = (vec![input], Vec::new());
        while let Some(input) = inputs.pop() {
            self.smdp.handle(self.now, input);
            while let Some(output) = self.smdp.poll_output() {
                match output {
                    Out::Record(_) => {}
                    Out::Do(SmdpOutput::Provision { iccid, .. }) => {
                        inputs.push(SmdpInput::Provisioned { iccid });
                    }
                    Out::Do(SmdpOutput::Progress { id, .. }) => {
                        inputs.push(SmdpInput::ProgressTaken { id });
                    }
                    Out::Do(output) => outputs.push(output),
                }
            }
        }
        outputs
    }

    fn es2(&mut self, request: es2::Request) -> es2::Answer {
        let outputs = self.smdp(SmdpInput::Es2 { from: RequestId(0), request });
        let answer = outputs.into_iter().find_map(|output| {
            let SmdpOutput::Es2 { answer, .. } = output else { return None };
            Some(answer)
        });
        answer.unwrap()
    }

    fn es9(&mut self, request: es9::Request) -> es9::Answer {
        let outputs = self.smdp(SmdpInput::Es9 { from: RequestId(1), request });
        let answer = outputs.into_iter().find_map(|output| {
            let SmdpOutput::Es9 { answer, .. } = output else { return None };
            Some(answer)
        });
        answer.unwrap()
    }

    /// Has the assistant do something, and everybody answer it until nothing is left to do.
    fn command(&mut self, command: LpaCommand) {
        self.asked += 1;
        let id = CommandId(self.asked);
        let input = LpaInput::Command { id, command: Box::new(command) };
        self.assistant.handle(self.now, input);
        for _ in 0..20 {
            self.drain();
            match self.assistant.poll_timeout() {
                Some((due, _)) if due < self.now.plus(Duration::from_secs(60)) => {
                    self.now = due.max(self.now);
                    self.assistant.handle_timeout(self.now);
                }
                Some(_) | None => break,
            }
        }
    }

    fn ask_card(&mut self, function: &[u8]) -> Result<Vec<u8>, CardError> {
        self.functions += 1;
        let cut = self.cut.take_if(|(at, _)| *at == self.functions);
        let done = cut.is_none_or(|(_, done)| done);
        let answered = done.then(|| self.channel.ask_raw(&mut self.card, function));
        if cut.is_some() {
            // The device notices, and gives it power again.
            self.card.power_on();
            self.channel = Lpa::open(&mut self.card);
            return Err(CardError::Reset);
        }
        match answered {
            Some((answer, [0x90 | 0x91, _])) => Ok(answer),
            Some((_, status)) => Err(CardError::Refused(Refusal(u16::from_be_bytes(status)))),
            None => Err(CardError::NoAnswer),
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.assistant.poll_output() {
            let input = match output {
                Out::Record(_) => continue,
                Out::Do(LpaOutput::Card { number, function }) => {
                    LpaInput::Card { number, reply: self.ask_card(&function) }
                }
                Out::Do(LpaOutput::ResetCard) => {
                    self.card.power_on();
                    self.channel = Lpa::open(&mut self.card);
                    LpaInput::CardReset
                }
                Out::Do(LpaOutput::Server { number, address, request }) => {
                    assert_eq!(address, ADDRESS);
                    LpaInput::Server { number, answer: Ok(self.es9(*request)) }
                }
                Out::Do(LpaOutput::Event(event)) => {
                    if let LpaEvent::Finished { result, .. } = *event {
                        self.done.push(result);
                    }
                    continue;
                }
            };
            self.assistant.handle(self.now, input);
        }
    }
}

/// Has a profile ready on the SM-DP+, and says which and how to get it.
fn released(parties: &mut Parties) -> (Iccid, LpaCommand) {
    let ordered = parties.es2(Lab::download_order(0, None));
    let es2::Answer::DownloadOrder { iccid } = ordered else { panic!("{ordered:?}") };
    let confirmation = Box::new(Lab::confirmation(iccid, MATCHING_ID));
    parties.es2(Lab::call("confirm", es2::Function::ConfirmOrder(confirmation)));
    let code = ActivationCode::new(ADDRESS, MATCHING_ID).unwrap();
    let device = DeviceInfo {
        tac: [0x35, 0x29, 0x06, 0x11].into(),
        device_capabilities: DeviceCapabilities::default(),
        imei: None,
    };
    let source = Source::ActivationCode(Box::new(code));
    (iccid, LpaCommand::Download(Box::new(Download::unattended(source, device))))
}

#[test]
fn a_profile_is_ordered_downloaded_enabled_and_deleted_and_the_server_hears_of_all() {
    let mut parties = parties();
    let (iccid, download) = released(&mut parties);
    parties.command(download);
    let wire = *iccid.wire();
    let done = &parties.done;
    let installed =
        matches!(&done[..], [Ok(LpaDone::Downloaded(Installed { iccid, .. }))] if *iccid == wire);
    assert!(installed, "{done:?}");
    assert_eq!(parties.smdp.profile_state(iccid), Some(ProfileState::Installed));
    let euicc = parties.card.euicc().unwrap();
    assert_eq!(euicc.pending_notifications().count(), 0, "the server has them");
    let imsi = parties.card.imsi_of(&iccid).unwrap();

    let profile = ProfileIdentifier::Iccid(data::Iccid::from(&iccid));
    parties.command(LpaCommand::Enable { profile: profile.clone(), refresh: false });
    assert_eq!(parties.card.imsi(), Some(imsi));
    parties.command(LpaCommand::Disable { profile: profile.clone(), refresh: false });
    parties.command(LpaCommand::Delete(profile));
    let after = [LpaDone::Enabled, LpaDone::Disabled, LpaDone::Deleted].map(Ok);
    assert_eq!(parties.done[1..], after);
    assert_eq!(parties.card.imsi_of(&iccid), None);
}

#[test]
fn wherever_the_power_of_the_card_fails_the_old_profile_stays_and_nothing_is_half_there() {
    let functions = {
        let mut parties = parties();
        let (_, download) = released(&mut parties);
        parties.command(download);
        parties.functions
    };
    assert!(functions > 12, "{functions}");
    for at in 1..=functions {
        for done in [false, true] {
            let mut parties = parties();
            let (iccid, download) = released(&mut parties);
            let (free, old) = (parties.card.euicc().unwrap().free_memory(), parties.card.imsi());
            parties.cut = Some((at, done));
            parties.command(download);
            let euicc = parties.card.euicc().unwrap();
            let there = euicc.profiles().find(|profile| profile.iccid == Some(iccid));
            let size = there.map_or(0, |profile| profile.size);
            assert_eq!(euicc.free_memory(), free - size, "{at} {done}");
            assert_eq!(euicc.profiles().filter(|profile| profile.enabled).count(), 1);
            assert_eq!((parties.card.imsi(), parties.done.len()), (old, 1), "{at} {done}");
            let told = matches!(parties.done[0], Ok(LpaDone::Downloaded(_)));
            assert_eq!(told, size > 0, "{at} {done}: {:?}", parties.done);
            assert_eq!(euicc.pending_notifications().count(), 0, "{at} {done}");
        }
    }
}
