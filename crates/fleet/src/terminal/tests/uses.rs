use super::*;
use crate::wire::{Refusal, Why};
use crate::{GroupId, Permissions};

fn dial() -> TerminalWish {
    TerminalWish::Dial { sim: SIM(), to: number() }
}

#[test]
fn a_use_is_two_exchanges() {
    let mut rig = Rig::new();
    rig.wish(1, dial());
    let asked = rig.ask();
    let purpose = Permissions::CALL;
    assert_eq!(asked.ask, Ask::Use { target: SIM(), purpose, known: None });
    rig.answer(asked.request, at(1, 1));
    let there = rig.request();
    let Placement { modem, epoch, .. } = placement(1, 1);
    assert_eq!((there.modem, there.epoch, there.iccid), (modem, epoch, iccid()));
    assert_eq!(there.act, Act::Dial { to: number() });
    assert_ne!(there.request, asked.request);
    assert_eq!(there.request.0 >> 32, 7, "the terminal names its requests");
}

#[test]
fn a_modem_that_is_known_is_asked_at_once() {
    let mut rig = Rig::placed();
    rig.wish(1, TerminalWish::Apdu { sim: iccid(), apdu: [0, 1].into() });
    assert!(rig.asked.is_empty());
    let there = rig.request();
    rig.reply(there.request, Ok(Done::Apdu([0x90, 0].into())));
    assert_eq!(rig.told(), [TerminalEvent::Apdu(1, [0x90, 0].into())]);
}

#[test]
fn the_server_is_asked_again_when_the_sim_has_moved() {
    let mut rig = Rig::placed();
    rig.wish(1, dial());
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::Moved));
    let asked = rig.ask();
    let Placement { modem, epoch, .. } = placement(1, 1);
    let purpose = Permissions::CALL;
    assert_eq!(asked.ask, Ask::Use { target: SIM(), purpose, known: Some((modem, epoch)) });
    rig.answer(asked.request, Answer::Moved(placement(2, 2)));
    assert_eq!(rig.request().modem, placement(2, 2).modem);
}

#[test]
fn a_modem_that_denied_is_asked_again_only_after_a_while() {
    let mut rig = Rig::placed();
    rig.wish(1, dial());
    for _ in 0..4 {
        let there = rig.request();
        rig.reply(there.request, Err(UseRefusal::Moved));
        let asked = rig.ask();
        rig.answer(asked.request, at(1, 1));
        assert!(rig.to_modem.is_empty());
        rig.pass(PATIENCE);
    }
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::Moved));
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, WishError::Restless)]);
    assert_eq!(rig.terminal.open_wishes(), 0);
}

#[test]
fn a_silent_server_is_asked_again_and_then_the_next_one() {
    let mut rig = Rig::new();
    rig.wish(1, TerminalWish::List);
    rig.pass(Duration::from_secs(4));
    let servers: Vec<_> = rig.asked.iter().map(|(server, _)| server.0).collect();
    assert_eq!(servers, [0, 1, 0]);
    assert!(rig.asked.iter().all(|(_, asked)| asked.request == rig.asked[0].1.request));
    rig.pass(PATIENCE);
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, WishError::NoAnswer)]);
}

#[test]
fn the_server_that_leads_is_found_and_remembered() {
    let mut rig = Rig::new();
    rig.wish(1, TerminalWish::List);
    let request = rig.ask().request;
    rig.answer(request, Answer::Refused(Refusal::NotLeading));
    assert_eq!(rig.asked.pop().unwrap().0, ServerId(1));
    rig.give(TerminalInput::Answer(ServerId(1), request, Answer::Sims(Vec::new())));
    assert_eq!(rig.told(), [TerminalEvent::Answered(1, Answer::Sims(Vec::new()))]);
    rig.wish(2, TerminalWish::List);
    assert_eq!(rig.asked.pop().unwrap().0, ServerId(1));
}

#[test]
fn servers_that_all_refuse_are_not_asked_without_end() {
    let mut rig = Rig::new();
    rig.wish(1, TerminalWish::List);
    while let Some((server, asked)) = rig.asked.pop() {
        let refused = Answer::Refused(Refusal::NotLeading);
        rig.give(TerminalInput::Answer(server, asked.request, refused));
    }
    rig.pass(PATIENCE);
    assert_eq!(rig.asked.len(), 1);
}

#[test]
fn a_configuration_request_is_followed_and_nothing_told_twice() {
    let mut rig = Rig::new();
    rig.wish(1, TerminalWish::Release(iccid(), crate::wire::Reclaim::Now));
    let request = rig.ask().request;
    let waiting = Answer::Waiting(Why::NeverAsked);
    let assigned = Answer::Assigned(placement(1, 1), Why::NeverAsked);
    let dropped = Answer::Dropped(crate::wire::DropReason::Released);
    for answer in [&waiting, &waiting, &assigned, &assigned, &dropped, &dropped] {
        rig.answer(request, answer.clone());
    }
    let told = [waiting, assigned, dropped].map(|answer| TerminalEvent::Answered(1, answer));
    assert_eq!(rig.told(), told);
}

