use super::{FakeCard, HERE, Rig, iccid};
use crate::site::ModemPhase;
use crate::wire::{CardReply, Hello, SiteReport};
use polysim_base::Duration;
use std::string::ToString as _;

fn last_hello(rig: &Rig) -> Hello {
    let hello = |report| match report {
        SiteReport::Hello(hello) => Some(hello),
        _ => None,
    };
    rig.reports().into_iter().filter_map(hello).next_back().unwrap()
}

#[test]
fn a_card_that_is_inserted_says_who_it_is_and_the_exchange_hears_it() {
    let mut rig = Rig::new(HERE);
    let first = last_hello(&rig);
    assert_eq!((first.incarnation, first.cards.len(), first.modems.len()), (1, 0, 2));
    rig.insert(0, FakeCard::new(1));
    rig.advance(Duration::from_secs(1));
    let hello = last_hello(&rig);
    assert!(hello.revision > first.revision);
    let [card] = hello.cards.as_slice() else { panic!("{hello:?}") };
    assert_eq!(card.iccid, iccid(1));
    assert_eq!(card.imsi.unwrap().to_string(), "001010123456789");
    assert_eq!(card.msisdn.unwrap().to_string(), "+491701234567");
    assert_eq!(rig.cards[&(0, 0)].heard.last(), Some(&[0xFD].to_vec()), "it is turned off again");
}

#[test]
fn what_a_pin_protects_stays_unknown() {
    let mut rig = Rig::new(HERE);
    rig.insert(0, FakeCard { locked: true, ..FakeCard::new(1) });
    rig.advance(Duration::from_secs(1));
    let [card] = &last_hello(&rig).cards[..] else { panic!() };
    assert_eq!((card.iccid, card.imsi, card.msisdn), (iccid(1), None, None));
}

#[test]
fn a_mute_card_is_absent_and_is_tried_again() {
    let mut rig = Rig::new(HERE);
    rig.insert(0, FakeCard { mute: true, ..FakeCard::new(1) });
    rig.advance(Duration::from_secs(6));
    assert_eq!(rig.site.counters().mute_cards, 1);
    assert!(last_hello(&rig).cards.is_empty());
    rig.cards.get_mut(&(0, 0)).unwrap().mute = false;
    rig.advance(Duration::from_secs(61));
    assert_eq!(last_hello(&rig).cards.len(), 1);
}

#[test]
fn a_card_that_is_pulled_ends_its_lease_and_is_told_of() {
    let mut rig = Rig::on_standby();
    rig.pull(0);
    assert!(rig.reports().contains(&SiteReport::CardLost(super::claim(1, 1))));
    assert_eq!(rig.seen_by_modem(), [CardReply::Removed]);
    assert_eq!(rig.phase(), ModemPhase::Empty);
    assert!(!rig.drivers[0].on_air);
    // Said again, it is for the same reason, although the grant was of that very lease.
    rig.out.clear();
    rig.grant(1, 1);
    rig.revoke(1, 1, crate::Revoke::AtOnce);
    assert_eq!(rig.reports(), std::vec![SiteReport::CardLost(super::claim(1, 1)); 2]);
    rig.advance(Duration::from_secs(1));
    assert_eq!(last_hello(&rig).cards.len(), 1);
}

#[test]
fn a_card_that_falls_mute_in_use_ends_its_lease() {
    let mut rig = Rig::on_standby();
    rig.cards.get_mut(&(0, 0)).unwrap().mute = true;
    rig.give(crate::site::SiteInput::ModemCard(0, crate::wire::CardSignal::Reset));
    rig.advance(Duration::from_secs(6));
    assert!(rig.reports().contains(&SiteReport::CardLost(super::claim(1, 1))));
    assert_eq!(last_hello(&rig).cards.len(), 1);
}
