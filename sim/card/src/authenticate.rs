//! AUTHENTICATE and RUN GSM ALGORITHM (TS 31.102, 7.1; TS 51.011, 9.2.16).

#[cfg(test)]
mod tests;

use polysim_aka::{AuthOutcome, Autn, Rand, authenticate, gsm};
use polysim_apdu::{AuthenticateReply, Authentication, Channel, GsmReply, Status};

use crate::card::{Answer, Card};
use crate::security::Key;
use crate::template::{FileIndex, Service};

impl Card {
    /// AUTHENTICATE in the application active on the channel.
    pub(crate) fn authenticate(
        &mut self,
        channel: Channel,
        authentication: Authentication<'_>,
        out: &mut Vec<u8>,
    ) -> Answer {
        let adf = self.selection(channel)?.adf;
        if adf == FileIndex::NONE {
            return Err(Status::ConditionsNotSatisfied);
        }
        if !self.contents.pins.satisfied().has(Key::Pin1) {
            return Err(Status::SecurityNotSatisfied);
        }
        let algorithm = self.algorithm().ok_or(Status::ConditionsNotSatisfied)?;
        let usim = adf == self.contents.profile.template().usim();
        match authentication {
            Authentication::Umts { rand, autn } => {
                self.umts(Rand::from(*rand), Autn::from(*autn), usim, out)
            }
            Authentication::Gsm { rand } if usim && self.serves(Service::GsmSecurityContext) => {
                let (sres, kc) = gsm(algorithm, &Rand::from(*rand));
                let reply = GsmReply { sres: *sres.as_bytes(), kc: *kc.as_bytes() };
                out.extend_from_slice(&reply.bytes());
                Ok(Status::Success)
            }
            Authentication::Gsm { .. } | Authentication::Vgcs(_) | Authentication::Gba(_) => {
                Err(Status::AuthenticationContextNotSupported)
            }
        }
    }

    /// 3G context: RES, CK, IK and Kc where the USIM serves GSM access; or AUTS.
    fn umts(&mut self, rand: Rand, autn: Autn, usim: bool, out: &mut Vec<u8>) -> Answer {
        let with_kc = usim && self.serves(Service::GsmAccess);
        let subscription =
            self.contents.subscription.as_mut().ok_or(Status::ConditionsNotSatisfied)?;
        let outcome =
            authenticate(&subscription.algorithm, &mut subscription.sequence, &rand, &autn)
                .map_err(|_| Status::AuthenticationContextNotSupported)?;
        let emitted = match &outcome {
            AuthOutcome::Success { res, ck, ik, kc } => AuthenticateReply::Success {
                res: res.as_bytes(),
                ck: ck.as_bytes(),
                ik: ik.as_bytes(),
                kc: with_kc.then(|| kc.as_bytes()),
            }
            .emit(out),
            AuthOutcome::SyncFailure { auts } => {
                AuthenticateReply::SyncFailure { auts: auts.as_bytes() }.emit(out)
            }
            AuthOutcome::MacFailure => return Err(Status::AuthenticationMacError),
        };
        emitted.map_or(Err(Status::TechnicalProblem), |()| Ok(Status::Success))
    }

    /// RUN GSM ALGORITHM: only in DF.GSM.
    pub(crate) fn run_gsm_algorithm(&self, rand: &[u8; 16], out: &mut Vec<u8>) -> Answer {
        let selection = self.selection(Channel::BASIC)?;
        if selection.df != self.contents.profile.template().gsm() {
            return Err(Status::TechnicalProblem);
        }
        if !self.contents.pins.satisfied().has(Key::Pin1) {
            return Err(Status::SecurityNotSatisfied);
        }
        let algorithm = self.algorithm().ok_or(Status::TechnicalProblem)?;
        let (sres, kc) = gsm(algorithm, &Rand::from(*rand));
        let reply = GsmReply { sres: *sres.as_bytes(), kc: *kc.as_bytes() };
        out.extend_from_slice(&reply.sim_bytes());
        Ok(Status::Success)
    }

    /// Tells whether EF.UST has a service now.
    fn serves(&self, service: Service) -> bool {
        let template = self.contents.profile.template();
        let Some(ust) = template.ef(template.ust()) else {
            return false;
        };
        let (byte, bit) = service.place();
        byte < ust.size() && self.contents.store.byte(template, ust, byte) & bit != 0
    }
}
