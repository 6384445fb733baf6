//! The device itself (TS 27.007, 5, 8, 9).

use super::{Exchange, NO_SUCH_FORM, Progress, Refusal, Step};
use crate::urc::INDICATORS;
use polysim_at::{
    ActivityStatus, CbcInfo, CclkInfo, CfunInfo, CfunSet, CharacterSet, CindInfo, Clock, CmeError,
    CmerSet, Command, CpasInfo, CscsInfo, ErrorReporting, FinalResult, Form, Functionality,
    IndicatorValues,
};

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn device(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Cmee(form) => self.error_reporting(form),
            Command::Cscs(form) => self.character_set(form),
            Command::Cfun(form) => self.functionality(form),
            Command::Cpas(form) => self.execute(form, Self::activity),
            Command::Cbc(form) => self
                .execute(form, |x| x.line(&CbcInfo { status: 0, percent: 100, millivolts: None })),
            Command::Cind(form) => self.indicators(form),
            Command::Cmer(form) => self.events(form),
            Command::Cclk(form) => self.clock(form),
            Command::Ctzu(form) => self.switch("+CTZU", form, |x| &mut x.core.zone_updates),
            Command::Ctzr(form) => self.number("+CTZR", form, 3, |x| &mut x.settings.show_zone),
            Command::Ifc(form) => match form {
                Form::Test => self.test("+IFC", "(0-2),(0-2)"),
                Form::Read => self.numbers("+IFC", &[2, 2]),
                Form::Set(_) => Ok(Step::Done),
                Form::Execute => NO_SUCH_FORM,
            },
            Command::Ipr(form) => match form {
                Form::Test => self.test("+IPR", "(),(9600,115200)"),
                Form::Read => self.numbers("+IPR", &[115_200]),
                Form::Set(_) => Ok(Step::Done),
                Form::Execute => NO_SUCH_FORM,
            },
            Command::Ceer(form) => self.execute(form, Self::last_failure),
            _ => return None,
        })
    }

    fn error_reporting(&mut self, form: &Form<u8>) -> Progress {
        match form {
            Form::Test => self.test("+CMEE", "(0-2)"),
            Form::Read => {
                let code = self.settings.errors.code();
                self.numbers("+CMEE", &[code.into()])
            }
            Form::Set(code) => {
                let errors = ErrorReporting::from_code(*code);
                self.settings.errors = errors.ok_or(CmeError::IncorrectParameters)?;
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    fn character_set(&mut self, form: &Form<CharacterSet>) -> Progress {
        match form {
            Form::Test => {
                let sets = self.core.model.character_sets.iter();
                let names: Vec<_> = sets.map(|set| format!("\"{}\"", set.as_str())).collect();
                self.test("+CSCS", &format!("({})", names.join(",")))
            }
            Form::Read => {
                let set = self.settings.charset;
                self.line(&CscsInfo { set })
            }
            Form::Set(set) if !self.core.model.character_sets.contains(set) => {
                Err(CmeError::OperationNotSupported.into())
            }
            Form::Set(set) => {
                self.settings.charset = *set;
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CFUN` (TS 27.007, 8.2).
    fn functionality(&mut self, form: &Form<CfunSet>) -> Progress {
        match form {
            Form::Test => self.test("+CFUN", "(0,1,4),(0,1)"),
            Form::Read => {
                let fun = Functionality::from_code(self.core.functionality);
                self.line(&CfunInfo { fun })
            }
            Form::Set(CfunSet { fun: Functionality::Full, reset: Some(1) }) => {
                // The answer comes before the device goes down.
                self.fx.restart = true;
                Ok(Step::Result(FinalResult::Ok))
            }
            Form::Set(CfunSet { fun, reset }) => {
                let known = matches!(
                    fun,
                    Functionality::Minimum | Functionality::Full | Functionality::FlightMode
                );
                if !known || reset.is_some_and(|reset| reset != 0) {
                    return Err(CmeError::IncorrectParameters.into());
                }
                if self.core.functionality != fun.code() {
                    self.core.functionality = fun.code();
                    self.core.apply_functionality(self.fx);
                }
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    fn activity(&mut self) -> Progress {
        let (call, setup, _) = self.core.call_indicators();
        let status = match (call, setup) {
            (_, 1) => ActivityStatus::Ringing,
            (1, _) | (_, 2 | 3) => ActivityStatus::CallInProgress,
            _ => ActivityStatus::Ready,
        };
        self.line(&CpasInfo { status })
    }

    /// `+CIND` (TS 27.007, 8.9).
    fn indicators(&mut self, form: &Form<IndicatorValues>) -> Progress {
        match form {
            Form::Test => {
                let ranges: Vec<String> = INDICATORS
                    .iter()
                    .map(|(name, max)| match max {
                        1 => format!("(\"{name}\",(0,1))"),
                        max => format!("(\"{name}\",(0-{max}))"),
                    })
                    .collect();
                self.test("+CIND", &ranges.join(","))
            }
            Form::Read => {
                let values = self.core.indicators().to_vec();
                self.line(&CindInfo { values })
            }
            Form::Set(_) => Ok(Step::Done),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CMER` (TS 27.007, 8.10).
    fn events(&mut self, form: &Form<CmerSet>) -> Progress {
        match form {
            Form::Test => self.test("+CMER", "(0,3),(0),(0),(0-2),(0)"),
            Form::Read => {
                let [mode, indicator] = self.settings.indicator_events;
                self.numbers("+CMER", &[mode.into(), 0, 0, indicator.into(), 0])
            }
            Form::Set(set) => {
                let (mode, indicator) = (set.mode.unwrap_or(0), set.indicator.unwrap_or(0));
                if !matches!(mode, 0 | 3) || indicator > 2 {
                    return Err(CmeError::IncorrectParameters.into());
                }
                self.settings.indicator_events = [mode, indicator];
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CCLK` (TS 27.007, 8.15).
    fn clock(&mut self, form: &Form<Clock>) -> Progress {
        match form {
            Form::Test => Ok(Step::Done),
            Form::Read => {
                let clock = self.core.clock.local(self.fx.now);
                let clock = clock.ok_or(CmeError::PhoneFailure)?;
                self.line(&CclkInfo { clock })
            }
            Form::Set(clock) => {
                self.core.clock.set(self.fx.now, *clock);
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CEER`: why registration was refused last.
    fn last_failure(&mut self) -> Progress {
        let text = match self.core.radio.cause {
            Some(cause) => format!("+CEER: Registration refused, cause {}", cause.number()),
            None => "+CEER: No cause information available".to_string(),
        };
        self.text(text)
    }

    /// Lets a command that would be nothing here pass.
    pub(super) const fn refused() -> Progress {
        Err(Refusal(FinalResult::Cme(CmeError::OperationNotSupported)))
    }
}
