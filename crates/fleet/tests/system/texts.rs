//! Texts as octets: what the service centre makes of them.

use super::names::UNIX_AT_ZERO;
use polysim_base::Instant;
use polysim_modem::{ModemEvent, StatusReportReceived, TextId, TextReceived, UnreadableText};
use polysim_sms::{
    Address, AtPdu, Deliver, MobileTerminated, Reference, Rp, SegmentOptions, Status, StatusReport,
    Timestamp, UserData, segment,
};

fn stamp(now: Instant) -> Timestamp {
    Timestamp::from_unix(UNIX_AT_ZERO + now.as_micros() / 1_000_000, 0).unwrap()
}

fn octets(tpdu: MobileTerminated) -> Vec<u8> {
    let mut octets = Vec::new();
    AtPdu::new(tpdu).encode(&mut octets);
    octets
}

/// Returns the parts of a text as a modem gets them.
pub(crate) fn deliver(now: Instant, from: &str, body: &str, reference: u8) -> Vec<Vec<u8>> {
    let from = Address::parse_dialled(from).unwrap();
    let options = SegmentOptions::default().with_reference(Reference::Eight(reference));
    let parts: Vec<UserData> = segment(body, &options).unwrap();
    let part = |data| octets(MobileTerminated::Deliver(Deliver::new(from, stamp(now), data)));
    parts.into_iter().map(part).collect()
}

/// Returns a delivery report as a modem gets it.
pub(crate) fn report(now: Instant, to: &str, reference: u8) -> Vec<u8> {
    let to = Address::parse_dialled(to).unwrap();
    let report = StatusReport::new(reference, to, stamp(now), stamp(now), Status::RECEIVED);
    octets(MobileTerminated::StatusReport(report))
}

pub(crate) fn parts_of(body: &str) -> u8 {
    u8::try_from(segment(body, &SegmentOptions::default()).unwrap().len()).unwrap()
}

/// Returns what the software of a modem tells of a text in its memory.
pub(crate) fn event(id: TextId, pdu: &[u8]) -> ModemEvent {
    let pdu = pdu.to_vec();
    match AtPdu::<MobileTerminated>::parse(&pdu, Rp::Data).map(|it| it.tpdu) {
        Ok(MobileTerminated::Deliver(text)) => ModemEvent::TextReceived(Box::new(TextReceived {
            id,
            from: text.originator,
            timestamp: text.timestamp,
            user_data: text.user_data,
            pdu,
        })),
        Ok(MobileTerminated::StatusReport(report)) => {
            ModemEvent::StatusReport(Box::new(StatusReportReceived {
                id,
                reference: report.reference,
                recipient: *report.recipient(),
                status: report.status,
                timestamp: report.timestamp,
                discharge: report.discharge,
                pdu,
            }))
        }
        Ok(MobileTerminated::SubmitReport(_)) | Err(_) => {
            ModemEvent::UnreadableText(Box::new(UnreadableText { id, pdu }))
        }
    }
}
