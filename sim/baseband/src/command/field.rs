//! What clients in the field ask for: settings that are kept and mean nothing here, commands of
//! other makes, commands of the model's own.

use super::{Exchange, NO_SUCH_FORM, Progress, Step};
use crate::model::{IccidForm, VendorAnswer};
use polysim_at::{CmeError, Command, Form, NoSet, OtherCommand};

/// What `+CLAC` lists.
pub(super) const LISTED: &[&str] = &[
    "+CGMI", "+CGMM", "+CGMR", "+CGSN", "+GCAP", "+CIMI", "+CCID", "+CNUM", "+WS46", "+CMEE",
    "+CSCS", "+CFUN", "+CPAS", "+CBC", "+CIND", "+CMER", "+CCLK", "+CTZU", "+CTZR", "+IFC", "+IPR",
    "+CEER", "+CPIN", "+CPINR", "+CLCK", "+CPWD", "+CREG", "+CGREG", "+CEREG", "+C5GREG", "+COPS",
    "+COPN", "+CPOL", "+CPLS", "+CSQ", "+CESQ", "+CSIM", "+CRSM", "+CCHO", "+CCHC", "+CGLA",
    "+CUAD", "+CUSATR", "+CUSATW", "+CUSATD", "+CUSATT", "+CUSATE", "+CSMS", "+CMGF", "+CMGS",
    "+CMGW", "+CMSS", "+CMGR", "+CMGL", "+CMGD", "+CPMS", "+CNMI", "+CNMA", "+CSCA", "+CSMP",
    "+CSDH", "+CSCB", "+CMMS", "+CGSMS", "+CHUP", "+CHLD", "+CLCC", "+CLIP", "+CLIR", "+COLP",
    "+CCWA", "+CCFC", "+VTS", "+CRC", "+CSSN", "+CUSD", "+CGDCONT", "+CGACT", "+CGPADDR", "+CGATT",
    "+CGEREP", "+CGDATA", "+CPBS", "+CPBR", "+CPBF", "+CPBW",
];

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn in_the_field(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Cmms(form) => self.kept("+CMMS", form, 2),
            Command::Cgsms(form) => self.kept("+CGSMS", form, 3),
            Command::Vtd(form) => self.kept("+VTD", form, 255),
            Command::Caoc(form) => self.kept("+CAOC", form, 2),
            Command::Ccwe(form) => self.kept("+CCWE", form, 1),
            Command::Cvhu(form) => self.kept("+CVHU", form, 2),
            Command::Clvl(form) => self.kept("+CLVL", form, 7),
            Command::Cgauto(form) => self.kept("+CGAUTO", form, 3),
            Command::Cemode(form) => self.kept("+CEMODE", form, 3),
            Command::Cnap(form) => self.names(form, "+CNAP", 0),
            Command::Cdip(form) => self.names(form, "+CDIP", 1),
            Command::Colr(form) => match form {
                Form::Test => Ok(Step::Done),
                Form::Execute | Form::Read => self.text("+COLR: 0"),
                Form::Set(_) => NO_SUCH_FORM,
            },
            Command::Cscb(form) => match form {
                Form::Test => self.test("+CSCB", "(0,1)"),
                Form::Read => self.text("+CSCB: 0,\"\",\"\""),
                Form::Set(_) => Ok(Step::Done),
                Form::Execute => NO_SUCH_FORM,
            },
            _ => return None,
        })
    }

    /// A setting that is kept and shown, and does nothing.
    fn kept(&mut self, name: &'static str, form: &Form<u8>, max: u8) -> Progress {
        match form {
            Form::Test => self.test(name, &format!("(0-{max})")),
            Form::Read => {
                let kept = self.core.rare.as_ref().map(|rare| rare.kept.as_slice());
                let value = kept.unwrap_or_default().iter().find(|(known, _)| *known == name);
                let value = value.map_or(0, |(_, value)| *value);
                self.numbers(name, &[value.into()])
            }
            Form::Set(value) if *value <= max => {
                let kept = &mut self.core.rare().kept;
                kept.retain(|(known, _)| *known != name);
                // What is 0 need not be kept.
                if *value != 0 {
                    kept.push((name, *value));
                }
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CNAP`, `+CDIP`: kept; the network's side of them is not provided.
    fn names(&mut self, form: &Form<u8>, name: &'static str, at: usize) -> Progress {
        let setting = self.settings.show_names.get(at).copied().unwrap_or(false);
        match form {
            Form::Read => self.numbers(name, &[setting.into(), 0]),
            Form::Test => self.test(name, "(0,1)"),
            Form::Set(value @ 0..=1) => {
                if let Some(setting) = self.settings.show_names.get_mut(at) {
                    *setting = *value == 1;
                }
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// A command without a type of its own.
    pub(super) fn other(&mut self, other: &OtherCommand) -> Progress {
        let name = other.name.as_str();
        let model = self.core.model;
        if model.iccid == IccidForm::Simcom && name == "+CICCID" {
            return self.iccid(&Form::<NoSet>::Execute, IccidForm::Simcom);
        }
        let Some(command) = model.vendor.iter().find(|command| command.name == name) else {
            return self.unknown();
        };
        if matches!(other.form, Form::Test) {
            return Ok(Step::Done);
        }
        match command.answer {
            VendorAnswer::Done => Ok(Step::Done),
            VendorAnswer::Line(line) => self.text(line),
            VendorAnswer::LineAfterResult(line) => Ok(Step::LineAfterResult(line)),
        }
    }
}
