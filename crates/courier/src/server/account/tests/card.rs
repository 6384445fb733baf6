use super::*;

fn verify_within(answer: Option<ToDevice>) -> Option<Duration> {
    match answer {
        Some(ToDevice::Account(AccountToDevice::Welcome { verify_within, .. })) => verify_within,
        other => panic!("not welcome: {other:?}"),
    }
}

#[test]
fn another_card_makes_a_device_prove_its_number_again() {
    let mut rig = Rig::new();
    (1..4).for_each(|session| rig.up(session));
    let primary = rig.registered(1, number(1), 1);
    let linked = rig.linked(1, 2, 2);
    assert_eq!(verify_within(rig.hello(1, &primary, card(1))), None);
    assert_eq!(verify_within(rig.hello(1, &primary, None)), None, "no card shows no change");
    assert_eq!(verify_within(rig.hello(1, &primary, card(2))), Some(MINUTE.times(60)));
    rig.wait(MINUTE);
    rig.restart_from_checkpoint();
    (4..6).for_each(|session| rig.up(session));
    assert_eq!(verify_within(rig.hello(4, &primary, card(2))), Some(MINUTE.times(59)));
    for known in [&primary, &linked] {
        assert!(!rig.server.accounts.is_proved(known.device));
    }
    assert_eq!(refused(rig.invitation(4)), Refusal::Unproved);
    rig.now = rig.now.plus(MINUTE);
    // The questions of this rig are about the first card.
    assert_eq!(rig.registered(4, number(1), 1), primary);
    for known in [&primary, &linked] {
        assert!(rig.server.accounts.is_proved(known.device));
    }
    assert_eq!(verify_within(rig.hello(4, &primary, card(1))), None);
    assert!(rig.wait(MINUTE.times(120)).iter().all(|it| !matches!(it, ServerOutput::Send(..))));
}

#[test]
fn the_former_card_proves_the_number() {
    let mut rig = Rig::new();
    rig.up(1);
    let primary = rig.registered(1, number(1), 1);
    assert!(verify_within(rig.hello(1, &primary, card(2))).is_some());
    assert_eq!(verify_within(rig.hello(1, &primary, card(1))), None);
    rig.restart();
    rig.up(2);
    assert!(rig.server.accounts.is_proved(primary.device));
    rig.wait(MINUTE.times(120));
    assert_eq!(rig.devices(&number(1)), [primary.device]);
}

#[test]
fn a_late_word_of_the_former_card_proves_nothing() {
    let mut rig = Rig::new();
    rig.up(1);
    let primary = rig.registered(1, number(1), 1);
    let early = rig.hello_of(&primary, card(1));
    assert!(rig.ask(1, early.clone()).is_some());
    assert!(verify_within(rig.hello(1, &primary, card(2))).is_some());
    assert_eq!(rig.say(1, early), []);
    assert!(!rig.server.accounts.is_proved(primary.device));
}

#[test]
fn a_number_that_is_not_proved_again_in_time_is_registered_no_more() {
    let mut rig = Rig::new();
    rig.up(1);
    let primary = rig.registered(1, number(1), 1);
    rig.hello(1, &primary, card(2));
    let said = rig.wait(MINUTE.times(60));
    assert!(said.contains(&ended(1)));
    assert_eq!(rig.told(&ServerEvent::Deregistered(number(1))), 1);
    assert!(rig.devices(&number(1)).is_empty());
    assert_eq!(rig.server.poll_timeout(), None);
}
