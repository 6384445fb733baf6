//! Supplementary services by code (TS 24.080): call waiting and forwarding, kept at home.

use crate::{
    air::{Downlink, RadioId, Service, ServiceAction, ServiceAnswer, ServiceRequest},
    config::ServiceState,
    deadlines::Deadline,
    ids::OperatorId,
    message::SessionMessage,
    network::{Core, CoreTimer, QUESTION_TIMEOUT, Visitor},
    numbering::{Dialled, resolve},
};
use alloc::collections::BTreeMap;
use polysim_base::{Imsi, Msisdn};

/// Questions of devices that the home network has not answered yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) ussd: BTreeMap<RadioId, Deadline>,
    pub(crate) services: BTreeMap<RadioId, Deadline>,
}

impl Core {
    /// At the serving core: a device asks.
    pub(crate) fn service_uplink(
        &mut self,
        radio: RadioId,
        visitor: &Visitor,
        request: ServiceRequest,
    ) {
        let timer = CoreTimer::Service(radio);
        let deadline = self.port.wake_after(QUESTION_TIMEOUT, timer);
        let before = self.requests.services.insert(radio, deadline);
        self.port.cancel(before);
        let message =
            SessionMessage::Service { radio, imsi: visitor.imsi, request: Box::new(request) };
        self.port.send(visitor.home, message);
    }

    /// At the serving core: the home network answers.
    pub(crate) fn service_reply(&mut self, radio: RadioId, imsi: &Imsi, answer: ServiceAnswer) {
        let Some(deadline) = self.requests.services.remove(&radio) else {
            return;
        };
        self.port.cancel(deadline);
        let visitor = self.visitors.serving(radio, imsi);
        if let Some(region) = visitor.map(|visitor| visitor.region) {
            self.port.tell_device(region, radio, Downlink::Service(answer));
        }
    }

    /// At the serving core: the home network does not answer.
    pub(crate) fn service_overdue(&mut self, radio: RadioId) {
        if let Some(imsi) = self.visitors.get(radio).map(|visitor| visitor.imsi) {
            self.service_reply(radio, &imsi, ServiceAnswer::Refused);
        }
    }

    /// At home: a subscriber asks.
    pub(crate) fn service_request(
        &mut self,
        from: OperatorId,
        radio: RadioId,
        imsi: Imsi,
        request: &ServiceRequest,
    ) {
        let answer = match request.service {
            Service::CallWaiting => self.call_waiting(&imsi, &request.action),
            Service::ForwardAll
            | Service::ForwardBusy
            | Service::ForwardNoReply
            | Service::ForwardNotReachable => self.forwarding(&imsi, request),
        };
        let message = SessionMessage::ServiceReply {
            radio,
            imsi,
            answer: Box::new(answer.unwrap_or(ServiceAnswer::Refused)),
        };
        self.port.send(from, message);
    }

    /// `None`: refused.
    fn call_waiting(&mut self, imsi: &Imsi, action: &ServiceAction) -> Option<ServiceAnswer> {
        let active = &mut self.subscribers.get_mut(imsi)?.services.call_waiting;
        match action {
            ServiceAction::Activate => *active = true,
            ServiceAction::Deactivate => *active = false,
            ServiceAction::Interrogate => {}
            // There is nothing to register (TS 22.083, 1.2).
            ServiceAction::Register(_) | ServiceAction::Erase => return None,
        }
        let (active, number) = (*active, None);
        Some(ServiceAnswer::Done { active, number })
    }

    /// `None`: refused.
    fn forwarding(&mut self, imsi: &Imsi, request: &ServiceRequest) -> Option<ServiceAnswer> {
        let service = request.service;
        let registered = match &request.action {
            ServiceAction::Register(digits) => Some(self.forwarding_number(imsi, digits)?),
            ServiceAction::Activate
            | ServiceAction::Deactivate
            | ServiceAction::Erase
            | ServiceAction::Interrogate => None,
        };
        let subscriber = self.subscribers.get_mut(imsi)?;
        let before = subscriber.forwarding(service);
        let mut state = before.unwrap_or(ServiceState { service, active: false, number: None });
        match request.action {
            ServiceAction::Register(_) => (state.active, state.number) = (true, registered),
            // Without a number there is nothing to activate (TS 22.082, 1.3).
            ServiceAction::Activate if state.number.is_none() => return None,
            ServiceAction::Activate => state.active = true,
            ServiceAction::Deactivate => state.active = false,
            ServiceAction::Erase => (state.active, state.number) = (false, None),
            ServiceAction::Interrogate => {}
        }
        subscriber.set_forwarding(state);
        Some(ServiceAnswer::Done {
            active: state.active,
            number: state.number.map(|number| number.to_string()),
        })
    }

    /// Returns the number that digits mean; not the subscriber's own.
    fn forwarding_number(&self, imsi: &Imsi, digits: &str) -> Option<Msisdn> {
        let own = self.subscribers.get(imsi)?.msisdn;
        match resolve(&self.config, digits) {
            Dialled::Number(number) if Some(number) != own => Some(number),
            Dialled::Number(_) | Dialled::Emergency | Dialled::Nobody => None,
        }
    }
}
