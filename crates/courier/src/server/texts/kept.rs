//! What waits for whom as records, for a log that begins anew.

use super::Texts;
use super::mailbox::{Busy, Live, Mailbox};
use crate::server::{Kept, KeptText, ServerRecord};
use crate::{DeviceId, MessageId};

impl Texts {
    pub(in crate::server) fn checkpoint(&self) -> impl Iterator<Item = ServerRecord> {
        self.boxes.iter().map(|(device, boxed)| ServerRecord::Kept(boxed.kept(*device)))
    }

    pub(in crate::server) fn restore_kept(&mut self, kept: Kept) {
        let Kept::Mailbox { device, sent, taken, offers, offered, gone, queue, live } = kept else {
            return;
        };
        let mut boxed = Mailbox { sent, taken, offers, busy: None };
        queue.into_iter().for_each(|item| boxed.push(item));
        for text in live {
            let id = MessageId { from: device, number: text.number };
            self.expiries.extend(text.until.map(|until| (until, id)));
            boxed.busy().live.insert(text.number, Live::from(text));
        }
        if let Some(busy) = &mut boxed.busy {
            busy.offered = usize::from(offered);
            busy.gone = gone;
        }
        self.boxes.insert(device, boxed);
    }
}

impl Mailbox {
    fn kept(&self, device: DeviceId) -> Kept {
        let busy = self.busy.as_deref().cloned().unwrap_or_default();
        let Busy { queue, offered, live, gone, .. } = busy;
        Kept::Mailbox {
            device,
            sent: self.sent,
            taken: self.taken,
            offers: self.offers,
            offered: u16::try_from(offered).unwrap_or(u16::MAX),
            gone,
            queue: queue.into(),
            live: live.into_iter().map(KeptText::from).collect(),
        }
    }
}

impl From<KeptText> for Live {
    fn from(text: KeptText) -> Self {
        let KeptText { number: _, devices, own, until, unsure } = text;
        Self { devices, own, until, wanted: None, unsure }
    }
}

impl From<(u64, Live)> for KeptText {
    fn from((number, live): (u64, Live)) -> Self {
        let Live { devices, own, until, wanted: _, unsure } = live;
        Self { number, devices, own, until, unsure }
    }
}
