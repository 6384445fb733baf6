//! Texts that were sent, what became of them, and the delivery reports that tell it.

use super::SimBox;
use crate::wire::{Mail, MessageId, PartOutcome, TextOutcome, TextState};
use crate::{ExchangeConfig, UserId};
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use polysim_base::Instant;
use polysim_sms::{Address, AtPdu, MobileTerminated, Rp, Status, StatusClass};

/// The most delivery reports of a SIM that wait for the outcome of their text.
const EARLY_MAX: usize = 64;
/// How far the service centre's time of a report may lie from the time at which a text was handed
/// over whose reference is not known.
const UNKNOWN_WINDOW_S: u64 = 600;
/// From so many digits on, a number without its country is taken for the same.
const NATIONAL_DIGITS_MIN: usize = 7;

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Sent {
    to: String,
    report: bool,
    unix_s: u64,
    parts: Vec<Fate>,
    state: TextState,
}

/// What is known of one part.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Fate {
    Pending,
    Unknown,
    Failed,
    Sent(u8),
    Undelivered(u8),
    Delivered(u8),
}

/// A delivery report, as far as it matters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Early {
    reference: u8,
    recipient: Address,
    unix_s: Option<u64>,
    status: Status,
}

enum Match {
    Part(MessageId, usize),
    /// Its text may be one whose outcome is still to come.
    Wait,
}

impl Early {
    pub(super) fn read(pdu: &[u8]) -> Option<Self> {
        let pdu = AtPdu::<MobileTerminated>::parse(pdu, Rp::Data).ok()?;
        let MobileTerminated::StatusReport(report) = pdu.tpdu else { return None };
        Some(Self {
            reference: report.reference,
            recipient: *report.recipient(),
            unix_s: report.timestamp.unix_seconds(),
            status: report.status,
        })
    }

    /// How far from this report a text was handed over; one without a readable time is about the
    /// newest.
    fn distance(&self, sent: &Sent) -> u64 {
        self.unix_s.map_or(u64::MAX - sent.unix_s, |at| at.abs_diff(sent.unix_s))
    }

    fn is_about(&self, sent: &Sent, window_s: u64) -> bool {
        let near = self.unix_s.is_none_or(|at| at.abs_diff(sent.unix_s) <= window_s);
        near && same_number(&self.recipient, &sent.to)
    }
}

/// Whether a recipient is the number that was dialled: a service centre may report it with its
/// country or without.
fn same_number(recipient: &Address, to: &str) -> bool {
    let theirs = recipient.to_string();
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (a, b) = (digits(&theirs), digits(to));
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    let short = short.trim_start_matches('0');
    a == b || (short.len() >= NATIONAL_DIGITS_MIN && long.ends_with(short))
}

impl Fate {
    const fn of(outcome: PartOutcome) -> Self {
        match outcome {
            PartOutcome::Pending => Self::Pending,
            PartOutcome::Sent { reference } => Self::Sent(reference),
            PartOutcome::Failed { .. } => Self::Failed,
            PartOutcome::Unknown => Self::Unknown,
        }
    }

    const fn reference(self) -> Option<u8> {
        match self {
            Self::Pending | Self::Unknown | Self::Failed => None,
            Self::Sent(reference) | Self::Undelivered(reference) | Self::Delivered(reference) => {
                Some(reference)
            }
        }
    }

    /// What a report makes of it: nothing takes a delivery back.
    const fn reported(self, reference: u8, status: Status) -> Self {
        let given_up =
            matches!(status.class(), StatusClass::Permanent | StatusClass::TemporaryFinal);
        match self {
            Self::Pending | Self::Failed | Self::Delivered(_) => self,
            Self::Unknown | Self::Sent(_) | Self::Undelivered(_) if status.is_delivered() => {
                Self::Delivered(reference)
            }
            Self::Unknown | Self::Sent(_) if given_up => Self::Undelivered(reference),
            Self::Unknown => Self::Sent(reference),
            Self::Sent(_) | Self::Undelivered(_) => self,
        }
    }
}

impl Sent {
    fn sum(&self) -> TextState {
        let any = |wanted: fn(&Fate) -> bool| self.parts.iter().any(wanted);
        if any(|fate| matches!(fate, Fate::Failed | Fate::Undelivered(_))) {
            TextState::Failed
        } else if any(|fate| *fate == Fate::Pending) {
            TextState::Submitting
        } else if any(|fate| *fate == Fate::Unknown) {
            TextState::Unknown
        } else if any(|fate| matches!(fate, Fate::Sent(_))) {
            TextState::Sent
        } else {
            TextState::Delivered
        }
    }

