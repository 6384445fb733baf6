//! Receiving: stored and announced, or shown and acknowledged by the host (TS 27.005, 3.4).

use super::store::exists;
use super::{
    Arrived, HOST_PATIENCE, INCOMING_MAX, MEMORY_CAPACITY_EXCEEDED, Message, PROTOCOL_ERROR,
    Routes, ServiceCentre, Shown,
};
use crate::BasebandEvent;
use crate::core::Core;
use crate::effects::Effects;
use crate::urc::Notice;
use polysim_at::{CmsError, MessageStatus, MessageStore};
use polysim_base::bcd;
use polysim_radio::air::{SmsUplink, Uplink};
use polysim_sms::{MessageClass, MobileTerminated, Rp, Tpdu};

/// TP-PID of a message that is acknowledged and thrown away (TS 23.040, 9.2.3.9).
const TYPE_ZERO: u8 = 0x40;

/// Where a text goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Destination {
    /// To nobody: acknowledged and thrown away.
    Nowhere,
    Store(MessageStore),
    /// To a host.
    Port(u8),
}

impl Core {
    /// RP-DATA.
    pub(super) fn text_arrived(&mut self, fx: &mut Effects, arrived: Arrived) {
        let work = self.messages.work();
        if work.shown.is_none() {
            return self.take_text(fx, arrived);
        }
        if work.arrived.len() < INCOMING_MAX {
            work.arrived.push_back(arrived);
        } else {
            refuse(fx, arrived.rp_reference, MEMORY_CAPACITY_EXCEEDED);
        }
    }

    fn take_text(&mut self, fx: &mut Effects, arrived: Arrived) {
        let reference = arrived.rp_reference;
        let (destination, report) = match MobileTerminated::parse(&arrived.tpdu, Rp::Data) {
            Ok(MobileTerminated::Deliver(deliver)) if self.is_for_card(&deliver) => {
                return self.download(fx, reference, &arrived.centre, &arrived.tpdu, &deliver);
            }
            Ok(MobileTerminated::Deliver(deliver)) => {
                let class = deliver.user_data.coding().class();
                let destination = if deliver.protocol.0 == TYPE_ZERO {
                    Destination::Nowhere
                } else {
                    self.text_destination(class)
                };
                (destination, false)
            }
            Ok(MobileTerminated::StatusReport(_)) => (self.report_destination(), true),
            Ok(MobileTerminated::SubmitReport(_)) | Err(_) => {
                return refuse(fx, reference, PROTOCOL_ERROR);
            }
        };
        match destination {
            Destination::Nowhere => acknowledge(fx, reference),
            Destination::Store(store) => self.store_text(fx, arrived, store, report),
            Destination::Port(port) => self.show_text(fx, arrived, port, report),
        }
    }

    /// Where a text of a class goes (TS 27.005, table 3.4.1).
    fn text_destination(&self, class: Option<MessageClass>) -> Destination {
        let Routes { texts, class_three, .. } = self.messages.routes;
        let direct = match class {
            Some(MessageClass::Sim) => 0,
            Some(MessageClass::Te) => texts | class_three,
            Some(MessageClass::Flash | MessageClass::Me) | None => texts,
        };
        if let Some(port) = first_of(direct) {
            return Destination::Port(port);
        }
        let sizes = &self.model.stores;
        Destination::Store(match class {
            Some(MessageClass::Sim) => MessageStore::Sim,
            Some(MessageClass::Me) if exists(MessageStore::Phone, sizes) => MessageStore::Phone,
            Some(_) | None => self.messages.receive_store,
        })
    }

    fn report_destination(&self) -> Destination {
        let Routes { reports, reports_stored, .. } = self.messages.routes;
        match first_of(reports) {
            Some(port) => Destination::Port(port),
            None if reports_stored == 0 => Destination::Nowhere,
            None if exists(MessageStore::Reports, &self.model.stores) => {
                Destination::Store(MessageStore::Reports)
            }
            None => Destination::Store(self.messages.receive_store),
        }
    }

