//! Basic commands and S-registers (V.250, 6).

use super::{Exchange, NO_SUCH_FORM, Progress, Step};
use crate::port::Settings;
use polysim_at::{Basic, CmeError, Form, SRegister};

impl Exchange<'_> {
    pub(super) fn basic(&mut self, basic: Basic, value: Option<u8>) -> Progress {
        let number = value.unwrap_or(0);
        let on = match number {
            0 => false,
            1 => true,
            _ => true,
        };
        match basic {
            Basic::Echo if number <= 1 => self.settings.echo = on,
            Basic::Verbose if number <= 1 => self.settings.verbose = on,
            Basic::Quiet if number <= 1 => self.settings.quiet = on,
            Basic::CallResults if number <= 4 => self.settings.progress = number,
            Basic::Reset => {
                self.hang_up_all();
                self.reset_settings();
            }
            Basic::FactorySettings if number == 0 => self.reset_settings(),
            Basic::Identify => return self.identification(number),
            Basic::HangUp => self.hang_up_all(),
            Basic::Answer => return self.answer_call(),
            Basic::Online => return self.back_online(),
            Basic::ShowSettings => return self.show_settings(),
            // Nothing here has a speaker, a line to dial on or circuits.
            Basic::CarrierDetect
            | Basic::TerminalReady
            | Basic::StoreSettings
            | Basic::FlowControl
            | Basic::DataSetReady
            | Basic::Loudness
            | Basic::Speaker
            | Basic::Tone
            | Basic::Pulse => {}
            Basic::Echo
            | Basic::Verbose
            | Basic::Quiet
            | Basic::CallResults
            | Basic::FactorySettings => return Err(CmeError::IncorrectParameters.into()),
        }
        Ok(Step::Done)
    }

    fn reset_settings(&mut self) {
        *self.settings = Settings::new(self.core.model);
        self.core.messages.route(self.port, None);
    }

    fn identification(&mut self, number: u8) -> Progress {
        if number > 9 {
            return Err(CmeError::IncorrectParameters.into());
        }
        for line in self.core.model.identification {
            self.writer().text(line);
        }
        Ok(Step::Done)
    }

    fn show_settings(&mut self) -> Progress {
        let s = &*self.settings;
        let line = format!(
            "E{} Q{} V{} X{} S3={} S4={} S5={}",
            u8::from(s.echo),
            u8::from(s.quiet),
            u8::from(s.verbose),
            s.progress,
            s.line_end,
            s.line_feed,
            s.backspace
        );
        self.text(line)
    }

    pub(super) fn register(&mut self, register: &SRegister) -> Progress {
        let field = match register.register {
            3 => Some(&mut self.settings.line_end),
            4 => Some(&mut self.settings.line_feed),
            5 => Some(&mut self.settings.backspace),
            _ => None,
        };
        match (&register.form, field) {
            (Form::Read, field) => {
                let value = match (field, register.register) {
                    (Some(field), _) => *field,
                    (None, 7) => 60,
                    (None, 12) => 50,
                    (None, _) => 0,
                };
                self.text(format!("{value:03}"))
            }
            (Form::Set(value @ 0..=31), Some(field)) => {
                *field = *value;
                Ok(Step::Done)
            }
            (Form::Set(_), Some(_)) => Err(CmeError::IncorrectParameters.into()),
            // Answering by itself and pauses of dialling are accepted and do nothing.
            (Form::Set(_) | Form::Execute, None) => Ok(Step::Done),
            (Form::Execute | Form::Test, _) => NO_SUCH_FORM,
        }
    }
}
