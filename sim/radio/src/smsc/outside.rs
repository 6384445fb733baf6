//! Texts from and to people outside the simulated networks.

use super::{Desk, Kind, Smsc, Submission, Validity, rp_cause, store::Incoming};
use crate::{
    event::{NetworkEvent, Observe, SmsEvent},
    ids::Party,
    network::OutsideSms,
};
use polysim_base::{Duration, Msisdn};
use polysim_sms::{
    Address, Deliver, MobileTerminated, Reference, SegmentOptions, Status, Tpdu, segment,
};

/// Somebody outside, and what it wants for a text of its own.
pub(crate) struct OutsideSender {
    pub(crate) from: Party,
    pub(crate) tag: Option<u64>,
    pub(crate) validity: Option<Duration>,
}

impl Smsc {
    /// Hands a message to somebody outside, who is always there.
    pub(super) fn deliver_outside(
        &mut self,
        desk: &mut Desk<'_>,
        from: Party,
        to: Msisdn,
        tpdu: Vec<u8>,
        submission: &Submission,
    ) {
        let id = self.next_id();
        desk.counters.sms_delivered += 1;
        let accepted = SmsEvent::Accepted { id, tag: None, from: from.clone(), to };
        desk.port.event(|| NetworkEvent::Sms(accepted));
        let delivered = SmsEvent::DeliveredOutside { id, from, to, tpdu };
        desk.port.event(|| NetworkEvent::Sms(delivered));
        self.report(desk, submission, Status::RECEIVED);
    }

    /// Accepts a text from outside. One that cannot be sent is refused as an event.
    pub(crate) fn take_from_outside(
        &mut self,
        desk: &mut Desk<'_>,
        sender: &OutsideSender,
        to: Msisdn,
        content: OutsideSms,
    ) {
        let parts = match content {
            OutsideSms::Deliver(tpdu) => Ok(vec![tpdu]),
            OutsideSms::Text(text) => self.parts(desk, &sender.from, &text),
        };
        match parts {
            Ok(parts) if !self.is_full(desk) => {
                for tpdu in parts {
                    self.take_in(desk, sender, to, tpdu);
                }
            }
            Ok(_) => refuse(desk, sender, rp_cause::CONGESTION),
            Err(cause) => refuse(desk, sender, cause),
        }
    }

    fn take_in(&mut self, desk: &mut Desk<'_>, sender: &OutsideSender, to: Msisdn, tpdu: Vec<u8>) {
        let timestamp = desk.port.clock.timestamp(desk.port.now, self.config.zone_quarters);
        let submission = Submission {
            originator: None,
            reference: 0,
            destination: Address::from(to),
            timestamp,
            report: false,
        };
        let validity = sender.validity.unwrap_or(self.config.validity);
        let incoming = Incoming {
            from: sender.from.clone(),
            to,
            tpdu,
            kind: Kind::Text(submission),
            tag: sender.tag,
            validity: Validity { until: desk.port.now.plus(validity), single_shot: false },
        };
        desk.counters.sms_accepted += 1;
        self.accept(desk, incoming);
    }

    /// Makes the SMS-DELIVERs of a text.
    fn parts(&mut self, desk: &Desk<'_>, from: &Party, text: &str) -> Result<Vec<Vec<u8>>, u8> {
        let originator = match from {
            Party::Number(number) => Ok(Address::from(number)),
            Party::Name(name) => {
                Address::parse_dialled(name).or_else(|_| Address::alphanumeric(name))
            }
        };
        let originator = originator.map_err(|_| rp_cause::PROTOCOL)?;
        self.concatenation = self.concatenation.wrapping_add(1);
        let options =
            SegmentOptions::default().with_reference(Reference::Eight(self.concatenation));
        let parts = segment(text, &options).map_err(|_| rp_cause::PROTOCOL)?;
        let zone = self.config.zone_quarters;
        let timestamp = desk.port.clock.timestamp(desk.port.now, zone);
        let octets = |user_data| {
            let deliver = Deliver::new(originator, timestamp, user_data);
            MobileTerminated::Deliver(deliver).to_octets()
        };
        Ok(parts.into_iter().map(octets).collect())
    }
}

fn refuse(desk: &mut Desk<'_>, sender: &OutsideSender, cause: u8) {
    desk.counters.sms_refused += 1;
    let (from, tag) = (sender.from.clone(), sender.tag);
    desk.port.sms_event(Observe::Failures, tag, || SmsEvent::Refused { from, tag, cause });
}
