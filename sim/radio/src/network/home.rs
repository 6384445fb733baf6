//! The home side: vectors, routing information, authorisation, accounts (HLR, `AuC`, OCS).

use super::Core;
use crate::{
    air::{CallCause, Rat, RejectCause, Service},
    event::{Cdr, NetworkEvent},
    ids::{CallRef, OperatorId},
    message::{
        Ask, CallMessage, Charge, Grant, RegistrationMessage, Resync, Routing, RoutingReason,
        SmRoute, SmRouteError, SmsMessage, Ticket, Vector,
    },
    tariff::{TimePrice, Usage},
};
use polysim_aka::{Algorithm, Amf, AuthVector, Autn, Rand, SqnGenerator, Triplet, verify_auts};
use polysim_base::{Duration, Imsi, Msisdn};

/// SM cause 27, missing or unknown APN (TS 24.008, 10.5.6.6).
const UNKNOWN_APN: u8 = 27;
/// SM cause 33, requested service option not subscribed.
const NOT_SUBSCRIBED: u8 = 33;
/// SM cause 29, user authentication failed: here, no credit.
const NO_CREDIT: u8 = 29;

impl Core {
    pub(super) fn send_auth_info(
        &mut self,
        from: OperatorId,
        ticket: Ticket,
        imsi: Imsi,
        rat: Rat,
        resync: Option<&Resync>,
    ) {
        let result = self.make_vector(from, &imsi, rat, resync);
        self.port.send(from, RegistrationMessage::AuthInfo { ticket, result });
    }

    fn make_vector(
        &mut self,
        serving: OperatorId,
        imsi: &Imsi,
        rat: Rat,
        resync: Option<&Resync>,
    ) -> Result<Vector, RejectCause> {
        let subscriber = self.subscribers.get(imsi);
        let subscriber = subscriber.ok_or(RejectCause::ImsiUnknownInHlr)?;
        if let Some(cause) = subscriber.barred {
            return Err(cause);
        }
        let abroad = serving != self.port.id;
        if abroad && !(subscriber.services.roaming && self.config.roaming.allows(serving)) {
            return Err(self.config.roaming.refusal);
        }
        let rand = Rand::from(self.challenges.bytes());
        let make = |sqn: &mut SqnGenerator, algorithm: &Algorithm| {
            if let Some(Resync { rand, auts }) = resync {
                // AUTS not from this card: as for a wrong answer (TS 33.102, 6.3.5).
                let sqn_ms =
                    verify_auts(algorithm, rand, auts).map_err(|_| RejectCause::IllegalMs)?;
                sqn.resynchronise(sqn_ms);
            }
            vector(algorithm, sqn, rand, rat)
        };
        let mut vector = self
            .subscribers
            .with_algorithm(imsi, make)
            .unwrap_or(Err(RejectCause::ImsiUnknownInHlr))?;
        if resync.is_some() {
            let imsi = *imsi;
            self.counters.resynchronised += 1;
            self.port.event(|| NetworkEvent::Resynchronised { imsi });
        }
        if self.faults.spoils_mac(self.port.now) {
            vector.autn = vector.autn.map(spoiled);
        }
        Ok(vector)
    }

    /// Makes an authentication vector of a subscriber, as an operator's own tool does to try a card;
    /// `None` if there is no such subscriber, or its card has no AKA. It uses up a sequence number.
    pub fn authentication_vector(&mut self, imsi: &Imsi) -> Option<AuthVector> {
        let rand = Rand::from(self.challenges.bytes());
        let make = |sqn: &mut SqnGenerator, algorithm: &Algorithm| {
            AuthVector::generate(algorithm, rand, sqn.issue().ok()?, Amf::EPS).ok()
        };
        self.subscribers.with_algorithm(imsi, make).flatten()
    }

    /// Tells the service centres that wait for a subscriber that it is worth trying.
    pub(super) fn alert_centres(&mut self, imsi: Imsi) {
        let Some(centres) = self.waiting_centres.remove(&imsi) else {
            return;
        };
        let recipient = self.subscribers.get(&imsi).and_then(|s| s.msisdn);
        for centre in centres {
            if let Some(recipient) = recipient {
                self.port.send(centre, SmsMessage::AlertServiceCentre { recipient });
            }
        }
    }

