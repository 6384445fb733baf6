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
fn a_text_is_repeated_under_its_name_and_then_at_the_modem_that_has_the_sim() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    rig.pass(Duration::from_secs(6));
    assert_eq!(rig.to_modem.len(), 3);
    let asked = rig.ask();
    rig.answer(asked.request, at(2, 2));
    let names: Vec<_> = rig.to_modem.iter().map(|sent| sent.act.clone()).collect();
    assert!(names.iter().all(|act| *act == names[0]), "{names:?}");
    assert_eq!(rig.to_modem.pop().unwrap().modem, placement(2, 2).modem);
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
fn a_busy_modem_is_given_some_time_for_a_text() {
    let mut rig = Rig::placed();
    rig.wish(1, text());
    for _ in 0..2 {
        let there = rig.request();
        rig.reply(there.request, Err(UseRefusal::Busy));
        assert!(rig.told().is_empty() && rig.to_modem.is_empty());
        rig.pass(PATIENCE);
    }
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::Busy));
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, WishError::Modem(UseRefusal::Busy))]);
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
    let targets = rig.asked.iter().filter_map(|(_, asked)| {
        let Ask::Use { target, .. } = asked.ask else { return None };
        Some(target)
    });
    let targets: Vec<_> = targets.collect();
    assert_eq!(targets, [SIM()]);
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
