use super::*;
use polysim_base::{Duration, Queue};
use polysim_hal::TokioClock;
use std::collections::VecDeque;

/// A machine that gives out what it is told to, and has deadlines that it is told to have.
#[derive(Default)]
struct Told {
    out: Queue<Out<u32, &'static str>>,
    due: Option<Instant>,
    /// Serves its deadline without getting past it.
    stuck: bool,
}

enum Tell {
    Give(Vec<Out<u32, &'static str>>),
    Wait(Duration),
}

impl Machine for Told {
    type Input = Tell;
    type Output = &'static str;
    type Record = u32;
    type Timer = &'static str;

    fn handle(&mut self, now: Instant, input: Tell) {
        match input {
            Tell::Give(outs) => outs.into_iter().for_each(|out| self.out.push(out)),
            Tell::Wait(wait) => self.due = Some(now.plus(wait)),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.due.is_some_and(|due| due <= now) {
            if !self.stuck {
                self.due = None;
            }
            self.out.push(Out::Do("rang"));
        }
    }

    fn poll_output(&mut self) -> Option<Out<u32, &'static str>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        self.due.map(|due| (due, "told"))
    }

    fn restore(&mut self, _: u32) {}
}

/// What happened, in order, and when.
#[derive(Default)]
struct Scripted {
    inputs: VecDeque<(u64, Tell)>,
    happened: Vec<String>,
    disk_full: bool,
    start: Option<tokio::time::Instant>,
}

impl Scripted {
    fn new(inputs: impl IntoIterator<Item = (u64, Tell)>) -> Self {
        let start = Some(tokio::time::Instant::now());
        Self { inputs: inputs.into_iter().collect(), start, ..Self::default() }
    }
}

impl Environment<Told> for Scripted {
    type Failure = &'static str;

    fn settled(&mut self, _: &Told) -> bool {
        true
    }

    async fn next(&mut self) -> Option<Tell> {
        let at = self.inputs.front()?.0;
        let moment = self.start.unwrap() + std::time::Duration::from_secs(at);
        tokio::time::sleep_until(moment).await;
        self.inputs.pop_front().map(|(_, input)| input)
    }

    async fn perform(&mut self, output: &'static str) {
        let at = self.start.unwrap().elapsed().as_secs();
        self.happened.push(format!("{at}: {output}"));
    }

    async fn record(&mut self, records: Vec<u32>) -> Result<(), &'static str> {
        if self.disk_full {
            return Err("disk full");
        }
        self.happened.push(format!("{records:?}"));
        Ok(())
    }
}

async fn run(machine: &mut Told, around: &mut Scripted) -> Result<(), Stopped<&'static str>> {
    drive(machine, around, &TokioClock::starting_at(Instant::ZERO)).await
}

#[tokio::test(start_paused = true)]
async fn records_in_a_row_are_one_commit_before_what_comes_after_them() {
    let outs = vec![
        Out::Do("a"),
        Out::Record(1),
        Out::Record(2),
        Out::Do("b"),
        Out::Do("c"),
        Out::Record(3),
    ];
    let mut around = Scripted::new([(0, Tell::Give(outs))]);
    run(&mut Told::default(), &mut around).await.unwrap();
    assert_eq!(around.happened, ["0: a", "[1, 2]", "0: b", "0: c", "[3]"]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_fails_is_a_crash_and_drops_what_waited_for_it() {
    let outs = vec![Out::Do("a"), Out::Record(1), Out::Do("b")];
    let mut around = Scripted::new([(0, Tell::Give(outs))]);
    around.disk_full = true;
    let stopped = run(&mut Told::default(), &mut around).await;
    assert_eq!(stopped, Err(Stopped::NotDurable("disk full")));
    assert_eq!(around.happened, ["0: a"]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_moved_away_rings_when_it_is_due_and_no_earlier() {
    let wait = |secs| Tell::Wait(Duration::from_secs(secs));
    let nothing = || Tell::Give(Vec::new());
    let mut around = Scripted::new([
        (0, wait(5)),
        (3, wait(10)),
        (20, wait(60)),
        (21, wait(2)),
        (30, nothing()),
    ]);
    run(&mut Told::default(), &mut around).await.unwrap();
    assert_eq!(around.happened, ["13: rang", "23: rang"]);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_does_not_get_past_its_deadline_is_stopped() {
    let mut machine = Told { stuck: true, ..Told::default() };
    let mut around =
        Scripted::new([(0, Tell::Wait(Duration::from_secs(1))), (9, Tell::Give(Vec::new()))]);
    let stopped = run(&mut machine, &mut around).await;
    assert_eq!(stopped, Err(Stopped::Stuck { timer: "\"told\"".into() }));
    assert_eq!(around.happened, ["1: rang"]);
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_wants_no_more_ends_the_run() {
    struct Enough;
    impl Environment<Told> for Enough {
        type Failure = ();
        fn settled(&mut self, _: &Told) -> bool {
            false
        }
        async fn next(&mut self) -> Option<Tell> {
            std::future::pending().await
        }
        async fn perform(&mut self, _: &'static str) {}
        async fn record(&mut self, _: Vec<u32>) -> Result<(), ()> {
            Ok(())
        }
    }
    let clock = TokioClock::starting_at(Instant::ZERO);
    assert_eq!(drive(&mut Told::default(), &mut Enough, &clock).await, Ok(()));
}
