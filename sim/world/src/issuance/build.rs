//! Makes the nodes of a world that open its cards.

use super::cards::{Cards, OpenCard, chosen, eid, key_store, keys_of};
use super::config::{IssuanceConfig, OpenBearer, OpenCardConfig};
use super::customer::Customer;
use super::streams::Streams;
use super::system::Issuance;
use super::tell::Told;
use super::texts::{Inbox, Sent};
use super::tool::Desk;
use super::truth::Truth;
use crate::build::{Blueprint, BuildError};
use crate::clock::NodeClock;
use crate::config::{OperatorConfig, PhoneConfig};
use crate::durable::Durable;
use crate::links::Links;
use polysim_aka::Algorithm;
use polysim_base::{Purpose, Stream};
use polysim_cat::Aid;
use polysim_issuance::applet::{AppletConfig, Bearer};
use polysim_issuance::business::{Business, BusinessConfig};
use polysim_issuance::platform::{Network, Platform, PlatformConfig};
use polysim_issuance::{FileSizes, Generation, KeyChoice, KeyIndex};
use polysim_kernel::Disk;
use polysim_ota::Tar;
use std::collections::BTreeMap;

/// Streams of nodes are derived from numbers beyond those of phones and fleets.
const PLATFORM_ENTITY: u64 = 7 << 40;
const BUSINESS_ENTITY: u64 = 8 << 40;
const DISK_ENTITY: u64 = 9 << 40;
/// The applet's toolkit application reference: of those free to use (TS 101.220, annex D).
pub(crate) const APPLET_TAR: Tar = Tar([0xB2, 0x01, 0x01]);
/// The applet's AID: a proprietary registered identifier, as of a simulated maker.
pub(crate) const APPLET_AID: [u8; 12] =
    [0xF0, 0x50, 0x4F, 0x4C, 0x59, 0x53, 0x49, 0x4D, 0x00, 0xB2, 0x01, 0x01];
/// Sizes of files of simulated cards.
const SIZES: FileSizes = FileSizes { msisdn_record: 34, smsp_record: 52, forbidden: 12 };

impl Issuance {
    /// Makes what opens the cards of a world, whose phones' radios are numbered from `first_radio`.
    pub(crate) fn new(
        blueprint: &Blueprint<'_>,
        config: &IssuanceConfig,
        first_radio: u32,
    ) -> Result<Self, BuildError> {
        let world = blueprint.config;
        let seed = world.seed;
        let mut cards = Cards::default();
        let mut awaited = BTreeMap::new();
        for (phone, spec) in (0_u32..).zip(&world.phones) {
            let Some(card) = open_card(first_radio + phone, spec)? else { continue };
            awaited.extend(card.seed.map(|imsi| (imsi, card.config.platform)));
            cards.add(card, phone);
        }
        let platforms = 0..config.platforms.len();
        let numbers = platforms.filter_map(|node| Some((IssuanceConfig::number(node)?, node)));
        let mut issuance = Self {
            config: config.clone(),
            seed,
            start_unix_s: world.start_unix_s,
            directory: blueprint.directory().clone(),
            networks: world.operators.iter().map(network).collect(),
            devices: (0..).zip(&world.phones).map(|(at, phone)| (phone.imei, at)).collect(),
            imeis: world.phones.iter().map(|phone| phone.imei).collect(),
            awaited,
            numbers: numbers.collect(),
            links: Links::new(seed, config.links.clone()),
            platforms: Vec::new(),
            businesses: Vec::new(),
            customers: config.businesses.iter().map(|_| Customer::default()).collect(),
            inboxes: config.platforms.iter().map(|_| Inbox::new()).collect(),
            sent: Sent::default(),
            streams: Streams::default(),
            desk: Desk::default(),
            own_batches: 0,
            told: Told::new(&cards, config),
            truth: Truth::new(&cards, world),
            disks: Stream::derive(seed, DISK_ENTITY, Purpose::Timing, 0),
            cards,
        };
        let disk = |entity| Stream::derive(seed, entity, Purpose::Fault, 0);
        for (node, spec) in config.platforms.iter().enumerate() {
            let Some(machine) = fresh_platform(&issuance, node) else { continue };
            let disk = Disk::new(disk(PLATFORM_ENTITY + node as u64));
            issuance.platforms.push(Durable::new(machine, disk, NodeClock::new(spec.clock)));
        }
        for (node, spec) in config.businesses.iter().enumerate() {
            let Some(machine) = fresh_business(&issuance, node) else { continue };
            let disk = Disk::new(disk(BUSINESS_ENTITY + node as u64));
            issuance.businesses.push(Durable::new(machine, disk, NodeClock::new(spec.clock)));
        }
        Ok(issuance)
    }
}

