//! The card-writing applet on a card, and a terminal that does what it is asked.

use polysim_base::{Eid, Imei, Imsi, Msisdn};
use polysim_cat::{
    Aid, Command, CommandDetails, GeneralResult, LocalData, LocalInformation, ProactiveCommand,
    RefreshMode, ResponseData, TerminalResponse,
};
use polysim_issuance::applet::{AppletConfig, Bearer};
use polysim_issuance::wire::apdu::{Progress, StoredPair};
use polysim_issuance::wire::{AppletAnswer, AppletMessage, OrderId, Outcome};
use polysim_issuance::{FileSizes, KeyChoice, KeyIndex, Subscription};
use polysim_ota::{Counter, Sender, Spi, StatusCode, Tar};

use super::{authenticates, milenage, settings, subscriber};
use crate::remote::tests::{ALL, download, exchange, keys, proof, run, server, version};
use crate::tests::hex;
use crate::{Card, CardConfig, CardFault, FaultSpan, SubscriptionKeySet};

const TAR: Tar = Tar([0xB0, 0x10, 0x01]);

fn eid() -> Eid {
    Eid::parse("89049032123451234512345678901235").unwrap()
}

fn imei() -> Imei {
    Imei::parse("35209900176148").unwrap()
}

fn imsi(last: u8) -> Imsi {
    Imsi::parse(&format!("00101000000012{last}")).unwrap()
}

fn subscription() -> Subscription {
    Subscription {
        imsi: imsi(7),
        mnc_len: 2,
        msisdn: Some(Msisdn::parse("+4917000007").unwrap()),
        centre: None,
        key: KeyChoice::Preloaded(KeyIndex(3)),
    }
}

fn applet(full: &CardConfig) -> AppletConfig {
    let plain = Card::new(full.clone());
    let len = |file| u8::try_from(plain.read_record(&[0x7FF0, file], 1).unwrap().len()).unwrap();
    AppletConfig {
        eid: eid(),
        iccid: full.iccid,
        aid: Aid::new(&[0xF0, 0x50, 0x4F, 0x4C, 0x59]).unwrap(),
        tar: TAR,
        uplink: keys(2),
        bearer: Bearer::Text(Msisdn::parse("+491700000999").unwrap()),
        seed: full.imsi,
        seed_msisdn: full.msisdn,
        seed_mnc_len: 2,
        seed_centre: None,
        preloaded: vec![(KeyIndex(0), full.imsi), (KeyIndex(3), Some(imsi(7)))],
        sizes: FileSizes {
            msisdn_record: len(0x6F40),
            smsp_record: len(0x6F42),
            forbidden: len(0x6F7B),
        },
        trial_min: 5,
    }
}

pub(crate) fn card() -> Card {
    let full = settings();
    let applet = Some(applet(&full));
    Card::new(CardConfig { applet, ..full })
}

/// A terminal: what it was asked for.
#[derive(Debug, Default)]
struct Terminal {
    texts: usize,
    refreshes: Vec<RefreshMode>,
}

impl Terminal {
    fn start(&mut self, card: &mut Card) {
        card.power_on().unwrap();
        exchange(card, &[&[0x80, 0x10, 0, 0, 40][..], &ALL].concat());
        self.serve(card);
    }

    /// Does what the card asks, until it asks nothing.
    fn serve(&mut self, card: &mut Card) {
        for _ in 0..50 {
            let octets = exchange(card, &hex("8012000000"));
            let Some((octets, [0x90, 0x00])) = octets.split_last_chunk::<2>() else { return };
            let details = CommandDetails::find(octets).unwrap();
            let done = TerminalResponse::new(details, GeneralResult::Performed);
            #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is simply done")]
            let response = match ProactiveCommand::decode(octets).unwrap().command {
                Command::ProvideLocalInformation(asked) if asked.what == LocalInformation::Imei => {
                    done.with_data(ResponseData::Local(LocalData::Imei(Some(imei()))))
                }
                Command::SendShortMessage(_) => {
                    self.texts += 1;
                    done
                }
                Command::Refresh(refresh) => {
                    self.refreshes.push(refresh.mode);
                    return self.start(card);
                }
                _ => done,
            };
            let response = response.encode().unwrap();
            let len = u8::try_from(response.len()).unwrap();
            exchange(card, &[&[0x80, 0x14, 0, 0, len], &response[..]].concat());
        }
        panic!("the card asks and asks");
    }

    fn registered(&mut self, card: &mut Card) {
        exchange(card, &hex("80C2000015D613190103820282811B0100130700F11012345678"));
        self.serve(card);
    }
}

fn say(card: &mut Card, server: &mut Sender, message: &AppletMessage) -> Outcome {
    let sealed = server.seal(TAR, Spi::FULL, &message.encode()).unwrap();
    let answer = download(card, &sealed.packet);
    let (status, data) = proof(&sealed.expected, &answer);
    assert_eq!(status, StatusCode::Ok);
    AppletAnswer::parse(&data).unwrap().outcome
}

fn bound(card: &mut Card, server: &mut Sender) -> Terminal {
    let mut terminal = Terminal::default();
    terminal.start(card);
    terminal.registered(card);
    assert_eq!(say(card, server, &AppletMessage::Bound { imei: imei() }), Outcome::Done);
    terminal.serve(card);
    terminal
}

fn order() -> AppletMessage {
    AppletMessage::Write { order: OrderId(1), eid: eid(), subscription: subscription() }
}

