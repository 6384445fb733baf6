use super::{FakeCard, HERE, Rig, THERE, claim, cross};
use crate::Revoke;
use crate::site::{ModemPhase, SiteInput, SiteOutput};
use crate::wire::{CardReply, CardSignal, Contact, LeaseClaim, Relay, SiteReport};
use polysim_at::CallState;
use polysim_base::Duration;
use polysim_modem::ModemError;

const AUTHENTICATE: [u8; 5] = [0x00, 0x88, 0x00, 0x81, 0x00];

/// Card 1 in the bank of one site, on modem 0 of the other.
fn apart() -> (Rig, Rig) {
    let (mut bank, mut modem) = (Rig::new(HERE), Rig::new(THERE));
    bank.insert(0, FakeCard::new(1));
    bank.advance(Duration::from_secs(1));
    let ttl = Duration::from_secs(3_600);
    bank.grant_for(1, 1, HERE, THERE, ttl);
    modem.grant_for(1, 1, HERE, THERE, ttl);
    cross(&mut bank, &mut modem);
    assert_eq!(modem.phase(), ModemPhase::Standby);
    (bank, modem)
}

fn executed(rig: &Rig) -> usize {
    rig.cards[&(0, 0)].heard.iter().filter(|apdu| apdu[..] == AUTHENTICATE).count()
}

fn command(rig: &mut Rig) {
    rig.give(SiteInput::ModemCard(0, CardSignal::Command(AUTHENTICATE.into())));
}

#[test]
fn contacts_lead_to_a_card_in_the_own_bank() {
    let mut rig = Rig::on_standby();
    command(&mut rig);
    assert_eq!(executed(&rig), 1);
    assert_eq!(rig.seen_by_modem(), [CardReply::Response([0x6D, 0x00].into())]);
}

#[test]
fn contacts_lead_to_a_card_of_another_site() {
    let (mut bank, mut modem) = apart();
    modem.out.clear();
    modem.give(SiteInput::ModemCard(0, CardSignal::PowerOn));
    cross(&mut bank, &mut modem);
    command(&mut modem);
    cross(&mut bank, &mut modem);
    let seen = modem.seen_by_modem();
    assert!(matches!(&seen[..], [CardReply::Atr(_), CardReply::Response(_)]), "{seen:?}");
}

#[test]
fn a_command_that_is_lost_is_repeated_and_one_that_is_doubled_executed_once() {
    let (mut bank, mut modem) = apart();
    modem.out.clear();
    command(&mut modem);
    let lost = modem.relays();
    assert_eq!(lost.len(), 1);
    modem.advance(Duration::from_millis(1_100));
    let again = modem.relays();
    assert_eq!(lost, again);
    for relay in [&lost[0], &again[0], &lost[0]] {
        bank.give(SiteInput::Site(THERE, relay.clone()));
    }
    assert_eq!(executed(&bank), 1);
    let answers = bank.relays();
    assert_eq!(answers.len(), 3, "the answer is repeated");
    for answer in answers {
        modem.give(SiteInput::Site(HERE, answer));
    }
    let seen = modem.seen_by_modem();
    let answered = seen.iter().filter(|seen| matches!(seen, CardReply::Response(_))).count();
    assert_eq!(answered, 1, "{seen:?}");
}

#[test]
fn a_modem_that_waits_is_asked_for_more_time_and_loses_the_card_at_last() {
    let (_, mut modem) = apart();
    modem.out.clear();
    command(&mut modem);
    modem.advance(Duration::from_secs(4));
    let seen = modem.seen_by_modem();
    assert_eq!(seen, std::vec![CardReply::MoreTime; 5]);
    modem.advance(Duration::from_secs(2));
    assert_eq!(modem.seen_by_modem().last(), Some(&CardReply::Removed));
    assert_eq!(modem.phase(), ModemPhase::Failed);
}

#[test]
fn a_modem_that_is_granted_a_card_before_its_site_knows_tries_until_it_does() {
    let (mut bank, mut modem) = (Rig::new(HERE), Rig::new(THERE));
    bank.insert(0, FakeCard::new(1));
    bank.advance(Duration::from_secs(1));
    modem.drivers[0].init = Some(ModemError::Timeout);
    modem.grant_for(1, 1, HERE, THERE, Duration::from_secs(3_600));
    modem.give(SiteInput::ModemCard(0, CardSignal::PowerOn));
    cross(&mut bank, &mut modem);
    modem.advance(Duration::from_secs(6));
    assert!(modem.seen_by_modem()[1..].contains(&CardReply::Removed));
    assert_eq!(modem.phase(), ModemPhase::Preparing, "it is not given up yet");
    bank.grant_for(1, 1, HERE, THERE, Duration::from_secs(3_600));
    modem.drivers[0].init = None;
    modem.advance(Duration::from_secs(12));
    cross(&mut bank, &mut modem);
    assert_eq!(modem.phase(), ModemPhase::Standby);
}

