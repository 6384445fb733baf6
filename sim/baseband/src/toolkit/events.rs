//! SET UP EVENT LIST, and the events themselves (TS 102.223, 6.4.16 and 7.5; TS 31.111, 7.5).

use super::local::{location, technology};
use super::mail::Content;
use crate::core::Core;
use crate::effects::Effects;
use polysim_at::RegistrationStatus;
use polysim_base::Msisdn;
use polysim_cat::{
    AccessTechnology, Address, Area, CallDisconnected, CallEnd, CallStarted, Cause, Event,
    EventData, GeneralResult, LocationChanged, LocationInformation, LocationStatus, MtCall,
    NetworkRejected, RejectionCause, SearchMode, TrackingArea, Transaction, Transactions,
    UpdateType,
};
use polysim_radio::air::{CallCause, CellView, Rat, RejectCause};

/// The events that the card wants, and what it was told last.
#[derive(Debug, Default)]
pub(super) struct Events {
    wanted: Vec<Event>,
    told: Option<Told>,
}

/// What events of the device's own state say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Told {
    status: LocationStatus,
    location: Option<LocationInformation>,
    /// The last one that there was service with.
    technology: Option<AccessTechnology>,
    search: SearchMode,
}

impl Events {
    pub(super) const fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }
}

impl Core {
    /// A new list takes the place of the old one; what is so now is known to whoever asks.
    pub(super) fn set_events(&mut self, fx: &mut Effects, wanted: Vec<Event>) {
        let told = (!wanted.is_empty()).then(|| self.state_to_tell());
        self.toolkit().events = Events { wanted, told };
        self.conclude(fx, GeneralResult::Performed);
    }

    fn wants(&self, event: Event) -> bool {
        self.toolkit_now().is_some_and(|toolkit| toolkit.events.wanted.contains(&event))
    }

    pub(super) fn tell(&mut self, fx: &mut Effects, event: EventData) {
        if self.wants(event.event()) {
            // A card that lets so many wait learns no more for now.
            self.toolkit().mail.post(Content::Event(Box::new(event)));
            self.serve_card(fx);
        }
    }

    fn state_to_tell(&self) -> Told {
        let cell = self.radio.serving.filter(|_| self.radio.registered);
        let status = if cell.is_some() {
            LocationStatus::Normal
        } else if self.registration_status() == RegistrationStatus::Denied {
            LocationStatus::Limited
        } else {
            LocationStatus::None
        };
        Told {
            status,
            location: cell.as_ref().map(location),
            technology: cell.map(|cell| technology(cell.rat)),
            search: self.search_mode(),
        }
    }

    /// Tells the card what changed of location, access technology and search mode. Returns whether
    /// anything did.
    pub(crate) fn tell_card_changes(&mut self, fx: &mut Effects) -> bool {
        let Some(told) = self.toolkit_now().and_then(|toolkit| toolkit.events.told) else {
            return false;
        };
        let mut now = self.state_to_tell();
        now.technology = now.technology.or(told.technology);
        if now == told {
            return false;
        }
        self.toolkit().events.told = Some(now);
        if (now.status, now.location) != (told.status, told.location) {
            let changed = LocationChanged { status: now.status, location: now.location };
            self.tell(fx, EventData::LocationStatus(changed));
        }
        if let Some(technology) = now.technology.filter(|_| now.technology != told.technology) {
            self.tell(fx, EventData::AccessTechnologyChange(technology));
        }
        if now.search != told.search {
            self.tell(fx, EventData::SearchModeChange(now.search));
        }
        true
    }

    /// A network refused.
    pub(crate) fn tell_card_rejection(
        &mut self,
        fx: &mut Effects,
        cell: &CellView,
        cause: RejectCause,
        update: bool,
    ) {
        if self.wants(Event::NetworkRejection) {
            self.tell(fx, EventData::NetworkRejection(rejection(cell, cause, update)));
        }
    }

    /// A call comes in.
    pub(crate) fn tell_card_ringing(
        &mut self,
        fx: &mut Effects,
        transaction: u8,
        caller: Option<&Msisdn>,
    ) {
        if self.wants(Event::MtCall) {
            let address = caller.and_then(|caller| Address::dialled(&caller.to_string()).ok());
            let call = MtCall {
                transaction: transactions(transaction, CallEnd::Far),
                address,
                subaddress: None,
                uri: None,
                media: None,
                truncated: false,
            };
            self.tell(fx, EventData::MtCall(call));
        }
    }

    /// An end answered a call.
    pub(crate) fn tell_card_connected(&mut self, fx: &mut Effects, transaction: u8, by: CallEnd) {
        if self.wants(Event::CallConnected) {
            let transaction = transactions(transaction, by);
            let call = CallStarted { transaction, media: None };
            self.tell(fx, EventData::CallConnected(by, call));
        }
    }

    /// An end ended a call; without a cause it was lost with the radio link.
    pub(crate) fn tell_card_disconnected(
        &mut self,
        fx: &mut Effects,
        transaction: u8,
        by: CallEnd,
        cause: Option<CallCause>,
    ) {
        if self.wants(Event::CallDisconnected) {
            // Location: user; then the cause, each the last octet of its group.
            let octets = cause.map_or(Vec::new(), |cause| vec![0x80, 0x80 | cause.number()]);
            let call = CallDisconnected {
                transactions: transactions(transaction, by),
                cause: Cause::new(&octets).ok(),
                media: None,
            };
            self.tell(fx, EventData::CallDisconnected(by, call));
        }
    }
}

/// The identifier of a transaction as the message has it that an end sends: its flag is set by
/// the end that did not choose the number (TS 24.007, 11.2.3.1.3).
fn transactions(transaction: u8, by: CallEnd) -> Transactions {
    let chosen_by_network = transaction & 0x08 != 0;
    let flag = match by {
        CallEnd::Near => chosen_by_network,
        CallEnd::Far => !chosen_by_network,
    };
    let octet = (transaction & 0x07) << 4 | if flag { 0x80 } else { 0x00 };
    Transactions(vec![Transaction(octet)])
}

/// A rejection, where it was and of what (TS 31.111, 7.5.2).
fn rejection(cell: &CellView, cause: RejectCause, update: bool) -> NetworkRejected {
    let [high, low] = cell.area.to_be_bytes();
    let mut tracking = cell.plmn.wire().to_vec();
    let (attach, updating) = match cell.rat {
        Rat::Gsm | Rat::Umts => (UpdateType::ImsiAttach, UpdateType::LocationUpdating),
        Rat::Lte => (UpdateType::EpsAttach, UpdateType::TrackingAreaUpdating),
        Rat::Nr => (UpdateType::InitialRegistration, UpdateType::MobilityRegistration),
    };
    let (location, tracking_area) = match cell.rat {
        Rat::Gsm | Rat::Umts => {
            let area = Area::Code(cell.area);
            (Some(LocationInformation { plmn: Some(cell.plmn), area }), None)
        }
        Rat::Lte => {
            tracking.extend([high, low]);
            (None, TrackingArea::new(&tracking).ok())
        }
        Rat::Nr => {
            tracking.extend([0, high, low]);
            (None, TrackingArea::new(&tracking).ok())
        }
    };
    NetworkRejected {
        location,
        routing_area: None,
        tracking_area,
        technology: technology(cell.rat),
        update: if update { updating } else { attach },
        cause: RejectionCause(cause.number()),
        extended_cause: None,
    }
}
