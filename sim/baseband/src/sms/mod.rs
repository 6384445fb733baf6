//! Texts: stores, sending, receiving (TS 23.040, TS 24.011, TS 27.005).

mod centre;
mod deliver;
mod store;
mod submit;
mod text;

pub(crate) use centre::{ServiceCentre, write_centre};
pub(crate) use store::{Message, Stores, exists, total};
pub(crate) use submit::{Entry, Outgoing, Purpose, Sender, Sent};
pub(crate) use text::{put_report_urc, put_text_message, put_text_urc};

use crate::core::Core;
use crate::effects::Effects;
use crate::port::{Done, Settings};
use centre::Centre;
use polysim_at::{CmsError, FinalResult, MessageStore};
use polysim_base::{Duration, Instant};
use polysim_radio::air::{SmsDownlink, SmsUplink, Uplink};
use std::collections::VecDeque;

/// How long the network may take over a text (TR1N and what comes with it; TS 24.011, 10).
const NETWORK_PATIENCE: Duration = Duration::from_secs(60);
/// How long a host may take to acknowledge a text shown to it (TS 27.005, 3.4.1).
const HOST_PATIENCE: Duration = Duration::from_secs(15);
/// Most texts of hosts that wait for their turn.
const OUTGOING_MAX: usize = 16;
/// Most texts that wait for a host to acknowledge another.
const INCOMING_MAX: usize = 16;

/// RP causes (TS 24.011, table 8.4).
const MEMORY_CAPACITY_EXCEEDED: u8 = 22;
pub(crate) const PROTOCOL_ERROR: u8 = 111;

/// Everything about texts.
#[derive(Debug)]
pub(crate) struct Messages {
    stores: Option<Box<Stores>>,
    work: Option<Box<Work>>,
    /// The message reference used last.
    reference: u8,
    /// The RP reference used last.
    rp_reference: u8,
    /// `+CSMS`.
    pub(crate) service: u8,
    /// `<mem3>` of `+CPMS`.
    pub(crate) receive_store: MessageStore,
    centre: Centre,
    /// A text was refused for want of room: the network is told when there is some.
    refused_for_room: bool,
    /// `+CSMP`: first octet, validity, protocol, coding.
    pub(crate) parameters: [u8; 4],
    routes: Routes,
}

/// Ports that want texts and reports themselves: one bit each.
#[derive(Clone, Copy, Debug, Default)]
struct Routes {
    texts: u8,
    /// Class 3 only.
    class_three: u8,
    reports: u8,
    reports_stored: u8,
}

/// What is under way.
#[derive(Debug, Default)]
struct Work {
    outgoing: Option<(Outgoing, Sending)>,
    waiting: VecDeque<Outgoing>,
    /// Shown to a host, which must acknowledge it.
    shown: Option<Shown>,
    arrived: VecDeque<Arrived>,
    /// RP-SMMA is under way.
    announcing: Option<(u8, Instant)>,
}

/// References of the text under way.
#[derive(Clone, Copy, Debug)]
struct Sending {
    rp_reference: u8,
    reference: u8,
    until: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    port: u8,
    rp_reference: u8,
    until: Instant,
}

/// A text from the network.
#[derive(Debug)]
struct Arrived {
    rp_reference: u8,
    centre: ServiceCentre,
    tpdu: Vec<u8>,
}

impl Default for Messages {
    fn default() -> Self {
        Self {
            stores: None,
            work: None,
            reference: 0xFF,
            rp_reference: 0,
            service: 0,
            receive_store: MessageStore::Sim,
            centre: Centre::Unread,
            refused_for_room: false,
            parameters: [17, 167, 0, 0],
            routes: Routes::default(),
        }
    }
}

impl Work {
    fn is_idle(&self) -> bool {
        self.outgoing.is_none()
            && self.waiting.is_empty()
            && self.shown.is_none()
            && self.arrived.is_empty()
            && self.announcing.is_none()
    }

    fn deadline(&self) -> Option<Instant> {
        let sending = self.outgoing.as_ref().map(|(_, sending)| sending.until);
        let shown = self.shown.map(|shown| shown.until);
        let announcing = self.announcing.map(|(_, until)| until);
        [sending, shown, announcing].into_iter().flatten().min()
    }
}

impl Messages {
    /// Keeps what a port wants to be shown.
    pub(crate) fn route(&mut self, port: u8, settings: Option<&Settings>) {
        let bit = 1_u8.checked_shl(port.into()).unwrap_or(0);
        let routes = &mut self.routes;
        for mask in [
            &mut routes.texts,
            &mut routes.class_three,
            &mut routes.reports,
            &mut routes.reports_stored,
        ] {
            *mask &= !bit;
        }
        let Some([mode, deliver, _, report, _]) = settings.map(|s| s.indications) else {
            return;
        };
        if mode == 0 {
            return;
        }
        match deliver {
            2 => routes.texts |= bit,
            3 => routes.class_three |= bit,
            _ => {}
        }
        match report {
            1 => routes.reports |= bit,
            2 => routes.reports_stored |= bit,
            _ => {}
        }
    }

