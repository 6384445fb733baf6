use super::*;

#[test]
fn a_number_is_registered_by_the_code_in_a_text_to_it() {
    let mut rig = Rig::new();
    rig.up(1);
    let which = sent(rig.register(1, number(1), key(1)));
    let code = rig.code(which);
    let known = known(rig.confirm(1, which, code));
    assert_eq!(rig.devices(&number(1)), [known.device]);
    assert!(matches!(
        rig.hello(1, &known, card(1)),
        Some(ToDevice::Account(AccountToDevice::Welcome { .. }))
    ));
    let shown = std::format!("{:?}{:?}", rig.effects, rig.server.checkpoint());
    assert!(!shown.contains(&alloc::string::String::from(code)), "{shown}");
}

#[test]
fn a_question_said_again_sends_no_second_text() {
    let mut rig = Rig::new();
    rig.up(1);
    let question = rig.question(number(1), key(1));
    let which = sent(rig.ask(1, question.clone()));
    assert_eq!(sent(rig.ask(1, question)), which);
    rig.texted(which, true);
    for session in 2..4 {
        rig.restart();
        rig.up(session);
        assert_eq!(sent(rig.register(session, number(1), key(1))), which);
        rig.restart_from_checkpoint();
    }
    rig.up(2);
    assert_eq!(rig.texts(), 1);
    let another_device = sent(rig.register(2, number(1), key(2)));
    assert_ne!(another_device, which);
    assert_ne!(rig.code(another_device), rig.code(which));
}

#[test]
fn a_text_that_was_perhaps_not_sent_before_a_crash_is_replaced_by_another_code() {
    let mut rig = Rig::new();
    rig.up(1);
    let which = sent(rig.register(1, number(1), key(1)));
    rig.restart();
    rig.up(1);
    let next = sent(rig.register(1, number(1), key(1)));
    assert_ne!(next, which);
    assert_eq!(sent(rig.register(1, number(1), key(1))), next);
}

#[test]
fn a_code_is_tried_five_times_and_no_more() {
    let mut rig = Rig::new();
    rig.up(1);
    let which = sent(rig.register(1, number(1), key(1)));
    rig.texted(which, true);
    let code = rig.code(which);
    for left in (1..5).rev() {
        for _ in 0..2 {
            // The second time it is known to be wrong, and not counted.
            let answer = rig.confirm(1, which, other(code, left));
            let Some(ToDevice::Account(AccountToDevice::WrongCode { tries_left, .. })) = answer
            else {
                panic!("{answer:?}")
            };
            assert_eq!(u64::from(tries_left), left);
        }
        rig.restart();
        rig.up(1);
        assert_eq!(sent(rig.register(1, number(1), key(1))), which);
    }
    assert_eq!(refused(rig.confirm(1, which, other(code, 7))), Refusal::TooManyTries);
    assert_eq!(refused(rig.confirm(1, which, code)), Refusal::TooManyTries);
    assert_ne!(sent(rig.register(1, number(1), key(1))), which, "another code may be had");
}

#[test]
fn a_code_holds_for_ten_minutes() {
    let mut rig = Rig::new();
    rig.up(1);
    let which = sent(rig.register(1, number(1), key(1)));
    let code = rig.code(which);
    rig.wait(MINUTE.times(10));
    rig.up(2);
    assert_eq!(refused(rig.confirm(2, which, code)), Refusal::Expired);
    assert_ne!(sent(rig.register(2, number(1), key(1))), which);
}

#[test]
fn a_code_works_once_and_in_the_session_that_has_asked_for_it() {
    let mut rig = Rig::new();
    rig.up(1);
    rig.up(2);
    let which = sent(rig.register(1, number(1), key(1)));
    let code = rig.code(which);
    assert_eq!(refused(rig.confirm(2, which, code)), Refusal::Expired);
    let first = known(rig.confirm(1, which, code));
    assert_eq!(known(rig.confirm(1, which, code)), first, "the answer was lost");
    rig.restart();
    rig.up(3);
    assert_eq!(refused(rig.confirm(3, which, code)), Refusal::Expired);
    let next = sent(rig.register(3, number(1), key(1)));
    assert_ne!(next, which);
    assert_eq!(refused(rig.confirm(3, which, code)), Refusal::Expired);
}

