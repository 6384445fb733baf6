//! An SM-DP+ with its records, an operator that takes what it is told, and eUICCs.

use crate::testkit::{CODE, Lab, MATCHING_ID, SoftEuicc};
use crate::{OutboxId, ProfileState, RequestId, Smdp, SmdpInput, SmdpOutput};
use polysim_base::testkit::Durable;
use polysim_base::{Duration, Iccid, Instant, Machine as _};
use polysim_rsp::data::TransactionId;
use polysim_rsp::es2::{self, ConfirmOrder, ConfirmationCode, NotificationPoint, Progress};
use polysim_rsp::es9::{self, AuthenticateClientOk, InitiateAuthenticationOk, Refusal};
use polysim_rsp::es12;
use polysim_rsp::saip::testkit::builder;
use std::boxed::Box;
use std::string::String;
use std::vec::Vec;

pub(super) struct Rig {
    pub(super) lab: Lab,
    pub(super) run: Durable<Smdp>,
    pub(super) now: Instant,
    requests: u64,
    seen: usize,
    /// Who answers what the server tells: the operator and the SM-DS.
    pub(super) takes: bool,
    /// What they were told, each once.
    pub(super) told: Vec<(OutboxId, Progress)>,
    pub(super) events: Vec<(OutboxId, es12::Function)>,
    pub(super) provisioned: Vec<Iccid>,
}

pub(super) fn template() -> Vec<u8> {
    builder().build().unwrap().encode().to_vec()
}

impl Rig {
    pub(super) fn new() -> Self {
        let lab = Lab::new(3, &template());
        let run = Durable::new(lab.smdp(0));
        Self {
            lab,
            run,
            now: Instant::ZERO,
            requests: 0,
            seen: 0,
            takes: true,
            told: Vec::new(),
            events: Vec::new(),
            provisioned: Vec::new(),
        }
    }

