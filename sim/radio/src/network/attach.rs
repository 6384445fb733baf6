//! Registration at the serving core: refusal, authentication, acceptance (TS 24.301, 5.5.1;
//! TS 24.008, 4.4.4).

use super::{Core, CoreTimer, Visitor, port::QUESTION_TIMEOUT};
use crate::{
    air::{
        AuthenticationAnswer, Challenge, Downlink, Information, RadioId, Registration, RejectCause,
    },
    deadlines::Deadline,
    event::{AuthenticationFailure, Detachment, NetworkEvent},
    ids::{OperatorId, Place, RegionId},
    message::{Profile, RegistrationMessage, Resync, SmsMessage, Ticket, Vector},
};
use polysim_aka::{Rand, Res};
use polysim_base::{Duration, Imei, Imsi, Plmn};

/// How long a device may take for its answer (T3260, T3460).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);

/// A registration in progress.
#[derive(Clone, Debug)]
pub(crate) struct Attaching {
    serial: u32,
    imsi: Imsi,
    home: OperatorId,
    place: Place,
    stage: Stage,
    /// What answers the challenge of the registration that this one has taken the place of: the
    /// answer may come yet, and is not this one's.
    stale: Option<Res>,
    /// The card has resynchronised once already.
    resynchronised: bool,
    /// The card has found a wrong MAC once already.
    mac_failed: bool,
    deadline: Option<Deadline>,
}

#[derive(Clone, Debug)]
enum Stage {
    /// The home network makes a vector.
    Vector,
    /// The card answers a challenge.
    Answer { rand: Rand, xres: Res },
    /// The home network takes note.
    Location,
}

impl Core {
    pub(super) fn attach(&mut self, radio: RadioId, place: Place, imsi: Imsi, imei: &Imei) {
        let stale = self.unanswered(radio);
        self.abandon_attach(radio);
        if self.config.imei_blacklist.contains(imei) {
            return self.reject(radio, &place, imsi, RejectCause::ImeiNotAccepted);
        }
        if let Some(cause) = self.faults.refusal(self.port.now) {
            return self.reject(radio, &place, imsi, cause);
        }
        match self.visitors.get_mut(radio) {
            Some(visitor) if visitor.imsi == imsi => {
                let moved = (visitor.rat, visitor.cell) != (place.rat, place.cell);
                (visitor.rat, visitor.lost) = (place.rat, false);
                (visitor.region, visitor.cell) = (place.region, place.cell);
                self.accept(radio, &place);
                if moved {
                    self.announce_rates(radio);
                }
                return;
            }
            Some(_) => self.forget(radio, Detachment::Replaced),
            None => {}
        }
        let Some(home) = self.home_of(&imsi) else {
            return self.reject(radio, &place, imsi, RejectCause::PlmnNotAllowed);
        };
        self.serial = self.serial.wrapping_add(1);
        let attaching = Attaching {
            serial: self.serial,
            imsi,
            home,
            place,
            stage: Stage::Vector,
            stale,
            resynchronised: false,
            mac_failed: false,
            deadline: self.attach_deadline(radio, home),
        };
        self.attaching.insert(radio, attaching);
        self.ask_vector(radio, None);
    }

    fn home_of(&self, imsi: &Imsi) -> Option<OperatorId> {
        let own = |plmn: &Plmn| imsi.home(plmn.mnc_len()) == Some(*plmn);
        if self.config.plmns.iter().any(own) {
            return Some(self.port.id);
        }
        self.port.directory.home_of(imsi)
    }

    /// A question within this core needs no deadline, unless its home side is silent.
    fn attach_deadline(&mut self, radio: RadioId, home: OperatorId) -> Option<Deadline> {
        (home != self.port.id || self.faults.silences_home(self.port.now))
            .then(|| self.port.wake_after(QUESTION_TIMEOUT, CoreTimer::Attach(radio)))
    }

    fn ask_vector(&mut self, radio: RadioId, resync: Option<Box<Resync>>) {
        let Some(attaching) = self.attaching.get(&radio) else {
            return;
        };
        let message = RegistrationMessage::SendAuthInfo {
            ticket: Ticket { radio, serial: attaching.serial },
            imsi: attaching.imsi,
            rat: attaching.place.rat,
            resync,
        };
        self.port.send(attaching.home, message);
    }

