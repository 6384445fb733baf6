//! Where subscriptions are: one registration each (TS 23.012; TS 29.002, 8.1).

use super::{Core, CoreTimer, port::QUESTION_TIMEOUT, subscribers::Location};
use crate::{
    air::{Downlink, RadioId, RejectCause},
    deadlines::Deadline,
    event::{Detachment, NetworkEvent},
    ids::OperatorId,
    message::{Profile, RegistrationMessage, Ticket},
};
use polysim_base::Imsi;

/// A new registration that waits for the end of the old one.
#[derive(Clone, Debug)]
pub(crate) struct Relocation {
    to: OperatorId,
    ticket: Ticket,
    /// The registration that has to end first.
    ending: u16,
    deadline: Deadline,
}

impl Core {
    /// At home: a core wants to serve a subscription from now on.
    pub(super) fn update_location(&mut self, from: OperatorId, ticket: Ticket, imsi: Imsi) {
        if let Some(older) = self.relocating.remove(&imsi) {
            // Two devices with one subscription at once: the later one wins.
            self.port.cancel(older.deadline);
            self.acknowledge(&older, imsi, Err(RejectCause::NetworkFailure));
            return self.relocate(from, ticket, imsi, older.ending);
        }
        let Some(subscriber) = self.subscribers.get_mut(&imsi) else {
            let result = Err(RejectCause::ImsiUnknownInHlr);
            let message = RegistrationMessage::UpdateLocationAck { ticket, imsi, result };
            return self.port.send(from, message);
        };
        let here = Location { serving: from, radio: ticket.radio };
        match subscriber.location.take() {
            Some(before) if before != here => {
                let registration = subscriber.registration;
                let message = RegistrationMessage::CancelLocation {
                    imsi,
                    radio: before.radio,
                    registration,
                    cause: None,
                };
                self.counters.cancelled += 1;
                self.port.send(before.serving, message);
                self.relocate(from, ticket, imsi, registration);
            }
            Some(_) | None => self.complete_location(from, ticket, imsi),
        }
    }

    fn relocate(&mut self, to: OperatorId, ticket: Ticket, imsi: Imsi, ending: u16) {
        let timer = CoreTimer::Relocation(imsi);
        let deadline = self.port.wake_after(QUESTION_TIMEOUT, timer);
        let relocation = Relocation { to, ticket, ending, deadline };
        self.relocating.insert(imsi, relocation);
    }

    /// At home: the core before has dropped the subscription.
    pub(super) fn location_cancelled(&mut self, imsi: Imsi, registration: u16) {
        let waiting = self.relocating.get(&imsi);
        if waiting.is_none_or(|relocation| relocation.ending != registration) {
            return;
        }
        if let Some(relocation) = self.relocating.remove(&imsi) {
            self.port.cancel(relocation.deadline);
            self.complete_location(relocation.to, relocation.ticket, imsi);
        }
    }

    /// At home: the core before does not answer. It is taken for gone, as in real networks.
    pub(super) fn relocation_overdue(&mut self, imsi: Imsi) {
        if let Some(relocation) = self.relocating.remove(&imsi) {
            self.complete_location(relocation.to, relocation.ticket, imsi);
        }
    }

    fn acknowledge(
        &mut self,
        relocation: &Relocation,
        imsi: Imsi,
        result: Result<Profile, RejectCause>,
    ) {
        let ticket = relocation.ticket;
        let message = RegistrationMessage::UpdateLocationAck { ticket, imsi, result };
        self.port.send(relocation.to, message);
    }

    fn complete_location(&mut self, serving: OperatorId, ticket: Ticket, imsi: Imsi) {
        let radio = ticket.radio;
        let result = match self.subscribers.get_mut(&imsi) {
            None => Err(RejectCause::ImsiUnknownInHlr),
            Some(subscriber) => match subscriber.barred {
                Some(cause) => Err(cause),
                None => {
                    subscriber.registration = subscriber.registration.wrapping_add(1);
                    subscriber.location = Some(Location { serving, radio });
                    Ok(Profile {
                        msisdn: subscriber.msisdn,
                        services: subscriber.services,
                        registration: subscriber.registration,
                    })
                }
            },
        };
        let reachable = result.is_ok();
        let message = RegistrationMessage::UpdateLocationAck { ticket, imsi, result };
        self.port.send(serving, message);
        if reachable {
            self.port.event(|| NetworkEvent::LocationUpdated { imsi, serving, radio });
            self.alert_centres(imsi);
        }
    }

    /// At home: a device has detached.
    pub(super) fn purge(&mut self, from: OperatorId, imsi: Imsi, registration: u16) {
        if let Some(subscriber) = self.subscribers.get_mut(&imsi)
            && subscriber.registration == registration
            && subscriber.location.is_some_and(|at| at.serving == from)
        {
            subscriber.location = None;
        }
    }

    /// At the serving core: the home network ends a registration.
    pub(super) fn cancel_location(
        &mut self,
        from: OperatorId,
        imsi: Imsi,
        radio: RadioId,
        registration: u16,
        cause: Option<RejectCause>,
    ) {
        let visitor = self.visitors.serving(radio, &imsi);
        if let Some(visitor) = visitor.filter(|v| v.registration == registration) {
            let region = visitor.region;
            self.end_services(radio);
            self.visitors.remove(radio);
            self.port.tell_device(region, radio, Downlink::Detach(cause));
            let by = Detachment::Home(cause);
            self.port.event(|| NetworkEvent::Detached { imsi, radio, by });
        }
        let message = RegistrationMessage::CancelLocationAck { imsi, registration };
        self.port.send(from, message);
    }

    /// At the serving core: a registration ends here, and the home network is told.
    pub(super) fn forget(&mut self, radio: RadioId, by: Detachment) {
        self.end_services(radio);
        let Some(visitor) = self.visitors.remove(radio) else {
            return;
        };
        let (imsi, registration) = (visitor.imsi, visitor.registration);
        let message = RegistrationMessage::PurgeMs { imsi, registration };
        self.port.send(visitor.home, message);
        self.port.event(|| NetworkEvent::Detached { imsi, radio, by });
    }

    /// At the serving core: a device is out of reach.
    pub(super) fn link_lost(&mut self, region: crate::ids::RegionId, radio: RadioId) {
        if self.attaching_in(region, radio) {
            self.abandon_attach(radio);
        }
        let Some(visitor) = self.visitors.get_mut(radio) else {
            return;
        };
        if visitor.region != region || visitor.lost {
            return;
        }
        visitor.lost = true;
        let imsi = visitor.imsi;
        self.end_services(radio);
        self.port.event(|| NetworkEvent::LinkLost { imsi, radio });
    }

    /// Ends everything that needs a radio link: calls, packet contexts, sessions, deliveries.
    fn end_services(&mut self, radio: RadioId) {
        self.end_legs(radio);
        self.end_contexts(radio);
        self.end_delivery(radio);
        self.end_session(radio);
    }
}
