//! The core as a machine: who gets which input.

use super::{
    CoreCounters, CoreInput, CoreOutput, CoreTimer, Port, SubscriberExists, Visitors,
    attach::Attaching, faults::Faults, location::Relocation, subscribers::Subscribers,
};
use crate::{
    air::{Downlink, RadioId, Uplink},
    calls::Calls,
    config::{Keys, OperatorConfig, SubscriberConfig},
    directory::Directory,
    event::{Detachment, Observe},
    ids::{OperatorId, RegionId},
    message::{CallMessage, CoreMessage, RegistrationMessage, SessionMessage, SmsMessage},
    packet::Contexts,
    region::RadioMessage,
    services::Requests,
    smsc::{Deliveries, Smsc},
    stream::Streams,
    ussd::Sessions,
};
use alloc::{collections::BTreeMap, sync::Arc};
use core::convert::Infallible;
use polysim_base::{Imsi, Instant, Machine, Out, Purpose, Stream};

/// What a core shares with its world.
#[derive(Clone, Debug)]
pub struct CoreSettings {
    /// Whose subscriptions and numbers are.
    pub directory: Arc<Directory>,
    /// The seed of the run.
    pub seed: u64,
    /// The time at the world's start, seconds since the Unix epoch.
    pub unix_start_s: u64,
    /// How much it tells.
    pub observe: Observe,
}

/// An operator's core network.
#[derive(Debug)]
pub struct Core {
    pub(crate) config: OperatorConfig,
    pub(crate) port: Port,
    pub(crate) counters: CoreCounters,
    pub(crate) faults: Faults,
    // The serving side.
    pub(crate) visitors: Visitors,
    pub(super) attaching: BTreeMap<RadioId, Attaching>,
    pub(crate) serial: u32,
    pub(crate) requests: Requests,
    pub(crate) contexts: Contexts,
    pub(crate) streams: Streams,
    pub(crate) deliveries: Deliveries,
    pub(crate) calls: Calls,
    // The home side.
    pub(crate) subscribers: Subscribers,
    pub(super) challenges: Stream,
    pub(super) relocating: BTreeMap<Imsi, Relocation>,
    /// Service centres with a text for an absent subscriber.
    pub(super) waiting_centres: BTreeMap<Imsi, Vec<OperatorId>>,
    pub(crate) sessions: Sessions,
    /// Taken with its surroundings by [`Self::smsc`].
    pub(crate) smsc: Smsc,
}

impl Core {
    /// Returns a core without subscribers.
    #[must_use]
    pub fn new(config: OperatorConfig, settings: CoreSettings) -> Self {
        let entity = u64::from(config.id.0);
        let stream = |purpose| Stream::derive(settings.seed, entity, purpose, 0);
        Self {
            port: Port::new(config.id, settings.directory, settings.unix_start_s, settings.observe),
            counters: CoreCounters::default(),
            faults: Faults::new(stream(Purpose::Fault)),
            visitors: Visitors::new(),
            attaching: BTreeMap::new(),
            serial: 0,
            requests: Requests::default(),
            contexts: Contexts::default(),
            streams: Streams::default(),
            deliveries: Deliveries::default(),
            calls: Calls::default(),
            subscribers: Subscribers::new(config.key_seed),
            challenges: stream(Purpose::Challenge),
            relocating: BTreeMap::new(),
            waiting_centres: BTreeMap::new(),
            sessions: Sessions::default(),
            smsc: Smsc::new(config.smsc.clone()),
            config,
        }
    }

    /// Makes room for this many subscribers in all.
    pub fn reserve(&mut self, subscribers: usize) {
        self.subscribers.reserve(subscribers);
    }

    /// Adds a subscription.
    ///
    /// # Errors
    /// There is one with this IMSI or number already.
    pub fn add_subscriber(&mut self, subscriber: SubscriberConfig) -> Result<(), SubscriberExists> {
        self.subscribers.add(subscriber)
    }

    /// Gives a subscription other keys, for a card that has them; returns whether there is such a
    /// subscription.
    pub fn set_keys(&mut self, imsi: &Imsi, keys: Keys) -> bool {
        self.subscribers.set_keys(imsi, keys)
    }

    /// Returns whose core this is.
    #[must_use]
    pub const fn id(&self) -> OperatorId {
        self.port.id
    }