    /// Returns a registration in progress if a message with `ticket` belongs to it.
    fn attaching(&mut self, ticket: Ticket) -> Option<&mut Attaching> {
        let attaching = self.attaching.get_mut(&ticket.radio)?;
        (attaching.serial == ticket.serial).then_some(attaching)
    }

    pub(super) fn auth_info(&mut self, ticket: Ticket, result: Result<Vector, RejectCause>) {
        let radio = ticket.radio;
        let Some(attaching) = self.attaching(ticket) else {
            return;
        };
        if !matches!(attaching.stage, Stage::Vector) {
            return;
        }
        let vector = match result {
            Ok(vector) => vector,
            Err(cause) => return self.refuse(radio, cause),
        };
        attaching.stage = Stage::Answer { rand: vector.rand, xres: vector.xres };
        let (region, before) = (attaching.place.region, attaching.deadline.take());
        self.port.cancel(before);
        let deadline = self.port.wake_after(ANSWER_TIMEOUT, CoreTimer::Attach(radio));
        if let Some(attaching) = self.attaching(ticket) {
            attaching.deadline = Some(deadline);
        }
        let challenge = Challenge { rand: vector.rand, autn: vector.autn };
        self.port.tell_device(region, radio, Downlink::Authentication(challenge));
    }

    pub(super) fn authentication(&mut self, radio: RadioId, answer: AuthenticationAnswer) {
        let Some(attaching) = self.attaching.get_mut(&radio) else {
            return;
        };
        let Stage::Answer { rand, xres } = &attaching.stage else {
            return;
        };
        let (rand, home, imsi) = (*rand, attaching.home, attaching.imsi);
        match answer {
            AuthenticationAnswer::Response(res) if res == *xres => {
                attaching.stage = Stage::Location;
                let serial = attaching.serial;
                self.renew_deadline(radio, home);
                let ticket = Ticket { radio, serial };
                self.port.send(home, RegistrationMessage::UpdateLocation { ticket, imsi });
            }
            AuthenticationAnswer::Response(res) if attaching.stale == Some(res) => {}
            AuthenticationAnswer::Response(_) => {
                self.fail_authentication(radio, AuthenticationFailure::Response);
            }
            AuthenticationAnswer::SyncFailure(auts) if !attaching.resynchronised => {
                attaching.resynchronised = true;
                attaching.stage = Stage::Vector;
                self.renew_deadline(radio, home);
                self.ask_vector(radio, Some(Box::new(Resync { rand, auts })));
            }
            AuthenticationAnswer::SyncFailure(_) => {
                self.fail_authentication(radio, AuthenticationFailure::Resynchronisation);
            }
            AuthenticationAnswer::MacFailure if !attaching.mac_failed => {
                attaching.mac_failed = true;
                attaching.stage = Stage::Vector;
                self.renew_deadline(radio, home);
                self.ask_vector(radio, None);
            }
            AuthenticationAnswer::MacFailure => {
                self.fail_authentication(radio, AuthenticationFailure::Mac);
            }
        }
    }

    fn renew_deadline(&mut self, radio: RadioId, home: OperatorId) {
        let deadline = self.attach_deadline(radio, home);
        if let Some(attaching) = self.attaching.get_mut(&radio) {
            let before = core::mem::replace(&mut attaching.deadline, deadline);
            self.port.cancel(before);
        }
    }

    pub(super) fn location_updated(
        &mut self,
        from: OperatorId,
        ticket: Ticket,
        imsi: Imsi,
        result: Result<Profile, RejectCause>,
    ) {
        let radio = ticket.radio;
        let expected = self
            .attaching(ticket)
            .is_some_and(|attaching| matches!(attaching.stage, Stage::Location));
        match result {
            Ok(profile) if expected => {
                let Some(attaching) = self.attaching.remove(&radio) else {
                    return;
                };
                self.port.cancel(attaching.deadline);
                let visitor = Visitor::new(imsi, from, &attaching.place, &profile);
                if self.visitors.put(radio, visitor).is_some() {
                    self.accept(radio, &attaching.place);
                }
            }
            // The device has gone meanwhile: the home network shall not think that it is here.
            Ok(profile) => {
                let registration = profile.registration;
                self.port.send(from, RegistrationMessage::PurgeMs { imsi, registration });
            }
            Err(cause) if expected => self.refuse(radio, cause),
            Err(_) => {}
        }
    }