pub(super) fn parameters() -> crate::wire::Parameters {
    let modem = crate::wire::ModemWanted::Fixed(placement(1, 1).modem);
    crate::wire::Parameters {
        modem,
        priority: 1,
        duration: None,
        reclaim: crate::wire::Reclaim::Now,
        evict: false,
        turns: None,
        wait: Duration::from_secs(60),
    }
}

/// One whose request waits in the queue.
fn waiting() -> (Rig, RequestId) {
    let mut rig = Rig::new();
    rig.wish(1, TerminalWish::Assign(iccid(), parameters()));
    let request = rig.ask().request;
    rig.answer(request, Answer::Waiting(queued(3)));
    rig.told();
    (rig, request)
}

const fn queued(waiting: u32) -> Why {
    Why::Queued { waiting, turn: 7 }
}

#[test]
fn what_became_of_a_request_that_waits_is_asked_because_the_news_may_be_lost() {
    let (mut rig, request) = waiting();
    rig.pass(CONFIG.mail_every);
    let asked = rig.ask();
    assert_eq!(asked.ask, Ask::Why { iccid: iccid() });
    assert_ne!(asked.request, request);
    rig.answer(asked.request, Answer::Explained(crate::SimState::Waiting, queued(2)));
    assert!(rig.told().is_empty(), "it waits as before");
    rig.pass(CONFIG.mail_every);
    let asked = rig.ask();
    let modem = Why::Fixed(placement(1, 1).modem);
    let explained = Answer::Explained(crate::SimState::Standby, modem);
    rig.answer(asked.request, explained.clone());
    rig.answer(asked.request, explained.clone());
    assert_eq!(rig.told(), [TerminalEvent::Answered(1, explained)]);
    rig.pass(CONFIG.mail_every.times(3));
    assert!(rig.asked.is_empty(), "it waits no more");
    let ended = Answer::Ended(crate::wire::EndReason::Released);
    rig.answer(request, ended.clone());
    assert_eq!(rig.told(), [TerminalEvent::Answered(1, ended)]);
}

#[test]
fn a_server_that_is_silent_or_does_not_lead_is_not_asked_alone() {
    let (mut rig, _) = waiting();
    rig.pass(CONFIG.mail_every);
    rig.pass(CONFIG.mail_every);
    let asked: Vec<_> = core::mem::take(&mut rig.asked);
    assert_eq!(asked.iter().map(|(server, _)| server.0).collect::<Vec<_>>(), [0, 1]);
    let refused = Answer::Refused(Refusal::NotLeading);
    rig.give(TerminalInput::Answer(ServerId(1), asked[1].1.request, refused));
    rig.pass(PATIENCE);
    assert_eq!(rig.asked.pop().unwrap().0, ServerId(0));
    assert!(rig.told().is_empty());
}

#[test]
fn a_call_is_never_dialled_twice_without_an_answer() {
    let mut rig = Rig::placed();
    rig.wish(1, dial());
    rig.pass(Duration::from_secs(60));
    assert_eq!(rig.to_modem.len(), 1);
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, WishError::NoAnswer)]);
    // The next wish asks a server.
    rig.wish(2, dial());
    assert_eq!((rig.asked.len(), rig.to_modem.len()), (1, 1));
}

#[test]
fn what_a_modem_refuses_is_told() {
    let mut rig = Rig::placed();
    rig.wish(1, dial());
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::CapReached));
    let refused = WishError::Modem(UseRefusal::CapReached);
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, refused)]);
}

#[test]
fn what_the_server_refuses_is_told() {
    let mut rig = Rig::new();
    let order = crate::wire::SimOrder::LeastRecentlyUsed;
    rig.wish(
        1,
        TerminalWish::Dial { sim: Target::Best { group: GroupId(1), order }, to: number() },
    );
    let asked = rig.ask();
    rig.answer(asked.request, Answer::Refused(Refusal::NoSimSuits));
    let refused = WishError::Exchange(Refusal::NoSimSuits);
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, refused)]);
}

#[test]
fn an_answer_of_another_site_is_not_taken() {
    let mut rig = Rig::placed();
    rig.wish(1, dial());
    let request = rig.request().request;
    let reply = FromModem::Reply { request, outcome: Err(UseRefusal::Busy) };
    rig.give(TerminalInput::Modem(SiteId(9), reply));
    assert!(rig.told().is_empty());
}

#[test]
fn too_many_wishes_at_once_are_refused() {
    let mut rig = Rig::new();
    (0..65).for_each(|number| rig.wish(number, TerminalWish::List));
    assert_eq!(rig.told(), [TerminalEvent::Failed(64, WishError::TooMany)]);
    rig.wish(3, TerminalWish::List);
    assert_eq!((rig.told().len(), rig.asked.len()), (0, 64), "an open wish is not taken again");
}

#[test]
fn no_request_is_named_as_one_of_a_former_life() {
    let mut rig = Rig::new();
    let mut names = std::collections::BTreeSet::new();
    for number in 0..1_000 {
        rig.wish(number, TerminalWish::Why(iccid()));
        let (_, asked) = rig.asked.pop().unwrap();
        assert!(names.insert(asked.request));
        rig.answer(asked.request, Answer::Refused(Refusal::NotPermitted));
        if number % 300 == 7 {
            rig.restart();
        }
    }
}
