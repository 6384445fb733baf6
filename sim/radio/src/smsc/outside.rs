//! Texts from and to people outside the simulated networks.

use super::{Desk, Kind, Smsc, Submission, rp_cause, store::Incoming};
use crate::{
    event::{NetworkEvent, SmsEvent},
    ids::Party,
    network::OutsideSms,
};
use polysim_base::Msisdn;
use polysim_sms::{
    Address, Deliver, MobileTerminated, Reference, SegmentOptions, Status, Tpdu, segment,
};

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
        let accepted = SmsEvent::Accepted { id, from: from.clone(), to };
        desk.port.event(|| NetworkEvent::Sms(accepted));
        let delivered = SmsEvent::DeliveredOutside { id, from, to, tpdu };
        desk.port.event(|| NetworkEvent::Sms(delivered));
        self.report(desk, submission, Status::RECEIVED);
    }

    /// Accepts a text from outside. One that cannot be sent is refused as an event.
    pub(crate) fn take_from_outside(
        &mut self,
        desk: &mut Desk<'_>,
        from: &Party,
        to: Msisdn,
        content: OutsideSms,
    ) {
        let parts = match content {
            OutsideSms::Deliver(tpdu) => Ok(vec![tpdu]),
            OutsideSms::Text(text) => self.parts(desk, from, &text),
        };
        match parts {
            Ok(parts) if !self.is_full(desk) => {
                for tpdu in parts {
                    self.take_in(desk, from.clone(), to, tpdu);
                }
            }
            Ok(_) => refuse(desk, from, rp_cause::CONGESTION),
            Err(cause) => refuse(desk, from, cause),
        }
    }

    fn take_in(&mut self, desk: &mut Desk<'_>, from: Party, to: Msisdn, tpdu: Vec<u8>) {
        let timestamp = desk.port.clock.timestamp(desk.port.now, self.config.zone_quarters);
        let submission = Submission {
            originator: None,
            reference: 0,
            destination: Address::from(to),
            timestamp,
            report: false,
        };
        let incoming = Incoming {
            from,
            to,
            tpdu,
            kind: Kind::Text(submission),
            validity: self.default_validity(desk.port.now),
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

fn refuse(desk: &mut Desk<'_>, from: &Party, cause: u8) {
    desk.counters.sms_refused += 1;
    let from = from.clone();
    desk.port.failure(|| NetworkEvent::Sms(SmsEvent::Refused { from, cause }));
}
