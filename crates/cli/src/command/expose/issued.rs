//! Cards with remote management and a card-writing applet, in the place of the phones' own.

use super::Say;
use crate::command::issuance::Settings;
use anyhow::{Context as _, Result};
use polysim_base::{Eid, Imei, Purpose, Stream};
use polysim_card::{Card, CardConfig, OtaConfig};
use polysim_cat::{
    Aid, Command, CommandDetails, Feature, GeneralResult, Instruction, LocalData, LocalInformation,
    ProactiveCommand, ResponseData, TerminalProblem, TerminalProfile, TerminalResponse, fetch_apdu,
};
use polysim_hal::Reset;
use polysim_hal_sim::{LiveWorld, Slot};
use polysim_issuance::FileSizes;
use polysim_issuance::applet::{AppletConfig, Bearer};
use polysim_issuance::keys::KeyStore;
use polysim_ota::Counter;
use polysim_scenario::Plan;
use polysim_world::PhoneConfig;
use serde_json::json;
use std::path::Path;

/// Minutes that a new subscription may fail to find service.
const TRIAL_MIN: u16 = 10;
/// Most commands that a card gives when it is switched on.
const COMMANDS_MAX: usize = 32;
const USIM: u16 = 0x7FF0;

/// What cards are issued with.
pub(super) struct Issuing {
    settings: Settings,
    keys: KeyStore,
}

impl Issuing {
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let settings = Settings::read(folder)?;
        let seed = settings.simulated.context(
            "simulated cards have simulated keys: name a folder of `issuance init --simulated`",
        )?;
        Ok(Self { settings, keys: KeyStore::simulated(seed) })
    }

    /// Gives a phone such a card, with the subscription that it had.
    pub(super) fn issue(
        &self,
        plan: &Plan,
        world: &LiveWorld,
        phone: usize,
        say: Say,
    ) -> Result<()> {
        let Some(config) = plan.world.phones.get(phone) else { return Ok(()) };
        let Some(card) = world.within(|world| world.take_card(phone)) else { return Ok(()) };
        let eid = Eid::with_check_digits(&format!("8904903200000000000000{phone:08}"))?;
        let entity = u64::try_from(phone)?;
        let stream = Stream::derive(plan.world.seed, entity, Purpose::Identity, 0);
        let card = self.card(&card, config, eid, stream)?;
        world.within(|world| world.put_card(phone, card));
        say.line(
            &format!("issued {:<8} eID {eid}", config.name),
            &json!({ "issued": config.name, "eid": eid }),
        )
    }

    fn card(&self, card: &Card, phone: &PhoneConfig, eid: Eid, stream: Stream) -> Result<Card> {
        let missing = || format!("the card of {} has no subscription", phone.name);
        let (imsi, iccid) =
            (card.imsi().with_context(missing)?, card.iccid().with_context(missing)?);
        let algorithm = card.algorithm().cloned().with_context(missing)?;
        let keys = self.keys.card(eid).context("simulated keys are there for every card")?;
        let record = |file| {
            let record = card.read_record(&[USIM, file], 1).unwrap_or_default();
            u8::try_from(record.len()).unwrap_or(u8::MAX)
        };
        let forbidden = card.read_file(&[USIM, 0x6F7B]).unwrap_or_default().len();
        let home = self.settings.networks.iter().find(|it| imsi.belongs_to(it.home));
        let applet = AppletConfig {
            eid,
            iccid,
            aid: Aid::new(&self.settings.aid()?)?,
            tar: self.settings.tar()?,
            uplink: keys.uplink,
            bearer: Bearer::Text(self.settings.number),
            seed: Some(imsi),
            seed_msisdn: Some(phone.number),
            seed_mnc_len: home.map_or(2, |it| it.home.mnc_len()),
            seed_centre: None,
            preloaded: Vec::new(),
            sizes: FileSizes {
                msisdn_record: record(0x6F40),
                smsp_record: record(0x6F42),
                forbidden: u8::try_from(forbidden).unwrap_or(u8::MAX),
            },
            trial_min: TRIAL_MIN,
        };
        let profile = card.profile().clone();
        Ok(Card::new(CardConfig {
            msisdn: Some(phone.number),
            ota: Some(OtaConfig::new(keys.downlink, Counter::ZERO)),
            applet: Some(applet),
            ..CardConfig::new(profile, iccid, imsi, algorithm, stream)
        }))
    }
}

/// A card in a reader was in its phone before: it was told which device that is, and has found no
/// service there.
pub(super) fn seen_by(slot: &Slot, imei: Imei) {
    slot.restart(Reset::Cold);
    let profile = TerminalProfile::of(Feature::ALL.iter().copied());
    let Ok(apdu) = Instruction::TerminalProfile.apdu(profile.octets()) else { return };
    let mut next = apdu;
    for _ in 0..COMMANDS_MAX {
        let Some(fetch) = fetch_apdu(exchange(slot, &next).1) else { break };
        let (octets, _) = exchange(slot, &fetch);
        let Some(details) = CommandDetails::find(&octets) else { break };
        let response = answer(&octets, details, imei);
        let encoded = response.encode().ok();
        let Some(Ok(apdu)) = encoded.map(|it| Instruction::TerminalResponse.apdu(&it)) else {
            break;
        };
        next = apdu;
    }
    slot.restart(Reset::Cold);
}

fn answer(octets: &[u8], details: CommandDetails, imei: Imei) -> TerminalResponse {
    match ProactiveCommand::decode(octets).map(|it| it.command) {
        Ok(Command::ProvideLocalInformation(asked)) if asked.what == LocalInformation::Imei => {
            TerminalResponse::new(details, GeneralResult::Performed)
                .with_data(ResponseData::Local(LocalData::Imei(Some(imei))))
        }
        Ok(Command::SendShortMessage(_) | Command::OpenChannel(_)) => {
            let no_service = GeneralResult::TerminalBusy(TerminalProblem::NoService);
            TerminalResponse::new(details, no_service)
        }
        _ => TerminalResponse::new(details, GeneralResult::Performed),
    }
}

fn exchange(slot: &Slot, command: &[u8]) -> (Vec<u8>, [u8; 2]) {
    let mut response = Vec::new();
    slot.exchange(command, &mut response);
    match response.split_last_chunk::<2>() {
        Some((data, status)) => (data.to_vec(), *status),
        None => (Vec::new(), [0, 0]),
    }
}