    fn radio_says(&mut self, region: RegionId, radio: RadioId, message: RadioMessage) {
        match message {
            RadioMessage::Attach { place, imsi, imei, update } => {
                if !update {
                    // It knows of no call and no context, nor will it end one.
                    self.end_legs(radio);
                    self.end_contexts(radio);
                }
                self.attach(radio, place, imsi, &imei);
            }
            RadioMessage::LinkLost => self.link_lost(region, radio),
            RadioMessage::Uplink(uplink) => self.uplink(region, radio, uplink),
        }
    }

    fn uplink(&mut self, region: RegionId, radio: RadioId, uplink: Uplink) {
        match uplink {
            Uplink::Authentication(answer) => return self.authentication(radio, answer),
            Uplink::Detach => {
                self.abandon_attach(radio);
                return self.forget(radio, Detachment::Device);
            }
            Uplink::Scan
            | Uplink::Attach { .. }
            | Uplink::Sms(_)
            | Uplink::Call { .. }
            | Uplink::Ussd(_)
            | Uplink::Service(_)
            | Uplink::Packet { .. }
            | Uplink::Stream { .. } => {}
        }
        let Some(visitor) = self.visitors.get(radio).copied() else {
            // Implicitly detached (TS 24.008, 10.5.5.14, #10): it has to attach again.
            if !self.attaching.contains_key(&radio) {
                self.port.tell_device(region, radio, Downlink::Detach(None));
            }
            return;
        };
        match uplink {
            Uplink::Sms(sms) => self.sms_uplink(radio, &visitor, sms),
            Uplink::Call { transaction, message } => {
                self.call_uplink(radio, &visitor, transaction, message);
            }
            Uplink::Ussd(message) => self.ussd_uplink(radio, &visitor, message),
            Uplink::Service(request) => self.service_uplink(radio, &visitor, request),
            Uplink::Packet { context, request } => {
                self.packet_uplink(radio, &visitor, context, &request);
            }
            Uplink::Stream { context, stream, message } => {
                self.stream_uplink(radio, visitor.imsi, context, stream, message);
            }
            Uplink::Scan | Uplink::Attach { .. } | Uplink::Authentication(_) | Uplink::Detach => {}
        }
    }

    fn message(&mut self, from: OperatorId, message: CoreMessage) {
        if message.is_for_home() && self.faults.silences_home(self.port.now) {
            return;
        }
        match message {
            CoreMessage::Registration(message) => self.registration_message(from, message),
            CoreMessage::Sms(message) => self.sms_message(from, message),
            CoreMessage::Call(message) => self.call_message(from, message),
            CoreMessage::Session(message) => self.session_message(from, message),
            CoreMessage::Charge(charge) => self.charge(&charge),
        }
    }

    fn registration_message(&mut self, from: OperatorId, message: RegistrationMessage) {
        match message {
            RegistrationMessage::SendAuthInfo { ticket, imsi, rat, resync } => {
                self.send_auth_info(from, ticket, imsi, rat, resync.as_deref());
            }
            RegistrationMessage::AuthInfo { ticket, result } => self.auth_info(ticket, result),
            RegistrationMessage::UpdateLocation { ticket, imsi } => {
                self.update_location(from, ticket, imsi);
            }
            RegistrationMessage::UpdateLocationAck { ticket, imsi, result } => {
                self.location_updated(from, ticket, imsi, result);
            }
            RegistrationMessage::CancelLocation { imsi, radio, registration, cause } => {
                self.cancel_location(from, imsi, radio, registration, cause);
            }
            RegistrationMessage::CancelLocationAck { imsi, registration } => {
                self.location_cancelled(imsi, registration);
            }
            RegistrationMessage::PurgeMs { imsi, registration } => {
                self.purge(from, imsi, registration);
            }
        }
    }

    fn call_message(&mut self, from: OperatorId, message: CallMessage) {
        match message {
            CallMessage::Authorise { ask, imsi, apn } => {
                self.authorise(from, ask, &imsi, apn.as_deref());
            }
            CallMessage::Authorised { ask, result } => self.authorised(ask, result),
            CallMessage::SendRoutingInfo { call, called, reason } => {
                self.routing_info(from, call, &called, reason);
            }
            CallMessage::RoutingInfo { call, result } => self.routed(call, result),
            CallMessage::ToLeg { call, message } => self.tell_leg(call, message),
            CallMessage::FromLeg { call, message } => self.called_leg_says(call, message),
        }
    }

