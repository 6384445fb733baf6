//! Between service centre and device: the serving core's relay layer (TS 24.011, 6).

use super::rp_cause;
use crate::{
    air::{Downlink, RadioId, SmsDownlink, SmsUplink},
    deadlines::Deadline,
    ids::OperatorId,
    message::{MtSmError, SmRoute, SmsMessage, Ticket},
    network::{Core, CoreTimer, QUESTION_TIMEOUT, Visitor},
};
use alloc::collections::BTreeMap;
use polysim_base::{Duration, Msisdn};
use polysim_sms::TPDU_OCTETS_MAX;

/// How long a device may take to acknowledge a text (TR1N is 35 to 45 s, TS 24.011, 10).
const ACKNOWLEDGE_TIMEOUT: Duration = Duration::from_secs(40);

/// Texts on their way between devices and centres.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deliveries {
    /// To devices, one at a time each.
    towards: BTreeMap<RadioId, Delivery>,
    /// From devices, by RP-Message-Reference.
    submissions: BTreeMap<(RadioId, u8), Deadline>,
    last_reference: u8,
}

#[derive(Clone, Copy, Debug)]
struct Delivery {
    reference: u8,
    centre: OperatorId,
    id: u32,
    recipient: Msisdn,
    deadline: Deadline,
}

#[cfg(test)]
impl Deliveries {
    pub(crate) fn is_at_rest(&self) -> bool {
        self.towards.is_empty() && self.submissions.is_empty()
    }
}

impl Core {
    fn sms_to(&mut self, radio: RadioId, message: SmsDownlink) {
        if let Some(visitor) = self.visitors.get(radio) {
            let region = visitor.region;
            self.port.tell_device(region, radio, Downlink::Sms(message));
        }
    }

    pub(crate) fn sms_uplink(&mut self, radio: RadioId, visitor: &Visitor, message: SmsUplink) {
        match message {
            SmsUplink::Data { reference, centre, tpdu } => {
                let refused = self.submission(radio, visitor, reference, &centre, tpdu);
                if let Err(cause) = refused {
                    self.counters.sms_refused += 1;
                    self.sms_to(radio, SmsDownlink::Error { reference, cause });
                }
            }
            SmsUplink::Ack { reference, tpdu } => {
                self.acknowledged(radio, reference, Ok(()), tpdu);
            }
            SmsUplink::Error { reference, cause, tpdu } => {
                let error = if cause == rp_cause::MEMORY_EXCEEDED {
                    MtSmError::MemoryExceeded
                } else {
                    MtSmError::Refused(cause)
                };
                self.acknowledged(radio, reference, Err(error), tpdu);
            }
            SmsUplink::MemoryAvailable { reference } => {
                let imsi = visitor.imsi;
                self.port.send(visitor.home, SmsMessage::ReadyForSm { imsi });
                let tpdu = None;
                self.sms_to(radio, SmsDownlink::Ack { reference, tpdu });
            }
        }
    }

    fn submission(
        &mut self,
        radio: RadioId,
        visitor: &Visitor,
        reference: u8,
        centre: &Msisdn,
        tpdu: Vec<u8>,
    ) -> Result<(), u8> {
        let from = visitor.msisdn.filter(|_| visitor.services.sms);
        let from = from.ok_or(rp_cause::NOT_SUBSCRIBED)?;
        let operator = self.port.directory.operator_of_centre(centre);
        let operator = operator.ok_or(rp_cause::OUT_OF_ORDER)?;
        let timer = CoreTimer::Submission(radio, reference);
        let deadline = self.port.wake_after(QUESTION_TIMEOUT, timer);
        let key = (radio, reference);
        if let Some(older) = self.deliveries.submissions.insert(key, deadline) {
            self.port.cancel(older);
        }
        let serial = u32::from(reference);
        let message = SmsMessage::MoForwardSm {
            ticket: Ticket { radio, serial },
            imsi: visitor.imsi,
            from,
            tpdu,
        };
        self.port.send(operator, message);
        Ok(())
    }

