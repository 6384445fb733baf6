//! Sending: from the prompt to RP-ACK (TS 27.005, 4.3; TS 24.011, 6).

use super::{Messages, NETWORK_PATIENCE, OUTGOING_MAX, Sending, ServiceCentre};
use crate::BasebandEvent;
use crate::card::{CardState, Lock};
use crate::core::Core;
use crate::effects::Effects;
use crate::port::Done;
use polysim_at::{
    CmgsInfo, CmsError, CmssInfo, FinalResult, HexBytes, Line, MessageStatus, MessageStore,
};
use polysim_radio::air::{SmsUplink, Uplink};
use polysim_sms::{Address, AtPdu, MobileOriginated, Rp, Tpdu};

/// What is to be done with what is typed at the prompt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Entry {
    /// `+CMGS=<length>`.
    Submit { length: u16 },
    /// `+CMGW=<length>[,<stat>]`.
    Write { length: u16, status: Option<MessageStatus> },
    /// `+CNMA=<n>,<length>`.
    Acknowledge { refused: bool, length: u16 },
    /// `+CMGS=<da>` in text mode.
    SubmitText { destination: Address },
    /// `+CMGW=<da>` in text mode.
    WriteText { destination: Address },
}

/// A text on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) sender: Sender,
    pub(crate) purpose: Purpose,
    /// The service centre that the host named.
    pub(crate) centre: Option<ServiceCentre>,
    pub(crate) tpdu: Vec<u8>,
}

/// Who sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sender {
    /// The host on this port.
    Port(u8),
    /// The card.
    Card,
}

/// What a text came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Sent {
    /// The service centre took it.
    Taken { reference: u8, report: Option<Vec<u8>> },
    /// It was refused, with this RP cause.
    Refused(u8),
    /// It did not leave the device, or nobody knows what became of it.
    Failed(CmsError),
}

/// Which command sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// `+CMGS`.
    Entered,
    /// `+CMSS`, from this place.
    Stored { store: MessageStore, index: u16 },
}

impl Entry {
    /// Reads a PDU typed for `+CMGS` or `+CMGW`, which must have the length announced.
    ///
    /// # Errors
    /// Not hex, another length, or no message that a device sends.
    pub(crate) fn parse_pdu(
        typed: &[u8],
        length: u16,
    ) -> Result<(Option<ServiceCentre>, Vec<u8>), CmsError> {
        let invalid = CmsError::InvalidPduParameter;
        let text = typed.trim_ascii();
        let pdu = AtPdu::<MobileOriginated>::parse_hex(text, Some(length.into()), Rp::Data)
            .map_err(|_| invalid)?;
        let centre = pdu.sc.as_ref().and_then(Address::msisdn);
        Ok((centre, pdu.tpdu.to_octets()))
    }
}

impl Core {
    /// Whether texts can be sent at all now.
    pub(crate) fn ready_for_texts(&self) -> Result<(), CmsError> {
        match self.slot.state() {
            CardState::Ready => {}
            CardState::Absent => return Err(CmsError::SimNotInserted),
            CardState::Locked(Lock::Pin) => return Err(CmsError::SimPinRequired),
            CardState::Locked(Lock::Puk) => return Err(CmsError::SimPukRequired),
            CardState::Activating | CardState::Starting(_) => return Err(CmsError::SimBusy),
            CardState::Off | CardState::Bare | CardState::Unusable => {
                return Err(CmsError::SimFailure);
            }
        }
        if self.radio.registered { Ok(()) } else { Err(CmsError::NoNetworkService) }
    }

    /// Takes a text to be sent; the command that brought it waits.
    pub(crate) fn submit(&mut self, fx: &mut Effects, outgoing: Outgoing) -> Result<(), CmsError> {
        self.ready_for_texts()?;
        if outgoing.centre.is_none() && self.service_centre() == Some(None) {
            return Err(CmsError::ScAddressUnknown);
        }
        let work = self.messages.work();
        if work.waiting.len() >= OUTGOING_MAX {
            return Err(CmsError::ResourcesUnavailable);
        }
        work.waiting.push_back(outgoing);
        self.send_next(fx);
        self.messages.tidy();
        Ok(())
    }

