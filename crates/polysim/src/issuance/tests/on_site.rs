//! A simulated card in a simulated reader, from blank to written.

use super::Folder;
use crate::issuance::{Office, Tool, ToolFault, WriteFault, bind_card, write_card};
use polysim_base::{Duration, Eid, Iccid, Imei, Imsi, Msisdn, Plmn, Purpose, Stream};
use polysim_card::{Card, CardConfig, OtaConfig, Profile, ProfileConfig};
use polysim_cat::{
    Aid, Command, CommandDetails, Feature, GeneralResult, Instruction, LocalData, LocalInformation,
    ProactiveCommand, ResponseData, TerminalProfile, TerminalResponse, fetch_apdu,
};
use polysim_hal::{CardReader as _, TokioClock};
use polysim_hal_sim::{SimulatedReader, Slot};
use polysim_issuance::applet::{AppletConfig, Bearer};
use polysim_issuance::business::{BusinessConfig, Pooled};
use polysim_issuance::keys::KeyStore;
use polysim_issuance::on_site::{OnSiteError, Terminal};
use polysim_issuance::platform::{CardState, Network, PlatformConfig, Policy, Retry};
use polysim_issuance::wire::apdu::Progress;
use polysim_issuance::wire::{Method, Refusal};
use polysim_issuance::{FileSizes, Generation};
use polysim_ota::{Counter, Spi, Tar};
use std::path::Path;
use std::sync::Arc;

const TAR: Tar = Tar([0xB0, 0x10, 0x01]);
const AID: [u8; 5] = [0xF0, 0x50, 0x4F, 0x4C, 0x59];
const KEY_SEED: u64 = 7;
const READER: &str = "reader";

fn eid() -> Eid {
    Eid::parse("89049032123451234512345678901235").unwrap()
}

fn imei() -> Imei {
    Imei::parse("35209900176148").unwrap()
}

fn pooled(last: u8) -> Pooled {
    let imsi = Imsi::parse(&format!("00101000000012{last}")).unwrap();
    let msisdn = Msisdn::parse(&format!("+491700000{last}")).unwrap();
    Pooled { operator: imsi.to_string(), imsi, msisdn }
}

fn number() -> Msisdn {
    Msisdn::parse("+491700000999").unwrap()
}

/// A card without a subscription, whose keys are those of the simulated store.
fn blank_card() -> Card {
    let profile = Profile::new(ProfileConfig::new("00101".parse().unwrap(), "Polynet")).unwrap();
    let iccid = Iccid::parse("8900000000000000007").unwrap();
    let stream = Stream::derive(1, 1, Purpose::Keys, 0);
    let keys = KeyStore::simulated(KEY_SEED).card(eid()).unwrap();
    let plain = Card::new(CardConfig::blank(profile.clone(), iccid, stream));
    let len = |file| plain.read_record(&[0x7FF0, file], 1).unwrap().len().try_into().unwrap();
    let applet = AppletConfig {
        eid: eid(),
        iccid,
        aid: Aid::new(&AID).unwrap(),
        tar: TAR,
        uplink: keys.uplink,
        bearer: Bearer::Text(number()),
        seed: None,
        seed_msisdn: None,
        seed_mnc_len: 2,
        seed_centre: None,
        preloaded: Vec::new(),
        sizes: FileSizes { msisdn_record: len(0x6F40), smsp_record: len(0x6F42), forbidden: 12 },
        trial_min: 5,
    };
    let stream = Stream::derive(1, 1, Purpose::Keys, 0);
    Card::new(CardConfig {
        ota: Some(OtaConfig::new(keys.downlink, Counter::ZERO)),
        applet: Some(applet),
        ..CardConfig::blank(profile, iccid, stream)
    })
}

/// What a device does with the card when it is switched on: it says which device it is.
fn in_a_device(slot: &Slot) {
    slot.restart(polysim_hal::Reset::Cold);
    let exchange = |command: &[u8]| {
        let mut response = Vec::new();
        slot.exchange(command, &mut response);
        let (data, status) = response.split_last_chunk::<2>().unwrap();
        (data.to_vec(), *status)
    };
    let all = TerminalProfile::of(Feature::ALL.iter().copied());
    let (_, mut status) = exchange(&Instruction::TerminalProfile.apdu(all.octets()).unwrap());
    while let Some(fetch) = fetch_apdu(status) {
        let (octets, _) = exchange(&fetch);
        let done = |result| TerminalResponse::new(CommandDetails::find(&octets).unwrap(), result);
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is simply done")]
        let response = match ProactiveCommand::decode(&octets).unwrap().command {
            Command::ProvideLocalInformation(asked) if asked.what == LocalInformation::Imei => {
                done(GeneralResult::Performed)
                    .with_data(ResponseData::Local(LocalData::Imei(Some(imei()))))
            }
            Command::SendShortMessage(_) => done(GeneralResult::NetworkBusy(0)),
            _ => done(GeneralResult::Performed),
        };
        let response = response.encode().unwrap();
        (_, status) = exchange(&Instruction::TerminalResponse.apdu(&response).unwrap());
    }
}

