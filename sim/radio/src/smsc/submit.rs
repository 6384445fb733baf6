//! Submission: what a service centre accepts and what it refuses (TS 23.040, 10.2).

use super::{Desk, Kind, Smsc, Submission, rp_cause, store::Incoming};
use crate::{
    event::{Observe, SmsEvent},
    ids::{OperatorId, Party},
    message::{Charge, CoreMessage, SmsMessage, Ticket},
    network::Core,
    numbering::{Dialled, resolve},
    tariff::Usage,
};
use polysim_base::{Duration, Imsi, Msisdn};
use polysim_sms::{
    Address, Deliver, MobileOriginated, MobileTerminated, Rp, Submit, SubmitReport, Timestamp, Tpdu,
};

/// Where a text goes.
#[derive(Clone, Copy)]
pub(super) enum Destination {
    /// A subscriber of a simulated network.
    Subscriber(Msisdn),
    /// Somebody outside.
    Outside(Msisdn),
}

impl Core {
    /// The service centre gets SMS-SUBMIT or SMS-COMMAND by the serving core `from`.
    pub(crate) fn submitted(
        &mut self,
        from: OperatorId,
        ticket: Ticket,
        imsi: Imsi,
        sender: Msisdn,
        tpdu: &[u8],
    ) {
        let result = self.accept_submission(imsi, sender, tpdu);
        match &result {
            Ok(_) => self.counters.sms_accepted += 1,
            Err(cause) => {
                self.counters.sms_refused += 1;
                let (from, tag, cause) = (Party::Number(sender), None, *cause);
                let refused = || SmsEvent::Refused { from, tag, cause };
                self.port.sms_event(Observe::Failures, tag, refused);
            }
        }
        if let (Ok(_), Some(home)) = (&result, self.port.directory.home_of(&imsi)) {
            let charge = Charge {
                imsi,
                usage: Usage::Sms,
                other: None,
                duration: Duration::ZERO,
                serving: from,
            };
            self.port.send(home, CoreMessage::Charge(Box::new(charge)));
        }
        self.port.send(from, SmsMessage::MoForwardSmResult { ticket, result });
    }

    fn accept_submission(
        &mut self,
        imsi: Imsi,
        sender: Msisdn,
        tpdu: &[u8],
    ) -> Result<Vec<u8>, u8> {
        if let Some(subscriber) = self.subscribers.get(&imsi)
            && (!subscriber.services.sms || subscriber.is_broke())
        {
            return Err(rp_cause::NOT_SUBSCRIBED);
        }
        let parsed = MobileOriginated::parse(tpdu, Rp::Data).map_err(|_| rp_cause::PROTOCOL)?;
        let zone = self.config.smsc.zone_quarters;
        let timestamp = self.port.clock.timestamp(self.port.now, zone);
        let party = Party::Number(sender);
        match parsed {
            MobileOriginated::Submit(submit) => {
                let destination = self.destination(&submit.destination)?;
                let (smsc, mut desk) = self.smsc();
                smsc.submit(&mut desk, (party, sender), &submit, destination, timestamp)?;
            }
            MobileOriginated::Command(command) => {
                let Destination::Subscriber(to) = self.destination(command.destination())? else {
                    return Err(rp_cause::UNASSIGNED);
                };
                let (smsc, mut desk) = self.smsc();
                if smsc.is_full(&desk) {
                    return Err(rp_cause::CONGESTION);
                }
                smsc.command(&mut desk, sender, &to, &command, timestamp);
            }
            // RP-DATA never carries one.
            MobileOriginated::DeliverReport(_) => return Err(rp_cause::PROTOCOL),
        }
        let report = SubmitReport::success(timestamp);
        Ok(MobileTerminated::SubmitReport(report).to_octets())
    }

    fn destination(&self, address: &Address) -> Result<Destination, u8> {
        let Dialled::Number(number) = resolve(&self.config, &address.to_string()) else {
            return Err(rp_cause::UNASSIGNED);
        };
        let directory = &self.port.directory;
        match directory.operator_of(&number) {
            Some(home) if home == self.port.id => {
                let known = self.subscribers.by_number(&number);
                known.ok_or(rp_cause::UNASSIGNED)?;
                Ok(Destination::Subscriber(number))
            }
            Some(_) => Ok(Destination::Subscriber(number)),
            None if directory.outsider(&number).is_some() => Ok(Destination::Outside(number)),
            None => Err(rp_cause::UNASSIGNED),
        }
    }

    /// Gives out the service centre with what it needs.
    pub(crate) fn smsc(&mut self) -> (&mut Smsc, Desk<'_>) {
        let desk =
            Desk { port: &mut self.port, faults: &mut self.faults, counters: &mut self.counters };
        (&mut self.smsc, desk)
    }
}

impl Smsc {
    fn submit(
        &mut self,
        desk: &mut Desk<'_>,
        (from, sender): (Party, Msisdn),
        submit: &Submit,
        destination: Destination,
        timestamp: Timestamp,
    ) -> Result<(), u8> {
        let submission = Submission {
            originator: Some(sender),
            reference: submit.reference,
            destination: submit.destination,
            timestamp,
            report: submit.status_report_request,
        };
        let mut deliver = Deliver::new(Address::from(sender), timestamp, submit.user_data.clone());
        deliver.reply_path = submit.reply_path;
        deliver.protocol = submit.protocol;
        deliver.status_report_indication = submit.status_report_request;
        let tpdu = MobileTerminated::Deliver(deliver).to_octets();
        let to = match destination {
            Destination::Subscriber(to) => to,
            Destination::Outside(to) => {
                self.deliver_outside(desk, from, to, tpdu, &submission);
                return Ok(());
            }
        };
        if self.is_full(desk) {
            return Err(rp_cause::CONGESTION);
        }
        let same = |other: &Submission| {
            other.originator == submission.originator && other.reference == submission.reference
        };
        if submit.reject_duplicates && self.find(&to, same).is_some() {
            return Err(rp_cause::REJECTED);
        }
        let incoming = Incoming {
            from,
            to,
            tpdu,
            kind: Kind::Text(submission),
            tag: None,
            validity: self.validity(desk, &submit.validity),
        };
        self.accept(desk, incoming);
        Ok(())
    }

    /// Accepts a message, and stores it unless a fault loses it.
    pub(super) fn accept(&mut self, desk: &mut Desk<'_>, incoming: Incoming) {
        let id = self.next_id();
        let (tag, from, to) = (incoming.tag, incoming.from.clone(), incoming.to);
        desk.port.sms_event(Observe::Everything, tag, || SmsEvent::Accepted { id, tag, from, to });
        if !desk.faults.loses_sms(desk.port.now) {
            self.store(desk, id, incoming);
        }
    }
}
