//! Orders of the platform: written at once or not at all, tried, and taken back.

use alloc::boxed::Box;

use polysim_base::{Eid, Imei, Out};
use polysim_ota::{Counter, StatusCode};

use super::commands::MINUTE;
use super::memory::{Begun, Change, Stage};
use super::session::{Commit, Session};
use super::{Applet, AppletOutput, SecuredData, Transaction};
use crate::files::{blanks, no_subscription};
use crate::wire::{AppletAnswer, AppletMessage, OrderId, Outcome};
use crate::{KeyChoice, Subscription};

impl Applet {
    /// The platform says something that is to be believed.
    pub(super) fn secured(&mut self, counter: Counter, data: &SecuredData) {
        self.hear(counter);
        let outcome = match AppletMessage::parse(data.octets()) {
            Ok(AppletMessage::Bound { imei }) => Some(self.bound(imei)),
            Ok(AppletMessage::NotBound { imei, .. }) => Some(self.not_bound(imei)),
            Ok(AppletMessage::Write { order, eid, subscription }) => {
                self.write(order, eid, subscription)
            }
            Ok(AppletMessage::Noted { order }) => Some(self.noted(order)),
            Err(_) => Some(Outcome::Malformed),
        };
        if let Some(outcome) = outcome {
            self.prove(outcome);
        }
    }

    pub(super) fn hear(&mut self, counter: Counter) {
        if counter > self.memory.heard {
            self.keep(Change::Heard(counter));
        }
    }

    fn prove(&mut self, outcome: Outcome) {
        let imsi = self.memory.current().map(|subscription| subscription.imsi);
        let data = AppletAnswer { outcome, imsi }.encode();
        self.out.push(Out::Do(AppletOutput::Prove { status: StatusCode::Ok, data }));
    }

    fn bound(&mut self, imei: Imei) -> Outcome {
        if self.memory.imei != Some(imei) {
            return Outcome::AnotherDevice;
        }
        if self.memory.bound {
            return Outcome::DoneBefore;
        }
        self.keep(Change::Mark(true));
        self.speak_anew();
        Outcome::Done
    }

    fn not_bound(&mut self, imei: Imei) -> Outcome {
        if self.memory.imei != Some(imei) {
            return Outcome::AnotherDevice;
        }
        if self.memory.bound {
            self.keep(Change::Mark(false));
        }
        self.session.refused = true;
        self.speak_anew();
        Outcome::Done
    }

    fn noted(&mut self, order: OrderId) -> Outcome {
        let Some(open) = self.memory.order.as_ref().filter(|open| open.id == order) else {
            return Outcome::DoneBefore;
        };
        match open.stage {
            // In the trial: the platform has seen the attach before the card could say it.
            Stage::Trial | Stage::Effective | Stage::Reverted => {
                self.keep(Change::Settled);
                self.speak_anew();
                Outcome::Done
            }
            Stage::Begun | Stage::Written | Stage::Undoing | Stage::Undone => Outcome::Busy,
        }
    }

    /// Begins an order. Nothing is answered yet if that waits for the files.
    fn write(&mut self, order: OrderId, eid: Eid, new: Subscription) -> Option<Outcome> {
        if eid != self.config.eid {
            return Some(Outcome::AnotherCard);
        }
        if order == OrderId(0) {
            return Some(Outcome::Malformed);
        }
        if order <= self.memory.last {
            return Some(Outcome::DoneBefore);
        }
        if let KeyChoice::Preloaded(index) = new.key
            && !self.config.preloaded.iter().any(|(held, _)| *held == index)
        {
            return Some(Outcome::NoSuchKey);
        }
        if self.session.commit.is_some() {
            return Some(Outcome::Busy);
        }
        match self.memory.order.as_ref().map(|open| (open.id, open.stage)) {
            None => {}
            // Nobody orders anew who has not heard what became of it.
            Some((_, Stage::Effective | Stage::Reverted)) => self.keep(Change::Settled),
            Some((open, Stage::Begun)) if open == order => {
                self.commit_new(Commit::Write { prove: true, first: false, live: true });
                return None;
            }
            Some((
                _,
                Stage::Begun | Stage::Written | Stage::Trial | Stage::Undoing | Stage::Undone,
            )) => return Some(Outcome::Busy),
        }
        self.begin(order, new, Stage::Begun);
        self.commit_new(Commit::Write { prove: true, first: true, live: true });
        None
    }

