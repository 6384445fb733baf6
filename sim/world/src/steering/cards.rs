//! The eUICCs of a world: who they are, and what they are made of.

use super::config::{AgentPlace, AgentPolicy, EuiccPhoneConfig, EuiccVariant, SteeringConfig};
use super::pki::{EIN, Pki};
use crate::build::{Blueprint, BuildError, CardSpec};
use crate::config::{OperatorConfig, PhoneConfig, WorldConfig};
use polysim_base::{Eid, Iccid, Imsi, Msisdn, Plmn, Purpose, Stream};
use polysim_card::{
    AgentSetup, AgentSite, Behaviour, Card, CardConfig, EuiccConfig, EuiccModel, IdentitySource,
    Metadata, PresetProfile,
};
use polysim_lpa::LpaConfig;
use polysim_rsp::crypto::Randomness;
use polysim_rsp::data::{DeviceCapabilities, DeviceInfo};
use polysim_steering::agent::{AgentConfig, Identity, Preset, Room};
use polysim_steering::wire::Capabilities;
use polysim_steering::{DeviceKey, Level, MasterKey};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Subscriptions of presets are numbered from here on, beyond those of phones and pools.
const PRESET_FIRST: u64 = 7_000_000;
/// Cards of presets are numbered from here on, times the number of the preset.
const PRESET_CARDS: u64 = 1 << 32;
/// Random choices of eUICCs are derived from numbers beyond those of phones.
const CHIP_ENTITY: u64 = 11 << 40;

/// An eUICC in a phone.
#[derive(Clone, Debug)]
pub(crate) struct Chip {
    pub(crate) phone: u32,
    pub(crate) eid: Eid,
    pub(crate) config: Arc<EuiccPhoneConfig>,
    pub(crate) original: Iccid,
    /// The operator of the original profile, and those of the others that it was made with.
    pub(crate) operator: usize,
    pub(crate) presets: Vec<(Iccid, usize)>,
}

/// The eUICCs of a shard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chips {
    list: Vec<Chip>,
    by_phone: BTreeMap<u32, usize>,
    by_eid: BTreeMap<Eid, usize>,
}

impl Chips {
    pub(crate) fn add(&mut self, chip: Chip) {
        self.by_phone.insert(chip.phone, self.list.len());
        self.by_eid.insert(chip.eid, self.list.len());
        self.list.push(chip);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Chip> {
        self.list.iter()
    }

    pub(crate) fn in_phone(&self, phone: u32) -> Option<&Chip> {
        self.list.get(*self.by_phone.get(&phone)?)
    }

    pub(crate) fn with(&self, eid: &Eid) -> Option<&Chip> {
        self.list.get(*self.by_eid.get(eid)?)
    }
}

/// What the eUICCs of a world share.
#[derive(Debug)]
pub(crate) struct Factory {
    pub(crate) pki: Pki,
    models: Vec<((u32, EuiccVariant), Arc<EuiccModel>)>,
    agents: Vec<(AgentPolicy, Arc<AgentConfig>)>,
    assistant: Arc<LpaConfig>,
    sites: BTreeMap<usize, Arc<AgentSite>>,
    /// By operator.
    metadata: Vec<Arc<Metadata>>,
}

impl Factory {
    pub(crate) fn new(world: &WorldConfig, config: &SteeringConfig) -> Result<Self, BuildError> {
        let pki = Pki::new(world.seed)?;
        let mut factory = Self {
            models: Vec::new(),
            agents: Vec::new(),
            assistant: Arc::default(),
            sites: BTreeMap::new(),
            metadata: world.operators.iter().map(metadata).collect(),
            pki,
        };
        for euicc in world.phones.iter().filter_map(|phone| phone.euicc.as_ref()) {
            factory.prepare(world, config, euicc)?;
        }
        Ok(factory)
    }

