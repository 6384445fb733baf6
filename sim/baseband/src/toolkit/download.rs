//! SMS-PP data download: texts that are for the card (TS 31.111, 7.1.1).

use super::mail::{Content, Reply};
use crate::BasebandEvent;
use crate::core::Core;
use crate::effects::Effects;
use crate::sms::{PROTOCOL_ERROR, ServiceCentre};
use polysim_cat::{
    Address, Envelope, EnvelopeStatus, Feature, Instruction, Message, SmsPpDownload, SmsTpdu,
};
use polysim_radio::air::{SmsUplink, Uplink};
use polysim_sms::{
    DataCoding, Deliver, DeliverReport, FailureCause, HeaderBuf, MessageClass, MobileOriginated,
    Parameters, ProtocolId, Tpdu, UserData,
};

/// 8-bit data of class 2: how what a card says is coded where the text itself was in septets.
const CARD_DATA: DataCoding = DataCoding(0xF6);

/// A text on its way to the card.
#[derive(Debug)]
pub(super) struct Download {
    rp_reference: u8,
    coding: DataCoding,
    /// The text has a header; what the card says has one as well then.
    has_header: bool,
    pub(super) apdu: Vec<u8>,
}

impl Core {
    /// Whether a text is for the card: data download of class 2, to a card that takes it.
    pub(crate) fn is_for_card(&self, deliver: &Deliver) -> bool {
        deliver.protocol == ProtocolId::SIM_DATA_DOWNLOAD
            && deliver.user_data.coding().class() == Some(MessageClass::Sim)
            && self.slot.takes_texts
            && self.slot.profile_sent
            && self.model.toolkit.contains(&Feature::SmsPpDownload)
    }

    /// Has the card take a text. One at a time; those that find no room are refused.
    pub(crate) fn download(
        &mut self,
        fx: &mut Effects,
        rp_reference: u8,
        centre: &ServiceCentre,
        tpdu: &[u8],
        deliver: &Deliver,
    ) {
        let coding = deliver.user_data.coding();
        let has_header = deliver.user_data.has_header();
        let Some(apdu) = apdu(centre, tpdu) else {
            return refuse(fx, rp_reference, FailureCause::DATA_DOWNLOAD, None);
        };
        let text = Download { rp_reference, coding, has_header, apdu };
        if !self.toolkit().mail.post(Content::Text(Box::new(text))) {
            return refuse(fx, rp_reference, FailureCause::TOOLKIT_BUSY, None);
        }
        self.serve_card(fx);
    }
}

fn apdu(centre: &ServiceCentre, tpdu: &[u8]) -> Option<Vec<u8>> {
    let service_centre = Address::dialled(&centre.to_string()).ok();
    let tpdu = SmsTpdu::new(tpdu).ok()?;
    let message = Message::SmsPpDownload(SmsPpDownload { service_centre, tpdu });
    let envelope = Envelope::new(message).encode().ok()?;
    Instruction::Envelope.apdu(&envelope).ok()
}

/// Tells the network what the card made of a text (TS 31.111, 7.1.1.2).
pub(super) fn answer(fx: &mut Effects, text: &Download, reply: Option<Reply>) {
    let status = reply.as_ref().map(|reply| EnvelopeStatus::of(reply.status));
    let data = reply.map(|reply| reply.data).filter(|data| !data.is_empty());
    let data = data.and_then(|data| text.user_data(&data));
    let taken = matches!(
        status,
        Some(EnvelopeStatus::Done | EnvelopeStatus::Pending(_) | EnvelopeStatus::Response(_))
    );
    fx.event(BasebandEvent::TextForCard { taken });
    match status {
        _ if taken => {
            let tpdu = data.map(|data| report(None, Some(data)));
            fx.air(Uplink::Sms(SmsUplink::Ack { reference: text.rp_reference, tpdu }));
        }
        Some(EnvelopeStatus::Busy) => {
            refuse(fx, text.rp_reference, FailureCause::TOOLKIT_BUSY, None);
        }
        Some(_) | None => refuse(fx, text.rp_reference, FailureCause::DATA_DOWNLOAD, data),
    }
}

impl Download {
    /// What the card said, as user data: coded as the text was.
    fn user_data(&self, data: &[u8]) -> Option<UserData> {
        let coding = if self.coding.counts_septets() { CARD_DATA } else { self.coding };
        let (header, payload) = self.header_of(data).unwrap_or((HeaderBuf::new(), data));
        UserData::from_octets(coding, &header, payload).ok()
    }

    /// The header that the data begins with, if the text had one.
    fn header_of<'d>(&self, data: &'d [u8]) -> Option<(HeaderBuf, &'d [u8])> {
        let (length, rest) = data.split_first().filter(|_| self.has_header)?;
        let (mut elements, payload) = rest.split_at_checked(usize::from(*length))?;
        let mut header = HeaderBuf::new();
        while let [id, length, tail @ ..] = elements {
            let (element, after) = tail.split_at_checked(usize::from(*length))?;
            header.push_raw(*id, element).ok()?;
            elements = after;
        }
        elements.is_empty().then_some((header, payload))
    }
}

fn report(failure: Option<FailureCause>, data: Option<UserData>) -> Vec<u8> {
    let parameters = Parameters::NONE.with_protocol(ProtocolId::SIM_DATA_DOWNLOAD);
    let parameters = match data {
        Some(data) => parameters.with_user_data(data),
        None => Parameters::NONE,
    };
    MobileOriginated::DeliverReport(DeliverReport { failure, parameters }).to_octets()
}

fn refuse(fx: &mut Effects, reference: u8, cause: FailureCause, data: Option<UserData>) {
    let tpdu = Some(report(Some(cause), data));
    fx.air(Uplink::Sms(SmsUplink::Error { reference, cause: PROTOCOL_ERROR, tpdu }));
}