    pub(super) fn begin(&mut self, order: OrderId, new: Subscription, stage: Stage) {
        self.keep(Change::Begun(Box::new(Begun { order, new, stage })));
    }

    /// Writes the new subscription.
    pub(super) fn commit_new(&mut self, commit: Commit) {
        let Some(order) = &self.memory.order else { return };
        let files = order.new.files(&self.config.sizes);
        let key = Some(order.new.key.clone());
        self.commit(commit, Transaction { files, key });
    }

    /// Writes the old subscription, or that there is none.
    pub(super) fn go_back(&mut self, live: bool) {
        let transaction = match &self.memory.settled {
            Some(old) => {
                Transaction { files: old.files(&self.config.sizes), key: Some(old.key.clone()) }
            }
            None => Transaction { files: no_subscription(), key: None },
        };
        self.commit(Commit::Undo { live }, transaction);
    }

    fn commit(&mut self, commit: Commit, transaction: Transaction) {
        self.session.commit = Some(commit);
        self.out.push(Out::Do(AppletOutput::Commit(transaction)));
    }

    /// The transaction is carried out, or nothing of it was.
    pub(super) fn committed(&mut self, done: bool) {
        match self.session.commit.take() {
            Some(Commit::Write { prove, first, live }) => self.written(done, prove, first, live),
            Some(Commit::Undo { live }) if done => self.undone(live),
            Some(Commit::Undo { .. }) => self.session.clock.set(MINUTE),
            Some(Commit::Blank) if done => self.keep(Change::Blanked),
            Some(Commit::Blank) | None => {}
        }
    }

    fn undone(&mut self, live: bool) {
        self.keep(Change::Stage(if live { Stage::Undone } else { Stage::Reverted }));
        self.session.refreshes = 0;
        self.speak_anew();
        if self.memory.settled.is_none() {
            // Without a subscription there is nobody to be told.
            self.keep(Change::Settled);
        }
    }

    fn written(&mut self, done: bool, prove: bool, first: bool, live: bool) {
        let outcome = match (done, first) {
            (true, _) => {
                let stage = if live { Stage::Written } else { Stage::Trial };
                self.keep(Change::Stage(stage));
                self.session.refreshes = 0;
                self.speak_anew();
                Outcome::Done
            }
            (false, true) => {
                self.keep(Change::Abandoned);
                Outcome::WriteFailed
            }
            // It is not known what the card has: it is tried until it is done.
            (false, false) => {
                self.session.clock.set(MINUTE);
                Outcome::Busy
            }
        };
        if prove {
            self.prove(outcome);
        }
    }

    /// The card starts anew: what was begun is finished before the terminal reads.
    pub(super) fn reset(&mut self) {
        self.session = Session::default();
        match self.memory.stage() {
            Some(Stage::Begun) => {
                self.commit_new(Commit::Write { prove: false, first: false, live: false });
            }
            Some(Stage::Undoing) => self.go_back(false),
            Some(Stage::Written) => self.keep(Change::Stage(Stage::Trial)),
            Some(Stage::Undone) => self.keep(Change::Stage(Stage::Reverted)),
            Some(Stage::Trial | Stage::Effective | Stage::Reverted) | None => {}
        }
        if self.memory.stale && self.session.commit.is_none() {
            let transaction = Transaction { files: blanks(), key: None };
            self.commit(Commit::Blank, transaction);
        }
    }

    /// The device has service.
    pub(super) fn in_service(&mut self) {
        if self.memory.stage() == Some(Stage::Trial) {
            self.keep(Change::Stage(Stage::Effective));
            self.speak_anew();
        }
    }

    /// Another minute of the trial has passed without service.
    pub(super) fn minute_of_trial(&mut self) {
        self.keep(Change::Minute);
        self.session.look = true;
        let waited = self.memory.order.as_ref().map_or(0, |order| order.waited);
        let noticed = self.tells_of_service() || self.can_speak();
        // A card that had nothing stays with what it has.
        if waited >= self.config.trial_min && self.memory.settled.is_some() && noticed {
            self.keep(Change::Stage(Stage::Undoing));
            self.go_back(true);
        }
    }
}
