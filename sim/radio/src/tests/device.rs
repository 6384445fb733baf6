//! A device with its card, as far as the networks can tell.

use crate::{air::*, ids::RegionId};
use polysim_aka::{Algorithm, AuthOutcome, SqnArray, authenticate, gsm};
use polysim_base::{Imei, Imsi};

/// What a device does with texts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Texts {
    Take,
    /// Takes one, then refuses.
    TakeOne,
    Ignore,
    Refuse(u8),
    /// Takes them, and says so in an SMS-DELIVER-REPORT.
    Report(&'static [u8]),
    /// Refuses them, and says why.
    RefuseWith(u8, &'static [u8]),
    /// Refuses one so, then takes.
    RefuseOneWith(u8, &'static [u8]),
}

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) region: RegionId,
    pub(crate) imsi: Imsi,
    pub(crate) imei: Imei,
    pub(crate) algorithm: Algorithm,
    pub(crate) window: SqnArray,
    /// What came, but for challenges.
    pub(crate) inbox: Vec<Downlink>,
    pub(crate) challenges: usize,
    pub(crate) texts: Texts,
    /// It rings by itself when called.
    pub(crate) rings: bool,
    /// Its card answers wrongly.
    pub(crate) wrong_res: bool,
    /// It answers challenges at all.
    pub(crate) answers: bool,
    /// Whether it takes itself for registered.
    pub(crate) registered: bool,
}

impl Device {
    /// Takes a message; returns what it answers by itself.
    pub(crate) fn hear(&mut self, downlink: Downlink) -> Vec<Uplink> {
        let answer = match &downlink {
            Downlink::Authentication(challenge) => {
                self.challenges += 1;
                return if self.answers { vec![self.authenticate(challenge)] } else { vec![] };
            }
            Downlink::Sms(SmsDownlink::Data { reference, .. }) => self.acknowledge(*reference),
            Downlink::Call { transaction, message: CallDownlink::Setup { .. } } if self.rings => {
                vec![Uplink::Call { transaction: *transaction, message: CallUplink::Alerting }]
            }
            Downlink::Accept(_) => {
                self.registered = true;
                vec![]
            }
            Downlink::Reject(_) | Downlink::AuthenticationReject | Downlink::Detach(_) => {
                self.registered = false;
                vec![]
            }
            _ => vec![],
        };
        self.inbox.push(downlink);
        answer
    }

    fn authenticate(&mut self, challenge: &Challenge) -> Uplink {
        let Challenge { rand, autn } = challenge;
        let answer = match autn {
            None => {
                let mut sres = [0; 4];
                sres.copy_from_slice(gsm(&self.algorithm, rand).0.as_bytes());
                AuthenticationAnswer::Response(sres.into())
            }
            Some(autn) => {
                match authenticate(&self.algorithm, &mut self.window, rand, autn).unwrap() {
                    AuthOutcome::Success { .. } if self.wrong_res => {
                        AuthenticationAnswer::Response([0; 8].into())
                    }
                    AuthOutcome::Success { res, .. } => AuthenticationAnswer::Response(res),
                    AuthOutcome::SyncFailure { auts } => AuthenticationAnswer::SyncFailure(auts),
                    AuthOutcome::MacFailure => AuthenticationAnswer::MacFailure,
                }
            }
        };
        Uplink::Authentication(answer)
    }

    fn acknowledge(&mut self, reference: u8) -> Vec<Uplink> {
        let tpdu = None;
        match self.texts {
            Texts::TakeOne => {
                self.texts = Texts::Refuse(111);
                vec![Uplink::Sms(SmsUplink::Ack { reference, tpdu })]
            }
            Texts::Take => vec![Uplink::Sms(SmsUplink::Ack { reference, tpdu })],
            Texts::Refuse(cause) => vec![Uplink::Sms(SmsUplink::Error { reference, cause, tpdu })],
            Texts::Report(report) => {
                vec![Uplink::Sms(SmsUplink::Ack { reference, tpdu: Some(report.to_vec()) })]
            }
            Texts::RefuseOneWith(cause, report) => {
                self.texts = Texts::RefuseWith(cause, report);
                let refusal = self.acknowledge(reference);
                self.texts = Texts::Take;
                refusal
            }
            Texts::RefuseWith(cause, report) => {
                let tpdu = Some(report.to_vec());
                vec![Uplink::Sms(SmsUplink::Error { reference, cause, tpdu })]
            }
            Texts::Ignore => vec![],
        }
    }

    /// Takes what came since the last look.
    pub(crate) fn take(&mut self) -> Vec<Downlink> {
        std::mem::take(&mut self.inbox)
    }
}
