//! Telling the owner of what was received.

use alloc::{boxed::Box, vec::Vec};

use polysim_base::Instant;
use polysim_sms::{Accepted, AtPdu, Deliver, Incomplete, MobileTerminated, Part, Rp, Whole};

use super::{
    inbox::{Arrival, Parts},
    store::whole_pdu,
};
use crate::{
    IncompleteText, ModemEvent, StatusReportReceived, TextBody, TextId, TextReceived,
    UnreadableText, WholeText, counters::count, engine::Engine, link::PduUrc,
};

impl Engine {
    /// A text or report came directly.
    pub(crate) fn delivered(&mut self, now: Instant, urc: PduUrc, line: &[u8]) {
        let length = match urc {
            PduUrc::Deliver(length) | PduUrc::Report(length) => length,
            // Broadcasts are nobody's, and are not acknowledged.
            PduUrc::Broadcast => return,
        };
        let Some(pdu) = whole_pdu(line, length) else {
            count(&mut self.counters.malformed_lines);
            self.chores.refuse |= self.acknowledges;
            return;
        };
        let id = self.new_text_id();
        if !self.acknowledges {
            // The modem acknowledged it already, and nothing is left to be done.
            return self.tell(now, id, pdu);
        }
        match self.inbox.get_or_insert_default().direct(&pdu, id) {
            Arrival::New => self.tell(now, id, pdu),
            Arrival::Known => count(&mut self.counters.duplicate_texts),
            Arrival::NoRoom => self.chores.refuse = true,
        }
    }

    /// Tells the owner of a PDU.
    pub(super) fn tell(&mut self, now: Instant, id: TextId, pdu: Vec<u8>) {
        match AtPdu::<MobileTerminated>::parse(&pdu, Rp::Data).map(|pdu| pdu.tpdu) {
            Ok(MobileTerminated::Deliver(deliver)) => self.tell_text(now, id, deliver, pdu),
            Ok(MobileTerminated::StatusReport(report)) => {
                self.event(ModemEvent::StatusReport(Box::new(StatusReportReceived {
                    id,
                    reference: report.reference,
                    recipient: *report.recipient(),
                    status: report.status,
                    timestamp: report.timestamp,
                    discharge: report.discharge,
                    pdu,
                })));
            }
            Ok(MobileTerminated::SubmitReport(_)) | Err(_) => {
                self.event(ModemEvent::UnreadableText(Box::new(UnreadableText { id, pdu })));
            }
        }
    }

    fn tell_text(&mut self, now: Instant, id: TextId, deliver: Deliver, pdu: Vec<u8>) {
        self.event(ModemEvent::TextReceived(Box::new(TextReceived {
            id,
            from: deliver.originator,
            timestamp: deliver.timestamp,
            user_data: deliver.user_data.clone(),
            pdu,
        })));
        if deliver.user_data.concatenation().is_none() {
            let data = &deliver.user_data;
            let body =
                data.text().map_or_else(|_| TextBody::Data(data.payload().into()), TextBody::Text);
            let (from, timestamp) = (deliver.originator, deliver.timestamp);
            let parts = Vec::from([id]);
            return self.event(ModemEvent::Text(Box::new(WholeText {
                parts,
                from,
                timestamp,
                body,
            })));
        }
        let limits = self.config.reassembly;
        let inbox = self.inbox.get_or_insert_default();
        let parts = inbox.parts.get_or_insert_with(|| Parts::new(limits));
        parts.kept_until = now.plus(limits.window);
        match parts.reassembler.accept(now, Part::new(deliver, id)) {
            Ok(Accepted::Complete(whole)) => self.tell_whole(&whole),
            Ok(Accepted::Pending { .. }) => {}
            Ok(Accepted::Duplicate(_)) => count(&mut self.counters.duplicate_texts),
            Err(refused) => self.tell_incomplete(Incomplete {
                total: refused.part.user_data.concatenation().map_or(0, |part| part.total()),
                parts: Vec::from([(0, refused.part)]),
            }),
        }
        self.expire_parts(now);
    }

    fn tell_whole(&mut self, whole: &Whole<TextId>) {
        let first = whole.first();
        let body = whole.text().map_or_else(|_| TextBody::Data(whole.payload()), TextBody::Text);
        self.event(ModemEvent::Text(Box::new(WholeText {
            parts: whole.parts().map(|part| part.tag).collect(),
            from: first.originator,
            timestamp: first.timestamp,
            body,
        })));
    }

    fn tell_incomplete(&mut self, incomplete: Incomplete<TextId>) {
        let Some((_, first)) = incomplete.parts.first() else { return };
        let from = first.originator;
        self.event(ModemEvent::TextIncomplete(Box::new(IncompleteText {
            parts: incomplete.parts.iter().map(|(_, part)| part.tag).collect(),
            from,
            total: incomplete.total,
        })));
    }

    /// Gives up the parts that waited long enough.
    pub(super) fn expire_parts(&mut self, now: Instant) {
        let next = |engine: &mut Self| {
            engine.inbox.as_mut()?.parts.as_mut().and_then(|parts| parts.reassembler.expire(now))
        };
        while let Some(incomplete) = next(self) {
            self.tell_incomplete(incomplete);
        }
        if let Some(inbox) = &mut self.inbox
            && inbox.parts.as_ref().is_some_and(|parts| parts.poll_timeout() <= now)
        {
            inbox.parts = None;
        }
    }
}