async fn office(folder: &Path, numbers: &[u8]) -> Office {
    let platform = PlatformConfig {
        number: number(),
        tar: TAR,
        spi: Spi::FULL,
        sizes: FileSizes { msisdn_record: 34, smsp_record: 52, forbidden: 12 },
        retry: Retry { first: Duration::from_secs(10), longest: Duration::from_secs(60), tries: 4 },
        validity: Duration::from_secs(300),
        pending_alarm: Duration::from_secs(600),
        texts_per_s: 10,
        moved: Policy::Accept,
        conflict: Policy::Refuse,
        networks: vec![Network { home: Plmn::parse("00101").unwrap(), centre: None }],
        generation: Generation::EUtran,
    };
    let pool = numbers.iter().map(|number| pooled(*number)).collect();
    let patience = Duration::from_secs(30);
    let business = BusinessConfig { pool, patience, rest: Duration::ZERO };
    let keys = KeyStore::simulated(KEY_SEED);
    Office::open(folder, keys, platform, business, Arc::new(TokioClock::unix())).await.unwrap()
}

async fn tool(slot: &Slot) -> Tool {
    let mut reader = SimulatedReader::new([(READER.to_owned(), slot.clone())]);
    let link = reader.connect(READER).await.unwrap();
    Tool::new(link, Terminal::Tool, Arc::new(TokioClock::unix()))
}

async fn write(slot: &Slot, office: &mut Office, last: u8) -> Result<(bool, Imsi), WriteFault> {
    let Pooled { imsi, msisdn, .. } = pooled(last);
    let mut tool = tool(slot).await;
    let written = write_card(&mut tool, office, &AID, (imsi, msisdn), Method::Applet).await?;
    assert_eq!((written.eid, written.imei), (eid(), imei()));
    Ok((written.done, written.imsi.unwrap()))
}

#[tokio::test]
async fn a_blank_card_is_bound_and_written_in_a_reader_and_done_when_it_has_registered() {
    let folder = Folder::new("on-site");
    let slot = Slot::holding(blank_card());
    let early = tool(&slot).await.pair(&AID).await;
    assert!(matches!(early, Err(ToolFault::Card(OnSiteError::NoPair))), "{early:?}");
    in_a_device(&slot);

    let mut first = office(&folder.0, &[1]).await;
    let (pair, bound_now) = bind_card(&mut tool(&slot).await, &mut first, &AID).await.unwrap();
    assert_eq!((pair.imei, bound_now), (imei(), true));
    let (_, bound_now) = bind_card(&mut tool(&slot).await, &mut first, &AID).await.unwrap();
    assert!(!bound_now, "once is enough");
    let imsi = pooled(1).imsi;
    assert_eq!(write(&slot, &mut first, 1).await.unwrap(), (false, imsi));
    let state = first.platform().card_state(eid());
    assert_eq!(state, Some(CardState::Pending { old: None, new: imsi, proved: true }));
    drop(first);

    // Another day: the write is still pending, and saying it again changes nothing.
    let mut second = office(&folder.0, &[1]).await;
    assert_eq!(write(&slot, &mut second, 1).await.unwrap(), (false, imsi));
    let other = write(&slot, &mut second, 2).await;
    assert!(matches!(other, Err(WriteFault::UnderWay { imsi: it, .. }) if it == imsi), "{other:?}");
    second.attached(imsi).await.unwrap();
    let state = second.platform().card_state(eid());
    assert_eq!(state, Some(CardState::Settled { imsi: Some(imsi) }));

    // It is done, and saying it again changes nothing; the card has still to see that for itself.
    assert_eq!(write(&slot, &mut second, 1).await.unwrap(), (true, imsi));
    let other = write(&slot, &mut second, 2).await;
    assert!(matches!(other, Err(WriteFault::NotFinished(Progress::Trial))), "{other:?}");
    assert_eq!(second.business().batch_of(imei()), None, "so nothing is ordered");
}

#[tokio::test]
async fn an_interrupted_write_goes_on_with_counters_that_were_never_used() {
    let folder = Folder::new("resumed");
    let slot = Slot::holding(blank_card());
    in_a_device(&slot);
    let mut before = office(&folder.0, &[1]).await;
    bind_card(&mut tool(&slot).await, &mut before, &AID).await.unwrap();
    let (batch, devices) = (polysim_issuance::business::BatchId(1), vec![imei()]);
    let order = polysim_issuance::business::CustomerOrder {
        batch,
        devices,
        operator: pooled(1).operator,
        route: polysim_issuance::wire::Route::OnSite,
        method: Method::Applet,
        per_s: 0,
    };
    before.order(order).await.unwrap();
    assert_eq!(before.jobs(eid()).count(), 1);
    // The tool has brought it, and then its machine fails.
    let job = before.jobs(eid()).next().unwrap().clone();
    tool(&slot).await.bring(job.write.packet.clone(), number().into()).await.unwrap();
    drop(before);

    let mut after = office(&folder.0, &[1]).await;
    let again = after.jobs(eid()).next().unwrap().clone();
    assert_eq!(again.write, job.write, "the same under the same counter");
    assert_eq!(write(&slot, &mut after, 1).await.unwrap(), (false, pooled(1).imsi));
}

#[tokio::test]
async fn a_card_whose_keys_are_not_here_is_refused() {
    let folder = Folder::new("foreign");
    let slot = Slot::holding(blank_card());
    in_a_device(&slot);
    let mut office = office(&folder.0, &[1]).await;
    let mut pair = tool(&slot).await.pair(&AID).await.unwrap();
    if let Some(last) = pair.frame.packet.last_mut() {
        *last ^= 1;
    }
    office.read(pair.frame).await.unwrap();
    let binding = office.take_binding(eid());
    let refused = polysim_issuance::business::BindingResult::Refused(Refusal::NotAuthentic);
    assert_eq!(binding, Some(refused));
}
