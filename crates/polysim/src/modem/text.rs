//! Received texts and status reports, which stay in the modem until they are confirmed.

use super::host::Request;
use super::shelf::Cursor;
use super::{Modem, ModemFault};
use polysim_modem::{StatusReportReceived, TextBody, TextId};
use polysim_sms::{Address, Timestamp};
use std::sync::Arc;

/// What was received.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReceivedText {
    /// Who sent it; `None` where that cannot be read.
    pub from: Option<Address>,
    /// When the service centre got its first part.
    pub timestamp: Option<Timestamp>,
    /// What it says.
    pub content: TextContent,
    /// Its TPDUs with the service centre's address, as they came: what to record.
    pub pdus: Vec<Vec<u8>>,
    pub(super) ids: Vec<TextId>,
}

/// What a received text says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TextContent {
    /// A whole text, or octets of an application.
    Whole(TextBody),
    /// Some parts of a long text; the others did not come in time.
    Incomplete {
        /// How many parts there should be.
        total: u8,
    },
    /// No TPDU that a terminal receives.
    Unreadable,
}

impl ReceivedText {
    /// Returns the characters, if it is a whole text of characters.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            TextContent::Whole(TextBody::Text(text)) => Some(text),
            TextContent::Whole(TextBody::Data(_))
            | TextContent::Incomplete { .. }
            | TextContent::Unreadable => None,
        }
    }
}

/// Reads received texts, from the oldest that is not confirmed on.
#[derive(Clone, Debug)]
pub struct Texts {
    pub(super) modem: Modem,
    pub(super) cursor: Cursor,
}

impl Texts {
    /// Waits for the next text; `None` when the modem was closed. Dropping the future loses
    /// nothing.
    pub async fn next(&mut self) -> Option<IncomingText> {
        let texts = &self.modem.shared().texts;
        let (number, text) = self.cursor.next(texts, |_| true).await?;
        Some(IncomingText { modem: self.modem.clone(), number, text })
    }
}

/// A received text that is still in the modem, or not yet acknowledged to the network.
///
/// [`confirm`](Self::confirm) it once it is safe. Dropped without, it stays where it is: a new
/// reader of [`Modem::texts`] is shown it again, and so is whoever opens the modem next. The modem
/// machine holds 64 parts that are not confirmed; more stay in the modem until there is room.
#[derive(Clone, Debug)]
pub struct IncomingText {
    modem: Modem,
    number: u64,
    text: Arc<ReceivedText>,
}

impl IncomingText {
    /// Returns what was received.
    #[must_use]
    pub fn received(&self) -> &ReceivedText {
        &self.text
    }

    /// Returns the characters, if it is a whole text of characters.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.text()
    }

    /// Says that the text is recorded: the modem may delete or acknowledge it, now or when it is
    /// there again. Doing so twice does no harm, nor does dropping the future.
    ///
    /// # Errors
    /// [`ModemFault::Closed`]: the text is still in the modem.
    pub async fn confirm(self) -> Result<(), ModemFault> {
        let shared = self.modem.shared();
        let room = shared.requests.reserve().await.map_err(|_| ModemFault::Closed)?;
        if shared.texts.take(self.number).is_some() {
            room.send(Request::Recorded(self.text.ids.clone()));
        }
        Ok(())
    }
}

impl std::ops::Deref for IncomingText {
    type Target = ReceivedText;

    fn deref(&self) -> &ReceivedText {
        &self.text
    }
}

/// Reads status reports. While there is a reader they wait until they are confirmed; without one
/// they are events only.
#[derive(Clone, Debug)]
pub struct Reports {
    pub(super) modem: Modem,
    pub(super) cursor: Cursor,
}

impl Reports {
    /// Waits for the next report; `None` when the modem was closed. Dropping the future loses
    /// nothing.
    pub async fn next(&mut self) -> Option<IncomingReport> {
        let reports = &self.modem.shared().reports;
        let (number, report) = self.cursor.next(reports, |_| true).await?;
        Some(IncomingReport { modem: self.modem.clone(), number, report })
    }
}

/// A status report that is still in the modem, or not yet acknowledged to the network.
#[derive(Clone, Debug)]
pub struct IncomingReport {
    modem: Modem,
    number: u64,
    report: Arc<StatusReportReceived>,
}

impl IncomingReport {
    /// Says that the report is recorded, as [`IncomingText::confirm`] does.
    ///
    /// # Errors
    /// [`ModemFault::Closed`]: the report is still in the modem.
    pub async fn confirm(self) -> Result<(), ModemFault> {
        let shared = self.modem.shared();
        let room = shared.requests.reserve().await.map_err(|_| ModemFault::Closed)?;
        if shared.reports.take(self.number).is_some() {
            room.send(Request::Recorded(vec![self.report.id]));
        }
        Ok(())
    }
}

impl std::ops::Deref for IncomingReport {
    type Target = StatusReportReceived;

    fn deref(&self) -> &StatusReportReceived {
        &self.report
    }
}
