//! The contract of [`CardLink`].

use super::step::{fails, for_a_moment, succeeds, within};
use crate::{CardChannel, CardEpoch, CardErrorKind, CardLink, Reset, transmit_whole};
use async_trait::async_trait;

/// SELECT of the MF, FCP wanted.
const SELECT_MF: [u8; 8] = [0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00, 0x00];
/// SELECT of EF.ICCID, which is under the MF.
const SELECT_ICCID: [u8; 8] = [0x00, 0xA4, 0x00, 0x04, 0x02, 0x2F, 0xE2, 0x00];
/// READ BINARY of EF.ICCID.
const READ_ICCID: [u8; 5] = [0x00, 0xB0, 0x00, 0x00, 0x0A];
/// SELECT of EF.IMSI, which is under an application.
const SELECT_IMSI: [u8; 8] = [0x00, 0xA4, 0x00, 0x04, 0x02, 0x6F, 0x07, 0x00];
/// An application that no card has.
const UNKNOWN_AID: [u8; 8] = [0xF0, 0x6E, 0x6F, 0x6E, 0x65, 0x00, 0x00, 0x01];
/// More channels than a card has.
const MORE_THAN_CHANNELS: usize = 25;

/// A UICC in a reader, and a hand to pull it out: it has the MF, EF.ICCID, and an application
/// with EF.IMSI.
#[async_trait]
pub trait CardHarness: Send {
    /// Connects to the card. A suite asks again after [`insert`](Self::insert), when the link it
    /// had is dropped.
    async fn link(&mut self) -> Box<dyn CardLink>;

    /// Returns what EF.ICCID holds.
    fn iccid(&self) -> [u8; 10];

    /// Returns the identifier of the application, or the beginning of it.
    fn aid(&self) -> Vec<u8>;

    /// Pulls the card out.
    async fn pull(&mut self);

    /// Puts the card back in.
    async fn insert(&mut self);
}

/// Checks the contract of [`CardLink`] on the card of a harness. What a link may leave out (an
/// answer to reset that it does not know, resets) is checked where it is there.
///
/// # Panics
/// When the contract does not hold.
pub async fn card_link_conformance(harness: &mut dyn CardHarness) {
    let (iccid, aid) = (harness.iccid(), harness.aid());
    let mut boxed = harness.link().await;
    let link = boxed.as_mut();
    assert!(link.atr().len() != 1, "an answer to reset has two bytes at least, or is unknown");
    the_card_answers(link, iccid).await;
    what_is_no_command_is_refused(link, iccid).await;
    an_unknown_application_costs_no_channel(link).await;
    a_channel_is_a_place_of_its_own(link, &aid).await;
    a_transaction_begins_and_ends(link, iccid).await;
    a_dropped_command_is_overcome(link, iccid).await;
    for kind in [Reset::Cold, Reset::Warm] {
        a_reset_starts_another_life(link, kind, iccid, &aid).await;
    }
    a_link_ends_with_the_card(link, harness).await;
    drop(boxed);
    let mut link = within("connecting to the card that is back", harness.link()).await;
    the_card_answers(link.as_mut(), iccid).await;
    a_channel_is_a_place_of_its_own(link.as_mut(), &aid).await;
}

fn basic(link: &dyn CardLink) -> CardChannel {
    CardChannel::basic(link.epoch())
}

/// Sends a command, fetches the answer, and checks the status word.
async fn expect(
    step: &str,
    link: &mut dyn CardLink,
    channel: CardChannel,
    command: &[u8],
    status: [u8; 2],
) -> Vec<u8> {
    let mut answer = succeeds(step, transmit_whole(link, channel, command)).await;
    assert!(answer.ends_with(&status), "{step}: the answer is {answer:02X?}");
    answer.truncate(answer.len() - 2);
    answer
}

async fn the_card_answers(link: &mut dyn CardLink, iccid: [u8; 10]) {
    let basic = basic(link);
    let fcp = expect("SELECT of the MF", link, basic, &SELECT_MF, [0x90, 0]).await;
    assert_eq!(fcp.first(), Some(&0x62), "SELECT of the MF answers with an FCP template");
    expect("SELECT of EF.ICCID", link, basic, &SELECT_ICCID, [0x90, 0]).await;
    let read = expect("READ BINARY of EF.ICCID", link, basic, &READ_ICCID, [0x90, 0]).await;
    assert_eq!(read, iccid, "EF.ICCID holds the ICCID");
    let wrong = [0x00, 0x02, 0x00, 0x00, 0x00];
    expect("an instruction that does not exist", link, basic, &wrong, [0x6D, 0x00]).await;
}

async fn what_is_no_command_is_refused(link: &mut dyn CardLink, iccid: [u8; 10]) {
    for command in [[].as_slice(), &[0x00], &[0x00, 0xA4, 0x00], &SELECT_MF[..6]] {
        let step = format!("{command:02X?}, which is no command");
        let kind = fails(&step, link.transmit(basic(link), command)).await;
        assert_eq!(kind, CardErrorKind::BadCommand, "{step}");
    }
    the_card_answers(link, iccid).await;
}

