//! Supplementary services by code: forwarding and waiting (TS 24.080; TS 27.007, 7.11, 7.12).

use crate::core::Core;
use crate::effects::Effects;
use crate::port::Done;
use crate::urc::dialled_text;
use polysim_at::{CcfcInfo, CcwaInfo, CmeError, FinalResult, Line};
use polysim_base::{Duration, Instant};
use polysim_radio::air::{Service, ServiceAction, ServiceAnswer, ServiceRequest, Uplink};
use std::collections::VecDeque;

/// How long the network may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The service class that networks here know: voice.
const VOICE: u8 = 1;
/// What a query says of a service that is not active: all classes.
const ALL_CLASSES: u8 = 7;

/// Requests under way for one command.
#[derive(Debug)]
pub(crate) struct PendingService {
    port: u8,
    pub(crate) until: Instant,
    /// The service asked about now, then those still to be asked about.
    services: VecDeque<Service>,
    action: ServiceAction,
    lines: Vec<u8>,
}

impl Core {
    /// Asks the network for the same thing about some services, one after the other.
    pub(crate) fn request_services(
        &mut self,
        fx: &mut Effects,
        port: u8,
        services: &[Service],
        action: &ServiceAction,
    ) -> Result<(), CmeError> {
        if !self.radio.registered {
            return Err(CmeError::NoNetworkService);
        }
        if self.rare.as_ref().is_some_and(|rare| rare.service.is_some()) {
            return Err(CmeError::OperationNotAllowed);
        }
        let first = *services.first().ok_or(CmeError::IncorrectParameters)?;
        self.rare().service = Some(PendingService {
            port,
            until: fx.now.plus(PATIENCE),
            services: services.iter().copied().collect(),
            action: action.clone(),
            lines: Vec::new(),
        });
        request(fx, first, action);
        Ok(())
    }

    pub(crate) fn service_answer(&mut self, fx: &mut Effects, answer: ServiceAnswer) {
        let Some(rare) = &mut self.rare else { return };
        let Some(mut pending) = rare.service.take() else {
            return;
        };
        let Some(service) = pending.services.pop_front() else {
            return;
        };
        let ServiceAnswer::Done { active, number } = answer else {
            let error = FinalResult::Cme(CmeError::OperationNotAllowed);
            return fx.finish(Done::new(pending.port, error));
        };
        if pending.action == ServiceAction::Interrogate {
            put_state(service, active, number.as_deref(), &mut pending.lines);
        }
        match pending.services.front() {
            Some(next) => {
                request(fx, *next, &pending.action);
                pending.until = fx.now.plus(PATIENCE);
                rare.service = Some(pending);
            }
            None => fx.finish(Done {
                port: pending.port,
                lines: pending.lines,
                result: FinalResult::Ok,
            }),
        }
    }

    pub(crate) fn service_timeout(&mut self, fx: &mut Effects) {
        let Some(rare) = &mut self.rare else { return };
        if let Some(pending) = rare.service.take_if(|pending| pending.until <= fx.now) {
            let error = FinalResult::Cme(CmeError::NetworkTimeout);
            fx.finish(Done::new(pending.port, error));
        }
    }
}

fn request(fx: &mut Effects, service: Service, action: &ServiceAction) {
    fx.air(Uplink::Service(ServiceRequest { service, action: action.clone() }));
}

fn put_state(service: Service, active: bool, number: Option<&str>, lines: &mut Vec<u8>) {
    let (status, class) = if active { (1, VOICE) } else { (0, ALL_CLASSES) };
    match service {
        Service::CallWaiting => CcwaInfo { status, class }.encode(lines),
        Service::ForwardAll
        | Service::ForwardBusy
        | Service::ForwardNoReply
        | Service::ForwardNotReachable => {
            let number = number.map(dialled_text);
            let info = CcfcInfo {
                status,
                class,
                address_type: number.as_ref().map(|(_, kind)| *kind),
                number: number.map(|(text, _)| text),
                subaddress: None,
                subaddress_type: None,
                seconds: None,
            };
            info.encode(lines);
        }
    }
    lines.push(b'\n');
}
