//! `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG` (TS 27.007, 7.2, 10.1.20, 10.1.22, 10.1.47).

use super::{Exchange, NO_SUCH_FORM, Progress, Step};
use crate::urc::shown;
use polysim_at::{CmeError, Form, RegistrationDomain};

impl Exchange<'_> {
    pub(super) fn registration(&mut self, domain: RegistrationDomain, form: &Form<u8>) -> Progress {
        let (at, max) = match domain {
            RegistrationDomain::Circuit => (0, 3),
            RegistrationDomain::Packet => (1, 3),
            RegistrationDomain::Eps => (2, 5),
            RegistrationDomain::FiveG => (3, 3),
        };
        match form {
            Form::Test => self.test(domain.name(), if max == 5 { "(0-5)" } else { "(0-3)" }),
            Form::Read => {
                let setting = self.settings.registration.get(at).copied().unwrap_or(0);
                let line = shown(self.core.snapshot().registration(at), setting);
                let mut to = self.writer();
                let quotes = to.area_quotes();
                to.framed(|out| line.encode(domain, Some(setting), quotes, out));
                Ok(Step::Done)
            }
            Form::Set(value) if *value <= max => {
                if let Some(setting) = self.settings.registration.get_mut(at) {
                    *setting = *value;
                }
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }
}