/// Returns who the card of a phone with this radio is; `None` where it cannot be opened.
fn open_card(radio: u32, spec: &PhoneConfig) -> Result<Option<OpenCard>, BuildError> {
    let Some(config) = &spec.open_card else { return Ok(None) };
    let seed = config.seed.then_some(spec.imsi);
    let iccid = crate::build::iccid(radio.into())?;
    Ok(Some(OpenCard { eid: eid(radio)?, iccid, seed, config: OpenCardConfig::clone(config) }))
}

fn network(operator: &OperatorConfig) -> Network {
    Network { home: operator.plmn, centre: Some(operator.centre) }
}

/// Returns a platform that has heard of nothing.
pub(crate) fn fresh_platform(issuance: &Issuance, node: usize) -> Option<Platform> {
    let spec = issuance.config.platforms.get(node)?;
    let config = PlatformConfig {
        number: IssuanceConfig::number(node)?,
        tar: APPLET_TAR,
        spi: spec.spi,
        sizes: SIZES,
        retry: spec.retry,
        validity: spec.validity,
        pending_alarm: spec.pending_alarm,
        texts_per_s: spec.texts_per_s,
        moved: spec.moved,
        conflict: spec.conflict,
        networks: issuance.networks.clone(),
        generation: Generation::default(),
    };
    Some(Platform::new(config, key_store(issuance.seed, node, issuance.cards.iter())))
}

/// Returns a business platform that has heard of nothing.
pub(crate) fn fresh_business(issuance: &Issuance, node: usize) -> Option<Business> {
    let spec = issuance.config.businesses.get(node)?;
    let (pool, patience, rest) = (spec.pool.clone(), spec.patience, spec.rest);
    Some(Business::new(BusinessConfig { pool, patience, rest }))
}

/// What a card that can be opened has beside other cards.
pub(crate) struct Opening {
    pub(crate) keys: polysim_issuance::keys::CardKeys,
    /// The applet, and the subscription keys that it may choose.
    pub(crate) applet: Option<(AppletConfig, Vec<(u8, Algorithm)>)>,
}

/// Returns what the card of a phone with this radio has beside other cards.
pub(crate) fn opening(
    blueprint: &Blueprint<'_>,
    radio: u32,
    spec: &PhoneConfig,
) -> Result<Option<Opening>, BuildError> {
    let Some(card) = open_card(radio, spec)? else { return Ok(None) };
    let seed = blueprint.config.seed;
    let Some(keys) = keys_of(seed, &card) else { return Ok(None) };
    let home = blueprint.config.operators.get(spec.operator);
    let mut applet = None;
    if let (true, Some(home), Ok(aid)) = (card.config.applet, home, Aid::new(&APPLET_AID)) {
        let preloaded = (1..).map(KeyIndex).zip(&card.config.preloaded);
        let config = AppletConfig {
            eid: card.eid,
            iccid: card.iccid,
            aid,
            tar: APPLET_TAR,
            uplink: keys.uplink.clone(),
            bearer: bearer(&card)?,
            seed: card.seed,
            seed_msisdn: card.seed.map(|_| spec.number),
            seed_mnc_len: home.plmn.mnc_len(),
            seed_centre: Some(home.centre),
            preloaded: preloaded.clone().map(|(index, imsi)| (index, Some(*imsi))).collect(),
            sizes: SIZES,
            trial_min: card.config.trial_min,
        };
        let held = preloaded.filter_map(|(index, _)| {
            let key = chosen(seed, &card, &KeyChoice::Preloaded(index))?;
            Some((index.0, key))
        });
        applet = Some((config, held.collect()));
    }
    Ok(Some(Opening { keys, applet }))
}

fn bearer(card: &OpenCard) -> Result<Bearer, BuildError> {
    let platform = card.config.platform;
    let missing = BuildError::Missing { what: "platform", index: platform };
    Ok(match card.config.bearer {
        OpenBearer::Text => Bearer::Text(IssuanceConfig::number(platform).ok_or(missing)?),
        OpenBearer::Channel => {
            let (address, port) = IssuanceConfig::address(platform);
            Bearer::Channel { apn: String::new(), address, port }
        }
    })
}
