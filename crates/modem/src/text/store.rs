//! Reading, listing, deleting and acknowledging.

use polysim_at::{
    Acknowledgement, CmgdSet, CmglInfo, CmgrInfo, CnmaSet, Cnmi, Command, CpmsSet, Form, Line,
    MessageStatus, MessageStore,
};
use polysim_base::{Instant, parse_hex};

use super::inbox::{Arrival, DELETE_AGAIN, Place};
use crate::{
    TextId, TextRouting, Timer,
    chore::Chore,
    counters::count,
    engine::Engine,
    link::{Accept, Answer, Outcome, Request, later},
};

/// Buffer while the line is busy, then flush.
const MODE_BUFFER: u8 = 2;
const DELIVER_STORED: u8 = 1;
const DELIVER_DIRECT: u8 = 2;
const REPORT_DIRECT: u8 = 1;

impl Engine {
    /// A `+CMTI` or `+CDSI` came.
    pub(crate) fn text_stored(&mut self, store: MessageStore, index: u16) {
        let inbox = self.inbox.get_or_insert_default();
        if !inbox.read_later(Place { store, index }) {
            count(&mut self.counters.merged_urcs);
            self.chores.list_texts = true;
        }
    }

    /// The owner recorded a text.
    pub(crate) fn recorded(&mut self, id: TextId) {
        let Some(inbox) = &mut self.inbox else { return };
        if inbox.recorded(id) {
            self.chores.list_texts = true;
        }
    }

    /// Returns the next thing to do about stored texts. What is recorded goes first, as long as
    /// the store it is in is the one in use.
    pub(crate) fn text_chore(&mut self) -> Option<Chore> {
        let (chore, store) = if let Some((id, place)) =
            self.inbox.as_ref().and_then(|inbox| inbox.first_to_delete())
        {
            (Chore::Delete(id), place.store)
        } else if core::mem::take(&mut self.chores.list_texts) {
            let store = self.store.unwrap_or(self.config.init.store);
            (Chore::List(store), store)
        } else {
            let place = self.inbox.as_ref()?.first_to_read()?;
            (Chore::Read(place.index), place.store)
        };
        if self.store == Some(store) {
            return Some(chore);
        }
        self.chores.list_texts |= matches!(chore, Chore::List(_));
        Some(Chore::SetStore(store))
    }

    pub(crate) fn text_request(&self, chore: Chore) -> Request {
        let card = self.config.deadlines.card;
        match chore {
            Chore::Acknowledge(_) => Request::new(&Command::Cnma(Form::Execute), card),
            Chore::Refuse => {
                let acknowledgement = Acknowledgement::Error;
                let set = CnmaSet { acknowledgement, length: None };
                Request::new(&Command::Cnma(Form::Set(set)), card)
            }
            Chore::Delete(id) => {
                let place = self.inbox.as_ref().and_then(|inbox| inbox.place_of(id));
                let index = place.map_or(0, |place| place.index);
                Request::new(&Command::Cmgd(Form::Set(CmgdSet { index, flag: None })), card)
            }
            Chore::Read(index) => Request::new(&Command::Cmgr(Form::Set(index)), card)
                .accepting(Accept::WithPdu("+CMGR")),
            Chore::SetStore(store) => {
                let set = CpmsSet { read: store, write: None, receive: None };
                Request::new(&Command::Cpms(Form::Set(set)), card)
                    .accepting(Accept::Listed("+CPMS"))
            }
            Chore::List(_) | Chore::Route | Chore::ListCalls | Chore::ReadRegistration(_) => {
                self.list_request()
            }
        }
    }

    /// Returns the command that makes one store that of everything.
    pub(crate) fn store_request(&self, store: MessageStore) -> Request {
        let set = CpmsSet { read: store, write: Some(store), receive: Some(store) };
        Request::new(&Command::Cpms(Form::Set(set)), self.config.deadlines.card)
            .accepting(Accept::Listed("+CPMS"))
    }

    /// Returns the command that lists all texts.
    pub(crate) fn list_request(&self) -> Request {
        let all = Command::Cmgl(Form::Set(MessageStatus::All));
        Request::new(&all, self.config.deadlines.card).accepting(Accept::WithPdu("+CMGL"))
    }

    /// Returns the command that says where texts and reports go.
    pub(crate) fn routing_request(&self) -> Request {
        let direct = self.acknowledges && self.config.init.routing == TextRouting::Direct;
        let routing = Cnmi {
            mode: Some(MODE_BUFFER),
            deliver: Some(if direct { DELIVER_DIRECT } else { DELIVER_STORED }),
            broadcast: Some(0),
            report: Some(REPORT_DIRECT),
            buffer: Some(0),
        };
        Request::new(&Command::Cnmi(Form::Set(routing)), self.config.deadlines.local)
    }

