use super::{SimulatedReader, Slot};
use crate::demo;
use polysim_hal::{CardChannel, CardErrorKind, CardLink, CardReader as _, Reset};

const READER: &str = "reader";
const SELECT_ICCID: [u8; 7] = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x2F, 0xE2];
const DONE: [u8; 2] = [0x90, 0x00];

fn slots<const N: usize>() -> [Slot; N] {
    let mut cards = demo::cards(u16::try_from(N).unwrap()).into_iter();
    std::array::from_fn(|_| Slot::holding(cards.next().unwrap()))
}

async fn link(slot: &Slot) -> Box<dyn CardLink> {
    SimulatedReader::new([(READER.to_owned(), slot.clone())]).connect(READER).await.unwrap()
}

/// Sends a command on the basic channel of the present life; returns the answer or what failed.
async fn select(link: &mut dyn CardLink) -> Result<Vec<u8>, CardErrorKind> {
    let basic = CardChannel::basic(link.epoch());
    link.transmit(basic, &SELECT_ICCID).await.map_err(|error| *error.kind())
}

#[test]
fn a_card_that_is_put_in_has_power_and_throws_out_the_one_before() {
    let [slot, other] = slots();
    let (first, second) = (slot.iccid().unwrap(), other.iccid().unwrap());
    assert_ne!(first, second);
    let thrown_out = slot.insert(other.pull().unwrap()).unwrap();
    assert_eq!((thrown_out.iccid(), thrown_out.is_on()), (Some(first), false));
    assert_eq!(slot.iccid(), Some(second));
    assert_eq!(slot.atr().unwrap().first(), Some(&0x3B));
    let mut response = Vec::new();
    slot.exchange(&SELECT_ICCID, &mut response);
    assert_eq!(response, DONE);
}

#[test]
fn an_empty_slot_answers_nothing() {
    let [slot] = slots();
    assert!(!slot.is_empty());
    assert!(!slot.pull().unwrap().is_on(), "a card that is pulled has no power");
    assert!(slot.is_empty());
    assert!(slot.pull().is_none());
    assert_eq!((slot.atr(), slot.iccid()), (None, None));
    assert_eq!(slot.restart(Reset::Cold), None);
    let mut response = vec![1];
    slot.exchange(&SELECT_ICCID, &mut response);
    assert_eq!(response, [0; 0]);
}

#[test]
fn a_card_without_power_answers_nothing_until_it_is_reset() {
    let [slot] = slots();
    let atr = slot.atr();
    for reset in [Reset::Warm, Reset::Cold] {
        slot.power_off();
        let mut response = Vec::new();
        slot.exchange(&SELECT_ICCID, &mut response);
        assert_eq!(response, [0; 0]);
        assert_eq!(slot.restart(reset), atr);
        slot.exchange(&SELECT_ICCID, &mut response);
        assert_eq!(response, DONE);
    }
}

#[test]
fn whatever_ends_a_life_of_the_card_begins_an_epoch() {
    let [slot] = slots();
    let mut epochs = vec![slot.lock().epoch];
    let mut done = |slot: &Slot| {
        let epoch = slot.lock().epoch;
        assert!(epoch > *epochs.last().unwrap(), "{epochs:?}, then {epoch:?}");
        epochs.push(epoch);
    };
    slot.restart(Reset::Warm);
    done(&slot);
    slot.restart(Reset::Cold);
    done(&slot);
    slot.power_off();
    done(&slot);
    let card = slot.pull().unwrap();
    done(&slot);
    slot.insert(card);
    done(&slot);
}

#[test]
fn insertions_and_removals_are_heard_of_and_resets_are_not() {
    let [slot] = slots();
    let mut changes = slot.changes();
    let mut heard = || {
        let heard = changes.has_changed().unwrap();
        changes.mark_unchanged();
        heard
    };
    assert!(!heard());
    slot.restart(Reset::Cold);
    slot.power_off();
    assert!(!heard());
    let card = slot.pull().unwrap();
    assert!(heard());
    assert!(slot.pull().is_none());
    assert!(!heard(), "nothing was pulled");
    slot.insert(card);
    assert!(heard());
}

#[tokio::test]
async fn a_link_to_a_card_that_was_pulled_stays_gone_when_the_card_is_back() {
    let [slot] = slots();
    let mut before = link(&slot).await;
    assert_eq!(select(&mut *before).await.unwrap(), DONE);
    let card = slot.pull().unwrap();
    assert_eq!(select(&mut *before).await, Err(CardErrorKind::CardGone));
    slot.insert(card);
    assert_eq!(select(&mut *before).await, Err(CardErrorKind::CardGone));
    let mut after = link(&slot).await;
    assert!(after.epoch() >= before.epoch());
    assert_eq!(select(&mut *after).await.unwrap(), DONE);
    drop(before);
    assert_eq!(select(&mut *after).await.unwrap(), DONE, "the card is not the old link's");
}

#[tokio::test]
async fn a_reset_behind_the_back_of_a_link_is_told_once() {
    let [slot] = slots();
    let mut link = link(&slot).await;
    slot.restart(Reset::Warm);
    assert_eq!(select(&mut *link).await, Err(CardErrorKind::Stale));
    assert_eq!(select(&mut *link).await.unwrap(), DONE);
}