    /// Notes that a service centre waits for a subscriber (message waiting data, TS 23.040, 3.2.7).
    pub(super) fn report_sm_delivery(&mut self, from: OperatorId, recipient: &Msisdn) {
        if let Some(subscriber) = self.subscribers.by_number(recipient) {
            let centres = self.waiting_centres.entry(subscriber.imsi).or_default();
            if !centres.contains(&from) {
                centres.push(from);
            }
        }
    }

    pub(super) fn routing_info_for_sm(&mut self, from: OperatorId, recipient: Msisdn) {
        let result = match self.subscribers.by_number(&recipient) {
            None => Err(SmRouteError::Unknown),
            Some(subscriber) if !subscriber.services.sms => Err(SmRouteError::Barred),
            Some(subscriber) => match subscriber.location {
                None => Err(SmRouteError::Absent),
                Some(location) => Ok(SmRoute {
                    imsi: subscriber.imsi,
                    serving: location.serving,
                    radio: location.radio,
                }),
            },
        };
        if result == Err(SmRouteError::Absent) {
            self.report_sm_delivery(from, &recipient);
        }
        let message = SmsMessage::RoutingInfoForSm { recipient, result };
        self.port.send(from, message);
    }

    pub(super) fn authorise(&mut self, from: OperatorId, ask: Ask, imsi: &Imsi, apn: Option<&str>) {
        let roaming = from != self.port.id;
        let result = match (self.subscribers.get(imsi), ask) {
            (None, Ask::Call(_)) => Err(CallCause::NotAuthorised.number()),
            (None, Ask::Packet { .. }) => Err(NOT_SUBSCRIBED),
            (Some(s), Ask::Call(_)) if !s.services.calls || s.is_broke() => {
                Err(CallCause::NotAuthorised.number())
            }
            (Some(s), Ask::Packet { .. }) if !s.services.packet => Err(NOT_SUBSCRIBED),
            (Some(_), Ask::Packet { .. }) if !self.knows_apn(apn.unwrap_or_default()) => {
                Err(UNKNOWN_APN)
            }
            (Some(s), Ask::Packet { .. }) if s.is_broke() => Err(NO_CREDIT),
            (Some(s), ask) => {
                let usage = match ask {
                    Ask::Call(_) => Usage::CallMade,
                    Ask::Packet { .. } => Usage::Packet { octets: 0 },
                };
                let balance = s.prepaid.then_some(s.balance.0);
                Ok(Grant {
                    longest: balance.and_then(|balance| self.affordable(usage, balance, roaming)),
                })
            }
        };
        self.port.send(from, CallMessage::Authorised { ask, result });
    }

    /// An empty name stands for the default, where there is one (TS 23.060, annex A).
    fn knows_apn(&self, apn: &str) -> bool {
        let mut known = self.config.apns.iter();
        known.any(|name| apn.is_empty() || name.eq_ignore_ascii_case(apn))
    }

    /// How long `balance` lasts: whole units that it pays for. `None`: for ever.
    fn affordable(&self, usage: Usage, balance: i64, roaming: bool) -> Option<Duration> {
        let tariff = &self.config.tariff;
        let TimePrice { unit_s, .. } = match usage {
            Usage::Packet { .. } => tariff.packet,
            Usage::CallMade | Usage::CallForwarded | Usage::CallReceived | Usage::Sms => {
                tariff.call
            }
        };
        let unit = Duration::from_secs(u64::from(unit_s.max(1)));
        let price = tariff.price(usage, unit, roaming).0;
        let units = u64::try_from(balance.checked_div(price)?).ok()?;
        Some(unit.times(units.max(1)))
    }

    pub(super) fn routing_info(
        &mut self,
        from: OperatorId,
        call: CallRef,
        called: &Msisdn,
        reason: RoutingReason,
    ) {
        let result = self.route(called, reason);
        self.port.send(from, CallMessage::RoutingInfo { call, result });
    }

