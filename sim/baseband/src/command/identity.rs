//! Who it is (TS 27.007, 5; V.250, 6.1).

use super::{Exchange, NO_SUCH_FORM, Progress, Step};
use crate::card;
use crate::model::IccidForm;
use polysim_at::{CmeError, Command, Form};

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn identify(&mut self, command: &Command) -> Option<Progress> {
        let model = self.core.model;
        Some(match command {
            Command::Cgmi(form) | Command::Gmi(form) => {
                self.execute(form, |x| x.text(model.manufacturer))
            }
            Command::Cgmm(form) | Command::Gmm(form) => {
                self.execute(form, |x| x.text(model.product))
            }
            Command::Cgmr(form) | Command::Gmr(form) => {
                self.execute(form, |x| x.text(model.revision))
            }
            Command::Gsn(form) => self.execute(form, |x| x.serial(0)),
            Command::Cgsn(form) => match form {
                Form::Execute => self.serial(0),
                Form::Set(kind) => self.serial(*kind),
                Form::Test => self.test("+CGSN", "(0-3)"),
                Form::Read => NO_SUCH_FORM,
            },
            Command::Gcap(form) => self.execute(form, |x| x.text("+GCAP: +CGSM,+DS,+ES")),
            Command::Cimi(form) => self.execute(form, Self::imsi),
            Command::Ccid(form) => self.iccid(form, IccidForm::Standard),
            Command::Iccid(form) => self.iccid(form, IccidForm::Standard),
            Command::Qccid(form) => self.iccid(form, IccidForm::Quectel),
            Command::HuaweiIccid(form) => self.iccid(form, IccidForm::Huawei),
            Command::Clac(form) => self.execute(form, Self::list_of_commands),
            Command::Cnum(form) => self.execute(form, Self::own_numbers),
            Command::Ws46(form) => match form {
                Form::Test => self.test("+WS46", "(12,22,25,28,29,30,31)"),
                Form::Read => self.text("25"),
                Form::Set(12 | 22 | 25 | 28 | 29 | 30 | 31) => Ok(Step::Done),
                Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
                Form::Execute => NO_SUCH_FORM,
            },
            _ => return None,
        })
    }

    /// `+CGSN[=<snt>]` (TS 27.007, 5.4).
    fn serial(&mut self, kind: u8) -> Progress {
        let imei = self.core.imei;
        let version = self.core.software_version;
        let digits: String = imei.digits().map(|d| char::from(b'0' + d)).collect();
        let check = imei.check_digit();
        match kind {
            0 => self.text(format!("{digits}{check}")),
            1 => self.text(format!("+CGSN: \"{digits}{check}\"")),
            2 => self.text(format!("+CGSN: \"{digits}{version:02}\"")),
            3 => self.text(format!("+CGSN: \"{version:02}\"")),
            _ => Err(CmeError::IncorrectParameters.into()),
        }
    }

    fn imsi(&mut self) -> Progress {
        if self.card_pending()? {
            return Ok(Step::WaitForCard);
        }
        let subscription = self.core.slot.subscription.as_ref();
        let imsi = subscription.ok_or(CmeError::SimFailure)?.imsi;
        self.writer().framed(|out| out.extend(imsi.digits().map(|d| b'0' + d)));
        Ok(Step::Done)
    }

    pub(super) fn iccid<S>(&mut self, form: &Form<S>, asked: IccidForm) -> Progress {
        match form {
            Form::Test => return Ok(Step::Done),
            Form::Execute | Form::Read => {}
            Form::Set(_) => return NO_SUCH_FORM,
        }
        let has = self.core.model.iccid;
        if asked != has && asked != IccidForm::Standard {
            return self.unknown();
        }
        self.with_powered_card(move |port| card::iccid(port, has))
    }

    fn list_of_commands(&mut self) -> Progress {
        for name in super::field::LISTED {
            if !self.core.model.missing.contains(name) {
                self.writer().text(name);
            }
        }
        Ok(Step::Done)
    }
}