    /// Texts on the card and in the device stay; everything else goes.
    pub(crate) fn power_lost(&mut self) {
        *self = Self {
            stores: self.stores.take(),
            reference: self.reference,
            refused_for_room: self.refused_for_room,
            ..Self::default()
        };
    }

    /// The texts stored on the card went with it.
    pub(crate) fn card_gone(&mut self, fx: &mut Effects) {
        self.centre = Centre::Unread;
        let Some(work) = self.work.take() else { return };
        let under_way = work.outgoing.map(|(outgoing, _)| outgoing);
        for outgoing in under_way.into_iter().chain(work.waiting) {
            // A card that is gone waits for nothing.
            if let Sender::Port(port) = outgoing.sender {
                fx.finish(Done::new(port, FinalResult::Cms(CmsError::SimFailure)));
            }
        }
    }

    /// The card may have another service centre now.
    pub(crate) const fn forget_centre(&mut self) {
        self.centre = Centre::Unread;
    }

    /// The slot was emptied: what its card held is out of reach.
    pub(crate) fn card_pulled(&mut self) {
        if let Some(stores) = &mut self.stores {
            stores.clear_sim();
        }
        self.tidy();
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        let stores = self.stores.as_deref().map_or(0, Stores::heap_bytes);
        stores + self.work.as_deref().map_or(0, size_of_val)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.work.as_ref().and_then(|work| work.deadline())
    }

    pub(crate) fn is_full(&self) -> bool {
        self.refused_for_room
    }

    pub(crate) fn stores(&mut self) -> &mut Stores {
        self.stores.get_or_insert_default()
    }

    /// The stores, if anything was ever kept.
    pub(crate) fn kept(&self) -> Option<&Stores> {
        self.stores.as_deref()
    }

    fn work(&mut self) -> &mut Work {
        self.work.get_or_insert_default()
    }

    /// Gives memory back that holds nothing.
    pub(crate) fn tidy(&mut self) {
        if self.work.as_ref().is_some_and(|work| work.is_idle()) {
            self.work = None;
        }
        if self.stores.as_ref().is_some_and(|stores| stores.is_empty()) {
            self.stores = None;
        }
    }

    const fn next_rp_reference(&mut self) -> u8 {
        self.rp_reference = self.rp_reference.wrapping_add(1);
        self.rp_reference
    }
}

impl Core {
    /// Takes a message of the short message service.
    pub(crate) fn sms_downlink(&mut self, fx: &mut Effects, message: SmsDownlink) {
        match message {
            SmsDownlink::Data { reference, centre, tpdu } => {
                let arrived = Arrived { rp_reference: reference, centre, tpdu };
                self.text_arrived(fx, arrived);
            }
            SmsDownlink::Ack { reference, tpdu } => self.text_taken(fx, reference, tpdu),
            SmsDownlink::Error { reference, cause } => self.text_refused(fx, reference, cause),
        }
        self.messages.tidy();
    }

    /// Serves the deadlines of texts.
    pub(crate) fn message_timeouts(&mut self, fx: &mut Effects) {
        let Some(work) = &mut self.messages.work else {
            return;
        };
        let overdue = work.outgoing.take_if(|(_, sending)| sending.until <= fx.now);
        work.announcing.take_if(|(_, until)| *until <= fx.now);
        let unanswered = work.shown.take_if(|shown| shown.until <= fx.now);
        if let Some(shown) = unanswered {
            self.not_acknowledged(fx, shown);
        }
        if let Some((outgoing, _)) = overdue {
            self.text_over(fx, &outgoing, &Sent::Failed(CmsError::NetworkTimeout));
        }
        self.send_next(fx);
        self.messages.tidy();
    }

    /// Tells the network that there is room again, if it was told that there was none.
    pub(crate) fn announce_memory(&mut self, fx: &mut Effects) {
        let sizes = self.model.stores;
        let store = self.messages.receive_store;
        let room = self.messages.kept().is_none_or(|stores| stores.has_room(store, &sizes));
        let due = self.messages.refused_for_room && room && self.radio.registered;
        if !due || self.messages.work().announcing.is_some() {
            return self.messages.tidy();
        }
        let reference = self.messages.next_rp_reference();
        self.messages.work().announcing = Some((reference, fx.now.plus(NETWORK_PATIENCE)));
        fx.air(Uplink::Sms(SmsUplink::MemoryAvailable { reference }));
    }
}
