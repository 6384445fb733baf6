use super::*;
use polysim_base::testkit::crash_everywhere;

#[test]
fn no_item_is_lost_or_doubled_at_any_crash_point() {
    let answer = |answer| TerminalInput::Answer(SERVER, RequestId(7 << 32), answer);
    let inputs = [
        TerminalInput::Start,
        answer(page(0, [1, 2, 3], true)),
        answer(page(0, [1, 2, 3], true)),
        // What the server says to a terminal that is anywhere.
        answer(page(1, [2, 3], false)),
        answer(page(2, [3], false)),
        answer(page(3, [4, 5], false)),
        answer(page(4, [5], false)),
    ];
    let points = crash_everywhere(
        || Terminal::new(CONFIG),
        &inputs,
        |_| 0,
        |_, run| {
            let inbox: Vec<_> = run.machine().inbox().map(|item| item.id.0).collect();
            assert_eq!(inbox, [1, 2, 3, 4, 5]);
            let told = run.effects().iter().filter_map(|effect| {
                let TerminalOutput::Tell(TerminalEvent::Mail(item)) = effect else { return None };
                Some(item.id.0)
            });
            let told: Vec<_> = told.collect();
            assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
            assert!(told.len() >= 4, "a crash loses the telling of one: {told:?}");
        },
    );
    assert!(points > 12, "{points}");
}

#[test]
fn no_text_is_lost_or_doubled_at_any_crash_point() {
    let message = |number| MessageId { user: UserId(1), terminal: TerminalId(7), number };
    let state = |number| {
        let state = crate::wire::TextState::Sent;
        TerminalInput::Modem(SITE, FromModem::Text { message: message(number), state })
    };
    let inputs = [
        TerminalInput::Start,
        TerminalInput::Wish(1, text()),
        TerminalInput::Wish(2, text()),
        state(0),
        state(1),
    ];
    let points = crash_everywhere(
        || Terminal::new(CONFIG),
        &inputs,
        // The user wishes again: whether it was taken is not known.
        |_| 0,
        |_, run| {
            let texts: Vec<_> =
                run.machine().outbox().map(|(text, over)| (text.wish, text.number, over)).collect();
            assert_eq!(texts, [(1, 0, Some(Ok(()))), (2, 1, Some(Ok(())))]);
            for wish in [1, 2] {
                let accepted = TerminalEvent::Accepted(wish, message(wish - 1));
                assert!(run.effects().contains(&TerminalOutput::Tell(accepted)));
            }
            let failed = |effect: &TerminalOutput| {
                matches!(effect, TerminalOutput::Tell(TerminalEvent::Failed(..)))
            };
            assert!(!run.effects().iter().any(failed));
        },
    );
    assert!(points > 8, "{points}");
}