    /// Takes the sum of the parts for the state, if that may follow; returns the news.
    fn moves(&mut self, message: MessageId) -> Option<(UserId, Mail)> {
        let state = self.sum();
        if !self.state.may_become(state) {
            return None;
        }
        self.state = state;
        Some(self.news(message))
    }

    fn news(&self, message: MessageId) -> (UserId, Mail) {
        let (to, state) = (self.to.clone(), self.state);
        (message.user, Mail::TextState { message, to, state })
    }
}

impl SimBox {
    /// Returns whether an outcome tells something that is not known.
    pub(super) fn news(&self, outcome: &TextOutcome) -> bool {
        let known = self.sent.get(&outcome.message);
        known.is_none_or(|sent| {
            let mut both = sent.parts.iter().zip(&outcome.parts);
            both.any(|(fate, said)| *fate == Fate::Pending && *said != PartOutcome::Pending)
        })
    }

    /// Takes an outcome; returns how many parts are sent that were not counted, and the news.
    pub(super) fn outcome(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
        outcome: &TextOutcome,
    ) -> (u32, Vec<(UserId, Mail)>) {
        let message = outcome.message;
        let mut news = Vec::new();
        let mut fresh = 0;
        let said = outcome.parts.iter().copied().map(Fate::of);
        if let Some(sent) = self.sent.get_mut(&message) {
            for (fate, said) in sent.parts.iter_mut().zip(said) {
                if *fate == Fate::Pending {
                    *fate = said;
                }
            }
            news.extend(sent.moves(message));
        } else {
            let mut sent = Sent {
                to: outcome.to.clone(),
                report: outcome.report,
                unix_s: outcome.unix_s,
                parts: said.collect(),
                state: TextState::Submitting,
            };
            sent.state = sent.sum();
            fresh = u32::try_from(sent.parts.len()).unwrap_or(u32::MAX);
            news.push(sent.news(message));
            self.sent.insert(at, message, sent);
            self.sent.forget(at, config.mail_keep, config.mail_max);
        }
        news.extend(self.apply_reports(config, at));
        (fresh, news)
    }

    /// Applies the delivery reports that wait, as far as their texts are known.
    pub(super) fn apply_reports(
        &mut self,
        config: &ExchangeConfig,
        at: Instant,
    ) -> Vec<(UserId, Mail)> {
        let window = config.report_window;
        let mut news = Vec::new();
        for (came, early) in core::mem::take(&mut self.early) {
            match self.about(&early, window.as_secs()) {
                Match::Part(message, part) => {
                    let Some(sent) = self.sent.get_mut(&message) else { continue };
                    if let Some(fate) = sent.parts.get_mut(part) {
                        *fate = fate.reported(early.reference, early.status);
                    }
                    news.extend(sent.moves(message));
                }
                Match::Wait if came.plus(window) > at => self.early.push_back((came, early)),
                Match::Wait => {}
            }
        }
        while self.early.len() > EARLY_MAX {
            self.early.pop_front();
        }
        news
    }

    /// Finds the part that a report is about. TP-MR has 8 bits and is used again, so of several
    /// the one counts that was handed over nearest to the time that the service centre tells.
    fn about(&self, early: &Early, window_s: u64) -> Match {
        let parts = |sure: bool| {
            let texts = self.sent.iter().filter(move |(_, sent)| {
                early.is_about(sent, if sure { window_s } else { UNKNOWN_WINDOW_S })
            });
            let found = texts.flat_map(move |(message, sent)| {
                let fits = move |fate: Fate| match fate.reference() {
                    Some(reference) => sure && reference == early.reference,
                    None => !sure && sent.report && fate == Fate::Unknown,
                };
                let parts = sent.parts.iter().enumerate().filter(move |(_, fate)| fits(**fate));
                parts.map(move |(part, _)| (early.distance(sent), *message, part))
            });
            found.min()
        };
        let pending = self.sent.iter().filter(|(_, sent)| {
            early.is_about(sent, window_s) && sent.parts.contains(&Fate::Pending)
        });
        let pending = pending.map(|(_, sent)| early.distance(sent)).min();
        let found = match (parts(true), pending) {
            (Some(found), Some(pending)) if pending < found.0 => None,
            (Some(found), _) => Some(found),
            (None, Some(_)) => None,
            (None, None) => parts(false),
        };
        found.map_or(Match::Wait, |(_, message, part)| Match::Part(message, part))
    }
}
