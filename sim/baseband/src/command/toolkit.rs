//! The toolkit of the card in the hands of a host (TS 27.007, 12.2).
//!
//! There are two profiles: 0 is the device's own and cannot be written, 1 is the host's. What the
//! host's profile has is shown by `+CUSATP` on every port from then on; the card learns of it at its
//! next start. The host's profile stays when the device is switched off.

use super::{Exchange, NO_SUCH_FORM, Progress, Refusal, Step};
use crate::card::{CardPort, Outcome};
use crate::toolkit::{envelope, own_profile};
use polysim_at::{
    CmeError, Command, Cusatd, CusateInfo, CusatrInfo, CusatrSet, CusatwSet, Form, HexBytes, Line,
};
use polysim_cat::{EnvelopeStatus, Instruction, TerminalProfile};

/// The device's own profile.
const OWN: u8 = 0;
/// The host's profile.
const HOSTS: u8 = 1;

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn toolkit(&mut self, command: &Command) -> Option<Progress> {
        if self.core.model.toolkit.is_empty() {
            return None;
        }
        Some(match command {
            Command::Cusatr(form) => match form {
                Form::Test => self.test("+CUSATR", "(0,1)"),
                Form::Execute => self.profiles(None),
                Form::Set(CusatrSet { storage }) => self.profiles(*storage),
                Form::Read => NO_SUCH_FORM,
            },
            Command::Cusatw(form) => match form {
                Form::Test => self.test("+CUSATW", "(1)"),
                Form::Execute => self.write_profile(None),
                Form::Set(set) => self.write_profile(Some(set)),
                Form::Read => NO_SUCH_FORM,
            },
            Command::Cusatd(form) => match form {
                Form::Test => self.test("+CUSATD", "(1),(0)"),
                Form::Read => self.line(&Cusatd { download: Some(1), reporting: Some(0) }),
                // The combined profile is what the card always gets.
                Form::Set(Cusatd { download: None | Some(1), reporting: None | Some(0) })
                | Form::Execute => Ok(Step::Done),
                Form::Set(_) => Err(CmeError::OperationNotSupported.into()),
            },
            Command::Cusatt(form) => match form {
                Form::Test => self.test("+CUSATT", ""),
                Form::Set(set) => {
                    let answered = self.core.host_responds(self.fx, set.response.to_vec());
                    answered.map(|()| Step::Done).map_err(Refusal::from)
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cusate(form) => match form {
                Form::Test => self.test("+CUSATE", ""),
                Form::Set(set) => match Instruction::Envelope.apdu(&set.envelope) {
                    Ok(apdu) => self.with_card(move |port| tell(port, apdu)),
                    Err(_) => Err(CmeError::TextStringTooLong.into()),
                },
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            _ => return None,
        })
    }

    fn profiles(&mut self, storage: Option<u8>) -> Progress {
        let wanted = |which| storage.is_none_or(|storage| storage == which);
        if !wanted(OWN) && !wanted(HOSTS) {
            return Err(CmeError::IncorrectParameters.into());
        }
        let own = own_profile(self.core.model);
        let hosts = self.core.slot.host_profile.as_deref().cloned().unwrap_or_default();
        for (storage, profile) in [(OWN, own), (HOSTS, hosts)] {
            if wanted(storage) {
                let profile = HexBytes::from(profile.octets());
                self.line(&CusatrInfo { storage, profile })?;
            }
        }
        Ok(Step::Done)
    }

    fn write_profile(&mut self, set: Option<&CusatwSet>) -> Progress {
        if set.is_some_and(|set| set.storage.unwrap_or(HOSTS) != HOSTS) {
            return Err(CmeError::IncorrectParameters.into());
        }
        let octets = set.and_then(|set| set.profile.as_ref());
        let profile = match octets {
            Some(octets) => Some(
                TerminalProfile::decode(octets)
                    .map_err(|_| Refusal::from(CmeError::IncorrectParameters))?,
            ),
            None => None,
        };
        self.core.slot.host_profile = profile.map(Box::new);
        Ok(Step::Done)
    }
}

async fn tell(mut port: CardPort, apdu: Vec<u8>) -> Outcome {
    let Some(reply) = envelope(&mut port, apdu).await else {
        return Outcome::refused(CmeError::SimFailure);
    };
    let busy = match EnvelopeStatus::of(reply.status) {
        EnvelopeStatus::Done | EnvelopeStatus::Pending(_) | EnvelopeStatus::Response(_) => Some(0),
        EnvelopeStatus::Busy => Some(1),
        EnvelopeStatus::DownloadError | EnvelopeStatus::Refused => {
            return Outcome::refused(CmeError::SimFailure);
        }
    };
    let mut lines = Vec::new();
    CusateInfo { response: reply.data.into(), busy }.encode(&mut lines);
    lines.push(b'\n');
    Outcome::with_lines(lines)
}
