//! The backend against a running card service with virtual readers and simulated cards in them.
//! Where the service cannot be started the tests say SKIPPED and why; with
//! `POLYSIM_CLIENTS=required` they fail.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and say why it did nothing"
)]

mod conformance;
mod service;
mod virtual_card;

use polysim_hal::{
    CardChannel, CardErrorKind, CardLink, CardReader, ReaderEvent, Reset, transmit_whole,
};
use polysim_hal_pcsc::{PcscReaders, Sharing};
use service::{FIRST_PORT, Service};
use std::time::Duration;
use tokio::time::timeout;
use virtual_card::VirtualCard;

/// The reader of the first port.
const READER: &str = "Virtual PCD 00 00";
/// The USIM of the test card, by the part of its AID that says so.
const USIM: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
/// The EF.IMSI of the test card 001010000000123.
const IMSI: [u8; 9] = [0x08, 0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x10, 0x32];
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

const SELECT_ICCID: [u8; 7] = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0xE2];
const SELECT_IMSI: [u8; 7] = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x6F, 0x07];
const READ: [u8; 5] = [0x00, 0xB0, 0x00, 0x00, 0x00];
const DONE: [u8; 2] = [0x90, 0x00];

#[tokio::test]
async fn a_card_is_read_on_the_basic_channel_and_on_one_of_its_own() {
    let Some(_service) = Service::start() else { return };
    let _card = VirtualCard::insert(FIRST_PORT);
    let mut link = connect(&mut PcscReaders::new()).await;
    assert_eq!(link.atr().first(), Some(&0x3B));
    let basic = CardChannel::basic(link.epoch());
    assert_eq!(link.transmit(basic, &SELECT_ICCID).await.unwrap(), DONE);

    let (channel, said) = link.open_channel(&USIM).await.unwrap();
    assert!(said.ends_with(&DONE) && said.len() > 2, "the FCP of the USIM: {said:02X?}");
    assert_eq!(link.transmit(channel, &SELECT_IMSI).await.unwrap(), DONE);
    let imsi = transmit_whole(&mut *link, channel, &READ).await.unwrap();
    assert_eq!(imsi, [IMSI.as_slice(), &DONE].concat());

    let iccid = transmit_whole(&mut *link, basic, &READ).await.unwrap();
    assert_eq!(iccid.len(), 12, "the basic channel kept its file: {iccid:02X?}");
    link.close_channel(channel).await.unwrap();
    assert_eq!(link.transmit(channel, &READ).await.unwrap(), [0x68, 0x81]);
}

#[tokio::test]
async fn data_to_send_and_data_expected_are_fetched_by_the_caller() {
    let Some(_service) = Service::start() else { return };
    let _card = VirtualCard::insert(FIRST_PORT);
    let mut link = connect(&mut PcscReaders::new()).await;
    let basic = CardChannel::basic(link.epoch());
    let select = [0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00, 0x00];
    let answer = link.transmit(basic, &select).await.unwrap();
    let [0x61, length] = *answer.as_slice() else {
        panic!("over T=0 the FCP is announced, not sent: {answer:02X?}");
    };
    let fcp = link.transmit(basic, &[0x00, 0xC0, 0x00, 0x00, length]).await.unwrap();
    assert_eq!((fcp.first(), fcp.len()), (Some(&0x62), usize::from(length) + 2));
    let wrong = link.transmit(basic, &[0x00, 0xF2, 0x00, 0x00, 0x01]).await.unwrap();
    assert_eq!(wrong.first(), Some(&0x6C), "{wrong:02X?}");
}

#[tokio::test]
async fn each_failure_to_connect_has_its_kind() {
    let Some(_service) = Service::start() else { return };
    let mut readers = PcscReaders::new();
    assert_eq!(refusal(&mut readers, READER).await, CardErrorKind::NoCard);
    assert_eq!(refusal(&mut readers, "No such reader").await, CardErrorKind::ReaderGone);
    assert_eq!(refusal(&mut readers, "No\0such").await, CardErrorKind::ReaderGone);

    let _card = VirtualCard::insert(FIRST_PORT);
    let link = connect(&mut readers).await;
    assert_eq!(refusal(&mut readers, READER).await, CardErrorKind::Busy);
    drop(link);
    drop(connect(&mut readers).await);
}