    /// Tells a registered device so, and the time and name of the network.
    fn accept(&mut self, radio: RadioId, place: &Place) {
        let Some(number) = self.visitors.number(radio) else {
            return;
        };
        let Some(visitor) = self.visitors.get_mut(radio) else {
            return;
        };
        let wanted = core::mem::take(&mut visitor.wanted);
        let visitor = *visitor;
        self.counters.registered += 1;
        let registration = Registration {
            tmsi: temporary_identity(number),
            packet: visitor.services.packet && !self.config.apns.is_empty(),
            periodic_s: self.config.periodic_s,
            equivalent: self.config.equivalent.clone(),
        };
        let information = Information {
            full_name: self.config.name.clone(),
            short_name: self.config.short_name.clone(),
            unix_s: self.port.clock.unix_s(self.port.now),
            zone_quarters: place.zone_quarters,
            daylight_h: place.daylight_h,
        };
        let region = place.region;
        self.port.tell_device(region, radio, Downlink::Accept(registration));
        self.port.tell_device(region, radio, Downlink::Information(Box::new(information)));
        let id = self.port.id;
        self.port.event(|| NetworkEvent::Registered {
            imsi: visitor.imsi,
            radio,
            home: visitor.home,
            roaming: visitor.home != id,
            cell: visitor.cell,
        });
        if wanted {
            let imsi = visitor.imsi;
            self.port.send(visitor.home, SmsMessage::ReadyForSm { imsi });
        }
    }

    fn fail_authentication(&mut self, radio: RadioId, failure: AuthenticationFailure) {
        let Some(attaching) = self.attaching.remove(&radio) else {
            return;
        };
        self.port.cancel(attaching.deadline);
        self.counters.rejected += 1;
        let imsi = attaching.imsi;
        let region = attaching.place.region;
        self.port.tell_device(region, radio, Downlink::AuthenticationReject);
        self.port.failure(|| NetworkEvent::AuthenticationFailed { imsi, radio, failure });
    }

    /// Ends a registration in progress with a cause.
    fn refuse(&mut self, radio: RadioId, cause: RejectCause) {
        if let Some(attaching) = self.attaching.remove(&radio) {
            self.port.cancel(attaching.deadline);
            self.reject(radio, &attaching.place, attaching.imsi, cause);
        }
    }

    fn reject(&mut self, radio: RadioId, place: &Place, imsi: Imsi, cause: RejectCause) {
        self.counters.rejected += 1;
        if self.visitors.get(radio).is_some() {
            self.forget(radio, Detachment::Replaced);
        }
        self.port.tell_device(place.region, radio, Downlink::Reject(cause));
        self.port.failure(|| NetworkEvent::Rejected { imsi, radio, cause });
    }

    /// A registration in progress has waited too long.
    pub(super) fn attach_overdue(&mut self, radio: RadioId) {
        let Some(attaching) = self.attaching.get(&radio) else {
            return;
        };
        match attaching.stage {
            Stage::Vector | Stage::Location => self.refuse(radio, RejectCause::NetworkFailure),
            Stage::Answer { .. } => {
                // A device that says nothing is not there: it hears nothing either.
                let imsi = attaching.imsi;
                let failure = AuthenticationFailure::Silence;
                self.attaching.remove(&radio);
                self.port.failure(|| NetworkEvent::AuthenticationFailed { imsi, radio, failure });
            }
        }
    }

    /// Returns whether a device is registering in this region.
    pub(super) fn attaching_in(&self, region: RegionId, radio: RadioId) -> bool {
        let attaching = self.attaching.get(&radio);
        attaching.is_some_and(|attaching| attaching.place.region == region)
    }

    /// Returns what answers the challenge that a device has not answered.
    fn unanswered(&self, radio: RadioId) -> Option<Res> {
        match self.attaching.get(&radio)?.stage {
            Stage::Answer { xres, .. } => Some(xres),
            Stage::Vector | Stage::Location => None,
        }
    }

    pub(super) fn abandon_attach(&mut self, radio: RadioId) {
        if let Some(attaching) = self.attaching.remove(&radio) {
            self.port.cancel(attaching.deadline);
        }
    }
}

/// The last four octets of the temporary identity: another for each record, never all ones, which
/// a card takes for none (TS 31.102, 4.2.17).
const fn temporary_identity(number: u32) -> u32 {
    let identity = number.wrapping_add(1).wrapping_mul(0x9E37_79B1);
    if identity == u32::MAX { 0 } else { identity }
}
