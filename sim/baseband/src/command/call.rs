//! Calls (V.250, 6.3; TS 27.007, 6 and 7).

use super::{Exchange, NO_SUCH_FORM, Progress, Refusal, Step};
use crate::call::Party;
use crate::card;
use crate::urc::{dialled_text, number_text};
use polysim_at::{
    CallMode, CcwaSet, ClccInfo, ClipInfo, ClirInfo, CmeError, ColpInfo, Command, CusdSet, Dial,
    DialTarget, FinalResult, Form, Phonebook, UssdMode, VtsSet,
};

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn calls(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Chup(form) => self.execute(form, |x| {
                x.hang_up_all();
                Ok(Step::Done)
            }),
            Command::Chld(form) => match form {
                Form::Test => self.test("+CHLD", "(0,1,1x,2,2x,3)"),
                Form::Set(action) => done(self.core.hold_action(self.fx, *action)),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Clcc(form) => match form {
                Form::Execute => self.list_calls(),
                Form::Test => Ok(Step::Done),
                Form::Read | Form::Set(_) => NO_SUCH_FORM,
            },
            Command::Clip(form) => self.shown(
                form,
                "+CLIP",
                |setting| ClipInfo { setting, status: 1 },
                |x| &mut x.settings.show_caller,
            ),
            Command::Colp(form) => self.shown(
                form,
                "+COLP",
                |setting| ColpInfo { setting, status: 1 },
                |x| &mut x.settings.show_connected,
            ),
            Command::Clir(form) => self.withhold(form),
            Command::Crc(form) => self.switch("+CRC", form, |x| &mut x.settings.show_ring_kind),
            Command::Ccwa(form) => self.waiting(form),
            Command::Ccfc(form) => self.forwarding(form),
            Command::Cssn(form) => match form {
                Form::Test => self.test("+CSSN", "(0,1),(0,1)"),
                Form::Read => {
                    let [own, other] = self.settings.show_services;
                    self.numbers("+CSSN", &[own.into(), other.into()])
                }
                Form::Set(set) => {
                    let on = |value: Option<u8>| value.unwrap_or(0) == 1;
                    self.settings.show_services = [on(set.originated), on(set.terminated)];
                    Ok(Step::Done)
                }
                Form::Execute => NO_SUCH_FORM,
            },
            Command::Vts(form) => match form {
                Form::Test => self.test("+VTS", "(0-9,#,*,A-D)"),
                Form::Set(VtsSet { digit, .. }) => {
                    let digit = u8::try_from(u32::from(digit.as_char())).unwrap_or(b'0');
                    done(self.core.send_tone(self.fx, digit))
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cusd(form) => self.ussd(form),
            _ => return None,
        })
    }

    /// `ATD` (V.250, 6.3.1; TS 27.007, 6.2 and 6.3).
    pub(super) fn dial(&mut self, dial: &Dial) -> Progress {
        let number = match &dial.target {
            DialTarget::Number(number) => number.as_str().to_string(),
            DialTarget::Last => {
                let calls = self.core.rare.as_ref().map(|rare| &rare.calls);
                let last = calls.and_then(|calls| calls.last_number.as_deref());
                last.ok_or(Refusal(FinalResult::NoCarrier))?.to_string()
            }
            DialTarget::Entry { storage, index } => {
                let book = storage.unwrap_or(self.settings.phonebook);
                return self.dial_index(book, *index);
            }
            DialTarget::Name(name) => return self.dial_name(name),
        };
        if !dial.voice {
            return self.dial_data(&number);
        }
        if self.card_pending()? {
            return Ok(Step::WaitForCard);
        }
        if is_ussd(&number) {
            self.settings.show_ussd = true;
            self.core.ussd_request(self.fx, number)?;
            return Ok(Step::Done);
        }
        let called = self.core.call_out(self.fx, self.port, &number, dial.withhold);
        called.map(|()| Step::Done).map_err(Refusal)
    }

    fn dial_index(&mut self, book: Phonebook, index: u16) -> Progress {
        let file = super::phonebook::file_of(book).ok_or(CmeError::OperationNotSupported)?;
        self.with_card(move |port| card::phonebook::number_at(port, file, index))
    }

    fn dial_name(&mut self, name: &polysim_at::Text) -> Progress {
        let book = self.settings.phonebook;
        let file = super::phonebook::file_of(book).ok_or(CmeError::OperationNotSupported)?;
        let name = crate::charset::decode(name.as_bytes(), self.settings.charset);
        let name = name.ok_or(CmeError::InvalidCharactersInTextString)?;
        self.with_card(move |port| card::phonebook::number_of(port, file, name))
    }

    /// `ATA`.
    pub(super) fn answer_call(&mut self) -> Progress {
        if self.core.answer(self.fx) {
            Ok(Step::Done)
        } else {
            Err(Refusal(FinalResult::NoCarrier))
        }
    }

    pub(super) fn hang_up_all(&mut self) {
        self.core.release_all(self.fx);
        self.core.end_data(self.fx, self.port);
    }

    /// `+CLCC` (TS 27.007, 7.18).
    fn list_calls(&mut self) -> Progress {
        let calls = self.core.rare.as_ref().map(|rare| rare.calls.list.clone());
        for call in calls.unwrap_or_default() {
            let (number, address_type) = match &call.party {
                Party::Caller(caller) => {
                    let (number, kind, _) = number_text(caller.as_ref());
                    (number, kind)
                }
                Party::Dialled(number) => dialled_text(number),
            };
            self.writer().line(&ClccInfo {
                id: call.id,
                direction: call.direction,
                state: call.state,
                mode: CallMode::Voice,
                multiparty: call.multiparty.into(),
                number: Some(number),
                address_type: Some(address_type),
                name: None,
            });
        }
        Ok(Step::Done)
    }

    /// `+CLIP`, `+COLP`: a switch whose read answer tells the network's side as well.
    fn shown<L: polysim_at::Line>(
        &mut self,
        form: &Form<u8>,
        name: &str,
        info: impl FnOnce(u8) -> L,
        field: impl Fn(&mut Self) -> &mut bool,
    ) -> Progress {
        if matches!(form, Form::Read) {
            let setting = u8::from(*field(self));
            return self.line(&info(setting));
        }
        self.switch(name, form, field)
    }

    /// `+CLIR` (TS 27.007, 7.7).
    fn withhold(&mut self, form: &Form<u8>) -> Progress {
        match form {
            Form::Test => self.test("+CLIR", "(0-2)"),
            Form::Read => {
                let setting = self.core.rare.as_ref().map_or(0, |rare| rare.calls.withhold);
                self.line(&ClirInfo { setting, status: 4 })
            }
            Form::Set(value @ 0..=2) => {
                self.core.rare().calls.withhold = *value;
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CCWA` (TS 27.007, 7.12).
    fn waiting(&mut self, form: &Form<CcwaSet>) -> Progress {
        match form {
            Form::Test => self.test("+CCWA", "(0,1)"),
            Form::Read => {
                let shown = self.settings.show_waiting;
                self.numbers("+CCWA", &[shown.into()])
            }
            Form::Set(set) => {
                match set.show {
                    None => {}
                    Some(show @ 0..=1) => self.settings.show_waiting = show == 1,
                    Some(_) => return Err(CmeError::IncorrectParameters.into()),
                }
                match set.mode {
                    None => Ok(Step::Done),
                    Some(mode) => self.waiting_in_network(mode),
                }
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CUSD` (TS 27.007, 7.15).
    fn ussd(&mut self, form: &Form<CusdSet>) -> Progress {
        match form {
            Form::Test => self.test("+CUSD", "(0-2)"),
            Form::Read => {
                let shown = self.settings.show_ussd;
                self.numbers("+CUSD", &[shown.into()])
            }
            Form::Set(set) => {
                match set.mode {
                    UssdMode::Disable => self.settings.show_ussd = false,
                    UssdMode::Enable => self.settings.show_ussd = true,
                    UssdMode::Cancel => {
                        self.core.ussd_release(self.fx);
                        return Ok(Step::Done);
                    }
                    UssdMode::Other(_) => return Err(CmeError::IncorrectParameters.into()),
                }
                let Some(text) = &set.text else {
                    return Ok(Step::Done);
                };
                if self.card_pending()? {
                    return Ok(Step::WaitForCard);
                }
                let charset = self.settings.charset;
                let text = crate::charset::decode_ussd(text.as_bytes(), charset, set.coding);
                let text = text.ok_or(CmeError::InvalidCharactersInTextString)?;
                self.core.ussd_request(self.fx, text)?;
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }
}

fn done(result: Result<(), CmeError>) -> Progress {
    result.map(|()| Step::Done).map_err(Refusal::from)
}

/// Whether a number is a service code, which goes as USSD (TS 22.030, 6.5.2).
fn is_ussd(number: &str) -> bool {
    number.starts_with(['*', '#']) && number.ends_with('#')
}
