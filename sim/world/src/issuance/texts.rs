//! The texts of a platform: its packets on their way to cards, and what cards send it.

use polysim_base::{Instant, Msisdn};
use polysim_issuance::platform::{Fate, PlatformInput};
use polysim_issuance::wire::MessageId;
use polysim_ota::sms::{PacketKind, carried};
use polysim_radio::SmsEvent;
use polysim_sms::{
    Accepted, Deliver, DeliverReport, FailureCause, Limits, MobileOriginated, MobileTerminated,
    Part, Reassembler, Rp, Status, Tpdu as _,
};
use std::collections::BTreeMap;

/// Packets whose texts have no fate yet, beyond which the oldest is forgotten: its texts were lost.
const OPEN_MAX: usize = 1_000_000;

/// Packets given to service centres, by the tag of their texts.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    open: BTreeMap<u64, Packet>,
    last_tag: u64,
    /// How many texts there were.
    pub(crate) texts: u64,
}

/// A packet in one or several texts.
#[derive(Debug)]
struct Packet {
    platform: usize,
    message: MessageId,
    parts_left: usize,
    fate: Fate,
}

impl Sent {
    /// Notes a packet in so many texts; returns the tag for them.
    pub(crate) fn begin(&mut self, platform: usize, message: MessageId, parts: usize) -> u64 {
        if self.open.len() >= OPEN_MAX {
            self.open.pop_first();
        }
        self.last_tag += 1;
        self.texts += parts as u64;
        let fate = Fate::Delivered { proof: None };
        self.open.insert(self.last_tag, Packet { platform, message, parts_left: parts, fate });
        self.last_tag
    }

    /// Hears what became of a text; returns the platform, the packet and the fate of it as a whole
    /// once that is known.
    pub(crate) fn hears(&mut self, event: &SmsEvent) -> Option<(usize, MessageId, Fate)> {
        let (tag, fate) = fate(event)?;
        let packet = self.open.get_mut(&tag)?;
        packet.parts_left = packet.parts_left.saturating_sub(1);
        let before = core::mem::replace(&mut packet.fate, Fate::NotTaken);
        packet.fate = worse(before, fate);
        if packet.parts_left > 0 {
            return None;
        }
        let packet = self.open.remove(&tag)?;
        Some((packet.platform, packet.message, packet.fate))
    }
}

/// Returns the tag of a text whose fate this is, and the fate.
fn fate(event: &SmsEvent) -> Option<(u64, Fate)> {
    match event {
        SmsEvent::Delivered { tag, report, .. } => {
            Some(((*tag)?, Fate::Delivered { proof: proof(report.as_deref(), Rp::Ack) }))
        }
        SmsEvent::Failed { tag, status: Status::NOT_OBTAINABLE, .. } => {
            Some(((*tag)?, Fate::NotTaken))
        }
        SmsEvent::Failed { tag, report, .. } => Some(((*tag)?, failed(report.as_deref()))),
        SmsEvent::Expired { tag, .. } => Some(((*tag)?, Fate::Expired)),
        SmsEvent::Refused { tag, .. } => Some(((*tag)?, Fate::NotTaken)),
        SmsEvent::Accepted { .. }
        | SmsEvent::Deferred { .. }
        | SmsEvent::DeliveredOutside { .. }
        | SmsEvent::ReportDelivered { .. } => None,
    }
}

/// What the device refuses was not carried out, unless its card has failed over it: it may have
/// done so before that.
fn failed(report: Option<&[u8]>) -> Fate {
    let data = proof(report, Rp::Error);
    let cause = deliver_report(report, Rp::Error).and_then(|report| report.failure);
    if data.is_none() && cause == Some(FailureCause::DATA_DOWNLOAD) {
        return Fate::Delivered { proof: None };
    }
    Fate::Refused { proof: data }
}

/// The packet is where its worst text is, unless a proof shows that the card had it whole.
fn worse(one: Fate, other: Fate) -> Fate {
    const fn badness(fate: &Fate) -> u8 {
        match fate {
            Fate::Delivered { .. } => 0,
            Fate::Refused { .. } => 1,
            Fate::Expired => 2,
            Fate::NotTaken => 3,
        }
    }
    const fn is_proven(fate: &Fate) -> bool {
        matches!(fate, Fate::Delivered { proof: Some(_) } | Fate::Refused { proof: Some(_) })
    }
    match (is_proven(&one), is_proven(&other)) {
        (true, false) => one,
        (false, true) => other,
        _ if badness(&one) > badness(&other) => one,
        _ => other,
    }
}

/// Returns the response packet in the report of a text.
fn proof(report: Option<&[u8]>, rp: Rp) -> Option<Vec<u8>> {
    let report = deliver_report(report, rp)?;
    let data = report.parameters.user_data()?;
    (PacketKind::of(data) == Some(PacketKind::Response)).then(|| data.payload().to_vec())
}

