use super::*;

fn invitation(answer: Option<ToDevice>) -> Invitation {
    match answer {
        Some(ToDevice::Account(AccountToDevice::Invited { invitation, .. })) => invitation,
        other => panic!("not invited: {other:?}"),
    }
}

#[test]
fn an_invitation_links_one_device() {
    let mut rig = Rig::new();
    (1..5).for_each(|session| rig.up(session));
    let primary = rig.registered(1, number(1), 1);
    let list = rig.server.accounts.list_of(&number(1));
    let shown = invitation(rig.invitation(1));
    let linked = known(rig.redeem(2, &shown, 2));
    assert_eq!(rig.devices(&number(1)), [primary.device, linked.device]);
    assert!(rig.server.accounts.list_of(&number(1)) > list);
    assert_eq!(known(rig.redeem(2, &shown, 2)), linked, "the answer was lost");
    assert_eq!(refused(rig.redeem(3, &shown, 3)), Refusal::Expired);
    assert_eq!(refused(rig.redeem(3, &Invitation([0; 16]), 3)), Refusal::Expired);

    rig.restart();
    (1..5).for_each(|session| rig.up(session));
    assert!(matches!(
        rig.hello(2, &linked, card(9)),
        Some(ToDevice::Account(AccountToDevice::Welcome { verify_within: None, .. }))
    ));
    assert_eq!(refused(rig.invitation(2)), Refusal::NotPrimary);
    assert_eq!(refused(rig.redeem(3, &shown, 3)), Refusal::Expired);
}

#[test]
fn an_invitation_holds_for_its_time_and_until_there_is_another_one() {
    let mut rig = Rig::new();
    (1..4).for_each(|session| rig.up(session));
    let primary = rig.registered(1, number(1), 1);
    let first = invitation(rig.invitation(1));
    let second = invitation(rig.invitation(1));
    assert_ne!(first, second);
    assert_eq!(refused(rig.redeem(2, &first, 2)), Refusal::Expired);
    rig.wait(MINUTE.times(10));
    rig.up(2);
    assert_eq!(refused(rig.redeem(2, &second, 2)), Refusal::Expired);
    let request = rig.request();
    let again = invitation(rig.ask(1, AccountFromDevice::Invite { request }));
    assert_eq!(invitation(rig.ask(1, AccountFromDevice::Invite { request })), again);
    rig.restart_from_checkpoint();
    rig.up(4);
    rig.hello(4, &primary, None);
    rig.up(5);
    known(rig.redeem(5, &again, 2));
}

#[test]
fn a_number_has_so_many_devices_and_a_device_that_comes_again_is_the_same() {
    let mut rig = Rig::new();
    (1..7).for_each(|session| rig.up(session));
    rig.registered(1, number(1), 1);
    let first = rig.linked(1, 2, 2);
    let again = rig.linked(1, 3, 2);
    assert_eq!(again.device, first.device);
    assert_ne!(again.token, first.token);
    rig.linked(1, 4, 3);
    assert_eq!(refused(rig.invitation(1)), Refusal::Full);
}

#[test]
fn only_the_primary_device_unlinks_others() {
    let mut rig = Rig::new();
    (1..5).for_each(|session| rig.up(session));
    let primary = rig.registered(1, number(1), 1);
    let linked = rig.linked(1, 2, 2);
    let stranger = rig.registered(3, number(2), 3);
    let unlink =
        |request, device| FromDevice::Account(AccountFromDevice::Unlink { request, device });
    let request = rig.request();
    assert_eq!(refused(rig.ask(2, unlink(request, primary.device))), Refusal::NotPrimary);
    let request = rig.request();
    assert_eq!(
        rig.ask(3, unlink(request, linked.device)),
        Some(ToDevice::Account(AccountToDevice::Done { request }))
    );
    assert_eq!(rig.devices(&number(1)).len(), 2, "that was not the stranger's");
    let request = rig.request();
    let said = rig.say(1, unlink(request, linked.device));
    assert!(said.contains(&ended(2)));
    assert_eq!(
        rig.ask(1, unlink(request, linked.device)),
        Some(ToDevice::Account(AccountToDevice::Done { request }))
    );
    rig.up(4);
    assert!(is_unknown(rig.hello(4, &linked, None)));
    assert!(matches!(
        rig.hello(3, &stranger, None),
        Some(ToDevice::Account(AccountToDevice::Welcome { .. }))
    ));
}

#[test]
fn a_number_that_is_given_up_is_so_for_all_its_devices() {
    let mut rig = Rig::new();
    (1..4).for_each(|session| rig.up(session));
    let primary = rig.registered(1, number(1), 1);
    let linked = rig.linked(1, 2, 2);
    let list = rig.server.accounts.list_of(&number(1));
    let request = rig.request();
    assert_eq!(refused(rig.ask(2, AccountFromDevice::Deregister { request })), Refusal::NotPrimary);
    let request = rig.request();
    assert_eq!(
        rig.ask(1, AccountFromDevice::Deregister { request }),
        Some(ToDevice::Account(AccountToDevice::Done { request }))
    );
    let again = refused(rig.ask(1, AccountFromDevice::Deregister { request }));
    assert_eq!(again, Refusal::NotRegistered, "said again, it is known to be done");
    assert!(rig.devices(&number(1)).is_empty());
    rig.restart();
    rig.up(5);
    for known in [&primary, &linked] {
        assert!(is_unknown(rig.hello(5, known, None)));
    }
    let after = rig.registered(5, number(1), 2);
    assert!(after.device > linked.device, "numbers of devices are not used again");
    assert!(rig.server.accounts.list_of(&number(1)) > list);
}

#[test]
fn a_late_question_is_not_answered() {
    let mut rig = Rig::new();
    rig.up(1);
    rig.registered(1, number(1), 1);
    let early = rig.question(number(1), key(1));
    let Some(ToDevice::Account(AccountToDevice::Invited { .. })) = rig.invitation(1) else {
        panic!("no invitation")
    };
    assert_eq!(rig.say(1, early), []);
    assert_eq!(rig.texts(), 1);
}
