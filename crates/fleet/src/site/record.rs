//! What a site must remember over a crash, and the fold over it.

use crate::wire::{CallRecord, CallRef, Kept, LeaseClaim, MessageId, PartOutcome, ReportId};
use crate::wire::{TEXTS_KNOWN, TextOutcome, TextState, UseRefusal, text};
use crate::{Epoch, TerminalId, UserId};
use alloc::collections::BTreeMap;
use polysim_base::Iccid;
use serde::{Deserialize, Serialize};

/// What a site must remember over a crash.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum SiteRecord {
    /// A new life began.
    Started(u32),
    /// A newer lease of a SIM was heard of: older ones are refused for good.
    Epoch {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// The highest epoch heard of.
        epoch: Epoch,
    },
    /// Whose texts the memory of a modem may hold from now on; `None` when it was drained.
    Memory {
        /// Which modem.
        modem: u16,
        /// Whose.
        holder: Option<LeaseClaim>,
    },
    /// A text was accepted, all its parts pending; no modem has it.
    TextAccepted(TextOutcome),
    /// A text was refused for good.
    TextRefused {
        /// Which text.
        message: MessageId,
        /// Why.
        refusal: UseRefusal,
    },
    /// A text is about to be handed to its modem.
    TextSubmitted {
        /// Which text.
        message: MessageId,
        /// When, seconds since 1970.
        unix_s: u64,
    },
    /// A call has begun or was answered. As long as no end is kept it counts as lost.
    CallBegan(CallRecord),
    /// A report that is said again until it is confirmed: it settles its text, or ends its call.
    Kept(ReportId, Kept),
    /// A report was confirmed.
    Confirmed(ReportId),
}

/// A text whose outcome is not known.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct OpenText {
    pub(super) outcome: TextOutcome,
    pub(super) submitted: bool,
}

/// What became of a text, or why it was refused for good.
pub(super) type Seen = Result<TextState, UseRefusal>;

/// The fold over the records.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Journal {
    pub(super) incarnation: u32,
    /// One for each SIM of the fleet that was ever used here.
    pub(super) epochs: BTreeMap<Iccid, Epoch>,
    pub(super) memory: BTreeMap<u16, LeaseClaim>,
    /// Bounded by the queues of the modems.
    pub(super) texts: BTreeMap<MessageId, OpenText>,
    /// The last texts of each terminal, and what became of them: [`TEXTS_KNOWN`] of each.
    pub(super) seen: BTreeMap<(UserId, TerminalId), BTreeMap<u64, Seen>>,
    /// Bounded by [`super::uplink::KEPT_MAX`].
    pub(super) kept: BTreeMap<ReportId, Kept>,
    /// Bounded by the calls that modems have.
    pub(super) calls: BTreeMap<CallRef, CallRecord>,
}

impl Journal {
    pub(super) fn apply(&mut self, record: SiteRecord) {
        match record {
            SiteRecord::Started(incarnation) => self.incarnation = incarnation,
            SiteRecord::Epoch { iccid, epoch } => {
                let highest = self.epochs.entry(iccid).or_default();
                *highest = epoch.max(*highest);
            }
            SiteRecord::Memory { modem, holder: Some(claim) } => {
                self.memory.insert(modem, claim);
            }
            SiteRecord::Memory { modem, holder: None } => {
                self.memory.remove(&modem);
            }
            SiteRecord::TextAccepted(outcome) => {
                self.remember(outcome.message, Ok(TextState::Submitting));
                self.texts.insert(outcome.message, OpenText { outcome, submitted: false });
            }
            SiteRecord::TextRefused { message, refusal } => self.remember(message, Err(refusal)),
            SiteRecord::TextSubmitted { message, unix_s } => {
                if let Some(text) = self.texts.get_mut(&message) {
                    text.submitted = true;
                    text.outcome.unix_s = unix_s;
                }
            }
            SiteRecord::CallBegan(call) => {
                self.calls.insert(call.call, call);
            }
            SiteRecord::Kept(report, kept) => {
                match &kept {
                    Kept::Outcome(outcome) => {
                        self.texts.remove(&outcome.message);
                        self.remember(outcome.message, Ok(state_of(&outcome.parts)));
                    }
                    Kept::Call(call) => {
                        self.calls.remove(&call.call);
                    }
                    Kept::Text(_) | Kept::Report(_) => {}
                }
                self.kept.insert(report, kept);
            }
            SiteRecord::Confirmed(report) => {
                self.kept.remove(&report);
            }
        }
    }

    fn remember(&mut self, message: MessageId, what: Seen) {
        let texts = self.seen.entry((message.user, message.terminal)).or_default();
        texts.insert(message.number, what);
        while texts.len() > usize::from(TEXTS_KNOWN) {
            texts.pop_first();
        }
    }

    /// Returns what is known of a text. One below those that are remembered may have been sent: it
    /// is refused for good.
    pub(super) fn seen(&self, message: MessageId) -> Option<Seen> {
        let texts = self.seen.get(&(message.user, message.terminal))?;
        let forgotten = || {
            let full = texts.len() >= usize::from(TEXTS_KNOWN);
            let oldest = texts.first_key_value().filter(|_| full);
            oldest.is_some_and(|(oldest, _)| message.number < *oldest)
        };
        let known = texts.get(&message.number).copied();
        known.or_else(|| forgotten().then_some(Err(UseRefusal::BadRequest)))
    }
}

/// Returns the sum over the parts of a text.
pub(super) fn state_of(parts: &[PartOutcome]) -> TextState {
    let any = |is: fn(&PartOutcome) -> bool| parts.iter().any(is);
    if any(|part| matches!(part, PartOutcome::Failed { .. })) {
        TextState::Failed
    } else if any(|part| matches!(part, PartOutcome::Unknown)) {
        TextState::Unknown
    } else if any(|part| matches!(part, PartOutcome::Pending)) {
        TextState::Submitting
    } else {
        TextState::Sent
    }
}
