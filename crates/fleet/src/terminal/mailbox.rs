use crate::wire::{MailItem, MailPage};
use crate::{MailId, RequestId, ServerId};
use alloc::collections::VecDeque;
use polysim_base::Instant;

/// How many of the newest items the inbox keeps.
const INBOX_MAX: usize = 256;

/// What has come, and the question what else has.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Mailbox {
    inbox: VecDeque<MailItem>,
    cursor: MailId,
    /// Up to where something is known to have come.
    hinted: MailId,
    pub(super) question: Option<Question>,
    /// When it is asked, again or anew; `None` before the start.
    pub(super) due: Option<Instant>,
}

/// A question that is not answered yet.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Question {
    pub(super) request: RequestId,
    pub(super) asked: ServerId,
    pub(super) tries: u8,
    /// Whether something came after it was asked first.
    pub(super) hinted: bool,
    /// How many servers have said that they do not lead, since it was last due.
    pub(super) refused: u8,
}

impl Mailbox {
    pub(super) const fn new() -> Self {
        Self {
            inbox: VecDeque::new(),
            cursor: MailId(0),
            hinted: MailId(0),
            question: None,
            due: None,
        }
    }

    pub(super) const fn cursor(&self) -> MailId {
        self.cursor
    }

    pub(super) fn inbox(&self) -> impl ExactSizeIterator<Item = &MailItem> {
        self.inbox.iter()
    }

    /// Keeps an item that follows the cursor.
    pub(super) fn keep(&mut self, item: MailItem) {
        self.cursor = item.id;
        if self.inbox.len() == INBOX_MAX {
            self.inbox.pop_front();
        }
        self.inbox.push_back(item);
    }

    /// Returns the items of a page that are new, in order.
    pub(super) fn new_items(&self, page: MailPage) -> impl Iterator<Item = MailItem> + use<> {
        let mut last = self.cursor;
        page.items.into_iter().filter(move |item| {
            let new = item.id > last;
            last = last.max(item.id);
            new
        })
    }

    /// Takes note that something has come, and returns whether that is worth a question now.
    pub(super) fn hint(&mut self, upto: MailId) -> bool {
        self.hinted = self.hinted.max(upto);
        if let Some(question) = &mut self.question {
            question.hinted = true;
            return false;
        }
        upto > self.cursor
    }

    /// Takes note of an answer to the question, which is next asked `at` that moment, and returns
    /// whether there is known to be more.
    pub(super) fn answered(&mut self, at: Instant, found: bool) -> bool {
        let hinted = self.question.take().is_some_and(|question| question.hinted);
        self.due = Some(at);
        if !found && !hinted {
            // What was hinted at is not to be had any more.
            self.hinted = self.cursor;
        }
        self.hinted > self.cursor
    }
}