    pub(crate) fn text_chore_done(&mut self, now: Instant, chore: Chore, answer: &Answer) {
        match chore {
            Chore::Acknowledge(id) => {
                if answer.is_ok() {
                    self.inbox.get_or_insert_default().finished(id);
                } else {
                    self.inbox.get_or_insert_default().failed(id);
                    self.chores.route = true;
                }
            }
            // A modem that was not acknowledged in time gives the routing up (TS 27.005, 3.4.1).
            Chore::Refuse => self.chores.route |= !answer.is_ok(),
            Chore::Delete(id) => self.deleted(now, id, answer),
            Chore::Read(index) => self.was_read(now, index, answer),
            Chore::List(store) => self.listed(now, store, answer),
            // A modem that refuses has one store only, and it is in use.
            Chore::SetStore(store) => {
                if answer.is_final() {
                    self.store = Some(store);
                }
            }
            Chore::Route | Chore::ListCalls | Chore::ReadRegistration(_) => {}
        }
        self.tidy_inbox();
    }

    fn deleted(&mut self, now: Instant, id: TextId, answer: &Answer) {
        let inbox = self.inbox.get_or_insert_default();
        if answer.is_ok() {
            inbox.finished(id);
            self.chores.list_texts |= inbox.has_room_again();
            return;
        }
        // Whether it was deleted is to be seen before it is tried again.
        if inbox.failed(id) {
            inbox.list_at = Some(later(now, DELETE_AGAIN));
        }
    }

    fn was_read(&mut self, now: Instant, index: u16, answer: &Answer) {
        let Some(store) = self.store else { return };
        let place = Place { store, index };
        self.inbox.get_or_insert_default().has_read(place);
        match answer.outcome {
            Outcome::Final(_) => {}
            // It may be there: all are listed, as the answer may be lost again.
            Outcome::TooLong | Outcome::Timeout => self.chores.list_texts = true,
            // All are listed when the modem is initialised again.
            Outcome::Reset | Outcome::PortLost => {}
        }
        let mut lines = answer.lines();
        let (Some(header), Some(pdu)) = (lines.next(), lines.next()) else { return };
        let Ok(header) = CmgrInfo::parse(header) else { return };
        self.found(now, place, header.status, header.length, pdu);
    }

    /// Takes the listing of a store.
    pub(crate) fn listed(&mut self, now: Instant, store: MessageStore, answer: &Answer) {
        if let Some(inbox) = &mut self.inbox {
            inbox.begin_listing();
        }
        let mut complete = answer.is_ok();
        let mut lines = answer.lines();
        while let Some(header) = lines.next() {
            let Ok(header) = CmglInfo::parse(header) else {
                complete = false;
                continue;
            };
            let place = Place { store, index: header.index };
            let pdu = lines.next().unwrap_or_default();
            complete &= self.found(now, place, header.status, header.length, pdu);
        }
        if let Some(inbox) = &mut self.inbox {
            if complete {
                inbox.end_listing(store);
            } else if inbox.list_at.is_none() {
                inbox.list_at = Some(later(now, DELETE_AGAIN));
            }
        }
        self.tidy_inbox();
    }

    /// Takes a text that is in a store. Returns whether it could be read at all.
    fn found(
        &mut self,
        now: Instant,
        place: Place,
        status: MessageStatus,
        length: u16,
        line: &[u8],
    ) -> bool {
        match status {
            MessageStatus::ReceivedUnread | MessageStatus::ReceivedRead => {}
            // Those are someone's own, and not for us to take or delete.
            MessageStatus::StoredUnsent | MessageStatus::StoredSent => return true,
            MessageStatus::All | MessageStatus::Other(_) => return true,
        }
        let Some(pdu) = whole_pdu(line, length) else {
            count(&mut self.counters.malformed_lines);
            let inbox = self.inbox.get_or_insert_default();
            inbox.list_at = Some(later(now, DELETE_AGAIN));
            return false;
        };
        let id = self.new_text_id();
        match self.inbox.get_or_insert_default().stored(place, &pdu, id) {
            Arrival::New => self.tell(now, id, pdu),
            Arrival::Known => count(&mut self.counters.duplicate_texts),
            Arrival::NoRoom => {}
        }
        true
    }

    pub(crate) fn expire_texts(&mut self, now: Instant) {
        if let Some(inbox) = &mut self.inbox
            && inbox.list_at.is_some_and(|due| due <= now)
        {
            inbox.list_at = None;
            self.chores.list_texts = true;
        }
        self.expire_parts(now);
        self.tidy_inbox();
    }

    pub(crate) fn texts_timeout(&self) -> Option<(Instant, Timer)> {
        let inbox = self.inbox.as_ref()?;
        let retry = inbox.list_at.map(|due| (due, Timer::Retry));
        let parts = inbox.parts.as_ref().map(|parts| (parts.poll_timeout(), Timer::Reassembly));
        [retry, parts].into_iter().flatten().min_by_key(|(due, _)| *due)
    }

    pub(super) fn tidy_inbox(&mut self) {
        if self.inbox.as_ref().is_some_and(|inbox| inbox.is_empty()) {
            self.inbox = None;
        }
    }
}

/// Reads a PDU line if it is as long as was announced: one that is not was cut or mixed up.
pub(super) fn whole_pdu(line: &[u8], tpdu_octets: u16) -> Option<alloc::vec::Vec<u8>> {
    let pdu = parse_hex(line).ok()?;
    let service_centre = usize::from(*pdu.first()?).saturating_add(1);
    (pdu.len() == service_centre.saturating_add(usize::from(tpdu_octets))).then_some(pdu)
}
