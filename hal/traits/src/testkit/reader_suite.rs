//! The contract of [`CardReader`].

use super::step::{fails, for_a_moment, succeeds, within};
use crate::{Atr, CardErrorKind, CardReader, ReaderEvent};
use async_trait::async_trait;
use std::time::Duration;

/// Readers, one of them with a card in it.
#[async_trait]
pub trait ReaderHarness: Send {
    /// Returns the readers, from now on: a suite asks twice.
    async fn readers(&mut self) -> Box<dyn CardReader>;

    /// Returns the name of the reader with the card.
    fn name(&self) -> String;

    /// Pulls the card out.
    async fn pull(&mut self);

    /// Puts the card back in.
    async fn insert(&mut self);
}

/// Checks the contract of [`CardReader`] on the readers of a harness.
///
/// # Panics
/// When the contract does not hold.
pub async fn card_reader_conformance(harness: &mut dyn ReaderHarness) {
    let name = harness.name();
    let mut boxed = harness.readers().await;
    let readers = boxed.as_mut();
    let atr = listed(readers, &name).await.expect("the card's answer to reset is listed");
    the_first_changes_tell_what_is_there(readers, &name, &atr).await;
    a_card_is_connected_to_exclusively(readers, &name, &atr).await;
    for _ in 0..2 {
        coming_and_going_is_told(readers, harness, &name, &atr).await;
    }
    let mut second = harness.readers().await;
    the_first_changes_tell_what_is_there(second.as_mut(), &name, &atr).await;
}

/// Returns the answer to reset that is listed for a reader.
async fn listed(readers: &mut dyn CardReader, name: &str) -> Option<Atr> {
    let list = succeeds("listing the readers", readers.list()).await;
    let mut of_name = list.into_iter().filter(|reader| reader.name == name);
    let reader = of_name.next().unwrap_or_else(|| panic!("{name} is not listed"));
    assert!(of_name.next().is_none(), "{name} is listed twice");
    reader.atr
}

/// Waits for the next change of a reader; skips what other readers do. Calls that are dropped
/// before they have an answer must lose nothing.
async fn next(readers: &mut dyn CardReader, name: &str) -> ReaderEvent {
    within("the next change", async {
        for round in 0.. {
            let Some(event) = for_a_moment(round, readers.changed()).await else {
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            };
            let event = event.expect("the next change");
            let reader = match &event {
                ReaderEvent::ReaderAdded(reader)
                | ReaderEvent::ReaderRemoved(reader)
                | ReaderEvent::CardInserted { reader, .. }
                | ReaderEvent::CardRemoved { reader } => reader,
            };
            if reader == name {
                return event;
            }
        }
        unreachable!("it goes on until there is one")
    })
    .await
}

async fn the_first_changes_tell_what_is_there(readers: &mut dyn CardReader, name: &str, atr: &Atr) {
    assert_eq!(next(readers, name).await, ReaderEvent::ReaderAdded(name.to_owned()));
    let inserted = ReaderEvent::CardInserted { reader: name.to_owned(), atr: atr.clone() };
    assert_eq!(next(readers, name).await, inserted);
}

async fn a_card_is_connected_to_exclusively(readers: &mut dyn CardReader, name: &str, atr: &Atr) {
    let step = "connecting to a reader that does not exist";
    let kind = fails(step, readers.connect("no such reader")).await;
    assert_eq!(kind, CardErrorKind::ReaderGone, "{step}");
    let link = succeeds("connecting", readers.connect(name)).await;
    let known = link.atr();
    assert!(known.is_empty() || known == *atr, "the link tells another answer to reset: {known:?}");
    let kind = fails("connecting a second time", readers.connect(name)).await;
    assert_eq!(kind, CardErrorKind::Busy, "connecting a second time");
    drop(link);
    // A link may close after it was dropped.
    within("connecting when the first link was dropped", async {
        while let Err(error) = readers.connect(name).await {
            assert_eq!(*error.kind(), CardErrorKind::Busy, "{error}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

async fn coming_and_going_is_told(
    readers: &mut dyn CardReader,
    harness: &mut dyn ReaderHarness,
    name: &str,
    atr: &Atr,
) {
    within("pulling the card", harness.pull()).await;
    let removed = ReaderEvent::CardRemoved { reader: name.to_owned() };
    assert_eq!(next(readers, name).await, removed);
    assert_eq!(listed(readers, name).await, None, "an empty reader is listed with a card");
    let kind = fails("connecting to an empty reader", readers.connect(name)).await;
    assert_eq!(kind, CardErrorKind::NoCard, "connecting to an empty reader");
    within("inserting the card", harness.insert()).await;
    let inserted = ReaderEvent::CardInserted { reader: name.to_owned(), atr: atr.clone() };
    assert_eq!(next(readers, name).await, inserted);
    assert_eq!(listed(readers, name).await.as_ref(), Some(atr), "the card is listed again");
    drop(succeeds("connecting to the card that is back", readers.connect(name)).await);
}
