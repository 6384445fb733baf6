//! An eUICC is made, with the profiles that it has from the factory.

use std::sync::Arc;

use polysim_rsp::data;

use super::config::{EuiccConfig, EuiccError, IdentitySource, PresetProfile};
use super::identity::Identity;
use super::isdp::{Isdp, IsdpId, Parked};
use super::isdr::Selected;
use super::notify::Notifications;
use super::session::Session;
use super::{Euicc, PROFILES_MAX};
use crate::card::Card;
use crate::contents::{Contents, take_applet};
use crate::profile::Profile;
use crate::template;

/// Names the stream that a derived key follows from.
const IDENTITY: u64 = 0x4555_4943_4355_4944;
/// Octets that an ISD-P takes beside the files of its profile.
pub(super) const ISDP_OCTETS: u32 = 2_048;

/// Returns the octets of memory that a profile of these files takes.
pub(super) fn size_of_profile(profile: &Profile) -> u32 {
    profile.template().octets().saturating_add(ISDP_OCTETS)
}

impl EuiccConfig {
    fn check(&self) -> Result<(), EuiccError> {
        let count = self.presets.len();
        if count > PROFILES_MAX {
            return Err(EuiccError::Profiles { count, limit: PROFILES_MAX });
        }
        for (at, preset) in self.presets.iter().enumerate() {
            let iccid = preset.card.iccid;
            if self.presets.iter().take(at).any(|other| other.card.iccid == iccid) {
                return Err(EuiccError::DoubleIccid(iccid));
            }
        }
        let enabled = self.presets.iter().filter(|preset| preset.enabled).count();
        if enabled > 1 {
            return Err(EuiccError::ManyEnabled(enabled));
        }
        let fallbacks = self.presets.iter().filter(|preset| preset.fallback).count();
        if fallbacks > 1 {
            return Err(EuiccError::ManyFallbacks(fallbacks));
        }
        let sizes = self.presets.iter().map(|preset| size_of_profile(&preset.card.profile));
        let (needed, memory) = (sizes.fold(0, u32::saturating_add), self.model.memory);
        if needed > memory { Err(EuiccError::Memory { needed, memory }) } else { Ok(()) }
    }
}

impl Card {
    /// Makes an eUICC without power.
    ///
    /// # Errors
    /// [`EuiccError`] where the profiles from the factory cannot be together on one.
    pub fn new_euicc(config: EuiccConfig) -> Result<Self, EuiccError> {
        config.check()?;
        let EuiccConfig { model, eid, identity, randomness, stream, presets } = config;
        let identity = match identity {
            IdentitySource::Given(identity) => Identity::Given(identity),
            IdentitySource::Derived(eum) => {
                Identity::Derived { eum, stream: stream.fork(IDENTITY) }
            }
        };
        let bare = bare_contents(&model.bare);
        let mut euicc = Euicc {
            eid,
            identity,
            trust: Arc::clone(&model.trust),
            randomness,
            isdps: Vec::with_capacity(presets.len()),
            next: 0,
            enabled: None,
            before: None,
            left_by_fallback: None,
            seen: None,
            bare: None,
            notifications: Notifications::default(),
            default_dp_address: model.default_dp_address.clone(),
            session: Session::None,
            one_time_key: None,
            begun: None,
            selected: Selected::default(),
            chain: None,
            stuck: false,
            model,
        };
        for preset in presets {
            euicc.add_preset(preset);
        }
        let mut card = Self::of_contents(bare, stream);
        euicc.put_in_place(&mut card);
        card.set_euicc(euicc);
        Ok(card)
    }
}

impl Euicc {
    fn add_preset(&mut self, preset: PresetProfile) {
        let PresetProfile { card: mut config, metadata, enabled, fallback } = preset;
        let id = self.new_id();
        let (iccid, size) = (data::Iccid::from(&config.iccid), size_of_profile(&config.profile));
        let program = take_applet(&mut config);
        let (contents, managed) = Contents::of(config, program);
        self.isdps.push(Isdp {
            id,
            iccid,
            metadata,
            nickname: None,
            proprietary: None,
            size,
            fallback,
            preset: true,
            parked: Some(Box::new(Parked { contents, managed })),
        });
        if enabled {
            self.enabled = Some(id);
        }
    }

    /// Takes a number that no profile has.
    pub(super) fn new_id(&mut self) -> IsdpId {
        while self.isdp(IsdpId(self.next)).is_some() {
            self.next = self.next.wrapping_add(1);
        }
        let id = IsdpId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }
}

/// Returns what the terminal sees while no profile is enabled.
fn bare_contents(profile: &Arc<Profile>) -> Contents {
    let identity = template::Identity { iccid: None, imsi: None, msisdn: None };
    Contents::new(Arc::clone(profile), identity, Arc::default(), None)
}
