//! Sets of parameters, and cards made of them.

use super::system::Share;
use polysim_base::{Msisdn, Plmn, Purpose, Stream};
use polysim_card::{Card, CardConfig, Profile, ProfileConfig};
use polysim_share::VirtualSim;
use polysim_share::slave::SoftCard;
use std::sync::Arc;

/// What cards of an operator have in common.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) plmn: Plmn,
    pub(crate) centre: Msisdn,
    /// By the name that each shows.
    profiles: Vec<(String, Arc<Profile>)>,
}

impl Issuer {
    pub(crate) fn new(plmn: Plmn, centre: Msisdn, profile: (String, Arc<Profile>)) -> Self {
        Self { plmn, centre, profiles: vec![profile] }
    }

    /// Returns what is on a card beside its own values.
    fn profile(&mut self, spn: &str) -> Option<Arc<Profile>> {
        if let Some((_, profile)) = self.profiles.iter().find(|(name, _)| name == spn) {
            return Some(profile.clone());
        }
        let mut config = ProfileConfig::new(self.plmn, spn);
        config.smsc = Some(self.centre);
        let profile = Profile::new(config).ok()?;
        self.profiles.push((spn.to_owned(), profile.clone()));
        Some(profile)
    }
}

impl Share {
    /// Returns the set that a group shares now, as its master has it.
    pub(crate) fn shared_set(&self, group: u32) -> Option<VirtualSim> {
        let master = self.group(group)?.node.machine()?;
        Some(VirtualSim::clone(&master.config().set))
    }

    /// Returns the set that takes its place: the operator calls itself by another number.
    pub(crate) fn next_set(&mut self, group: u32) -> Option<VirtualSim> {
        let mut set = self.shared_set(group)?;
        let group = self.group_mut(group)?;
        group.replaced += 1;
        set.spn = named(&group.config.set.spn, group.replaced);
        Some(set)
    }

    /// Makes a card of parameters, for a device of an operator's subscriber.
    pub(crate) fn soft_card(
        &mut self,
        operator: usize,
        phone: u32,
        soft: SoftCard,
    ) -> Option<Card> {
        let SoftCard { set, sequence } = soft;
        let profile = self.issuers.get_mut(operator)?.profile(&set.spn)?;
        let entity = u64::from(self.first_radio + phone);
        let stream = Stream::derive(self.seed, entity, Purpose::Identity, 0);
        let mut card = CardConfig::new(profile, set.iccid, set.imsi, set.algorithm, stream);
        card.msisdn = set.msisdn;
        card.sequence = sequence;
        card.pins = self.pins.clone();
        Some(Card::new(card))
    }
}

/// Returns what the operator calls itself on the set that has replaced the first one so often.
fn named(spn: &str, replaced: u32) -> String {
    let number = format!(" {}", replaced + 1);
    let kept = VirtualSim::SPN_LEN_MAX.saturating_sub(number.len());
    spn.chars().take(kept).chain(number.chars()).collect()
}
