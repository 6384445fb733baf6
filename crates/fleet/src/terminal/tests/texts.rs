use super::*;
use crate::GroupId;
use crate::wire::{SimOrder, TextState};

fn message(number: u64) -> MessageId {
    MessageId { user: UserId(1), terminal: TerminalId(7), number }
}

#[test]
fn a_text_is_kept_before_it_is_sent() {
    let mut rig = Rig::placed();
    rig.terminal.handle(rig.now, TerminalInput::Wish(1, text()));
    assert!(matches!(rig.terminal.poll_output(), Some(Out::Record(TerminalRecord::Text(_)))));
    rig.drain();
    let sent = rig.request();
    let Act::Text { message: named, .. } = sent.act else { panic!("{sent:?}") };
    assert_eq!(named, message(0));
    rig.reply(sent.request, Ok(Done::Accepted(named)));
    assert_eq!(rig.told(), [TerminalEvent::Accepted(1, named)]);
    assert_eq!(rig.terminal.outbox().last().unwrap().1, Some(Ok(())));
}

#[test]
fn where_a_text_goes_is_kept_before_it_goes_there() {
    let mut rig = Rig::placed();
    rig.terminal.handle(rig.now, TerminalInput::Wish(1, text()));
    let outputs: Vec<_> = core::iter::from_fn(|| rig.terminal.poll_output()).collect();
    let aimed = |out: &Out<_, _>| matches!(out, Out::Record(TerminalRecord::Aimed { .. }));
    let sent = |out: &Out<_, _>| matches!(out, Out::Do(TerminalOutput::Site(..)));
    assert!(outputs.iter().position(aimed).unwrap() < outputs.iter().position(sent).unwrap());
}

#[test]
fn a_text_that_a_modem_may_have_goes_to_no_other_before_that_one_has_said_no() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    rig.pass(Duration::from_secs(3_600));
    rig.restart();
    rig.pass(Duration::from_secs(3_600));
    let sent = core::mem::take(&mut rig.to_modem);
    assert!((100..140).contains(&sent.len()), "after a while once a minute: {}", sent.len());
    let Placement { modem, epoch, .. } = placement(1, 1);
    let there = |sent: &ModemRequest| (sent.modem, sent.epoch) == (modem, epoch);
    assert!(sent.iter().all(|other| there(other) && other.act == sent[0].act));
    let of_mail = |(_, asked): &(ServerId, UserRequest)| matches!(asked.ask, Ask::Mail { .. });
    assert!(rig.asked.iter().all(of_mail), "no server has a say in it");
    rig.asked.clear();
    rig.reply(sent.last().unwrap().request, Err(UseRefusal::Moved));
    let asked = rig.ask();
    rig.answer(asked.request, Answer::Moved(placement(2, 2)));
    let there = rig.request();
    assert_eq!((there.modem, there.act), (placement(2, 2).modem, sent[0].act.clone()));
    rig.restart();
    assert_eq!(rig.request().modem, placement(2, 2).modem);
}

#[test]
fn a_text_is_not_sent_by_a_lease_that_its_site_may_never_hear_of() {
    let mut rig = Rig::new();
    rig.wish(1, TerminalWish::Assign(iccid(), uses::parameters()));
    let asked = rig.ask();
    rig.answer(asked.request, Answer::Assigned(placement(1, 1), crate::wire::Why::NeverAsked));
    rig.wish(2, text());
    for _ in 0..2 {
        let asked = rig.ask();
        let attaching = crate::wire::Refusal::State(crate::SimState::Attaching);
        rig.answer(asked.request, Answer::Refused(attaching));
        rig.pass(PATIENCE.times(2));
    }
    let asked = rig.ask();
    rig.answer(asked.request, at(1, 1));
    assert_eq!(rig.request().modem, placement(1, 1).modem);
}

#[test]
fn a_modem_that_takes_a_text_at_the_second_asking_may_say_so_late() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::NotOnStandby));
    // A copy of the request came when the modem was on standby.
    rig.reply(there.request, Ok(Done::Accepted(message(0))));
    assert_eq!(rig.told(), [TerminalEvent::Accepted(1, message(0))]);
    assert_eq!(rig.terminal.open_wishes(), 0);
}

