use super::{HERE, Rig, claim, registration};
use crate::site::{ModemPhase, SiteInput, SiteRecord};
use crate::wire::{Act, Fault, Kept, SiteReport};
use crate::{ModemId, Revoke};
use polysim_at::{PinStatus, RegistrationStatus};
use polysim_base::Duration;
use polysim_modem::{Identity, ModemError, ModemEvent, ModemOutput};
use polysim_modem::{TextId, TextReceived, UnreadableText};
use std::boxed::Box;
use std::vec::Vec;

pub(super) fn received(id: u32, octets: &[u8]) -> ModemEvent {
    use polysim_sms::{Address, Timestamp, UserData};
    ModemEvent::TextReceived(Box::new(TextReceived {
        id: TextId(id),
        from: Address::international("491701234567").unwrap(),
        timestamp: Timestamp::new((26, 3, 1), (12, 0, 0), 4).unwrap(),
        user_data: UserData::from_text("x").unwrap(),
        pdu: octets.into(),
    }))
}

#[test]
fn a_modem_is_silenced_set_up_and_emptied_before_it_goes_on_air() {
    let mut rig = Rig::with_cards();
    rig.forget_commands();
    rig.grant(1, 1);
    assert_eq!(rig.names(), ["PowerOff", "Initialise", "ListTexts", "PowerOn"]);
    assert!(rig.reports().contains(&SiteReport::Attached(claim(1, 1))));
    let memory = SiteRecord::Memory { modem: 0, holder: Some(claim(1, 1)) };
    assert!(rig.records.contains(&memory));
}

#[test]
fn old_texts_in_its_memory_are_the_last_sims_and_go_before_the_next_is_on_air() {
    let mut rig = Rig::on_standby();
    rig.revoke(1, 1, Revoke::AtOnce);
    rig.confirms = false;
    rig.drivers[0].store.insert(9, [9, 9].into());
    rig.grant(2, 1);
    assert_eq!(rig.phase(), ModemPhase::Draining);
    assert!(!rig.drivers[0].on_air);
    let kept = rig.kept();
    let [Kept::Text(text)] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!((text.claim, text.ordinal), (claim(1, 1), 0));
    rig.confirms = true;
    rig.advance(Duration::from_secs(31));
    assert_eq!(rig.phase(), ModemPhase::Standby);
    assert_eq!(rig.site.modem(0).unwrap().memory, Some(claim(2, 1)));
    rig.event(received(10, &[9, 9]));
    let Some(Kept::Text(text)) = rig.kept().pop() else { panic!() };
    assert_eq!(text.claim, claim(2, 1), "what comes on air is the present one's");
}

#[test]
fn whose_texts_a_memory_holds_outlives_a_crash() {
    let mut rig = Rig::on_standby();
    rig.restart();
    rig.drivers[0].store.insert(1, [1].into());
    rig.grant(2, 1);
    let Some(Kept::Text(text)) = rig.kept().pop() else { panic!() };
    assert_eq!(text.claim, claim(1, 1));
}

#[test]
fn a_memory_that_cannot_be_emptied_is_a_fault_of_the_modem() {
    let mut rig = Rig::with_cards();
    rig.confirms = false;
    rig.drivers[0].store.insert(1, [1].into());
    rig.grant(1, 1);
    rig.advance(Duration::from_secs(121));
    assert!(rig.reports().contains(&SiteReport::AttachFailed(claim(1, 1), Fault::Modem)));
    assert!(!rig.drivers[0].on_air);
}

#[test]
fn octets_that_are_no_text_are_counted_and_deleted() {
    let mut rig = Rig::on_standby();
    rig.drivers[0].store.insert(3, [3].into());
    let unreadable = UnreadableText { id: TextId(3), pdu: [3].into() };
    rig.event(ModemEvent::UnreadableText(Box::new(unreadable)));
    assert_eq!(rig.site.counters().unreadable_texts, 1);
    assert!(rig.drivers[0].store.is_empty());
}

#[test]
fn a_sim_that_finds_no_network_in_time_is_given_up_and_said_so_until_it_is_heard() {
    for (reject, fault) in [(None, Fault::Modem), (Some(3), Fault::Sim), (Some(17), Fault::Modem)] {
        let mut rig = Rig::with_cards();
        rig.drivers[0].no_network = true;
        rig.drivers[0].reject = reject;
        rig.grant(1, 1);
        assert_eq!(rig.phase(), ModemPhase::Attaching);
        rig.advance(Duration::from_secs(121));
        assert_eq!(rig.phase(), ModemPhase::Failed);
        assert!(!rig.drivers[0].on_air);
        let failed = SiteReport::AttachFailed(claim(1, 1), fault);
        assert!(rig.reports().contains(&failed));
        rig.out.clear();
        rig.advance(Duration::from_secs(31));
        assert!(rig.reports().contains(&failed), "it may have been lost");
        rig.revoke(1, 1, Revoke::AtOnce);
        assert!(rig.reports().contains(&SiteReport::Released(claim(1, 1))));
    }
}

#[test]
fn a_card_with_a_pin_is_a_fault_of_the_sim() {
    let mut rig = Rig::with_cards();
    let needed = PinStatus::SimPin;
    rig.drivers[0].init = Some(ModemError::PinRequired { needed, attempts_left: None });
    rig.grant(1, 1);
    assert!(rig.reports().contains(&SiteReport::AttachFailed(claim(1, 1), Fault::Sim)));
}