    fn session_message(&mut self, from: OperatorId, message: SessionMessage) {
        match message {
            SessionMessage::Ussd { radio, imsi, message } => {
                self.ussd_request(from, radio, imsi, message);
            }
            SessionMessage::UssdReply { radio, imsi, message } => {
                self.ussd_reply(radio, &imsi, message);
            }
            SessionMessage::Service { radio, imsi, request } => {
                self.service_request(from, radio, imsi, &request);
            }
            SessionMessage::ServiceReply { radio, imsi, answer } => {
                self.service_reply(radio, &imsi, *answer);
            }
        }
    }

    fn sms_message(&mut self, from: OperatorId, message: SmsMessage) {
        match message {
            SmsMessage::MoForwardSm { ticket, imsi, from: sender, tpdu } => {
                self.submitted(from, ticket, imsi, sender, &tpdu);
            }
            SmsMessage::MoForwardSmResult { ticket, result } => self.submit_result(ticket, result),
            SmsMessage::SendRoutingInfoForSm { recipient } => {
                self.routing_info_for_sm(from, recipient);
            }
            SmsMessage::RoutingInfoForSm { recipient, result } => {
                let (smsc, mut desk) = self.smsc();
                smsc.routed(&mut desk, recipient, result);
            }
            SmsMessage::MtForwardSm { id, recipient, centre, route, tpdu } => {
                self.deliver(from, id, recipient, centre, &route, tpdu);
            }
            SmsMessage::MtForwardSmResult { id, recipient, result, report } => {
                let (smsc, mut desk) = self.smsc();
                smsc.delivered(&mut desk, id, recipient, result, report);
            }
            SmsMessage::ReportSmDelivery { recipient } => self.report_sm_delivery(from, &recipient),
            SmsMessage::ReadyForSm { imsi } => self.alert_centres(imsi),
            SmsMessage::AlertServiceCentre { recipient } => {
                let (smsc, mut desk) = self.smsc();
                smsc.alert(&mut desk, recipient);
            }
        }
    }

    /// Serves what the core has said to itself.
    fn settle(&mut self) {
        while let Some(message) = self.port.next_own() {
            self.message(self.port.id, message);
        }
    }

    fn due(&mut self, timer: CoreTimer) {
        match timer {
            CoreTimer::Attach(radio) => self.attach_overdue(radio),
            CoreTimer::Relocation(imsi) => self.relocation_overdue(imsi),
            CoreTimer::Submission(radio, reference) => self.submission_overdue(radio, reference),
            CoreTimer::Delivery(radio) => self.delivery_overdue(radio),
            CoreTimer::Ussd(radio) => self.ussd_overdue(radio),
            CoreTimer::UssdSession(imsi) => self.session_overdue(imsi),
            CoreTimer::Service(radio) => self.service_overdue(radio),
            CoreTimer::Packet(radio, context) => self.packet_overdue(radio, context),
            CoreTimer::Call(number) => self.call_overdue(number),
            CoreTimer::Leg(radio, transaction) => self.leg_overdue(radio, transaction),
            CoreTimer::Recipient(recipient) => {
                let (smsc, mut desk) = self.smsc();
                smsc.retry(&mut desk, recipient);
            }
            CoreTimer::Expiry(id) => {
                let (smsc, mut desk) = self.smsc();
                smsc.expire(&mut desk, id);
            }
        }
    }
}

impl Machine for Core {
    type Input = CoreInput;
    type Output = CoreOutput;
    type Record = Infallible;
    type Timer = CoreTimer;

    fn handle(&mut self, now: Instant, input: CoreInput) {
        self.port.now = now;
        match input {
            CoreInput::Radio { region, radio, message } => self.radio_says(region, radio, message),
            CoreInput::Core { from, message } => self.message(from, message),
            CoreInput::Command(command) => self.command(command),
        }
        self.settle();
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.port.now = now;
        while let Some(timer) = self.port.pop_due() {
            self.due(timer);
            self.settle();
        }
    }

    fn poll_output(&mut self) -> Option<Out<Infallible, CoreOutput>> {
        self.port.pop_output()
    }

    fn poll_timeout(&self) -> Option<(Instant, CoreTimer)> {
        self.port.next_deadline()
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}