#[test]
fn texts_are_limited_by_number_also_after_a_crash() {
    let mut rig = Rig::new();
    for device in 0..3 {
        rig.up(u64::from(device));
        sent(rig.register(u64::from(device), number(1), key(device)));
        rig.wait(MINUTE);
    }
    rig.restart();
    rig.up(9);
    let wait = match refused(rig.register(9, number(1), key(9))) {
        Refusal::NumberLimit(wait) => wait,
        why => panic!("{why:?}"),
    };
    assert_eq!(wait, MINUTE.times(57));
    rig.restart_from_checkpoint();
    rig.up(9);
    assert_eq!(refused(rig.register(9, number(1), key(9))), Refusal::NumberLimit(wait));
    rig.wait(wait);
    rig.up(9);
    sent(rig.register(9, number(1), key(9)));
}

#[test]
fn whoever_waits_is_told_that_the_carrier_has_refused_the_text() {
    let mut rig = Rig::new();
    rig.up(1);
    let question = rig.question(number(1), key(1));
    let which = sent(rig.ask(1, question.clone()));
    let told = rig.texted(which, false);
    assert!(matches!(
        told[..],
        [ServerOutput::Send(
            _,
            ToDevice::Account(AccountToDevice::Refused { why: Refusal::Carrier, .. })
        )]
    ));
    assert_eq!(refused(rig.ask(1, question)), Refusal::Carrier, "said again, answered alike");
    rig.restart();
    rig.up(2);
    assert_ne!(sent(rig.register(2, number(1), key(1))), which);
}

#[test]
fn a_token_is_shown_in_each_session_and_the_newest_session_counts() {
    let mut rig = Rig::new();
    rig.up(1);
    let known = rig.registered(1, number(1), 1);
    rig.up(2);
    let device = known.device;
    let wrong = Known { device, token: Token([0; 32]) };
    assert!(is_unknown(rig.hello(2, &wrong, None)));
    let nobody = Known { device: DeviceId(99), ..known.clone() };
    assert!(is_unknown(rig.hello(2, &nobody, None)));
    let hello = rig.hello_of(&known, None);
    assert!(rig.say(2, hello).contains(&ended(1)));
    assert!(rig.give(ServerInput::Down(Connection(1))).is_empty());
    assert!(rig.give(ServerInput::Down(Connection(2))).contains(&gone(device)));
}

#[test]
fn whoever_says_nothing_is_sent_away() {
    let mut rig = Rig::new();
    rig.up(1);
    rig.up(2);
    sent(rig.register(2, number(1), key(1)));
    assert_eq!(rig.wait(MINUTE), [ended(1)]);
    assert!(rig.register(1, number(1), key(1)).is_none());
    assert_eq!(rig.wait(MINUTE.times(9)), [ended(2)], "the code holds no more");
}

#[test]
fn a_number_that_is_proved_by_another_device_has_changed_hands() {
    let mut rig = Rig::new();
    rig.up(1);
    rig.up(2);
    rig.up(3);
    let former = rig.registered(1, number(1), 1);
    let linked = rig.linked(1, 2, 2);
    let list = rig.server.accounts.list_of(&number(1));
    let which = sent(rig.register(3, number(1), key(3)));
    let code = rig.code(which);
    let request = rig.request();
    let said = rig.say(3, AccountFromDevice::Confirm { request, registration: which, code });
    for (session, known) in [(1, &former), (2, &linked)] {
        assert!(said.contains(&ended(session)));
        rig.up(10 + session);
        assert!(is_unknown(rig.hello(10 + session, known, None)));
    }
    assert_eq!(rig.told(&ServerEvent::ChangedHands(number(1))), 1);
    assert!(rig.server.accounts.list_of(&number(1)) > list);
    rig.up(4);
    let holder = rig.devices(&number(1));
    assert_eq!(holder.len(), 1);

    let held = refused(rig.register(4, number(1), key(1)));
    assert_eq!(held, Refusal::HeldDown(MINUTE.times(120)));
    rig.restart();
    rig.wait(MINUTE.times(120));
    rig.up(5);
    rig.registered(5, number(1), 1);
    assert_ne!(rig.devices(&number(1)), holder);
}

#[test]
fn two_who_prove_a_number_at_once_do_not_take_it_from_each_other() {
    let mut rig = Rig::new();
    let registrations = [1, 2, 3].map(|device: u8| {
        rig.up(u64::from(device));
        sent(rig.register(u64::from(device), number(1), key(device)))
    });
    let codes = registrations.map(|which| rig.code(which));
    known(rig.confirm(1, registrations[0], codes[0]));
    known(rig.confirm(2, registrations[1], codes[1]));
    let held = refused(rig.confirm(3, registrations[2], codes[2]));
    assert_eq!(held, Refusal::HeldDown(MINUTE.times(120)));
}

