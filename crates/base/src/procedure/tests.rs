use super::*;
use core::future::Future;
use core::pin::pin;

const MS: Duration = Duration::from_millis(1);

fn asked<T>(p: &mut Procedure<&'static str, u32, T>) -> (Ticket, &'static str) {
    match p.poll_output() {
        Some(Out::Do(Step::Ask(ticket, question))) => (ticket, question),
        _ => panic!("no question"),
    }
}

fn result<T>(p: &mut Procedure<&'static str, u32, T>) -> Option<T> {
    match p.poll_output() {
        Some(Out::Do(Step::Done(result))) => Some(result),
        _ => None,
    }
}

#[test]
fn a_late_answer_after_a_timeout_never_answers_the_next_question() {
    let mut p = Procedure::start(Instant::ZERO, |mut port: Port<_, u32>| async move {
        let first = port.ask_within("creg", MS).await;
        (first, port.ask("cimi").await)
    });
    let (creg, _) = asked(&mut p);
    let (due, why) = p.poll_timeout().unwrap();
    assert_eq!(why, Wake::AnswerOverdue);
    p.handle_timeout(due);
    let (cimi, question) = asked(&mut p);
    assert_eq!(question, "cimi");
    p.handle(due, (creg, 1));
    assert_eq!((p.late_answers(), p.poll_timeout()), (1, None));
    assert_eq!(result(&mut p), None);
    p.handle(due, (cimi, 2));
    assert_eq!(result(&mut p), Some((None, 2)));
}

#[test]
fn an_answer_during_a_sleep_is_late_and_does_not_end_the_sleep() {
    let mut p = Procedure::start(Instant::ZERO, |mut port: Port<_, u32>| async move {
        let first = port.ask_within("creg", MS).await;
        port.sleep(MS).await;
        first
    });
    let (creg, _) = asked(&mut p);
    p.handle_timeout(Instant::ZERO.plus(MS));
    assert_eq!(p.poll_timeout(), Some((Instant::ZERO.plus(MS.times(2)), Wake::SleepOver)));
    p.handle(Instant::ZERO.plus(MS), (creg, 1));
    assert_eq!((p.late_answers(), result(&mut p)), (1, None));
    p.handle_timeout(Instant::ZERO.plus(MS.times(2)));
    assert_eq!(result(&mut p), Some(None));
}

#[test]
fn a_dropped_wait_withdraws_its_question_and_deadline() {
    let mut p = Procedure::start(Instant::ZERO, |mut port: Port<_, u32>| async move {
        {
            let mut wait = pin!(port.ask_within("creg", MS));
            poll_fn(|cx| {
                assert!(wait.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        port.ask("cimi").await
    });
    let (cimi, question) = asked(&mut p);
    assert_eq!((question, p.poll_timeout()), ("cimi", None));
    p.handle(Instant::ZERO, (cimi, 5));
    assert_eq!(result(&mut p), Some(5));
}

#[test]
fn the_same_answer_twice_is_taken_once() {
    let mut p = Procedure::start(Instant::ZERO, |mut port: Port<_, u32>| async move {
        port.ask("one").await + port.ask("two").await
    });
    let (one, _) = asked(&mut p);
    p.handle(Instant::ZERO, (one, 1));
    p.handle(Instant::ZERO, (one, 1));
    let (two, _) = asked(&mut p);
    p.handle(Instant::ZERO, (two, 10));
    assert_eq!((result(&mut p), p.late_answers()), (Some(11), 1));
}

#[test]
fn an_early_wake_up_is_tolerated_and_a_sleep_of_zero_waits_for_one() {
    let mut p = Procedure::start(Instant::ZERO, |mut port: Port<&'static str, u32>| async move {
        port.sleep(Duration::ZERO).await;
        port.sleep(MS).await;
    });
    assert_eq!(p.poll_timeout(), Some((Instant::ZERO, Wake::SleepOver)));
    p.handle_timeout(Instant::ZERO);
    p.handle_timeout(Instant::ZERO);
    assert_eq!(result(&mut p), None);
    p.handle_timeout(Instant::ZERO.plus(MS));
    assert_eq!(result(&mut p), Some(()));
}
