//! What has really happened to eUICCs, held against what must never happen.

use super::cards::Chip;
use polysim_base::{Eid, Iccid, Imsi, Msisdn};
use polysim_card::Card;
use polysim_rsp::data::NotificationEvent;
use polysim_steering::DeviceKey;
use polysim_steering::advisor::AdvisorEvent;
use polysim_steering::wire::{Uplink, UplinkView};
use std::collections::{BTreeMap, BTreeSet};

/// The invariants of eSIMs that are steered and what each says.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("at-most-one-enabled-profile", "no eUICC has two profiles enabled, and the terminal sees one"),
    ("euicc-memory-not-exceeded", "the profiles on an eUICC fit into its memory"),
    ("install-once", "no two eUICCs have one ICCID, and none has it twice"),
    (
        "never-brick",
        "an eUICC that is on has a profile enabled that its operator serves, or an agent at work",
    ),
    (
        "notification-never-lost",
        "an installation waits on the eUICC to be told until its SM-DP+ has recorded it",
    ),
    ("original-never-removed", "the profile that a device was issued with is always on its eUICC"),
    ("report-once", "no platform tells more reports of a device than that has made"),
];

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    contradictions: BTreeMap<&'static str, String>,
    /// The operator of each profile.
    operators: BTreeMap<Iccid, usize>,
    /// Subscriptions that operators serve.
    served: BTreeSet<Imsi>,
    /// The phone whose eUICC has a profile, or had it.
    holders: BTreeMap<Iccid, u32>,
    /// Profiles that were downloaded.
    downloaded: BTreeSet<Iccid>,
    /// Numbers of devices whose agent is on the host.
    on_host: BTreeSet<Msisdn>,
    /// The reports that devices have made, by number.
    said: BTreeMap<Eid, BTreeSet<u32>>,
    /// How many platforms have told.
    told: BTreeMap<Eid, usize>,
}

impl Truth {
    /// Returns what was found so far, by name.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.contradictions.iter().map(|(name, text)| (*name, text))
    }

    fn found(&mut self, invariant: &'static str, text: String) {
        self.contradictions.entry(invariant).or_insert(text);
    }

    /// An eUICC was made with a profile.
    pub(crate) fn issued(&mut self, phone: u32, iccid: Iccid, operator: usize) {
        self.operators.insert(iccid, operator);
        self.holders.insert(iccid, phone);
    }

    /// An operator serves a subscription.
    pub(crate) fn ready(&mut self, imsi: Imsi) {
        self.served.insert(imsi);
    }

    /// A profile was made for an operator.
    pub(crate) fn ordered(&mut self, iccid: Iccid, operator: usize, _eid: Option<Eid>) {
        self.operators.insert(iccid, operator);
    }

    /// The agent of a device with this number is on its host.
    pub(crate) fn is_on_host(&mut self, number: Msisdn) {
        self.on_host.insert(number);
    }

    pub(crate) fn has_host_agent(&self, number: &Msisdn) -> bool {
        self.on_host.contains(number)
    }

    /// Returns whose a profile is.
    pub(crate) fn operator_of(&self, iccid: &Iccid) -> Option<usize> {
        self.operators.get(iccid).copied()
    }

    /// A device says something to its platform.
    pub(crate) fn says(&mut self, eid: Eid, key: &DeviceKey, frame: &[u8]) {
        let opened = UplinkView::parse(frame).and_then(|view| view.open(key));
        if let Ok((_, Uplink::Report(report))) = opened {
            self.said.entry(eid).or_default().insert(report.number.0);
        }
    }

    /// A platform tells something.
    pub(crate) fn advised(&mut self, event: &AdvisorEvent) {
        let AdvisorEvent::Reported { eid, .. } = event else { return };
        let told = self.told.entry(*eid).or_default();
        *told += 1;
        let (told, said) = (*told, self.said.get(eid).map_or(0, BTreeSet::len));
        if told > said {
            let text = format!("{eid} has made {said} reports, and {told} were told");
            self.found("report-once", text);
        }
    }

    /// Looks at an eUICC, whose agent is at work or not.
    pub(crate) fn look(&mut self, chip: &Chip, card: &Card, at_work: bool) {
        let Some(euicc) = card.euicc() else { return };
        let phone = chip.phone;
        let count =
            |of: fn(&polysim_card::ProfileStatus<'_>) -> bool| euicc.profiles().filter(of).count();
        let (enabled, seen) = (count(|it| it.enabled), count(|it| it.seen));
        if enabled > 1 || seen > 1 {
            let text = format!("phone {phone}: {enabled} are enabled, {seen} are seen");
            self.found("at-most-one-enabled-profile", text);
        }
        let taken = euicc.profiles().map(|it| u64::from(it.size)).sum::<u64>();
        let memory = u64::from(euicc.model().memory);
        if taken > memory {
            let text = format!("phone {phone}: {taken} octets of {memory}");
            self.found("euicc-memory-not-exceeded", text);
        }
        let profiles: Vec<Iccid> = euicc.profiles().filter_map(|it| it.iccid).collect();
        if !profiles.contains(&chip.original) {
            self.found("original-never-removed", format!("phone {phone}: it is gone"));
        }
        for (nth, iccid) in profiles.iter().enumerate() {
            let twice = profiles.iter().take(nth).any(|other| other == iccid);
            let holder = *self.holders.entry(*iccid).or_insert(phone);
            if twice || holder != phone {
                let text = format!("{iccid} is on the eUICCs of phones {holder} and {phone}");
                self.found("install-once", text);
            }
        }
        self.served_or_at_work(chip, card, at_work);
    }

    /// A profile is enabled that its operator serves, or an agent is at work.
    fn served_or_at_work(&mut self, chip: &Chip, card: &Card, at_work: bool) {
        let Some(enabled) = card.euicc().and_then(|euicc| euicc.enabled()) else {
            let text = format!("phone {}: no profile is enabled", chip.phone);
            return self.found("never-brick", text);
        };
        // Until the next reset the terminal has the profile before.
        if !card.is_on() || !enabled.seen {
            return;
        }
        let served = card.imsi().is_some_and(|imsi| self.served.contains(&imsi));
        if !served && !at_work && chip.config.agent.is_some() {
            let text = format!("phone {}: nobody serves the profile that is enabled", chip.phone);
            self.found("never-brick", text);
        }
    }

    /// Notes profiles that were downloaded, and sees that their SM-DP+ is told, or will be.
    pub(crate) fn told(
        &mut self,
        chip: &Chip,
        card: &Card,
        recorded: impl Fn(&Iccid) -> Option<bool>,
    ) {
        let Some(euicc) = card.euicc() else { return };
        let own = |iccid: &Iccid| {
            *iccid == chip.original || chip.presets.iter().any(|(preset, _)| preset == iccid)
        };
        let new = euicc.profiles().filter_map(|it| it.iccid).filter(|iccid| !own(iccid));
        self.downloaded.extend(new);
        let mine = self.downloaded.iter().filter(|it| self.holders.get(it) == Some(&chip.phone));
        let lost = mine.copied().find(|iccid| {
            let waits = euicc.pending_notifications().any(|it| {
                it.profile_management_operation.has(NotificationEvent::INSTALL)
                    && it.iccid.and_then(|it| it.digits().ok()) == Some(*iccid)
            });
            !waits && recorded(iccid) == Some(false)
        });
        if let Some(iccid) = lost {
            let text = format!("phone {}: of {iccid} nobody was told", chip.phone);
            self.found("notification-never-lost", text);
        }
    }
}
