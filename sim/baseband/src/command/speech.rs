//! The PCM port of makes that have one: Quectel `+QPCMV`, SIMCom `+CPCMREG`; and `+CMUT`
//! (TS 27.007, 8.24).

use super::{Exchange, NO_SUCH_FORM, Progress, Step};
use crate::model::SpeechPort;
use polysim_at::{CmeError, Command, Form, Qpcmv};

/// The port of `+QPCMV` that carries the samples: USB NMEA. The others, a UART and a sound card,
/// are not there.
const USB_NMEA: u8 = 0;

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn speech(&mut self, command: &Command) -> Option<Progress> {
        let port = self.core.model.speech_port;
        Some(match command {
            Command::Cmut(form) => self.switch("+CMUT", form, |x| &mut x.core.rare().speech.muted),
            Command::Qpcmv(form) if port == SpeechPort::Quectel => self.quectel_speech(form),
            Command::Cpcmreg(form) if port == SpeechPort::Simcom => {
                self.switch("+CPCMREG", form, |x| &mut x.core.rare().speech.on)
            }
            _ => return None,
        })
    }

    fn quectel_speech(&mut self, form: &Form<Qpcmv>) -> Progress {
        match form {
            Form::Test => self.test("+QPCMV", "(0,1),(0)"),
            Form::Read => {
                let on = self.core.rare.as_ref().is_some_and(|rare| rare.speech.on);
                self.line(&Qpcmv { enable: on.into(), port: on.then_some(USB_NMEA) })
            }
            Form::Set(Qpcmv { enable: enable @ 0..=1, port: None | Some(USB_NMEA) }) => {
                self.core.rare().speech.on = *enable == 1;
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }
}
