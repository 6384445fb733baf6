//! What becomes of eUICCs, as they are and not as anybody believes.

use super::state::index;
use super::system::Steering;
use crate::observer::Observer;
use crate::world::MobileWorld;
use polysim_base::{Iccid, Instant};
use polysim_card::Card;
use std::collections::BTreeMap;

/// What eUICCs were like when they were last looked at.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeMap<u32, SeenChip>);

#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct SeenChip {
    enabled: Option<Iccid>,
    profiles: Vec<Iccid>,
    waiting: usize,
}

impl SeenChip {
    fn of(card: &Card) -> Option<Self> {
        let euicc = card.euicc()?;
        Some(Self {
            enabled: euicc.enabled().and_then(|profile| profile.iccid),
            profiles: euicc.profiles().filter_map(|profile| profile.iccid).collect(),
            waiting: euicc.pending_notifications().count(),
        })
    }
}

impl MobileWorld {
    /// The card of a phone has done something.
    pub(crate) fn saw_chip(&mut self, now: Instant, phone: u32) {
        let Self { steering: Some(steering), observer: Some(observer), phones, .. } = self else {
            return;
        };
        let Some(phone_of) = phones.get_mut(phone as usize) else { return };
        let at_work = phone_of.agent.as_ref().is_some_and(|agent| agent.is_at_work());
        let serving = phone_of.baseband.machine.serving().map(|cell| cell.plmn);
        let Some(card) = phone_of.card.as_mut() else { return };
        while let Some(event) = card.take_agent_event() {
            steering.tell_agent(now, observer, (phone, serving), &event);
        }
        steering.saw(now, observer, (phone, at_work), card);
    }

    /// Looks at every eUICC.
    pub(crate) fn watch_chips(&mut self) {
        let Self { steering: Some(steering), phones, .. } = self else { return };
        let chips: Vec<_> = steering.chips.iter().cloned().collect();
        for chip in chips {
            let Some(phone) = phones.get(chip.phone as usize) else { continue };
            let at_work = phone.agent.as_ref().is_some_and(|agent| agent.is_at_work());
            if let Some(card) = &phone.card {
                steering.look(&chip, card, at_work);
            }
        }
    }
}

impl Steering {
    fn look(&mut self, chip: &super::cards::Chip, card: &Card, on_host: bool) {
        let at_work = on_host || card.agent().is_some_and(|agent| agent.is_switching());
        self.truth.look(chip, card, at_work);
        let services = &self.services;
        self.truth.told(chip, card, |iccid| {
            let mut smdps = services.iter().filter_map(|service| service.smdp());
            smdps.find_map(|smdp| super::build::is_recorded(smdp, iccid))
        });
    }

    /// Tells what has changed of an eUICC.
    fn saw(
        &mut self,
        now: Instant,
        observer: &mut Observer,
        (phone, at_work): (u32, bool),
        card: &Card,
    ) {
        let Some(seen) = SeenChip::of(card) else { return };
        let before = self.seen.0.get(&phone).cloned().unwrap_or_default();
        if before == seen {
            return;
        }
        if let Some(chip) = self.chips.in_phone(phone).cloned() {
            self.look(&chip, card, at_work);
        }
        let of = |truth: &super::truth::Truth, iccid: &Iccid| {
            let operator = truth.operator_of(iccid);
            operator.map_or(String::new(), |it| observer.names.operator_name(index(it)).to_owned())
        };
        let mut told = Vec::new();
        let is_first = before.profiles.is_empty();
        for iccid in seen.profiles.iter().filter(|it| !is_first && !before.profiles.contains(it)) {
            told.push(("download.installed", of(&self.truth, iccid)));
        }
        for iccid in before.profiles.iter().filter(|it| !seen.profiles.contains(it)) {
            told.push(("profile.deleted", of(&self.truth, iccid)));
        }
        if let Some(enabled) = seen.enabled.filter(|_| !is_first && seen.enabled != before.enabled)
        {
            told.push(("profile.enabled", of(&self.truth, &enabled)));
        }
        self.seen.0.insert(phone, seen);
        for (name, profile) in told {
            observer.tell(now, name, phone, [("profile", profile.into())]);
        }
    }
}