#[tokio::test]
async fn a_card_that_is_silent_for_ever_is_given_up() {
    let Some(_service) = Service::start() else { return };
    let card = VirtualCard::insert_silent(FIRST_PORT);
    let mut readers = PcscReaders::new().with_patience(Duration::from_millis(200));
    let mut link = connect(&mut readers).await;
    let basic = CardChannel::basic(link.epoch());
    for _ in 0..2 {
        let error = link.transmit(basic, &SELECT_ICCID).await.unwrap_err();
        assert_eq!(*error.kind(), CardErrorKind::Timeout);
    }
    card.pull();
    let gone = async {
        loop {
            let basic = CardChannel::basic(link.epoch());
            let error = link.transmit(basic, &SELECT_ICCID).await.unwrap_err();
            if *error.kind() == CardErrorKind::CardGone {
                return;
            }
        }
    };
    timeout(PATIENCE, gone).await.expect("pulling the card ends the wait");
}

#[tokio::test]
async fn resets_begin_a_new_life() {
    let Some(_service) = Service::start() else { return };
    let _card = VirtualCard::insert(FIRST_PORT);
    let mut link = connect(&mut PcscReaders::new()).await;
    for kind in [Reset::Warm, Reset::Cold] {
        let before = CardChannel::basic(link.epoch());
        let epoch = link.reset(kind).await.unwrap();
        assert!(epoch > before.epoch && link.epoch() == epoch, "{kind:?}");
        assert_eq!(link.atr().first(), Some(&0x3B));
        let stale = link.transmit(before, &SELECT_ICCID).await.unwrap_err();
        assert_eq!(*stale.kind(), CardErrorKind::Stale);
        let basic = CardChannel::basic(epoch);
        assert_eq!(link.transmit(basic, &SELECT_ICCID).await.unwrap(), DONE, "{kind:?}");
    }
}

#[tokio::test]
async fn a_reset_by_another_program_makes_channels_stale_and_keeps_the_link() {
    let Some(_service) = Service::start() else { return };
    let _card = VirtualCard::insert(FIRST_PORT);
    let mut readers = PcscReaders::sharing(Sharing::Shared);
    let (mut ours, mut theirs) = (connect(&mut readers).await, connect(&mut readers).await);
    let (channel, _) = ours.open_channel(&USIM).await.unwrap();
    theirs.reset(Reset::Warm).await.unwrap();

    let error = ours.transmit(channel, &READ).await.unwrap_err();
    assert_eq!(*error.kind(), CardErrorKind::Stale);
    assert!(ours.epoch() > channel.epoch);
    let basic = CardChannel::basic(ours.epoch());
    assert_eq!(ours.transmit(basic, &SELECT_ICCID).await.unwrap(), DONE);
}

#[tokio::test]
async fn a_transaction_keeps_other_programs_away() {
    let Some(_service) = Service::start() else { return };
    let _card = VirtualCard::insert(FIRST_PORT);
    let mut readers = PcscReaders::sharing(Sharing::Shared);
    let (mut ours, mut theirs) = (connect(&mut readers).await, connect(&mut readers).await);
    let basic = CardChannel::basic(ours.epoch());
    ours.begin().await.unwrap();
    assert_eq!(ours.transmit(basic, &SELECT_ICCID).await.unwrap(), DONE);

    let their_basic = CardChannel::basic(theirs.epoch());
    let mut waiting = std::pin::pin!(theirs.transmit(their_basic, &SELECT_IMSI));
    assert!(timeout(Duration::from_millis(300), &mut waiting).await.is_err(), "they must wait");
    let iccid = transmit_whole(&mut *ours, basic, &READ).await.unwrap();
    assert_eq!(iccid.len(), 12, "nobody selected another file meanwhile");
    let epoch = ours.reset(Reset::Warm).await.unwrap();
    let basic = CardChannel::basic(epoch);
    assert_eq!(ours.transmit(basic, &SELECT_ICCID).await.unwrap(), DONE, "still ours");
    ours.end().await.unwrap();
    let error = waiting.await.unwrap_err();
    assert_eq!(*error.kind(), CardErrorKind::Stale, "we have reset the card");
}

