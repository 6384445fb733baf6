//! Texts and delivery reports that come in: the modem keeps each until the exchange has it.

use super::{Site, SiteOutput};
use crate::wire::{Kept, LeaseClaim, ReceivedText, ReportId, StatusReport};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use polysim_modem::{ModemInput, TextId};

/// The octets of so many texts are remembered, to count those that are alike.
const ORDINALS_MAX: usize = 256;

/// Something that a modem has received and still holds.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Told {
    pdu: Vec<u8>,
    kind: Kind,
    /// As what the exchange was told of it; `None` as long as nobody knows whose it is.
    report: Option<ReportId>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Kind {
    Text,
    Status,
}

impl Site {
    pub(super) fn text_received(&mut self, number: u16, id: TextId, pdu: Vec<u8>) {
        self.received(number, id, pdu, Kind::Text);
    }

    pub(super) fn status_received(&mut self, number: u16, id: TextId, pdu: Vec<u8>) {
        self.received(number, id, pdu, Kind::Status);
    }

    /// Octets that are no text are of use to nobody.
    pub(super) fn unreadable(&mut self, number: u16, id: TextId) {
        self.counters.unreadable_texts = self.counters.unreadable_texts.saturating_add(1);
        self.emit(SiteOutput::Modem(number, ModemInput::Recorded(id)));
    }

    fn received(&mut self, number: u16, id: TextId, pdu: Vec<u8>, kind: Kind) {
        let Some(modem) = self.modems.get_mut(&number) else { return };
        if modem.told.get(&id.0).is_some_and(|told| told.pdu == pdu) {
            return;
        }
        modem.told.insert(id.0, Told { pdu, kind, report: None });
        self.hand_on(number, id.0);
    }

    /// Whose texts a modem tells of: while its memory may hold those of an earlier SIM it is that
    /// one, else the present one.
    fn text_holder(&self, number: u16) -> Option<LeaseClaim> {
        let present = self.tenant(number).map(|tenant| tenant.claim);
        self.journal.memory.get(&number).copied().or(present)
    }

    /// A modem has a SIM: what nobody could be named for is that one's.
    pub(super) fn text_holder_known(&mut self, number: u16) {
        let Some(modem) = self.modems.get(&number) else { return };
        let open = modem.told.iter().filter(|(_, told)| told.report.is_none());
        let open: Vec<u32> = open.map(|(id, _)| *id).collect();
        open.into_iter().for_each(|id| self.hand_on(number, id));
    }

    fn hand_on(&mut self, number: u16, id: u32) {
        let Some(claim) = self.text_holder(number) else { return };
        let Some(modem) = self.modems.get_mut(&number) else { return };
        let Some(told) = modem.told.get(&id) else { return };
        let (pdu, kind) = (told.pdu.clone(), told.kind);
        let ordinal = ordinal(&mut modem.ordinals, &pdu);
        let report = self.keep_here(match kind {
            Kind::Text => Kept::Text(ReceivedText { claim, pdu, ordinal }),
            Kind::Status => Kept::Report(StatusReport { claim, pdu, ordinal }),
        });
        let told = self.modems.get_mut(&number).and_then(|modem| modem.told.get_mut(&id));
        if let Some(told) = told {
            told.report = Some(report);
        }
    }

    /// The exchange has a text: the modem need not hold it any more.
    pub(super) fn text_confirmed(&mut self, report: ReportId) {
        let found = self.modems.iter().find_map(|(number, modem)| {
            let told = modem.told.iter().find(|(_, told)| told.report == Some(report));
            told.map(|(id, _)| (*number, *id))
        });
        let Some((number, id)) = found else { return };
        if let Some(modem) = self.modems.get_mut(&number) {
            modem.told.remove(&id);
        }
        self.emit(SiteOutput::Modem(number, ModemInput::Recorded(TextId(id))));
        self.drained_further(number);
    }
}

/// Returns how many with the same octets came before.
fn ordinal(seen: &mut VecDeque<(Vec<u8>, u16)>, pdu: &[u8]) -> u16 {
    if let Some((_, count)) = seen.iter_mut().find(|(octets, _)| octets == pdu) {
        *count = count.saturating_add(1);
        return *count;
    }
    if seen.len() >= ORDINALS_MAX {
        seen.pop_front();
    }
    seen.push_back((pdu.to_vec(), 0));
    0
}