    /// Sends the next text, if none is under way and its service centre is known.
    pub(super) fn send_next(&mut self, fx: &mut Effects) {
        while let Some(first) = self.messages.work.as_ref().and_then(|work| work.waiting.front()) {
            if self.messages.work.as_ref().is_some_and(|work| work.outgoing.is_some()) {
                return;
            }
            let centre = match (first.centre, self.service_centre()) {
                (Some(centre), _) | (None, Some(Some(centre))) => Ok(centre),
                (None, Some(None)) => Err(CmsError::ScAddressUnknown),
                (None, None) => return self.read_service_centre(fx),
            };
            let Some(outgoing) = self.messages.work().waiting.pop_front() else {
                return;
            };
            match centre.and_then(|centre| self.ready_for_texts().map(|()| centre)) {
                Ok(centre) => self.send_text(fx, outgoing, centre),
                Err(error) => self.text_over(fx, &outgoing, &Sent::Failed(error)),
            }
        }
    }

    fn send_text(&mut self, fx: &mut Effects, mut outgoing: Outgoing, centre: ServiceCentre) {
        let messages = &mut self.messages;
        messages.reference = messages.reference.wrapping_add(1);
        let reference = messages.reference;
        // The device counts, whatever the host wrote (TS 23.040, 9.2.3.6).
        if let Some(octet) = outgoing.tpdu.get_mut(1) {
            *octet = reference;
        }
        let rp_reference = messages.next_rp_reference();
        let tpdu = outgoing.tpdu.clone();
        let sending = Sending { rp_reference, reference, until: fx.now.plus(NETWORK_PATIENCE) };
        messages.work().outgoing = Some((outgoing, sending));
        fx.air(Uplink::Sms(SmsUplink::Data { reference: rp_reference, centre, tpdu }));
    }

    /// RP-ACK.
    pub(super) fn text_taken(&mut self, fx: &mut Effects, reference: u8, report: Option<Vec<u8>>) {
        if self.messages.announced(reference) {
            self.messages.refused_for_room = false;
            return;
        }
        let Some((outgoing, sending)) = self.messages.take_sending(reference) else {
            return;
        };
        fx.event(BasebandEvent::MessageSent);
        let sent = Sent::Taken { reference: sending.reference, report };
        self.text_over(fx, &outgoing, &sent);
        self.send_next(fx);
    }

    /// Tells whoever sent a text what it came to.
    pub(super) fn text_over(&mut self, fx: &mut Effects, outgoing: &Outgoing, sent: &Sent) {
        let Sender::Port(port) = outgoing.sender else {
            return self.text_of_card_over(fx, sent);
        };
        let mut done = Done::new(port, FinalResult::Ok);
        match sent {
            Sent::Taken { reference, report } => {
                let report = report.clone().filter(|_| self.messages.service == 1);
                let (reference, ack) = (*reference, report.map(HexBytes::from));
                match outgoing.purpose {
                    Purpose::Entered => CmgsInfo { reference, ack }.encode(&mut done.lines),
                    Purpose::Stored { store, index } => {
                        let sizes = self.model.stores;
                        let stores = self.messages.stores();
                        stores.mark(store, index, MessageStatus::StoredSent, &sizes);
                        CmssInfo { reference, ack }.encode(&mut done.lines);
                    }
                }
            }
            Sent::Refused(cause) => {
                done.result = FinalResult::Cms(CmsError::from_number((*cause).into()));
            }
            Sent::Failed(error) => done.result = FinalResult::Cms(*error),
        }
        fx.finish(done);
    }

    /// RP-ERROR.
    pub(super) fn text_refused(&mut self, fx: &mut Effects, reference: u8, cause: u8) {
        if self.messages.announced(reference) {
            return;
        }
        let Some((outgoing, _)) = self.messages.take_sending(reference) else {
            return;
        };
        self.text_over(fx, &outgoing, &Sent::Refused(cause));
        self.send_next(fx);
    }
}

impl Messages {
    fn take_sending(&mut self, reference: u8) -> Option<(Outgoing, Sending)> {
        let outgoing = &mut self.work.as_mut()?.outgoing;
        outgoing.take_if(|(_, sending)| sending.rp_reference == reference)
    }

    /// Whether a reference is that of RP-SMMA, which is over then.
    fn announced(&mut self, reference: u8) -> bool {
        let announcing = self.work.as_mut().map(|work| &mut work.announcing);
        announcing.is_some_and(|a| a.take_if(|(ours, _)| *ours == reference).is_some())
    }
}
