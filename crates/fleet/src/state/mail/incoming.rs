//! Texts that come in: read, and put together part by part, whichever modem they came by.

use crate::wire::Mail;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use polysim_base::{Hex, Instant};
use polysim_sms::{
    Accepted, Address, AtPdu, Deliver, MobileTerminated, Part, Reassembler, Reference, Rp,
    UserData, Whole,
};

/// The most texts of a SIM that lack parts; one more gives up the oldest.
const OPEN_MAX: usize = 64;

/// A text of which not all parts have come. Keyed as TS 23.040, 9.2.3.24.1 says.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Open {
    from: Address,
    reference: Reference,
    total: u8,
    /// Until when its parts are awaited.
    pub(super) until: Instant,
    parts: BTreeMap<u8, Deliver>,
}

/// Takes a PDU and returns what there is to read now.
pub(super) fn came(open: &mut Vec<Open>, until: Instant, pdu: &[u8]) -> Vec<Mail> {
    let Ok(AtPdu { tpdu: MobileTerminated::Deliver(deliver), .. }) = AtPdu::parse(pdu, Rp::Data)
    else {
        return [unreadable(pdu)].into();
    };
    let Some(part) = deliver.user_data.concatenation().filter(|part| part.total() > 1) else {
        return whole([deliver].into()).into_iter().collect();
    };
    let (from, reference, total) = (deliver.originator, part.reference(), part.total());
    let mut mail = Vec::new();
    let same = |it: &Open| (it.from, it.reference, it.total) == (from, reference, total);
    if let Some(i) = open.iter().position(same)
        && let Some(it) = open.get_mut(i)
    {
        match it.parts.get(&part.sequence()) {
            Some(there) if there.user_data == deliver.user_data => return mail,
            // Its sender has used the number again.
            Some(_) => mail.push(open.remove(i).incomplete()),
            None => {
                it.parts.insert(part.sequence(), deliver);
                if it.parts.len() == usize::from(total) {
                    let parts = open.remove(i).parts.into_values().collect();
                    mail.extend(whole(parts));
                }
                return mail;
            }
        }
    }
    if open.len() >= OPEN_MAX {
        mail.push(open.remove(0).incomplete());
    }
    let parts = [(part.sequence(), deliver)].into();
    open.push(Open { from, reference, total, until, parts });
    mail
}

/// A PDU that is no text: kept as it is, for somebody may read it.
fn unreadable(pdu: &[u8]) -> Mail {
    Mail::Text { from: String::new(), unix_s: 0, body: format!("{}", Hex(pdu)), parts: 1 }
}

/// Joins all parts of a text, given in their order.
fn whole(parts: Vec<Deliver>) -> Option<Mail> {
    let count = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    let first = parts.first()?;
    let from = first.originator.to_string();
    let unix_s = first.timestamp.unix_seconds().unwrap_or(0);
    let mut join = Reassembler::default();
    let mut joined: Option<Whole<()>> = None;
    for part in parts {
        if let Ok(Accepted::Complete(whole)) = join.accept(Instant::ZERO, Part::new(part, ())) {
            joined = Some(whole);
        }
    }
    let joined = joined?;
    let body = joined.text().unwrap_or_else(|_| format!("{}", Hex(&joined.payload())));
    Some(Mail::Text { from, unix_s, body, parts: count })
}

fn readable(data: &UserData) -> String {
    data.text().unwrap_or_else(|_| format!("{}", Hex(data.payload())))
}

impl Open {
    pub(super) fn incomplete(self) -> Mail {
        let part = |number: u8| {
            let part = self.parts.get(&number);
            part.map_or_else(|| "…".to_string(), |part| readable(&part.user_data))
        };
        let body = (1..=self.total).map(part).collect();
        Mail::Incomplete { from: self.from.to_string(), body }
    }
}