fn deliver_report(report: Option<&[u8]>, rp: Rp) -> Option<DeliverReport> {
    match MobileOriginated::parse(report?, rp) {
        Ok(MobileOriginated::DeliverReport(report)) => Some(report),
        Ok(MobileOriginated::Submit(_) | MobileOriginated::Command(_)) | Err(_) => None,
    }
}

/// Puts texts to a platform together.
#[derive(Debug)]
pub(crate) struct Inbox {
    parts: Reassembler<()>,
    /// How many texts have come.
    pub(crate) texts: u64,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self { parts: Reassembler::new(Limits::default()), texts: 0 }
    }

    /// A text, or a part of one; returns what the platform gets.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        from: Msisdn,
        tpdu: &[u8],
    ) -> Option<PlatformInput> {
        self.texts += 1;
        while self.parts.expire(now).is_some() {}
        let Ok(MobileTerminated::Deliver(deliver)) = MobileTerminated::parse(tpdu, Rp::Data) else {
            return None;
        };
        let whole = self.whole(now, deliver)?;
        Some(match carried(&whole) {
            Some((PacketKind::Response, packet)) => PlatformInput::Proof { from, packet },
            Some((PacketKind::Command, _)) | None => {
                PlatformInput::Text { from, octets: whole.payload() }
            }
        })
    }

    fn whole(&mut self, now: Instant, deliver: Deliver) -> Option<polysim_sms::Whole<()>> {
        match self.parts.accept(now, Part::new(deliver, ())) {
            Ok(Accepted::Complete(whole)) => Some(whole),
            Ok(Accepted::Pending { .. } | Accepted::Duplicate(_)) | Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_sms::Parameters;

    fn delivered(tag: u64, packet: Option<&[u8]>) -> SmsEvent {
        let report = packet.map(|packet| {
            let report = polysim_ota::sms::deliver_report(packet).unwrap();
            MobileOriginated::DeliverReport(report).to_octets()
        });
        let to = Msisdn::parse("+99970000001").unwrap();
        SmsEvent::Delivered { id: 1, tag: Some(tag), to, report }
    }

    #[test]
    fn a_packet_in_two_texts_has_one_fate_with_the_proof_of_either() {
        for order in [[Some(&[0, 1, 9][..]), None], [None, Some(&[0, 1, 9][..])]] {
            let mut sent = Sent::default();
            let tag = sent.begin(3, MessageId(7), 2);
            assert_eq!(sent.hears(&delivered(tag, order[0])), None);
            let fate = Fate::Delivered { proof: Some(vec![0, 1, 9]) };
            assert_eq!(sent.hears(&delivered(tag, order[1])), Some((3, MessageId(7), fate)));
            assert_eq!(sent.hears(&delivered(tag, None)), None, "it is over");
        }
    }

    #[test]
    fn a_packet_is_where_its_worst_text_is() {
        let mut sent = Sent::default();
        let tag = sent.begin(0, MessageId(1), 2);
        let to = Msisdn::parse("+99970000001").unwrap();
        assert_eq!(sent.hears(&SmsEvent::Expired { id: 1, tag: Some(tag), to }), None);
        let told = sent.hears(&delivered(tag, None));
        assert_eq!(told, Some((0, MessageId(1), Fate::Expired)));
    }

    #[test]
    fn a_proof_shows_that_the_card_had_all_texts_whatever_is_said_of_them() {
        let mut sent = Sent::default();
        let tag = sent.begin(0, MessageId(1), 2);
        let to = Msisdn::parse("+99970000001").unwrap();
        assert_eq!(sent.hears(&SmsEvent::Expired { id: 1, tag: Some(tag), to }), None);
        let told = sent.hears(&delivered(tag, Some(&[0, 1, 9])));
        let fate = Fate::Delivered { proof: Some(vec![0, 1, 9]) };
        assert_eq!(told, Some((0, MessageId(1), fate)));
    }

    #[test]
    fn a_card_that_failed_over_a_text_may_have_carried_it_out() {
        for (cause, fate) in [
            (FailureCause::DATA_DOWNLOAD, Fate::Delivered { proof: None }),
            (FailureCause::TOOLKIT_BUSY, Fate::Refused { proof: None }),
        ] {
            let report = DeliverReport { failure: Some(cause), parameters: Parameters::NONE };
            let report = Some(MobileOriginated::DeliverReport(report).to_octets());
            let (mut sent, status) = (Sent::default(), Status(0x45));
            let tag = sent.begin(0, MessageId(1), 1);
            let to = Msisdn::parse("+99970000001").unwrap();
            let event = SmsEvent::Failed { id: 1, tag: Some(tag), to, status, report };
            assert_eq!(sent.hears(&event), Some((0, MessageId(1), fate)));
        }
    }

    #[test]
    fn a_text_that_no_platform_has_sent_tells_nothing() {
        let to = Msisdn::parse("+99970000001").unwrap();
        let untagged = SmsEvent::Delivered { id: 1, tag: None, to, report: None };
        assert_eq!(Sent::default().hears(&untagged), None);
        assert_eq!(Sent::default().hears(&delivered(5, None)), None);
    }
}