    fn route(&self, called: &Msisdn, reason: RoutingReason) -> Result<Routing, CallCause> {
        let subscriber = self.subscribers.by_number(called);
        let subscriber = subscriber.ok_or(CallCause::Unassigned)?;
        let imsi = subscriber.imsi;
        let forward = |service| {
            let state = subscriber.forwarding(service).filter(|state| state.active)?;
            let to = state.number?;
            Some(Routing::Forward { imsi, to })
        };
        if !subscriber.services.calls {
            return Err(CallCause::NotAuthorised);
        }
        let (service, otherwise) = match reason {
            RoutingReason::First => {
                if let Some(unconditional) = forward(Service::ForwardAll) {
                    return Ok(unconditional);
                }
                if let Some(location) = subscriber.location {
                    let shorter = forward(Service::ForwardNoReply).is_some();
                    return Ok(Routing::Device {
                        imsi,
                        serving: location.serving,
                        radio: location.radio,
                        call_waiting: subscriber.services.call_waiting,
                        ring: if shorter {
                            self.config.ring_before_forwarding
                        } else {
                            self.config.ring
                        },
                    });
                }
                (Service::ForwardNotReachable, CallCause::OutOfOrder)
            }
            RoutingReason::Busy => (Service::ForwardBusy, CallCause::Busy),
            RoutingReason::NoReply => (Service::ForwardNoReply, CallCause::NoAnswer),
            RoutingReason::NotReachable => {
                (Service::ForwardNotReachable, CallCause::NoUserResponding)
            }
        };
        forward(service).ok_or(otherwise)
    }

    /// Prices what a subscriber used, and takes it off the account.
    pub(super) fn charge(&mut self, charge: &Charge) {
        let home = self.port.id;
        let roaming = charge.serving != home;
        let tariff = &self.config.tariff;
        let price = tariff.price(charge.usage, charge.duration, roaming);
        let Some(subscriber) = self.subscribers.get_mut(&charge.imsi) else {
            return;
        };
        subscriber.balance = subscriber.balance.minus(price);
        let balance = subscriber.balance;
        self.counters.charged = self.counters.charged.plus(price);
        self.port.event(|| {
            NetworkEvent::Cdr(Box::new(Cdr {
                imsi: charge.imsi,
                usage: charge.usage,
                other: charge.other,
                duration: charge.duration,
                home,
                serving: charge.serving,
                price,
                balance,
            }))
        });
    }

    /// Refuses a subscription from now on, or accepts it again.
    pub(super) fn bar(&mut self, imsi: Imsi, cause: Option<RejectCause>) {
        let Some(subscriber) = self.subscribers.get_mut(&imsi) else {
            return;
        };
        subscriber.barred = cause;
        if cause.is_none() {
            return;
        }
        let registration = subscriber.registration;
        if let Some(location) = subscriber.location.take() {
            let message = RegistrationMessage::CancelLocation {
                imsi,
                radio: location.radio,
                registration,
                cause,
            };
            self.port.send(location.serving, message);
        }
    }
}

/// Makes a vector as the access asks for: GERAN gets triplets, E-UTRAN and NR accept USIMs only.
fn vector(
    algorithm: &Algorithm,
    sqn: &mut SqnGenerator,
    rand: Rand,
    rat: Rat,
) -> Result<Vector, RejectCause> {
    let gsm_card = matches!(algorithm, Algorithm::Comp128(_));
    let amf = match rat {
        Rat::Gsm => return Ok(triplet(algorithm, rand)),
        Rat::Umts if gsm_card => return Ok(triplet(algorithm, rand)),
        Rat::Lte | Rat::Nr if gsm_card => return Err(RejectCause::NoSuitableCells),
        Rat::Umts => Amf::ZERO,
        Rat::Lte | Rat::Nr => Amf::EPS,
    };
    // A subscription whose numbers are used up needs a new card.
    let number = sqn.issue().map_err(|_| RejectCause::IllegalMs)?;
    let vector = AuthVector::generate(algorithm, rand, number, amf)
        .map_err(|_| RejectCause::NoSuitableCells)?;
    Ok(Vector { rand, autn: Some(vector.autn), xres: vector.xres })
}

fn triplet(algorithm: &Algorithm, rand: Rand) -> Vector {
    let Triplet { sres, .. } = Triplet::generate(algorithm, rand);
    let mut xres = [0; 4];
    xres.copy_from_slice(sres.as_bytes());
    Vector { rand, autn: None, xres: xres.into() }
}

/// Returns the token with one bit of its MAC flipped.
fn spoiled(autn: Autn) -> Autn {
    let mut octets = [0; 16];
    octets.copy_from_slice(autn.as_bytes());
    if let Some(last) = octets.last_mut() {
        *last ^= 1;
    }
    Autn::from(octets)
}