#[tokio::test]
async fn a_card_that_is_pulled_is_gone_for_good() {
    let Some(_service) = Service::start() else { return };
    let card = VirtualCard::insert(FIRST_PORT);
    let mut link = connect(&mut PcscReaders::new()).await;
    let basic = CardChannel::basic(link.epoch());
    card.pull();
    let error = link.transmit(basic, &SELECT_ICCID).await.unwrap_err();
    assert_eq!(*error.kind(), CardErrorKind::CardGone);
    assert!(link.epoch() > basic.epoch);
    let basic = CardChannel::basic(link.epoch());
    let again = link.transmit(basic, &SELECT_ICCID).await.unwrap_err();
    assert_eq!(*again.kind(), CardErrorKind::CardGone);
    assert_eq!(*link.reset(Reset::Cold).await.unwrap_err().kind(), CardErrorKind::CardGone);
}

#[tokio::test]
async fn a_service_that_stops_is_told_once_and_waited_for() {
    let Some(mut service) = Service::start() else { return };
    let card = VirtualCard::insert(FIRST_PORT);
    let mut readers = PcscReaders::new();
    let mut link = connect(&mut readers).await;
    until(&mut readers, |event| matches!(event, ReaderEvent::CardInserted { .. })).await;

    service.stop();
    let basic = CardChannel::basic(link.epoch());
    let error = link.transmit(basic, &SELECT_ICCID).await.unwrap_err();
    assert_eq!(
        *error.kind(),
        CardErrorKind::ServiceGone,
        "{error} {:?}",
        std::error::Error::source(&error)
    );
    let error = timeout(PATIENCE, readers.changed()).await.unwrap().unwrap_err();
    assert_eq!(*error.kind(), CardErrorKind::ServiceGone);
    assert_eq!(*readers.list().await.unwrap_err().kind(), CardErrorKind::ServiceGone);
    assert_eq!(refusal(&mut readers, READER).await, CardErrorKind::ServiceGone);
    assert!(timeout(Duration::from_millis(300), readers.changed()).await.is_err(), "told twice");
    card.pull();

    service.go();
    let _card = VirtualCard::insert(FIRST_PORT);
    until(&mut readers, |event| matches!(event, ReaderEvent::CardInserted { .. })).await;
    let mut link = connect(&mut readers).await;
    let basic = CardChannel::basic(link.epoch());
    assert_eq!(link.transmit(basic, &SELECT_ICCID).await.unwrap(), DONE);
}

#[tokio::test]
async fn no_thread_is_left_behind() {
    let Some(_service) = Service::start() else { return };
    let _card = VirtualCard::insert(FIRST_PORT);
    let mut readers = PcscReaders::new();
    let link = connect(&mut readers).await;
    until(&mut readers, |event| matches!(event, ReaderEvent::CardInserted { .. })).await;
    assert!(timeout(Duration::from_millis(100), readers.changed()).await.is_err());
    assert_eq!(threads(), 2, "one for the card, one for the readers");
    drop((link, readers));
    let ended = async {
        while threads() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(1), ended).await.expect("the threads end at once");
}

/// Connects to the card in the first reader once it is there.
async fn connect(readers: &mut PcscReaders) -> Box<dyn CardLink> {
    for _ in 0..200 {
        match readers.connect(READER).await {
            Ok(link) => return link,
            Err(error) => {
                let kind = *error.kind();
                let is_early = matches!(kind, CardErrorKind::NoCard | CardErrorKind::Busy);
                assert!(is_early, "{error}");
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the card in {READER} never came");
}

async fn refusal(readers: &mut PcscReaders, reader: &str) -> CardErrorKind {
    match readers.connect(reader).await {
        Ok(_) => panic!("connected to {reader}"),
        Err(error) => *error.kind(),
    }
}

/// Waits for an event.
async fn until(readers: &mut PcscReaders, is_it: impl Fn(&ReaderEvent) -> bool) {
    let wait = async {
        loop {
            let event = readers.changed().await.unwrap();
            if is_it(&event) {
                return;
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("the event comes");
}

/// Counts the threads of the backend in this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok())
        .filter(|name| name.starts_with("pcsc-"))
        .count()
}
