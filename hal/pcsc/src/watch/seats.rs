//! What was told about readers, and what is to be told now.

use crate::service;
use pcsc::{ReaderState, State};
use polysim_hal::{Atr, ReaderEvent};
use std::collections::BTreeMap;
use std::ffi::CString;

/// What was told about each reader.
#[derive(Debug, Default)]
pub(super) struct Seats(BTreeMap<String, Seat>);

#[derive(Debug, Default)]
struct Seat {
    card: Option<Sitting>,
}

/// A card in a reader.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Sitting {
    atr: Atr,
    /// The service's count of insertions and removals: the same card again has another one.
    count: u32,
}

impl Seats {
    /// Takes in which readers there are and returns what is new about that.
    pub(super) fn arrange(&mut self, names: &[CString]) -> Vec<ReaderEvent> {
        let names: Vec<String> =
            names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let gone: Vec<String> =
            self.0.keys().filter(|known| !names.contains(known)).cloned().collect();
        let mut events = Vec::new();
        for name in gone {
            self.0.remove(&name);
            events.push(ReaderEvent::ReaderRemoved(name));
        }
        for name in names {
            if !self.0.contains_key(&name) {
                self.0.insert(name.clone(), Seat::default());
                events.push(ReaderEvent::ReaderAdded(name));
            }
        }
        events
    }

    /// Takes in the state of one reader and returns what is new about its card.
    pub(super) fn look(&mut self, state: &ReaderState) -> Vec<ReaderEvent> {
        if service::is_gone(state) {
            return Vec::new();
        }
        let is_present = state.event_state().contains(State::PRESENT);
        let card = is_present.then(|| (state.atr().to_vec(), state.event_count()));
        self.seat(&service::name(state), card)
    }

    fn seat(&mut self, reader: &str, card: Option<(Atr, u32)>) -> Vec<ReaderEvent> {
        let Some(seat) = self.0.get_mut(reader) else {
            return Vec::new();
        };
        let now = card.map(|(atr, count)| Sitting { atr, count });
        let is_another = match (&seat.card, &now) {
            (Some(before), Some(now)) => before.count != now.count,
            (None, Some(_)) | (Some(_), None) => true,
            (None, None) => false,
        };
        if !is_another {
            return Vec::new();
        }
        let reader = reader.to_owned();
        let removed =
            seat.card.is_some().then(|| ReaderEvent::CardRemoved { reader: reader.clone() });
        let inserted =
            now.as_ref().map(|card| ReaderEvent::CardInserted { reader, atr: card.atr.clone() });
        seat.card = now;
        removed.into_iter().chain(inserted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Seats;
    use polysim_hal::ReaderEvent;
    use std::ffi::CString;

    fn names(names: &[&str]) -> Vec<CString> {
        names.iter().map(|name| CString::new(*name).unwrap()).collect()
    }

    fn inserted(atr: &[u8]) -> ReaderEvent {
        ReaderEvent::CardInserted { reader: "A".into(), atr: atr.to_vec() }
    }

    fn removed() -> ReaderEvent {
        ReaderEvent::CardRemoved { reader: "A".into() }
    }

    #[test]
    fn readers_are_told_when_they_come_and_when_they_go() {
        let mut seats = Seats::default();
        let added = |name: &str| ReaderEvent::ReaderAdded(name.into());
        assert_eq!(seats.arrange(&names(&["A", "B"])), [added("A"), added("B")]);
        assert_eq!(seats.arrange(&names(&["A", "B"])), []);
        let events = seats.arrange(&names(&["B", "C"]));
        assert_eq!(events, [ReaderEvent::ReaderRemoved("A".into()), added("C")]);
    }

    #[test]
    fn a_card_is_told_once_and_again_after_it_was_away() {
        let mut seats = Seats::default();
        seats.arrange(&names(&["A"]));
        assert_eq!(seats.seat("A", None), []);
        assert_eq!(seats.seat("A", Some((vec![0x3B], 1))), [inserted(&[0x3B])]);
        assert_eq!(seats.seat("A", Some((vec![0x3B], 1))), []);
        assert_eq!(seats.seat("A", None), [removed()]);
        assert_eq!(seats.seat("A", Some((vec![0x3B], 3))), [inserted(&[0x3B])]);
    }

    #[test]
    fn a_card_pulled_and_put_back_between_two_looks_is_seen() {
        let mut seats = Seats::default();
        seats.arrange(&names(&["A"]));
        seats.seat("A", Some((vec![0x3B], 1)));
        assert_eq!(seats.seat("A", Some((vec![0x3F], 3))), [removed(), inserted(&[0x3F])]);
    }

    #[test]
    fn a_reset_is_no_removal_though_the_answer_may_differ() {
        let mut seats = Seats::default();
        seats.arrange(&names(&["A"]));
        seats.seat("A", Some((vec![0x3B], 1)));
        assert_eq!(seats.seat("A", Some((vec![0x3F], 1))), []);
    }

    #[test]
    fn a_reader_takes_its_card_with_it() {
        let mut seats = Seats::default();
        seats.arrange(&names(&["A"]));
        seats.seat("A", Some((vec![0x3B], 1)));
        assert_eq!(seats.arrange(&[]), [ReaderEvent::ReaderRemoved("A".into())]);
        assert_eq!(seats.seat("A", None), [], "what is gone has no card to lose");
    }
}