#[test]
fn a_modem_whose_site_was_cut_off_has_the_card_again_by_the_same_lease() {
    let (mut bank, mut modem) = (Rig::new(HERE), Rig::new(THERE));
    bank.insert(0, FakeCard::new(1));
    bank.advance(Duration::from_secs(1));
    let (long, short) = (Duration::from_secs(3_600), Duration::from_secs(60));
    bank.grant_for(1, 1, HERE, THERE, long);
    modem.grant_for(1, 1, HERE, THERE, short);
    cross(&mut bank, &mut modem);
    assert_eq!(modem.phase(), ModemPhase::Standby);
    modem.advance(Duration::from_secs(120));
    assert_ne!(modem.phase(), ModemPhase::Standby);
    modem.grant_for(1, 1, HERE, THERE, long);
    cross(&mut bank, &mut modem);
    assert_eq!(modem.phase(), ModemPhase::Standby);
}

#[test]
fn what_ran_when_its_site_was_cut_off_is_told_to_be_over_by_a_later_number() {
    let (mut bank, mut modem) = (Rig::new(HERE), Rig::new(THERE));
    bank.insert(0, FakeCard::new(1));
    bank.advance(Duration::from_secs(1));
    let (long, short) = (Duration::from_secs(3_600), Duration::from_secs(60));
    bank.grant_for(1, 1, HERE, THERE, long);
    modem.grant_for(1, 1, HERE, THERE, short);
    modem.entitle(1, 1);
    cross(&mut bank, &mut modem);
    modem.advance(Duration::from_secs(45));
    super::calls::rings(&mut modem, 1, CallState::Incoming);
    assert!(modem.reports().contains(&SiteReport::ServiceBegan(claim(1, 1), 1)));
    modem.advance(Duration::from_secs(75));
    modem.grant_for(1, 1, HERE, THERE, long);
    cross(&mut bank, &mut modem);
    modem.out.clear();
    modem.advance(Duration::from_secs(31));
    assert!(modem.reports().contains(&SiteReport::ServiceEnded(claim(1, 1), 2)));
}

#[test]
fn a_lease_that_is_over_is_fenced_where_the_card_is() {
    let (mut bank, mut modem) = apart();
    bank.revoke(1, 1, Revoke::AtOnce);
    assert!(bank.reports().contains(&SiteReport::Released(claim(1, 1))));
    command(&mut modem);
    let asked = modem.relays();
    bank.out.clear();
    bank.give(SiteInput::Site(THERE, asked[0].clone()));
    assert_eq!(executed(&bank), 0);
    assert!(matches!(bank.relays()[..], [Relay { contact: Contact::Fenced, .. }]));
}

#[test]
fn the_site_of_the_modem_lets_go_first_when_there_is_time() {
    let (mut bank, mut modem) = apart();
    let how = Revoke::Graceful { limit_micros: 0 };
    bank.revoke(1, 1, how);
    assert!(!bank.reports().contains(&SiteReport::Released(claim(1, 1))));
    modem.revoke(1, 1, how);
    assert_eq!(modem.phase(), ModemPhase::Empty);
    assert!(!modem.reports().contains(&SiteReport::Released(claim(1, 1))));
    cross(&mut bank, &mut modem);
    assert!(bank.reports().contains(&SiteReport::Released(claim(1, 1))));
}

#[test]
fn a_card_that_is_pulled_is_gone_for_a_modem_elsewhere() {
    let (mut bank, mut modem) = apart();
    bank.pull(0);
    cross(&mut bank, &mut modem);
    assert_eq!(modem.phase(), ModemPhase::Empty);
    assert_eq!(modem.seen_by_modem().last(), Some(&CardReply::Removed));
}

#[test]
fn what_another_site_wants_with_a_card_it_has_no_lease_of_is_not_done() {
    let mut rig = Rig::on_standby();
    let LeaseClaim { iccid, epoch } = claim(1, 1);
    let contact = Contact::ToCard(CardSignal::Command(AUTHENTICATE.into()));
    rig.give(SiteInput::Site(THERE, Relay { iccid, epoch, number: 99, contact }));
    assert_eq!(executed(&rig), 0);
    assert!(!rig.out.iter().any(|out| matches!(out, SiteOutput::Site(..))));
}