    pub(super) fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
        self.run.handle_timeout(self.now, None);
        self.take();
    }

    pub(super) fn input(&mut self, input: SmdpInput) {
        self.run.handle(self.now, input, None);
        self.take();
    }

    /// Restarts the server from its records.
    pub(super) fn crash(&mut self) {
        self.requests += 1;
        let life = u32::try_from(self.requests).unwrap();
        self.run.restart(self.lab.smdp(life));
        self.wait(0);
    }

    fn take(&mut self) {
        while let Some(effect) = self.run.effects().get(self.seen).cloned() {
            self.seen += 1;
            if !self.takes {
                continue;
            }
            let answer = match effect {
                SmdpOutput::Provision { iccid, .. } => {
                    self.provisioned.push(iccid);
                    SmdpInput::Provisioned { iccid }
                }
                SmdpOutput::Progress { id, progress, .. } => {
                    if self.told.iter().all(|(told, _)| *told != id) {
                        self.told.push((id, *progress));
                    }
                    SmdpInput::ProgressTaken { id }
                }
                SmdpOutput::Es12 { id, request, .. } => {
                    if self.events.iter().all(|(told, _)| *told != id) {
                        self.events.push((id, request.function));
                    }
                    SmdpInput::Es12 { id, answer: es12::Answer::Done }
                }
                SmdpOutput::Es9 { .. } | SmdpOutput::Es2 { .. } => continue,
            };
            self.run.handle(self.now, answer, None);
        }
    }

    pub(super) fn es9(&mut self, request: es9::Request) -> es9::Answer {
        self.requests += 1;
        let from = RequestId(self.requests);
        self.input(SmdpInput::Es9 { from, request });
        let mut answers = self.run.effects().iter().rev();
        answers
            .find_map(|effect| {
                let SmdpOutput::Es9 { to, answer } = effect else { return None };
                (*to == from).then(|| answer.clone())
            })
            .expect("an answer")
    }

    pub(super) fn es2(&mut self, request: es2::Request) -> Option<es2::Answer> {
        self.requests += 1;
        let from = RequestId(self.requests);
        self.input(SmdpInput::Es2 { from, request });
        let mut answers = self.run.effects().iter().rev();
        answers.find_map(|effect| {
            let SmdpOutput::Es2 { to, answer } = effect else { return None };
            (*to == from).then(|| answer.clone())
        })
    }

    pub(super) fn refused(&mut self, request: es9::Request) -> Refusal {
        let answer = self.es9(request);
        let es9::Answer::Refused(status) = answer else { panic!("{answer:?}") };
        Refusal::from_status(&status).expect("a named status")
    }

    pub(super) fn es2_refused(&mut self, request: es2::Request) -> Refusal {
        let answer = self.es2(request).unwrap();
        let es2::Answer::Refused(status) = answer else { panic!("{answer:?}") };
        Refusal::from_status(&status).expect("a named status")
    }

    /// Orders a profile.
    pub(super) fn ordered(&mut self, number: u32) -> Iccid {
        let answer = self.es2(Lab::download_order(number, None)).unwrap();
        let es2::Answer::DownloadOrder { iccid } = answer else { panic!("{answer:?}") };
        iccid
    }

    pub(super) fn confirm(&mut self, order: ConfirmOrder) -> Option<es2::Answer> {
        self.es2(Lab::call("confirm", es2::Function::ConfirmOrder(Box::new(order))))
    }

    /// Has a profile ready under the matching identifier.
    pub(super) fn released(&mut self) -> Iccid {
        self.released_as(0, MATCHING_ID)
    }

    pub(super) fn released_as(&mut self, number: u32, id: &str) -> Iccid {
        let iccid = self.ordered(number);
        let answer = self.confirm(Lab::confirmation(iccid, id)).unwrap();
        assert!(matches!(answer, es2::Answer::ConfirmOrder(_)), "{answer:?}");
        iccid
    }

    /// Has a profile ready that wants a confirmation code.
    pub(super) fn released_with_code(&mut self) -> Iccid {
        let iccid = self.ordered(0);
        let confirmation_code = Some(code(CODE));
        let order = ConfirmOrder { confirmation_code, ..Lab::confirmation(iccid, MATCHING_ID) };
        self.confirm(order).unwrap();
        iccid
    }

    pub(super) fn initiated(&mut self, euicc: &SoftEuicc) -> InitiateAuthenticationOk {
        let answer = self.es9(euicc.initiate());
        let es9::Answer::InitiateAuthentication(ok) = answer else { panic!("{answer:?}") };
        *ok
    }

    pub(super) fn authenticated(&mut self, euicc: &mut SoftEuicc) -> AuthenticateClientOk {
        self.authenticated_for(euicc, Some(MATCHING_ID))
    }

    pub(super) fn authenticated_for(
        &mut self,
        euicc: &mut SoftEuicc,
        id: Option<&str>,
    ) -> AuthenticateClientOk {
        let ok = self.initiated(euicc);
        let answer = self.es9(euicc.authenticate(&ok, id));
        let es9::Answer::AuthenticateClient(ok) = answer else { panic!("{answer:?}") };
        *ok
    }

    /// Tells why an eUICC does not get a profile.
    pub(super) fn not_authenticated(&mut self, euicc: &mut SoftEuicc, id: Option<&str>) -> Refusal {
        let ok = self.initiated(euicc);
        self.refused(euicc.authenticate(&ok, id))
    }

    /// Downloads a package, and returns the session with it.
    pub(super) fn downloaded(&mut self, euicc: &mut SoftEuicc) -> (TransactionId, Vec<u8>) {
        let ok = self.authenticated(euicc);
        let answer = self.es9(euicc.prepare(&ok, None));
        package(answer)
    }

    pub(super) fn state(&self, iccid: Iccid) -> ProfileState {
        self.run.machine().profile_state(iccid).unwrap()
    }

    /// What the operator was told, in order.
    pub(super) fn points(&self) -> Vec<(NotificationPoint, Option<String>)> {
        let codes = |progress: &Progress| {
            progress.result.clone().err().map(|it| std::format!("{} {}", it.subject, it.reason))
        };
        self.told.iter().map(|(_, progress)| (progress.point, codes(progress))).collect()
    }
}

pub(super) fn package(answer: es9::Answer) -> (TransactionId, Vec<u8>) {
    let es9::Answer::GetBoundProfilePackage { transaction_id, bound_profile_package } = answer
    else {
        panic!("{answer:?}")
    };
    (transaction_id, bound_profile_package)
}

pub(super) fn code(text: &str) -> ConfirmationCode {
    ConfirmationCode::parse(text).unwrap()
}

/// Checks that a machine restored from the records knows what the machine knows.
pub(super) fn check_records(rig: &mut Rig) {
    let before: Vec<_> = rig.run.machine().profiles().collect();
    let untold = rig.run.machine().untold();
    rig.takes = false;
    rig.crash();
    rig.takes = true;
    assert_eq!(rig.run.machine().profiles().collect::<Vec<_>>(), before);
    assert_eq!(rig.run.machine().untold(), untold);
    assert!(rig.run.machine().poll_timeout().is_none_or(|(at, _)| at > rig.now));
}
