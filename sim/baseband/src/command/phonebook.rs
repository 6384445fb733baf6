//! Phonebooks on the card (TS 27.007, 8.11 to 8.14) and own numbers (7.1).

use super::{Exchange, NO_SUCH_FORM, Progress, Step};
use crate::card::phonebook as book;
use crate::charset;
use polysim_at::{CmeError, Command, CpbrSet, CpbsInfo, CpbwSet, Form, Phonebook};

/// The file of a phonebook.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are not on the card")]
pub(super) const fn file_of(book: Phonebook) -> Option<u16> {
    match book {
        Phonebook::Sim => Some(book::ADN),
        Phonebook::FixedDialling => Some(book::FDN),
        Phonebook::OwnNumbers => Some(book::MSISDN),
        _ => None,
    }
}

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn phonebooks(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Cpbs(form) => match form {
                Form::Test => self.test("+CPBS", "(\"SM\",\"FD\",\"ON\")"),
                Form::Read => self.book_use(),
                Form::Set(set) => {
                    file_of(set.storage).ok_or(CmeError::OperationNotSupported).map_or_else(
                        |error| Err(error.into()),
                        |_| {
                            self.settings.phonebook = set.storage;
                            Ok(Step::Done)
                        },
                    )
                }
                Form::Execute => NO_SUCH_FORM,
            },
            Command::Cpbr(form) => match form {
                Form::Test => self.on_book(book::test),
                Form::Set(CpbrSet { first, last }) => {
                    let (first, last) = (*first, last.unwrap_or(*first));
                    let charset = self.settings.charset;
                    let single = first == last;
                    self.on_book(move |port, file| {
                        book::read(port, file, first, last, charset, single)
                    })
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cpbf(form) => match form {
                Form::Test => Ok(Step::Done),
                Form::Set(set) => {
                    let charset = self.settings.charset;
                    let text = charset::decode(set.text.as_bytes(), charset);
                    let text = text.unwrap_or_default();
                    self.on_book(move |port, file| book::find(port, file, text, charset))
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cpbw(form) => match form {
                Form::Test => self.test("+CPBW", "(1-250),20,(129,145),14"),
                Form::Set(set) => self.write_entry(set),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            _ => return None,
        })
    }

    fn on_book<F, Fut>(&mut self, flow: F) -> Progress
    where
        F: FnOnce(crate::card::CardPort, u16) -> Fut,
        Fut: Future<Output = crate::card::Outcome> + Send + 'static,
    {
        let file = file_of(self.settings.phonebook).ok_or(CmeError::OperationNotSupported)?;
        self.with_card(move |port| flow(port, file))
    }

    fn book_use(&mut self) -> Progress {
        let storage = self.settings.phonebook;
        if file_of(storage).is_none() {
            return self.line(&CpbsInfo { storage, used: None, total: None });
        }
        self.on_book(move |port, file| book::usage(port, file, storage))
    }

    fn write_entry(&mut self, set: &CpbwSet) -> Progress {
        let number = set.number.as_ref().and_then(|number| number.as_str());
        let number = number.filter(|number| !number.is_empty());
        let name = set.name.as_ref().map(|name| name.as_bytes()).unwrap_or_default();
        let name = charset::decode(name, self.settings.charset);
        let name = name.ok_or(CmeError::InvalidCharactersInTextString)?;
        let entry = match number {
            Some(number) => {
                let international = set.address_type == Some(145) || number.starts_with('+');
                Some(book::Entry {
                    number: number.trim_start_matches('+').to_string(),
                    international,
                    name,
                })
            }
            None => None,
        };
        let index = set.index;
        self.on_book(move |port, file| book::write(port, file, index, entry))
    }

    /// `+CNUM` (TS 27.007, 7.1).
    pub(super) fn own_numbers(&mut self) -> Progress {
        let charset = self.settings.charset;
        self.with_card(move |port| book::own_numbers(port, charset))
    }
}
