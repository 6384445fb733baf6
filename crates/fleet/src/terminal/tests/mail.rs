use super::*;

fn mail(ids: impl IntoIterator<Item = u64>) -> Vec<TerminalEvent> {
    ids.into_iter().map(|id| TerminalEvent::Mail(item(id))).collect()
}

#[test]
fn it_asks_for_mail_at_the_start_and_now_and_then() {
    let mut rig = Rig::new();
    rig.give(TerminalInput::Start);
    let asked = rig.ask();
    assert_eq!(asked.ask, Ask::Mail { after: MailId(0) });
    rig.answer(asked.request, page(0, [], false));
    rig.pass(Duration::from_secs(59));
    assert!(rig.asked.is_empty());
    rig.pass(Duration::from_secs(1));
    assert_ne!(rig.ask().request, asked.request);
}

#[test]
fn each_item_is_recorded_before_it_is_told() {
    let mut rig = Rig::new();
    rig.give(TerminalInput::Start);
    let asked = rig.ask();
    let answer = TerminalInput::Answer(SERVER, asked.request, page(0, [3, 5], false));
    rig.terminal.handle(rig.now, answer);
    for id in [3, 5] {
        let record = Out::Record(TerminalRecord::Mail(item(id)));
        let tell = Out::Do(TerminalOutput::Tell(TerminalEvent::Mail(item(id))));
        assert_eq!(rig.terminal.poll_output(), Some(record));
        assert_eq!(rig.terminal.poll_output(), Some(tell));
    }
    assert_eq!(rig.terminal.cursor(), MailId(5));
}

#[test]
fn it_asks_on_while_there_is_more() {
    let mut rig = Rig::new();
    rig.give(TerminalInput::Start);
    let asked = rig.ask();
    rig.answer(asked.request, page(0, [1, 2], true));
    assert_eq!(rig.ask().ask, Ask::Mail { after: MailId(2) });
}

#[test]
fn a_page_that_does_not_follow_is_not_taken() {
    let mut rig = Rig::new();
    rig.give(TerminalInput::Start);
    let asked = rig.ask();
    rig.answer(asked.request, page(4, [5], false));
    assert!(rig.told().is_empty());
    rig.answer(asked.request, page(0, [2, 1, 2, 3], false));
    rig.answer(asked.request, page(0, [2, 1, 2, 3], false));
    assert_eq!(rig.told(), mail([2, 3]));
}

#[test]
fn a_hint_makes_it_ask_at_once() {
    let mut rig = Rig::new();
    rig.give(TerminalInput::Start);
    let asked = rig.ask();
    // It comes before the answer that does not know of it yet.
    rig.give(TerminalInput::Mail(SERVER, MailId(1)));
    assert!(rig.asked.is_empty());
    rig.answer(asked.request, page(0, [], false));
    let asked = rig.ask();
    rig.answer(asked.request, page(0, [1], false));
    rig.give(TerminalInput::Mail(SERVER, MailId(1)));
    assert!(rig.asked.is_empty(), "it has that");
    rig.give(TerminalInput::Mail(SERVER, MailId(9)));
    let asked = rig.ask();
    rig.answer(asked.request, page(1, [], false));
    assert!(rig.asked.is_empty(), "what is not to be had is not asked for without end");
}

#[test]
fn silent_servers_are_asked_in_turn() {
    let mut rig = Rig::new();
    rig.give(TerminalInput::Start);
    rig.pass(Duration::from_secs(6));
    let servers: Vec<_> = rig.asked.iter().map(|(server, _)| server.0).collect();
    assert_eq!(servers, [0, 1, 0]);
    rig.pass(Duration::from_secs(60));
    assert_eq!(rig.asked.len(), 4);
}

#[test]
fn after_a_crash_it_goes_on_where_it_was() {
    let mut rig = Rig::new();
    rig.give(TerminalInput::Start);
    let asked = rig.ask();
    rig.answer(asked.request, page(0, 1..=300, false));
    rig.restart();
    assert_eq!(rig.ask().ask, Ask::Mail { after: MailId(300) });
    let ids: Vec<_> = rig.terminal.inbox().map(|item| item.id.0).collect();
    assert_eq!(ids, Vec::from_iter(45..=300), "the newest 256");
}

#[test]
fn records_round_trip() {
    let mut rig = Rig::placed();
    rig.give(TerminalInput::Start);
    let asked = rig.ask();
    rig.answer(asked.request, page(0, [1], false));
    rig.wish(1, text());
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::BadRequest));
    assert_eq!(rig.records.len(), 5, "{:?}", rig.records);
    for record in &rig.records {
        let json = serde_json::to_string(record).unwrap();
        assert_eq!(serde_json::from_str::<TerminalRecord>(&json).unwrap(), *record);
    }
}