#[test]
fn no_text_is_named_so_far_behind_an_open_one_that_its_site_could_forget_that() {
    let mut rig = Rig::placed();
    rig.wish(0, text());
    let open = rig.request();
    for wish in 1..256 {
        rig.wish(wish, text());
        let there = rig.request();
        rig.reply(there.request, Err(UseRefusal::CapReached));
    }
    rig.told();
    rig.wish(256, text());
    assert_eq!(rig.told(), [TerminalEvent::Failed(256, WishError::TooMany)]);
    rig.reply(open.request, Ok(Done::Accepted(message(0))));
    rig.told();
    rig.wish(257, text());
    assert!(rig.told().is_empty());
}

#[test]
fn a_text_is_not_given_up_while_nobody_answers() {
    let mut rig = Rig::new();
    rig.wish(1, text());
    rig.pass(Duration::from_secs(3_600));
    assert!(rig.told().is_empty());
    let asked = rig.asked.len();
    assert!((50..70).contains(&asked), "after a while it asks once a minute: {asked}");
}

#[test]
fn a_text_that_is_finally_refused_is_over() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::NotPermitted));
    let refused = WishError::Modem(UseRefusal::NotPermitted);
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, refused)]);
    rig.restart();
    rig.asked.clear();
    rig.wish(1, text());
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, refused)], "and is not sent anew");
    assert!(rig.asked.is_empty());
}

#[test]
fn a_modem_that_cannot_now_is_asked_again_as_long_as_it_takes() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    for seconds in [2, 4, 8, 16, 32, 60, 60] {
        let there = rig.request();
        rig.reply(there.request, Err(UseRefusal::Busy));
        rig.pass(Duration::from_millis(seconds * 1_000 - 1));
        assert!(rig.told().is_empty() && rig.to_modem.is_empty());
        rig.pass(Duration::from_millis(1));
    }
    let there = rig.request();
    rig.reply(there.request, Ok(Done::Accepted(message(0))));
    assert_eq!(rig.told(), [TerminalEvent::Accepted(1, message(0))]);
}

#[test]
fn a_text_stays_with_the_sim_that_may_have_sent_it() {
    let mut rig = Rig::new();
    let best = Target::Best { group: GroupId(1), order: SimOrder::LeastRecentlyUsed };
    let text = TerminalWish::Text { sim: best, to: number(), body: "hi".into(), report: true };
    rig.wish(1, text);
    let asked = rig.ask();
    rig.answer(asked.request, at(1, 1));
    rig.request();
    rig.restart();
    let there = rig.request();
    assert_eq!((there.modem, there.iccid), (placement(1, 1).modem, iccid()));
    rig.asked.clear();
    rig.reply(there.request, Err(UseRefusal::Moved));
    let Ask::Use { target, .. } = rig.ask().ask else { panic!() };
    assert_eq!(target, SIM(), "it stays with the SIM, too");
}

#[test]
fn news_of_a_text_say_that_a_modem_has_it() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    let state = FromModem::Text { message: message(0), state: TextState::Sent };
    rig.say(state.clone());
    rig.say(state);
    let (accepted, sent) =
        (TerminalEvent::Accepted(1, message(0)), TerminalEvent::Text(message(0), TextState::Sent));
    assert_eq!(rig.told(), [accepted, sent]);
    assert_eq!(rig.terminal.open_wishes(), 0);
}

#[test]
fn mail_about_a_text_says_that_a_modem_has_it() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    rig.give(TerminalInput::Mail(SERVER, MailId(1)));
    let mail = Mail::TextState {
        message: message(0),
        to: number().to_string(),
        state: TextState::Delivered,
    };
    let items = [MailItem { mail, ..item(1) }].into();
    let asked = rig.ask();
    let page = MailPage { after: MailId(0), items, more: false };
    rig.answer(asked.request, Answer::Mail(page));
    assert_eq!(rig.told()[0], TerminalEvent::Accepted(1, message(0)));
}

#[test]
fn texts_of_others_are_not_told_of() {
    let mut rig = Rig::placed();
    let other = MessageId { terminal: TerminalId(8), ..message(0) };
    rig.say(FromModem::Text { message: other, state: TextState::Sent });
    assert!(rig.told().is_empty());
}