    pub(crate) fn submit_result(&mut self, ticket: Ticket, result: Result<Vec<u8>, u8>) {
        let Ok(reference) = u8::try_from(ticket.serial) else {
            return;
        };
        let key = (ticket.radio, reference);
        let Some(deadline) = self.deliveries.submissions.remove(&key) else {
            return;
        };
        self.port.cancel(deadline);
        let answer = match result {
            Ok(report) => SmsDownlink::Ack { reference, tpdu: Some(report) },
            Err(cause) => SmsDownlink::Error { reference, cause },
        };
        self.sms_to(ticket.radio, answer);
    }

    pub(crate) fn submission_overdue(&mut self, radio: RadioId, reference: u8) {
        let key = (radio, reference);
        if self.deliveries.submissions.remove(&key).is_some() {
            let cause = rp_cause::TEMPORARY;
            self.sms_to(radio, SmsDownlink::Error { reference, cause });
        }
    }

    /// A service centre has a text for a device.
    pub(crate) fn deliver(
        &mut self,
        from: OperatorId,
        id: u32,
        recipient: Msisdn,
        centre: Msisdn,
        route: &SmRoute,
        tpdu: Vec<u8>,
    ) {
        let radio = route.radio;
        let there = self.visitors.serving(radio, &route.imsi).map(|v| v.lost);
        let refused = match there {
            None => Some(MtSmError::Absent),
            Some(true) => {
                self.want(radio);
                Some(MtSmError::Absent)
            }
            Some(false) if self.deliveries.towards.contains_key(&radio) => Some(MtSmError::Busy),
            Some(false) => None,
        };
        if let Some(error) = refused {
            let result = Err(error);
            let report = None;
            let message = SmsMessage::MtForwardSmResult { id, recipient, result, report };
            return self.port.send(from, message);
        }
        let reference = self.deliveries.last_reference.wrapping_add(1);
        self.deliveries.last_reference = reference;
        let timer = CoreTimer::Delivery(radio);
        let delivery = Delivery {
            reference,
            centre: from,
            id,
            recipient,
            deadline: self.port.wake_after(ACKNOWLEDGE_TIMEOUT, timer),
        };
        self.deliveries.towards.insert(radio, delivery);
        let data = SmsDownlink::Data { reference, centre, tpdu };
        self.sms_to(radio, data);
    }

    /// Notes that the home network wants to hear when a device can be reached.
    fn want(&mut self, radio: RadioId) {
        if let Some(visitor) = self.visitors.get_mut(radio) {
            visitor.wanted = true;
        }
    }

    fn acknowledged(
        &mut self,
        radio: RadioId,
        reference: u8,
        result: Result<(), MtSmError>,
        report: Option<Vec<u8>>,
    ) {
        let delivery = self.deliveries.towards.get(&radio);
        if delivery.is_some_and(|delivery| delivery.reference == reference) {
            let report = report.filter(|tpdu| tpdu.len() <= TPDU_OCTETS_MAX);
            self.end_delivery_with(radio, result, report);
        }
    }

    fn end_delivery_with(
        &mut self,
        radio: RadioId,
        result: Result<(), MtSmError>,
        report: Option<Vec<u8>>,
    ) {
        if let Some(delivery) = self.deliveries.towards.remove(&radio) {
            self.port.cancel(delivery.deadline);
            let message = SmsMessage::MtForwardSmResult {
                id: delivery.id,
                recipient: delivery.recipient,
                result,
                report,
            };
            self.port.send(delivery.centre, message);
        }
    }

    pub(crate) fn delivery_overdue(&mut self, radio: RadioId) {
        self.want(radio);
        self.end_delivery_with(radio, Err(MtSmError::Absent), None);
    }

    /// A device is out of reach: what is on its way to it has not arrived, and it will not hear
    /// what became of its own texts.
    pub(crate) fn end_delivery(&mut self, radio: RadioId) {
        if self.deliveries.towards.contains_key(&radio) {
            self.want(radio);
            self.end_delivery_with(radio, Err(MtSmError::Absent), None);
        }
        let all = (radio, u8::MIN)..=(radio, u8::MAX);
        while let Some((key, deadline)) = self.deliveries.submissions.range(all.clone()).next() {
            let (key, deadline) = (*key, *deadline);
            self.deliveries.submissions.remove(&key);
            self.port.cancel(deadline);
        }
    }
}