    fn prepare(
        &mut self,
        world: &WorldConfig,
        config: &SteeringConfig,
        euicc: &EuiccPhoneConfig,
    ) -> Result<(), BuildError> {
        let make = (euicc.memory, euicc.variant);
        if self.models.iter().all(|(known, _)| *known != make) {
            let root = config
                .services
                .iter()
                .position(|service| matches!(service.kind, super::config::ServiceKind::Smds));
            let root = root.map_or_else(String::new, |service| config.host(service));
            let mut model = EuiccModel::new(Arc::clone(&self.pki.trust), &root);
            model.memory = euicc.memory;
            model.epoch = i64::try_from(world.start_unix_s).ok();
            model.behaviour = Behaviour {
                reset_needed: euicc.variant == EuiccVariant::ResetNeeded,
                no_refresh: euicc.variant == EuiccVariant::NoRefresh,
                ..Behaviour::default()
            };
            self.models.push((make, Arc::new(model)));
        }
        if self.agents.iter().all(|(known, _)| *known != euicc.policy) {
            self.agents.push((euicc.policy, Arc::new(agent_config(&euicc.policy))));
        }
        if euicc.agent.is_some() && !self.sites.contains_key(&euicc.advisor) {
            let missing = BuildError::Missing { what: "platform", index: euicc.advisor };
            let number = SteeringConfig::number(euicc.advisor).ok_or(missing)?;
            let servers = 0..config.services.len();
            let servers = servers.map(|it| (config.host(it), SteeringConfig::address(it)));
            let site = AgentSite {
                access_point: String::new(),
                platform: SteeringConfig::address(euicc.advisor),
                platform_number: number,
                servers: servers.collect(),
            };
            self.sites.insert(euicc.advisor, Arc::new(site));
        }
        Ok(())
    }

    fn model(&self, euicc: &EuiccPhoneConfig) -> Option<Arc<EuiccModel>> {
        let make = (euicc.memory, euicc.variant);
        self.models.iter().find(|(known, _)| *known == make).map(|(_, model)| model.clone())
    }

