//! Any inputs in any order, against what must hold whatever comes.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Give(SlaveInput),
    Down,
    Wait(u64),
    Crash,
}

fn message() -> impl Strategy<Value = SlaveInput> {
    let epoch = 0..6_u32;
    prop_oneof![
        3 => epoch.clone().prop_map(take),
        3 => (epoch.clone(), 0..6_u32).prop_map(|(count, sent)| activate(count, sent)),
        2 => epoch.clone().prop_map(lend),
        2 => epoch.clone().prop_map(revoke),
        2 => epoch.clone().prop_map(resume),
        2 => epoch.prop_map(noted),
        1 => Just(busy()),
        1 => Just(READ),
        1 => Just(WIPE),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let numbers = (0..50_u64, 0..3_u8).prop_map(|number| {
        SlaveInput::Sequence(accepted(&[number].map(|(seq, ind)| (seq + 1, ind))))
    });
    let input = prop_oneof![
        8 => message(),
        3 => Just(SlaveInput::Up),
        5 => Just(SlaveInput::Left),
        1 => Just(WANT),
        1 => Just(RELEASE),
        1 => Just(FORGET),
        1 => numbers,
    ];
    prop_oneof![
        20 => input.prop_map(Step::Give),
        2 => Just(Step::Down),
        4 => (0..20_000_000_u64).prop_map(Step::Wait),
        1 => Just(Step::Crash),
    ]
}

/// What is known of a slave from outside.
#[derive(Default)]
struct Model {
    /// A modem was told to attach, and has not left since.
    attached: bool,
    /// It was told to leave, and has not left since.
    leaving: bool,
    /// The newest lease that it was told to attach under.
    newest: Epoch,
    /// Since when the link has been down for a modem that is attached, unless the master has said since
    /// that the lease goes on.
    doubt: Option<Instant>,
}

impl Model {
    fn see(&mut self, now: Instant, out: &[Output]) {
        for output in out {
            match output {
                Out::Do(SlaveOutput::Modem(ModemOrder::Attach(_) | ModemOrder::AttachRemote)) => {
                    assert!(!self.attached, "two cards at once");
                    (self.attached, self.leaving, self.doubt) = (true, false, None);
                }
                Out::Do(SlaveOutput::Modem(ModemOrder::Leave)) => self.leaving = true,
                Out::Do(SlaveOutput::Tell(SlaveEvent::Activated(epoch))) => {
                    assert!(*epoch > self.newest, "a lease was activated again");
                    self.newest = *epoch;
                }
                Out::Do(SlaveOutput::Tell(SlaveEvent::Lost)) if self.attached => {
                    self.doubt.get_or_insert(now);
                }
                Out::Do(SlaveOutput::Tell(SlaveEvent::Resumed)) => self.doubt = None,
                Out::Do(SlaveOutput::Tell(SlaveEvent::Left { .. })) => {
                    (self.attached, self.leaving, self.doubt) = (false, false, None);
                }
                Out::Do(SlaveOutput::Send(
                    ToMaster::Released { .. } | ToMaster::Wiped | ToMaster::Unable { .. },
                )) => assert!(!self.attached, "it says that it has left, and has not"),
                Out::Do(SlaveOutput::Send(ToMaster::Hello { holds, .. })) => {
                    assert_eq!(holds.is_some(), self.attached);
                }
                Out::Record(SlaveRecord::Activated(Epoch::NONE)) => self.newest = Epoch::NONE,
                Out::Record(_) | Out::Do(_) => {}
            }
        }
    }

    fn check(&self, bench: &Bench) {
        let Slave { activity, .. } = &bench.slave;
        assert_eq!(bench.slave.active().is_some(), self.attached);
        assert_eq!(activity.is_leaving(), self.leaving);
        if let Some(since) = self.doubt.filter(|_| !self.leaving) {
            assert!(bench.now < since.plus(timing().leaves_after()), "it stays too long");
        }
    }
}

fn start(bench: &mut Bench, model: &mut Model) {
    let out = bench.give(SlaveInput::Start);
    model.see(bench.now, &out);
    (model.attached, model.leaving, model.doubt) = (false, true, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_inputs_in_any_order_bring_it_to_the_network_twice_or_keep_it_there(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let (mut bench, mut model) = (Bench::new(config()), Model::default());
        start(&mut bench, &mut model);
        for step in steps {
            let out = match step {
                Step::Give(input) => bench.give(input),
                Step::Down => bench.down(),
                Step::Wait(micros) => bench.wait(Duration::from_micros(micros)),
                Step::Crash => {
                    bench.restart();
                    prop_assert_eq!(bench.slave.active(), None);
                    let mut short = Slave::new(config());
                    for record in bench.slave.checkpoint() {
                        short.restore(record);
                    }
                    prop_assert_eq!(&short, &bench.slave);
                    start(&mut bench, &mut model);
                    Vec::new()
                }
            };
            model.see(bench.now, &out);
            model.check(&bench);
        }
    }

    #[test]
    fn a_message_that_is_doubled_changes_nothing_more(
        steps in proptest::collection::vec(step(), 1..40),
        message in message(),
    ) {
        let (mut bench, mut model) = (Bench::new(config()), Model::default());
        start(&mut bench, &mut model);
        for step in steps {
            match step {
                Step::Give(input) => drop(bench.give(input)),
                Step::Down => drop(bench.down()),
                Step::Wait(micros) => drop(bench.wait(Duration::from_micros(micros))),
                Step::Crash => {}
            }
        }
        bench.give(message.clone());
        let records = bench.records.len();
        let before = bench.slave.clone();
        let out = bench.give(message);
        prop_assert_eq!(&bench.slave.activity, &before.activity);
        prop_assert_eq!(bench.records.len(), records);
        prop_assert_eq!(orders(&out), [] as [&ModemOrder; 0]);
    }
}
