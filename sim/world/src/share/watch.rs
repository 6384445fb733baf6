//! What becomes of devices that share a SIM, as they are and not as anybody believes.

use super::modem::is_registered;
use super::system::{Place, Share};
use super::truth::{ONE_DEVICE, Seen};
use crate::observer::Observer;
use crate::phone::Phone;
use crate::world::MobileWorld;
use polysim_base::{Imsi, Instant};
use polysim_card::Card;
use polysim_radio::{Detachment, NetworkEvent};
use polysim_share::master::{Holder, Master};

impl MobileWorld {
    /// A modem of a group has done something: is it on the air with the SIM?
    pub(crate) fn share_saw_modem(&mut self, now: Instant, phone: u32) {
        let Self { share: Some(share), phones, observer, .. } = self else { return };
        let (Some(place), Some(of)) = (share.place(phone), phones.get(phone as usize)) else {
            return;
        };
        let Some(group) = share.group_of(place) else { return };
        let imsi = share.group(group).map(|it| it.config.set.imsi);
        let on_air = imsi.is_some_and(|imsi| is_on_air(of, imsi));
        let Some(device) = share.device_mut(place) else { return };
        if core::mem::replace(&mut device.on_air, on_air) == on_air {
            return;
        }
        share.look(phones, group);
        if let Some(observer) = observer {
            let name = if on_air { "share.registered" } else { "share.unregistered" };
            share.note(now, observer, (group, phone), (name, Vec::new()));
        }
    }

    /// Looks at every group.
    pub(crate) fn watch_shares(&mut self) {
        let Self { share: Some(share), phones, .. } = self else { return };
        (0_u32..).take(share.groups.len()).for_each(|group| share.look(phones, group));
    }

    /// Looks at the groups whose leases have changed.
    pub(super) fn watch_leases(&mut self) {
        let Self { share: Some(share), phones, .. } = self else { return };
        let touched = share.truth.as_mut().map(|truth| truth.take_touched());
        touched.into_iter().flatten().for_each(|group| share.look(phones, group));
    }
}

/// Returns whether a modem is registered with a subscription. One that hangs counts: it may be deaf to its
/// software and on the air all the same, until its power is cut.
fn is_on_air(phone: &Phone, imsi: Imsi) -> bool {
    let modem = &phone.baseband.machine;
    modem.is_on() && is_registered(modem.registration()) && modem.imsi() == Some(imsi)
}

impl Share {
    /// A network tells something: has it cancelled a device that is on the air there?
    pub(crate) fn hears(&mut self, phones: &[Phone], operator: usize, event: &NetworkEvent) {
        let (NetworkEvent::Detached { imsi, radio, by: Detachment::Home(None) }, Some(truth)) =
            (event, &mut self.truth)
        else {
            return;
        };
        let phone = radio.0.wrapping_sub(self.first_radio) as usize;
        let Some(of) =
            phones.get(phone).filter(|_| matches!(self.places.get(phone), Some(Some(_))))
        else {
            return;
        };
        let network = self.issuers.get(operator).map(|issuer| issuer.plmn);
        let here = of.baseband.machine.serving().map(|cell| cell.plmn) == network;
        if here && is_on_air(of, *imsi) {
            let text = format!("the network has cancelled phone {phone}, which is on the air");
            truth.found(ONE_DEVICE, text);
        }
    }

    /// Holds a group against what must never happen.
    fn look(&mut self, phones: &[Phone], group: u32) {
        let Some(of) = self.group(group).filter(|_| self.truth.is_some()) else { return };
        let imsi = of.config.set.imsi;
        let places = of.slaves.clone().map(Place::Slave);
        let places = core::iter::once(Place::Master(group)).chain(places);
        let seen: Vec<_> = places.filter_map(|place| self.seen(phones, place, imsi)).collect();
        if let Some(truth) = &mut self.truth {
            truth.look(group, &seen);
        }
    }

    fn seen(&self, phones: &[Phone], place: Place, imsi: Imsi) -> Option<Seen> {
        let phone = self.device(place)?.phone;
        let of = phones.get(phone as usize)?;
        let (holder, active) = match place {
            Place::Master(group) => {
                let machine = self.group(group)?.node.machine();
                let lease = |it: &Master| (it.holder() == Some(Holder::Own)).then(|| it.epoch());
                (Some(Holder::Own), machine.map(lease))
            }
            Place::Slave(slave) => {
                let member = self.member(slave)?;
                let active = member.node.machine().map(|machine| machine.active());
                (member.id.map(Holder::Slave), active)
            }
        };
        Some(Seen {
            phone: format!("phone {phone}"),
            holder,
            on_air: is_on_air(of, imsi),
            active,
            has_card: of.card.is_some() || self.is_remote(phone),
        })
    }

    /// Notes an event of a device of a group.
    pub(super) fn note(
        &self,
        now: Instant,
        observer: &mut Observer,
        (group, phone): (u32, u32),
        (name, fields): (&'static str, super::tell::Fields),
    ) {
        let first = [
            ("group", observer.names.group(group).into()),
            ("phone", observer.names.phone(phone).into()),
        ];
        observer.note(now, name, first.into_iter().chain(fields).collect());
    }

    /// A card is about to answer what it has accepted.
    pub(super) fn answers(&mut self, place: Place) {
        let (Some(group), Some(device)) = (self.group_of(place), self.device(place)) else {
            return;
        };
        let sequence = device.modem.sequence.clone();
        if let Some(truth) = &mut self.truth {
            truth.accepted(group, &sequence);
        }
    }

    /// A card is put into a modem.
    pub(super) fn carries(&mut self, phone: u32, card: &Card) {
        let group = self.place(phone).and_then(|place| self.group_of(place));
        if let (Some(truth), Some(group), Some(sequence)) =
            (&mut self.truth, group, card.sequence())
        {
            truth.carries(group, sequence);
        }
    }
}