    /// Returns what makes the agent of an eUICC.
    pub(crate) fn agent(
        &self,
        world: &WorldConfig,
        chip: &Chip,
        euicc: &EuiccPhoneConfig,
    ) -> Option<AgentSetup> {
        let config = self.agents.iter().find(|(known, _)| *known == euicc.policy)?;
        let networks = |operator: usize| -> Vec<Plmn> {
            world.operators.get(operator).map(|it| it.plmn).into_iter().collect()
        };
        let preset = |(iccid, operator): &(Iccid, usize)| Preset {
            iccid: *iccid,
            plmns: networks(*operator),
        };
        let identity = Identity {
            eid: chip.eid,
            key: device_key(world.seed, euicc.advisor, chip.eid),
            original: chip.original,
            home: networks(chip.operator),
            presets: chip.presets.iter().map(preset).collect(),
        };
        let site = self.sites.get(&euicc.advisor)?.clone();
        Some(AgentSetup {
            identity,
            config: config.1.clone(),
            assistant: self.assistant.clone(),
            site,
        })
    }
}

/// Returns the key of a platform.
pub(crate) fn master_key(seed: u64, service: usize) -> MasterKey {
    let mut key = [0; 16];
    let entity = CHIP_ENTITY + (1 << 36) + service as u64;
    Stream::derive(seed, entity, Purpose::Keys, 0).fill(&mut key);
    MasterKey::new(key)
}

/// Returns the key under which a device speaks to its platform.
pub(crate) fn device_key(seed: u64, service: usize, eid: Eid) -> DeviceKey {
    master_key(seed, service).device(eid)
}

/// Returns the number of a phone's eUICC.
pub(crate) fn eid(radio: u32) -> Result<Eid, BuildError> {
    Eid::with_check_digits(&format!("{EIN}01{radio:020}"))
        .map_err(|_| BuildError::TooMany { what: "eUICCs", count: radio as usize })
}

/// Returns who the eUICC of a phone with this radio is; `None` where it has none.
pub(crate) fn chip(radio: u32, phone: u32, spec: &PhoneConfig) -> Result<Option<Chip>, BuildError> {
    let Some(config) = &spec.euicc else { return Ok(None) };
    let presets = (1_u64..).zip(&config.presets);
    let presets = presets
        .map(|(nth, operator)| Ok((preset_iccid(radio, nth)?, *operator)))
        .collect::<Result<_, BuildError>>()?;
    Ok(Some(Chip {
        phone,
        eid: eid(radio)?,
        config: Arc::new(EuiccPhoneConfig::clone(config)),
        original: crate::build::iccid(radio.into())?,
        operator: spec.operator,
        presets,
    }))
}

fn preset_iccid(radio: u32, nth: u64) -> Result<Iccid, BuildError> {
    crate::build::iccid(nth * PRESET_CARDS + u64::from(radio))
}

/// Returns the subscription of a preset.
pub(crate) fn preset_subscription(
    operators: &[OperatorConfig],
    operator: usize,
    radio: u32,
) -> Option<(Imsi, Msisdn)> {
    subscription(operators.get(operator)?, operator, PRESET_FIRST + u64::from(radio))
}

/// Returns subscription number `count` of an operator.
pub(crate) fn subscription(
    home: &OperatorConfig,
    operator: usize,
    count: u64,
) -> Option<(Imsi, Msisdn)> {
    let width = 15 - 3 - usize::from(home.plmn.mnc_len());
    let imsi = Imsi::parse(&format!("{}{:0width$}", home.plmn, count + 1)).ok()?;
    number(home, operator, &imsi).map(|number| (imsi, number))
}

/// Returns the number that belongs to a subscription: its last digits behind the operator's prefix.
pub(crate) fn number(home: &OperatorConfig, operator: usize, imsi: &Imsi) -> Option<Msisdn> {
    let digits = imsi.digits().fold(0, |n, digit| (n * 10 + u64::from(digit)) % 10_000_000);
    Msisdn::parse(&format!("{}7{operator:02}{digits:07}", home.country_code)).ok()
}

fn metadata(operator: &OperatorConfig) -> Arc<Metadata> {
    Arc::new(Metadata::new(&operator.name, &operator.full_name))
}

fn agent_config(policy: &AgentPolicy) -> AgentConfig {
    let device = DeviceInfo {
        tac: vec![0x00, 0x01, 0x10, 0x09].into(),
        device_capabilities: DeviceCapabilities::default(),
        imei: None,
    };
    AgentConfig {
        check_every: policy.check_every,
        away_dwell: policy.away_dwell,
        home_dwell: policy.home_dwell,
        home_level: Level::from_dbm(policy.home_level_dbm),
        switch_gap: policy.switch_gap,
        switch_gap_max: policy.switch_gap_max,
        attach_deadline: policy.attach_deadline,
        order: policy.order,
        list_age_max: policy.list_age_max,
        presets_alone: policy.presets_alone,
        retry: policy.retry,
        pause: policy.pause,
        pause_max: policy.pause_max,
        downloads_per_month: policy.downloads_per_month,
        room: if policy.makes_room { Room::AsNeeded } else { Room::AsPlatformSays },
        capabilities: Capabilities(0),
        ..AgentConfig::new(device)
    }
}

impl Blueprint<'_> {
    /// Makes the eUICC of a phone, with its agent where that is on it.
    pub(crate) fn euicc(
        &self,
        radio: u32,
        spec: &PhoneConfig,
        euicc: &EuiccPhoneConfig,
    ) -> Result<Card, BuildError> {
        let missing = BuildError::Missing { what: "steering of eUICC", index: radio as usize };
        let factory = self.factory.as_ref().ok_or_else(|| missing.clone())?;
        let chip = chip(radio, 0, spec)?.ok_or_else(|| missing.clone())?;
        let mut presets = vec![PresetProfile {
            card: self.profile_of(radio, spec, (chip.original, spec.operator), None)?,
            metadata: factory
                .metadata
                .get(spec.operator)
                .cloned()
                .ok_or_else(|| missing.clone())?,
            enabled: true,
            fallback: true,
        }];
        for (iccid, operator) in &chip.presets {
            let subscription = preset_subscription(&self.config.operators, *operator, radio);
            presets.push(PresetProfile {
                card: self.profile_of(radio, spec, (*iccid, *operator), subscription)?,
                metadata: factory
                    .metadata
                    .get(*operator)
                    .cloned()
                    .ok_or_else(|| missing.clone())?,
                enabled: false,
                fallback: false,
            });
        }
        let stream =
            |purpose| Stream::derive(self.config.seed, CHIP_ENTITY + u64::from(radio), purpose, 0);
        let config = EuiccConfig {
            model: factory.model(euicc).ok_or(missing)?,
            eid: chip.eid,
            identity: IdentitySource::Derived(Arc::clone(&factory.pki.eum)),
            randomness: Randomness::Simulated(stream(Purpose::Keys)),
            stream: stream(Purpose::Identity),
            presets,
        };
        let unfit = |error| BuildError::Euicc { phone: spec.name.clone(), source: error };
        let mut card = Card::new_euicc(config).map_err(unfit)?;
        if euicc.agent == Some(AgentPlace::Card)
            && let Some(setup) = factory.agent(self.config, &chip, euicc)
        {
            card.host_agent(setup);
        }
        Ok(card)
    }

    fn profile_of(
        &self,
        radio: u32,
        spec: &PhoneConfig,
        (iccid, operator): (Iccid, usize),
        subscription: Option<(Imsi, Msisdn)>,
    ) -> Result<CardConfig, BuildError> {
        let (imsi, number) = subscription.unwrap_or((spec.imsi, spec.number));
        self.card_config(CardSpec {
            owner: &spec.name,
            operator,
            iccid,
            imsi,
            number,
            pin: spec.card_pin.as_deref(),
            entity: radio.into(),
            opening: None,
            blank: false,
        })
    }
}
