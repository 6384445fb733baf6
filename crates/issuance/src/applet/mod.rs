//! The card-writing applet on a card.
//!
//! It binds the card to the device that it is in, carries out the orders of the platform, sees
//! that the device starts anew with the new subscription, and goes back to the old one where that
//! finds no service. It has no clock: it counts by a timer of the terminal, or by its polls.
//!
//! After every input one command at most is out. All of it that must survive is in records; what
//! it knows of the terminal is forgotten with [`AppletInput::Reset`]. A card that has lost power
//! gives that to a fresh applet restored from the records, or to the one that it had if all of its
//! outputs were taken: both are the same.

mod apdu;
mod channel;
mod commands;
mod contract;
mod external;
mod memory;
mod orders;
mod responses;
mod session;
#[cfg(test)]
mod tests;
mod uplink;

use alloc::sync::Arc;
use core::convert::Infallible;

use polysim_base::{Imei, Instant, Machine, Out, Queue};
use polysim_cat::{Envelope, EventData, LocationStatus, Message};

pub use contract::{AppletConfig, AppletInput, AppletOutput, Bearer, SecuredData, Transaction};
pub use memory::AppletRecord;
use memory::{Change, Memory, Stage};
use session::{Commit, Session, Terminal};

use crate::Subscription;
use crate::wire::apdu::AppletState;

/// The applet of one card.
#[derive(Clone, Debug)]
pub struct Applet {
    config: Arc<AppletConfig>,
    memory: Memory,
    session: Session,
    out: Queue<Out<AppletRecord, AppletOutput>>,
}

impl Applet {
    /// Returns the applet of a card as it is issued.
    #[must_use]
    pub fn new(config: AppletConfig) -> Self {
        Self::shared(Arc::new(config))
    }

    /// Returns the applet of a card as it is issued, of which there are several copies.
    #[must_use]
    pub fn shared(config: Arc<AppletConfig>) -> Self {
        let memory = Memory::new(&config);
        Self { config, memory, session: Session::default(), out: Queue::new() }
    }

    /// Returns what it was personalised with.
    #[must_use]
    pub fn config(&self) -> &AppletConfig {
        &self.config
    }

    /// Returns what it is doing.
    #[must_use]
    pub fn state(&self) -> AppletState {
        AppletState {
            bound: self.memory.bound,
            imsi: self.memory.current().map(|subscription| subscription.imsi),
            order: self.memory.order.as_ref().map(|order| (order.id, order.stage.progress())),
        }
    }

    /// Returns the device that the card was in last.
    #[must_use]
    pub const fn device(&self) -> Option<Imei> {
        self.memory.imei
    }

    /// Returns the subscription that it takes the card to have.
    #[must_use]
    pub fn subscription(&self) -> Option<&Subscription> {
        self.memory.current()
    }

    /// Remembers from now on, before anything that follows.
    fn keep(&mut self, change: Change) {
        self.memory.apply(change.clone());
        self.out.push(Out::Record(AppletRecord(change)));
    }

    /// The terminal tells something.
    fn told(&mut self, envelope: &Envelope) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not for the applet")]
        match &envelope.message {
            Message::TimerExpiration(expired) if expired.timer.number() == commands::TIMER => {
                self.timer_expired();
            }
            Message::Event(EventData::LocationStatus(changed)) => self.moved(changed.status),
            Message::Event(EventData::DataAvailable(ready)) => self.data_available(ready.status),
            Message::Event(EventData::ChannelStatus(changed)) => {
                self.channel_changed(changed.status);
            }
            _ => {}
        }
    }

    fn timer_expired(&mut self) {
        if self.session.clock.expired() {
            self.alarm();
        }
    }

    /// Without normal service, what is to leave waits for the event that tells of it, or an alarm.
    fn moved(&mut self, status: LocationStatus) {
        match status {
            LocationStatus::Normal => {
                self.in_service();
                self.network_is_back();
            }
            LocationStatus::Limited | LocationStatus::None => {}
        }
    }

    /// What was waited for did not come, or it is time to try again.
    fn alarm(&mut self) {
        if self.session.connection.is_some() {
            return self.end_connection();
        }
        match self.memory.stage() {
            Some(Stage::Trial) => self.minute_of_trial(),
            Some(Stage::Undoing) => self.go_back(true),
            Some(Stage::Begun) => {
                self.commit_new(Commit::Write { prove: false, first: false, live: true });
            }
            // Whatever waits goes on by itself once the clock is idle.
            Some(Stage::Written | Stage::Effective | Stage::Undone | Stage::Reverted) | None => {}
        }
    }
}

impl Machine for Applet {
    type Input = AppletInput;
    type Output = AppletOutput;
    type Record = AppletRecord;
    type Timer = Infallible;

    fn handle(&mut self, _now: Instant, input: AppletInput) {
        match input {
            AppletInput::Reset => self.reset(),
            AppletInput::Profile(profile) => {
                self.session.terminal = Some(Terminal::of(&profile));
            }
            AppletInput::Response(response) => self.answered(&response),
            AppletInput::NotAllowed => self.not_allowed(),
            AppletInput::Envelope(envelope) => self.told(&envelope),
            AppletInput::Polled => {
                if self.session.clock.polled() {
                    self.alarm();
                }
            }
            AppletInput::Secured { counter, data } => self.secured(counter, &data),
            AppletInput::FilesUpdated { counter, files } => self.files_updated(counter, &files),
            AppletInput::Proof(proof) => self.proved(proof),
            AppletInput::Apdu(apdu) => self.apdu(&apdu),
            AppletInput::Committed => self.committed(true),
            AppletInput::TransactionFailed => self.committed(false),
        }
        self.advance();
    }

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_output(&mut self) -> Option<Out<AppletRecord, AppletOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, Infallible)> {
        None
    }

    fn restore(&mut self, record: AppletRecord) {
        self.memory.apply(record.0);
    }
}