#[test]
fn a_holder_that_proves_its_number_again_stays_the_same_device() {
    let mut rig = Rig::new();
    rig.up(1);
    rig.up(2);
    let first = rig.registered(1, number(1), 1);
    let linked = rig.linked(1, 2, 2);
    assert_eq!(rig.registered(1, number(1), 1), first, "in its own session: the same token");
    rig.up(3);
    let again = rig.registered(3, number(1), 1);
    assert_eq!(again.device, first.device);
    assert_ne!(again.token, first.token, "it has not shown its token");
    assert_eq!(rig.devices(&number(1)), [first.device, linked.device]);
    assert_eq!(rig.told(&ServerEvent::ChangedHands(number(1))), 0);
}

#[test]
fn a_device_that_takes_another_number_gives_up_its_own() {
    let mut rig = Rig::new();
    rig.up(1);
    let before = rig.registered(1, number(1), 1);
    let after = rig.registered(1, number(2), 1);
    assert_ne!(before.device, after.device);
    assert!(rig.devices(&number(1)).is_empty());
    assert_eq!(rig.told(&ServerEvent::Deregistered(number(1))), 1);
    assert!(matches!(
        rig.hello(1, &after, None),
        Some(ToDevice::Account(AccountToDevice::Welcome { .. }))
    ));
}

#[test]
fn what_was_acknowledged_survives_a_crash_at_every_output() {
    let code = |registration, number, key| {
        let (registration, at, card) = (Registration(registration), Instant::ZERO, card(1));
        let sent =
            CodeSent { registration, at, number, key, card, tenant: TenantId(1), name: name() };
        config().key.code(&sent)
    };
    let say = |message| ServerInput::Message(Connection(1), message);
    let register = |request, of: u64| {
        let (request, number, key) = (RequestId(request), number(of), key(1));
        say(FromDevice::Account(AccountFromDevice::Register {
            request,
            number,
            key,
            card: card(1),
            tenant: TenantId(1),
            name: name(),
        }))
    };
    let confirm = |request, registration| {
        let code = code(registration, number(registration), key(1));
        let (request, registration) = (RequestId(request), Registration(registration));
        say(FromDevice::Account(AccountFromDevice::Confirm { request, registration, code }))
    };
    let inputs = [
        ServerInput::Up(Connection(1)),
        register(1, 1),
        confirm(2, 1),
        register(3, 2),
        confirm(4, 2),
    ];
    let fresh = || Server::new(config());
    // After a crash there is no session: everything is said again.
    let points = polysim_base::testkit::crash_everywhere(
        fresh,
        &inputs,
        |_| 0,
        |at, run| {
            let mut texts: Vec<OutText> = Vec::new();
            for effect in run.effects() {
                match effect {
                    ServerOutput::Text { text, .. } => texts.push(*text),
                    ServerOutput::Send(
                        _,
                        ToDevice::Account(AccountToDevice::Registered { device, number, .. }),
                    ) => {
                        // Only the device itself may have given it up, for another number.
                        let later = run.machine().accounts.last > *device;
                        let holds = run.machine().accounts.number_of(*device) == Some(*number);
                        assert!(holds || later, "{at:?}: {number} was acknowledged");
                    }
                    _ => {}
                }
            }
            let count = texts.len();
            texts.dedup();
            assert_eq!(texts.len(), count, "{at:?}: no text is sent twice");
            let mut again = Server::new(config());
            run.machine().checkpoint().into_iter().for_each(|record| again.restore(record));
            assert_eq!(again.checkpoint(), run.machine().checkpoint(), "{at:?}");
        },
    );
    assert!(points > 15, "{points}");
}

const fn gone(device: DeviceId) -> ServerOutput {
    ServerOutput::Tell(ServerEvent::Gone(device))
}

#[test]
fn a_session_in_which_a_device_has_become_another_one_is_over_when_it_says_so() {
    let mut rig = Rig::new();
    rig.up(1);
    let first = rig.registered(1, number(1), 1);
    rig.hello(1, &first, None);
    assert_eq!(rig.server.sessions.device(Connection(1)), Some(first.device));
    let second = rig.registered(1, number(2), 1);
    assert_ne!(second.device, first.device);
    assert_eq!(rig.server.sessions.device(Connection(1)), None, "it does not know yet");
    assert_eq!(rig.server.sessions.connection(second.device), None);
    let hello = rig.hello_of(&second, None);
    let said = rig.say(1, hello);
    assert!(said.contains(&ended(1)), "{said:?}");
    assert!(!rig.server.sessions.is_open(Connection(1)));
    rig.up(2);
    rig.hello(2, &second, None);
    assert_eq!(rig.server.sessions.connection(second.device), Some(Connection(2)));
}
