//! Networks and signal (TS 27.007, 7.3, 7.19, 8.5, 8.69).

use super::{Exchange, NO_SUCH_FORM, Progress, Step, WAITS};
use crate::card::{List, Listed};
use crate::radio::{Mode, Names, access_technology};
use crate::{RatSet, charset};
use polysim_at::{
    CesqInfo, CmeError, Command, CopnInfo, CopsInfo, CopsMode, CopsSet, CpolInfo, CpolSet, CsqInfo,
    Form, OperatorFormat, RegistrationDomain, Text,
};
use polysim_base::Plmn;
use polysim_radio::air::Rat;
use polysim_radio::operators;

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn network(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Creg(form) => self.registration(RegistrationDomain::Circuit, form),
            Command::Cgreg(form) => self.registration(RegistrationDomain::Packet, form),
            Command::Cereg(form) => self.registration(RegistrationDomain::Eps, form),
            Command::C5greg(form) => self.registration(RegistrationDomain::FiveG, form),
            Command::Cops(form) => self.operator(form),
            Command::Copn(form) => self.execute(form, Self::operator_names),
            Command::Cpol(form) => self.preferred(form),
            Command::Cpls(form) => match form {
                Form::Test => self.test("+CPLS", "(0)"),
                Form::Read => self.numbers("+CPLS", &[0]),
                Form::Set(0) => Ok(Step::Done),
                Form::Set(_) => Err(CmeError::OperationNotSupported.into()),
                Form::Execute => NO_SUCH_FORM,
            },
            Command::Csq(form) => match form {
                Form::Test => self.test("+CSQ", "(0-31,99),(0-7,99)"),
                Form::Execute => self.signal(),
                Form::Read | Form::Set(_) => NO_SUCH_FORM,
            },
            Command::Cesq(form) => match form {
                Form::Test => self.test(
                    "+CESQ",
                    "(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)",
                ),
                Form::Execute => self.signal_at_length(),
                Form::Read | Form::Set(_) => NO_SUCH_FORM,
            },
            Command::Cpsb(form) => match form {
                Form::Test => self.test("+CPSB", "(0,1)"),
                Form::Read | Form::Execute => NO_SUCH_FORM,
                Form::Set(_) => Ok(Step::Done),
            },
            _ => return None,
        })
    }

    /// `+CSQ` (TS 27.007, 8.5).
    fn signal(&mut self) -> Progress {
        let level = self.core.radio.serving.map(|cell| cell.level_dbm);
        let rssi = level.map_or(99, |dbm| code(dbm, -113, 2, 31));
        self.line(&CsqInfo { rssi, ber: 99 })
    }

    /// `+CESQ` (TS 27.007, 8.69).
    fn signal_at_length(&mut self) -> Progress {
        let mut info = CesqInfo { rxlev: 99, ber: 99, rscp: 255, ecno: 255, rsrq: 255, rsrp: 255 };
        if let Some(cell) = self.core.radio.serving {
            match cell.rat {
                Rat::Gsm => info.rxlev = code(cell.level_dbm, -111, 1, 63),
                Rat::Umts => info.rscp = code(cell.level_dbm, -121, 1, 96),
                Rat::Lte | Rat::Nr => {
                    info.rsrp = code(cell.level_dbm, -141, 1, 97);
                    info.rsrq = 20;
                }
            }
        }
        self.line(&info)
    }

    /// `+COPS` (TS 27.007, 7.3).
    fn operator(&mut self, form: &Form<CopsSet>) -> Progress {
        match form {
            Form::Test => {
                self.core.list_networks(self.fx, self.port)?;
                Ok(Step::Wait { abortable: true })
            }
            Form::Read => self.current_operator(),
            Form::Set(set) => self.select_operator(set),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    fn current_operator(&mut self) -> Progress {
        let radio = &self.core.radio;
        let mode = match radio.mode {
            Mode::Automatic => CopsMode::Automatic,
            Mode::Manual(_) => CopsMode::Manual,
            Mode::ManualThenAutomatic(_) => CopsMode::ManualThenAutomatic,
            Mode::Deregistered => CopsMode::Deregister,
        };
        let mut info = CopsInfo { mode, format: None, operator: None, technology: None };
        if let Some(cell) = radio.serving.filter(|_| radio.registered) {
            let format = self.settings.operator_format;
            let name = Names::of(self.core).name(cell.plmn, format);
            let coded = if format == OperatorFormat::Numeric {
                name.into_bytes()
            } else {
                charset::encode(&name, self.settings.charset)
            };
            info.format = Some(format);
            info.operator = Text::new(coded).ok();
            info.technology = Some(access_technology(cell.rat));
        }
        self.line(&info)
    }

    fn select_operator(&mut self, set: &CopsSet) -> Progress {
        if let Some(format) = set.format {
            if matches!(format, OperatorFormat::Other(_)) {
                return Err(CmeError::IncorrectParameters.into());
            }
            self.settings.operator_format = format;
        }
        let mode = match set.mode {
            CopsMode::SetFormat => return Ok(Step::Done),
            CopsMode::Automatic => Mode::Automatic,
            CopsMode::Deregister => Mode::Deregistered,
            CopsMode::Manual => Mode::Manual(self.wanted(set)?),
            CopsMode::ManualThenAutomatic => Mode::ManualThenAutomatic(self.wanted(set)?),
            CopsMode::Other(_) => return Err(CmeError::IncorrectParameters.into()),
        };
        if self.core.functionality != 1 && mode != Mode::Deregistered {
            // Kept for when the radio is on.
            self.core.radio.mode = mode;
            return Ok(Step::Done);
        }
        match mode {
            Mode::Manual(_) | Mode::ManualThenAutomatic(_) => {
                if self.card_pending()? {
                    return Ok(Step::WaitForCard);
                }
                if self.core.select_network(self.fx, mode, Some(self.port)) {
                    WAITS
                } else {
                    Ok(Step::Done)
                }
            }
            Mode::Automatic | Mode::Deregistered => {
                self.core.select_network(self.fx, mode, None);
                Ok(Step::Done)
            }
        }
    }

    /// The network that `+COPS=1` or `=4` names.
    fn wanted(&self, set: &CopsSet) -> Result<Plmn, CmeError> {
        let named = set.operator.as_ref().ok_or(CmeError::IncorrectParameters)?;
        let format = set.format.unwrap_or(OperatorFormat::Long);
        if format == OperatorFormat::Numeric {
            let digits = named.as_str().ok_or(CmeError::IncorrectParameters)?;
            return Plmn::parse(digits).map_err(|_| CmeError::IncorrectParameters);
        }
        let text = charset::decode(named.as_bytes(), self.settings.charset);
        let text = text.ok_or(CmeError::IncorrectParameters)?;
        // By name: the serving network's, or one of the table of operators.
        let names = Names::of(self.core);
        if let Some(cell) = self.core.radio.serving
            && names.name(cell.plmn, format) == text
        {
            return Ok(cell.plmn);
        }
        let mut known = operators::iter().filter(|operator| operator.name == text);
        let found = known.find_map(|o| Plmn::parse(&format!("{}{}", o.mcc, o.mnc)).ok());
        found.ok_or(CmeError::NotFound)
    }

    fn operator_names(&mut self) -> Progress {
        for operator in operators::iter() {
            let numeric = Text::new(format!("{}{}", operator.mcc, operator.mnc));
            let name = Text::new(charset::encode(operator.name, self.settings.charset));
            if let (Ok(numeric), Ok(name)) = (numeric, name) {
                self.writer().line(&CopnInfo { numeric, name });
            }
        }
        Ok(Step::Done)
    }

    /// `+CPOL`: the user's list on the card (TS 27.007, 7.19).
    fn preferred(&mut self, form: &Form<CpolSet>) -> Progress {
        match form {
            Form::Test => self.test("+CPOL", "(1-8),(0-2)"),
            Form::Read => {
                if self.card_pending()? {
                    return Ok(Step::WaitForCard);
                }
                for info in self.preferred_list() {
                    self.writer().line(&info);
                }
                Ok(Step::Done)
            }
            Form::Set(set) => self.change_preferred(set),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    fn preferred_list(&self) -> Vec<CpolInfo> {
        let subscription = self.core.slot.subscription.iter();
        let entries = subscription.flat_map(|subscription| subscription.list(List::User));
        let names = Names::of(self.core);
        let format = self.settings.operator_format;
        entries
            .zip(1_u16..)
            .filter_map(|(entry, index)| {
                let has = |rat| Some(u8::from(entry.rats.contains(rat)));
                let name = names.name(entry.plmn, format);
                Some(CpolInfo {
                    index,
                    format,
                    operator: Text::new(charset::encode(&name, self.settings.charset)).ok()?,
                    gsm: has(Rat::Gsm),
                    gsm_compact: Some(0),
                    utran: has(Rat::Umts),
                    eutran: has(Rat::Lte),
                })
            })
            .collect()
    }

    fn change_preferred(&mut self, set: &CpolSet) -> Progress {
        if self.card_pending()? {
            return Ok(Step::WaitForCard);
        }
        let subscription = self.core.slot.subscription.as_ref().ok_or(CmeError::SimFailure)?;
        let mut entries: Vec<Listed> = subscription.list(List::User).collect();
        match (&set.operator, set.index) {
            (None, None) => {
                // Only the format of later answers.
                self.settings.operator_format = set.format.unwrap_or(OperatorFormat::Long);
                return Ok(Step::Done);
            }
            (None, Some(index)) => {
                let at = usize::from(index).checked_sub(1).filter(|at| *at < entries.len());
                entries.remove(at.ok_or(CmeError::InvalidIndex)?);
            }
            (Some(operator), index) => {
                let operator = operator.as_str().ok_or(CmeError::IncorrectParameters)?;
                let plmn = Plmn::parse(operator).map_err(|_| CmeError::IncorrectParameters)?;
                let entry = Listed { list: List::User, plmn, rats: rats_of(set) };
                match index.map(|index| usize::from(index).saturating_sub(1)) {
                    Some(at) if at < entries.len() => entries.insert(at, entry),
                    _ => entries.push(entry),
                }
            }
        }
        self.with_card(move |port| crate::card::write_networks(port, entries))
    }
}

fn rats_of(set: &CpolSet) -> RatSet {
    let wanted = [(Rat::Gsm, set.gsm), (Rat::Umts, set.utran), (Rat::Lte, set.eutran)];
    let rats = wanted
        .into_iter()
        .filter(|(_, wanted)| *wanted == Some(1))
        .fold(RatSet::NONE, |rats, (rat, _)| rats.with(rat));
    if rats == RatSet::NONE { RatSet::ALL } else { rats }
}

/// Codes a level: 0 at `zero` dBm or less, one more every `step` dB, up to `max`.
fn code(dbm: i16, zero: i16, step: i16, max: u8) -> u8 {
    let steps = dbm.saturating_sub(zero).max(0) / step;
    u8::try_from(steps).unwrap_or(max).min(max)
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn levels_are_coded_by_the_tables() {
        assert_eq!(code(-113, -113, 2, 31), 0);
        assert_eq!(code(-150, -113, 2, 31), 0);
        assert_eq!(code(-80, -113, 2, 31), 16);
        assert_eq!(code(-40, -113, 2, 31), 31);
        assert_eq!(code(-140, -141, 1, 97), 1);
    }
}