async fn an_unknown_application_costs_no_channel(link: &mut dyn CardLink) {
    for _ in 0..MORE_THAN_CHANNELS {
        let kind = fails("opening an unknown application", link.open_channel(&UNKNOWN_AID)).await;
        let refused = matches!(kind, CardErrorKind::Refused([0x62..=0xFF, _]));
        assert!(refused, "opening an unknown application: {kind:?}");
    }
}

async fn a_channel_is_a_place_of_its_own(link: &mut dyn CardLink, aid: &[u8]) {
    for _ in 0..MORE_THAN_CHANNELS {
        let opened = succeeds("opening the application", link.open_channel(aid)).await;
        let (channel, said) = opened;
        assert_ne!(channel.number, 0, "a channel that was opened is not the basic one");
        assert_eq!(channel.epoch, link.epoch(), "a channel belongs to the life it was opened in");
        assert_ne!(said.len(), 1, "the answer to SELECT ends with a status word");
        let basic = basic(link);
        expect("SELECT of the MF", link, basic, &SELECT_MF, [0x90, 0]).await;
        expect("EF.IMSI on the channel", link, channel, &SELECT_IMSI, [0x90, 0]).await;
        let step = "EF.IMSI on the basic channel, at the MF";
        expect(step, link, basic, &SELECT_IMSI, [0x6A, 0x82]).await;
        let mut other = SELECT_IMSI;
        other[0] = 0x01;
        let step = "EF.IMSI on the basic channel, another one in the class byte";
        expect(step, link, basic, &other, [0x6A, 0x82]).await;
        succeeds("closing the channel", link.close_channel(channel)).await;
        let step = "a command on a channel that was closed";
        if let Ok(answer) = within(step, link.transmit(channel, &SELECT_IMSI)).await {
            let refused = matches!(*answer.as_slice(), [0x64..=0x6F, sw2] if sw2 != 0xE7);
            assert!(refused, "{step}: {answer:02X?}");
        }
    }
}

async fn a_transaction_begins_and_ends(link: &mut dyn CardLink, iccid: [u8; 10]) {
    for _ in 0..2 {
        succeeds("beginning a transaction", link.begin()).await;
        the_card_answers(link, iccid).await;
        succeeds("ending a transaction", link.end()).await;
    }
    the_card_answers(link, iccid).await;
}

async fn a_dropped_command_is_overcome(link: &mut dyn CardLink, iccid: [u8; 10]) {
    for round in 0..8 {
        let channel = basic(link);
        drop(for_a_moment(round, link.transmit(channel, &SELECT_MF)).await);
        match within("resetting after a dropped command", link.reset(Reset::Cold)).await {
            Ok(_) => {}
            Err(error) => assert_eq!(*error.kind(), CardErrorKind::Unsupported, "{error}"),
        }
        the_card_answers(link, iccid).await;
    }
}

async fn a_reset_starts_another_life(
    link: &mut dyn CardLink,
    kind: Reset,
    iccid: [u8; 10],
    aid: &[u8],
) {
    let step = format!("a reset ({kind:?})");
    let (channel, _) = succeeds("opening the application", link.open_channel(aid)).await;
    let before = basic(link);
    let epoch = match within(&step, link.reset(kind)).await {
        Ok(epoch) => epoch,
        Err(error) => {
            assert_eq!(*error.kind(), CardErrorKind::Unsupported, "{step}: {error}");
            succeeds("closing the channel", link.close_channel(channel)).await;
            return;
        }
    };
    assert!(epoch > before.epoch, "{step}: the epoch did not grow");
    assert_eq!(epoch, link.epoch(), "{step}: it returns the present life");
    for stale in [channel, before, CardChannel::basic(epoch.next())] {
        is_stale(link, stale).await;
    }
    the_card_answers(link, iccid).await;
    let (again, _) = succeeds("opening the application anew", link.open_channel(aid)).await;
    expect("EF.IMSI on the new channel", link, again, &SELECT_IMSI, [0x90, 0]).await;
    is_stale(link, channel).await;
    succeeds("closing the channel", link.close_channel(again)).await;
}

async fn is_stale(link: &mut dyn CardLink, channel: CardChannel) {
    let step = "a command on a channel of another life";
    assert_eq!(fails(step, link.transmit(channel, &SELECT_MF)).await, CardErrorKind::Stale);
    let step = "closing a channel of another life";
    assert_eq!(fails(step, link.close_channel(channel)).await, CardErrorKind::Stale);
}

async fn a_link_ends_with_the_card(link: &mut dyn CardLink, harness: &mut dyn CardHarness) {
    let before: CardEpoch = link.epoch();
    within("pulling the card", harness.pull()).await;
    let step = "a command to a card that was pulled";
    let kind = fails(step, link.transmit(CardChannel::basic(before), &SELECT_MF)).await;
    assert_eq!(kind, CardErrorKind::CardGone, "{step}");
    assert!(link.epoch() > before, "the epoch grows when the card is removed");
    within("inserting the card", harness.insert()).await;
    for channel in [CardChannel::basic(before), basic(link)] {
        let step = "a command on the old link to a card that is back";
        let kind = fails(step, link.transmit(channel, &SELECT_MF)).await;
        let ended = matches!(kind, CardErrorKind::CardGone | CardErrorKind::Stale);
        assert!(ended, "{step}: {kind:?}");
    }
    let step = "opening a channel on the old link";
    assert_eq!(fails(step, link.open_channel(&harness.aid())).await, CardErrorKind::CardGone);
}
