//! A host's own way to the card (TS 27.007, 8.17, 8.18, 8.43 to 8.48).

use super::{Exchange, NO_SUCH_FORM, Progress, Refusal};
use crate::card::{self, CRSM_DATA_MAX, Crsm};
use polysim_at::{
    CchcSet, CchoSet, CglaSet, CmeError, Command, CrsmSet, FinalResult, Form, SessionId,
};

/// Shortest APDU: its header.
const APDU_LEN_MIN: usize = 4;

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn card(&mut self, command: &Command) -> Progress {
        match command {
            Command::Csim(form) => match form {
                Form::Test => self.test("+CSIM", ""),
                Form::Set(set) => {
                    let apdu = complete(&set.apdu)?;
                    self.with_powered_card(move |port| card::csim(port, apdu))
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Crsm(form) => match form {
                Form::Test => self.test("+CRSM", ""),
                Form::Set(set) => self.restricted(set),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Ccho(form) => match form {
                Form::Test => self.test("+CCHO", ""),
                Form::Set(CchoSet { aid }) => {
                    if aid.is_empty() || aid.len() > 16 {
                        return Err(CmeError::IncorrectParameters.into());
                    }
                    let (aid, handles) = (aid.to_vec(), self.core.model.session_handles);
                    self.with_powered_card(move |port| card::open_session(port, aid, handles))
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cchc(form) => match form {
                Form::Test => self.test("+CCHC", ""),
                Form::Set(CchcSet { session }) => {
                    let channel = self.channel(session)?;
                    self.with_powered_card(move |port| card::close_session(port, channel))
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cgla(form) => match form {
                Form::Test => self.test("+CGLA", ""),
                Form::Set(CglaSet { session, apdu }) => {
                    let (channel, apdu) = (self.channel(session)?, complete(apdu)?);
                    self.with_powered_card(move |port| card::logical(port, channel, apdu))
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cuad(form) => match form {
                Form::Test => self.test("+CUAD", "(0)"),
                Form::Execute | Form::Set(_) => self.with_powered_card(card::cuad),
                Form::Read => NO_SUCH_FORM,
            },
            _ => self.unknown(),
        }
    }

    fn channel(&self, session: &SessionId) -> Result<u8, Refusal> {
        let channel = card::channel_of(session, self.core.model.session_handles);
        channel.ok_or_else(|| CmeError::InvalidIndex.into())
    }

    fn restricted(&mut self, set: &CrsmSet) -> Progress {
        let data = set.data.as_deref().unwrap_or_default().to_vec();
        let path = set.path.as_deref().unwrap_or_default();
        let (path, rest) = path.as_chunks::<2>();
        if data.len() > CRSM_DATA_MAX || !rest.is_empty() || path.len() > 8 {
            return Err(CmeError::IncorrectParameters.into());
        }
        let parameter = |value: Option<u8>| value.unwrap_or(0);
        let request = Crsm {
            command: set.command,
            file: set.file,
            parameters: [parameter(set.p1), parameter(set.p2), parameter(set.p3)],
            data,
            path: path.iter().map(|id| u16::from_be_bytes(*id)).collect(),
            form: self.core.model.file_status,
        };
        self.with_powered_card(move |port| card::crsm(port, request))
    }
}

/// An APDU has a header at least.
fn complete(apdu: &[u8]) -> Result<Vec<u8>, Refusal> {
    if apdu.len() < APDU_LEN_MIN {
        return Err(Refusal(FinalResult::Cme(CmeError::IncorrectParameters)));
    }
    Ok(apdu.to_vec())
}