#[test]
fn the_first_start_binds_and_the_second_says_nothing() {
    let (mut card, mut server) = (card(), server());
    let mut terminal = bound(&mut card, &mut server);
    assert_eq!(terminal.texts, 1, "the request");
    assert_eq!(card.applet().unwrap().device(), Some(imei()));
    assert!(card.applet().unwrap().state().bound);
    terminal.start(&mut card);
    terminal.registered(&mut card);
    assert_eq!((terminal.texts, terminal.refreshes.len()), (1, 0));
}

#[test]
fn an_order_writes_the_card_restarts_the_device_and_is_effective_with_service() {
    let (mut card, mut server) = (card(), server());
    let mut terminal = bound(&mut card, &mut server);
    assert_eq!(say(&mut card, &mut server, &order()), Outcome::Done);
    assert_eq!(card.imsi(), Some(imsi(7)));
    terminal.serve(&mut card);
    assert_eq!(terminal.refreshes, [RefreshMode::UiccReset]);
    let progress = |card: &Card| card.applet().unwrap().state().order.map(|(_, stage)| stage);
    assert_eq!(progress(&card), Some(Progress::Trial));
    assert_eq!(card.key_set(), Some(SubscriptionKeySet::Preloaded(3)));
    assert!(authenticates(&mut card, &mut subscriber(milenage(0x33))));
    terminal.registered(&mut card);
    assert_eq!((progress(&card), terminal.texts), (Some(Progress::Effective), 2));
    let noted = AppletMessage::Noted { order: OrderId(1) };
    assert_eq!(say(&mut card, &mut server, &noted), Outcome::Done);
    assert_eq!(progress(&card), None);
}

#[test]
fn files_managed_over_the_air_get_the_key_that_is_meant_for_them() {
    let (mut card, mut server) = (card(), server());
    let mut terminal = bound(&mut card, &mut server);
    let ef: String = imsi(7).ef().iter().map(|octet| format!("{octet:02X}")).collect();
    let update = format!("00D6000009{ef}");
    run(&mut card, &mut server, Tar::USIM_FILES, &["00A4000C026F07", &update]);
    terminal.serve(&mut card);
    assert_eq!(terminal.refreshes, [RefreshMode::UiccReset]);
    assert_eq!(card.key_set(), Some(SubscriptionKeySet::Preloaded(3)));
}

#[test]
fn wherever_the_power_goes_the_card_has_one_whole_subscription_and_finishes_the_order() {
    let mut cuts = 0;
    for steps in 0.. {
        let (mut card, mut server) = (card(), server());
        let mut terminal = bound(&mut card, &mut server);
        let sealed = server.seal(TAR, Spi::FULL, &order().encode()).unwrap();
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        if !download(&mut card, &sealed.packet).is_empty() {
            break;
        }
        cuts += 1;
        let set = match card.imsi() {
            Some(old) if old == imsi(3) => 0,
            Some(new) if new == imsi(7) => 3,
            other => panic!("{other:?} after {steps}"),
        };
        assert_eq!(card.key_set(), Some(SubscriptionKeySet::Preloaded(set)), "after {steps}");
        terminal.start(&mut card);
        // The platform orders again, under its next counter.
        let outcome = say(&mut card, &mut server, &order());
        assert!(
            matches!(outcome, Outcome::Done | Outcome::DoneBefore | Outcome::Busy),
            "{outcome:?}"
        );
        terminal.serve(&mut card);
        terminal.registered(&mut card);
        assert_eq!(card.imsi(), Some(imsi(7)), "after {steps}");
        assert_eq!(card.key_set(), Some(SubscriptionKeySet::Preloaded(3)));
        let state = card.applet().unwrap().state();
        assert_eq!(state.order, Some((OrderId(1), Progress::Effective)), "after {steps}");
        assert!(card.counter(version(1)).unwrap() > Counter::ZERO);
    }
    assert_eq!(cuts, 6, "counter, what was heard, the order, the transaction, that it is written");
}

#[test]
fn a_blank_card_gives_the_pair_to_a_tool_and_takes_what_that_brings() {
    let full = settings();
    let blank = CardConfig {
        ota: full.ota.clone(),
        preloaded: full.preloaded.clone(),
        ..CardConfig::blank(full.profile.clone(), full.iccid, full.stream.clone())
    };
    let preloaded = vec![(KeyIndex(3), Some(imsi(7)))];
    let applet = AppletConfig { seed: None, seed_msisdn: None, preloaded, ..applet(&full) };
    let applet = Some(applet);
    let mut card = Card::new(CardConfig { applet, ..blank });
    let mut terminal = Terminal::default();
    terminal.start(&mut card);
    assert_eq!((card.imsi(), terminal.texts), (None, 0));
    // Without the AID's last byte, as a tool may know the first ones only.
    assert_eq!(exchange(&mut card, &hex("00A4040C04F0504F4C")), [0x90, 0x00]);
    let answer = exchange(&mut card, &StoredPair::get());
    let (pair, status) = answer.split_last_chunk::<2>().unwrap();
    assert_eq!((StoredPair::parse(pair).unwrap().imei, status), (imei(), &[0x90, 0x00]));
    let mut server = server();
    say(&mut card, &mut server, &AppletMessage::Bound { imei: imei() });
    assert_eq!(say(&mut card, &mut server, &order()), Outcome::Done);
    terminal.serve(&mut card);
    assert_eq!(card.imsi(), Some(imsi(7)));
    assert!(authenticates(&mut card, &mut subscriber(milenage(0x33))));
}