    fn store_text(
        &mut self,
        fx: &mut Effects,
        arrived: Arrived,
        store: MessageStore,
        report: bool,
    ) {
        let message = Message {
            status: MessageStatus::ReceivedUnread,
            pdu: with_centre(&arrived.centre, &arrived.tpdu).into(),
        };
        let sizes = self.model.stores;
        let Some(index) = self.messages.stores().add(store, message, &sizes) else {
            self.messages.refused_for_room = true;
            return refuse(fx, arrived.rp_reference, MEMORY_CAPACITY_EXCEEDED);
        };
        acknowledge(fx, arrived.rp_reference);
        fx.event(BasebandEvent::MessageReceived);
        fx.notice(if report {
            Notice::ReportStored { store, index }
        } else {
            Notice::Stored { store, index }
        });
    }

    fn show_text(&mut self, fx: &mut Effects, arrived: Arrived, port: u8, report: bool) {
        let tpdu_len = u16::try_from(arrived.tpdu.len()).unwrap_or(u16::MAX);
        let pdu = with_centre(&arrived.centre, &arrived.tpdu).into();
        if self.messages.service == 1 {
            self.messages.work().shown = Some(Shown {
                port,
                rp_reference: arrived.rp_reference,
                until: fx.now.plus(HOST_PATIENCE),
            });
        } else {
            acknowledge(fx, arrived.rp_reference);
        }
        fx.event(BasebandEvent::MessageReceived);
        fx.notice(if report {
            Notice::Report { port, pdu, tpdu_len }
        } else {
            Notice::Text { port, pdu, tpdu_len }
        });
    }

    /// `+CNMA`: the host took a text, or refuses it.
    pub(crate) fn acknowledged(
        &mut self,
        fx: &mut Effects,
        port: u8,
        refused: bool,
        report: Option<Vec<u8>>,
    ) -> Result<(), CmsError> {
        let shown = self.messages.work.as_mut().map(|work| &mut work.shown);
        let shown = shown.and_then(|shown| shown.take_if(|shown| shown.port == port));
        let Some(shown) = shown else {
            self.messages.tidy();
            return Err(CmsError::NoCnmaExpected);
        };
        let reference = shown.rp_reference;
        fx.air(Uplink::Sms(if refused {
            SmsUplink::Error { reference, cause: PROTOCOL_ERROR, tpdu: report }
        } else {
            SmsUplink::Ack { reference, tpdu: report }
        }));
        self.take_arrived(fx);
        self.messages.tidy();
        Ok(())
    }

    /// The host did not acknowledge in time: the network keeps the text, and nothing is shown to
    /// that host any more.
    pub(super) fn not_acknowledged(&mut self, fx: &mut Effects, shown: Shown) {
        refuse(fx, shown.rp_reference, PROTOCOL_ERROR);
        fx.unroute = Some(shown.port);
        self.messages.route(shown.port, None);
        self.take_arrived(fx);
    }

    fn take_arrived(&mut self, fx: &mut Effects) {
        while let Some(work) = &mut self.messages.work {
            if work.shown.is_some() {
                return;
            }
            let Some(arrived) = work.arrived.pop_front() else {
                return;
            };
            self.take_text(fx, arrived);
        }
    }
}

/// The lowest port of a mask.
fn first_of(mask: u8) -> Option<u8> {
    (mask != 0).then(|| u8::try_from(mask.trailing_zeros()).unwrap_or(0))
}

fn acknowledge(fx: &mut Effects, reference: u8) {
    fx.air(Uplink::Sms(SmsUplink::Ack { reference, tpdu: None }));
}

fn refuse(fx: &mut Effects, reference: u8, cause: u8) {
    fx.air(Uplink::Sms(SmsUplink::Error { reference, cause, tpdu: None }));
}

/// A TPDU with the address of the service centre before it (TS 27.005, 3.1, `<pdu>`).
fn with_centre(centre: &ServiceCentre, tpdu: &[u8]) -> Vec<u8> {
    let digits: String = centre.digits().map(|d| char::from(b'0' + d)).collect();
    let packed = bcd::pack(&digits).unwrap_or_default();
    let mut pdu = Vec::with_capacity(tpdu.len() + packed.len() + 2);
    pdu.push(u8::try_from(packed.len() + 1).unwrap_or(0));
    pdu.push(0x91);
    pdu.extend_from_slice(&packed);
    pdu.extend_from_slice(tpdu);
    pdu
}