#[test]
fn a_modem_that_is_told_registered_only_when_asked_gets_to_standby() {
    let mut rig = Rig::with_cards();
    rig.drivers[0].no_network = true;
    rig.grant(1, 1);
    rig.drivers[0].no_network = false;
    rig.advance(Duration::from_secs(6));
    assert_eq!(rig.phase(), ModemPhase::Standby);
}

#[test]
fn a_lost_network_is_waited_for_then_looked_for_then_the_modem_restarted_then_given_up() {
    let mut rig = Rig::on_standby();
    rig.drivers[0].no_network = true;
    let lost = registration(RegistrationStatus::Searching, None);
    rig.event(ModemEvent::Registration(lost));
    assert_eq!(rig.phase(), ModemPhase::Lost);
    let mut after = |seconds| {
        rig.forget_commands();
        rig.advance(Duration::from_secs(seconds));
        let names = rig.names();
        (names, rig.phase())
    };
    let tried = |names: &[std::string::String], what: &str| names.iter().any(|name| name == what);
    let (names, _) = after(29);
    assert!(!tried(&names, "PowerOff"), "{names:?}");
    let (names, _) = after(2);
    assert!(tried(&names, "PowerOff") && tried(&names, "PowerOn"), "{names:?}");
    let (names, _) = after(60);
    assert!(tried(&names, "Restart"), "{names:?}");
    let (_, phase) = after(60);
    assert_eq!(phase, ModemPhase::Lost, "the lease is kept");
    let (_, phase) = after(61);
    assert_eq!(phase, ModemPhase::Failed);
    let modem = ModemId { site: HERE, number: 0 };
    assert!(rig.reports().contains(&SiteReport::ModemFailed(modem)));
}

#[test]
fn a_network_that_comes_back_is_standby_again() {
    let mut rig = Rig::on_standby();
    rig.event(ModemEvent::Registration(registration(RegistrationStatus::Searching, None)));
    rig.event(ModemEvent::Registration(registration(RegistrationStatus::Roaming, None)));
    assert_eq!(rig.phase(), ModemPhase::Standby);
}

#[test]
fn a_modem_that_was_reset_goes_on_when_it_is_set_up_again() {
    let mut rig = Rig::on_standby();
    rig.event(ModemEvent::Reset);
    assert_eq!(rig.phase(), ModemPhase::Lost);
    rig.event(ModemEvent::Ready(Identity::default()));
    assert_eq!(rig.phase(), ModemPhase::Standby);
}

#[test]
fn a_modem_that_stays_silent_has_failed() {
    let mut rig = Rig::on_standby();
    rig.event(ModemEvent::Unresponsive);
    rig.drivers[0].stuck = true;
    rig.advance(Duration::from_secs(61));
    let modem = ModemId { site: HERE, number: 0 };
    assert!(rig.reports().contains(&SiteReport::ModemFailed(modem)));
}

#[test]
fn a_reset_while_the_memory_is_emptied_silences_the_modem_again() {
    let mut rig = Rig::with_cards();
    rig.confirms = false;
    rig.drivers[0].store.insert(1, [1].into());
    rig.grant(1, 1);
    rig.drivers[0].on_air = true;
    rig.event(ModemEvent::Reset);
    assert_eq!(rig.phase(), ModemPhase::Draining);
    assert!(!rig.drivers[0].on_air);
}

#[test]
fn a_modem_that_fails_while_it_is_to_be_given_up_gives_up() {
    let mut rig = Rig::on_standby();
    rig.act(super::ANN, Act::Ussd("*100#".into()));
    rig.revoke(1, 1, Revoke::Graceful { limit_micros: 0 });
    assert_eq!(rig.phase(), ModemPhase::Service);
    rig.event(ModemEvent::Unresponsive);
    rig.advance(Duration::from_secs(61));
    assert_eq!(rig.phase(), ModemPhase::Empty);
    assert!(rig.reports().contains(&SiteReport::Released(claim(1, 1))));
}

#[test]
fn an_answer_to_a_command_of_an_earlier_life_is_ignored() {
    let mut rig = Rig::with_cards();
    rig.drivers[0].stuck = true;
    rig.grant(1, 1);
    rig.restart();
    let mut before = rig.site.clone();
    before.now = rig.now;
    let done = ModemOutput::Done { id: 1 << 32 | 4, outcome: Ok(polysim_modem::Reply::Done) };
    rig.give(SiteInput::Modem(0, done));
    assert_eq!(rig.site, before);
}

#[test]
fn what_runs_may_end_before_a_sim_is_given_up_gracefully() {
    let mut rig = Rig::on_standby();
    rig.drivers[0].stuck = true;
    let text = super::texts::text(1, "hello");
    rig.act(super::ANN, text.clone());
    assert_eq!(rig.phase(), ModemPhase::Service);
    rig.revoke(1, 1, Revoke::Graceful { limit_micros: 0 });
    assert_eq!(rig.phase(), ModemPhase::Service);
    let refused = rig.act(super::BOB, super::texts::text_of(super::BOB, 1, "more"));
    assert_eq!(refused, Some(Err(crate::wire::UseRefusal::NotOnStandby)));
    rig.unstick(0);
    rig.unstick(0);
    assert_eq!(rig.phase(), ModemPhase::Empty);
    let reports = rig.reports();
    let at = |report| reports.iter().position(|other| *other == report).unwrap();
    assert!(at(SiteReport::ServiceEnded(claim(1, 1), 2)) < at(SiteReport::Released(claim(1, 1))));
    let outcomes: Vec<_> = rig.kept();
    assert_eq!(outcomes.len(), 2, "pending, and sent: {outcomes:?}");
}
