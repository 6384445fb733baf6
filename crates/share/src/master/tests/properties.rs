//! Random histories under the eyes of the referee.

use polysim_base::Out;
use proptest::prelude::*;
use std::vec;
use std::vec::Vec;

use super::rig::*;
use crate::master::{
    Consent, Holder, MasterCommand, MasterConfig, MasterInput, MasterOutput, Mode, SlaveId, Way,
};
use crate::wire::{ToMaster, ToSlave};

/// Something that may happen. Epochs are relative: how far they lie before the newest one.
#[derive(Clone, Debug)]
enum Step {
    Up(SlaveId),
    Down(SlaveId),
    Hello { id: SlaveId, holds: Option<u32>, newest: u32, wants: bool },
    Have { id: SlaveId, digest: Option<u8> },
    Word { id: SlaveId, word: u8, back: u32 },
    Command(MasterCommand),
    OwnLeft,
    OwnSequence(u8),
    Card,
    Wait(u64),
    Restart,
}

fn slave() -> impl Strategy<Value = SlaveId> {
    (0..5_u16).prop_map(SlaveId)
}

fn command() -> impl Strategy<Value = MasterCommand> {
    prop_oneof![
        slave().prop_map(|id| MasterCommand::Pair { key: key(id), name: name(id) }),
        slave().prop_map(MasterCommand::Unpair),
        slave().prop_map(|id| MasterCommand::Pick(Holder::Slave(id))),
        slave().prop_map(|id| MasterCommand::Pick(Holder::Slave(id))),
        Just(MasterCommand::Pick(Holder::Own)),
        Just(MasterCommand::Release),
        (slave(), any::<bool>()).prop_map(|(slave, allow)| MasterCommand::Consent { slave, allow }),
        (1..4_u8).prop_map(|number| MasterCommand::Replace(set(number))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let hello = (slave(), proptest::option::of(0..3_u32), 0..3_u32, any::<bool>());
    prop_oneof![
        4 => slave().prop_map(Step::Up),
        2 => slave().prop_map(Step::Down),
        8 => hello.prop_map(|(id, holds, newest, wants)| Step::Hello { id, holds, newest, wants }),
        4 => (slave(), proptest::option::of(1..4_u8))
            .prop_map(|(id, digest)| Step::Have { id, digest }),
        8 => (slave(), 0..6_u8, 0..3_u32)
            .prop_map(|(id, word, back)| Step::Word { id, word, back }),
        4 => command().prop_map(Step::Command),
        1 => Just(Step::OwnLeft),
        1 => any::<u8>().prop_map(Step::OwnSequence),
        1 => Just(Step::Card),
        3 => (0..90_u64).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

fn any_config() -> impl Strategy<Value = MasterConfig> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(remote, push, each)| MasterConfig {
        mode: if remote { Mode::Remote } else { Mode::Provisioned },
        way: if push { Way::Push } else { Way::Compare },
        consent: if each { Consent::EachTime } else { Consent::Once },
        ..config(Way::Push)
    })
}

fn said(rig: &Rig, word: u8, back: u32) -> ToMaster {
    let newest = rig.master.epoch().count();
    let epoch = epoch(newest.saturating_sub(back));
    let sequence = numbers(u64::from(newest) + 1, word);
    match word {
        0 => ToMaster::Active { epoch },
        1 => ToMaster::Unable { epoch },
        2 => ToMaster::Released { epoch, sequence: Some(sequence), wants: back == 0 },
        3 => ToMaster::Sequence { epoch, sequence },
        4 => ToMaster::Wiped,
        _ => ToMaster::Card { epoch, message: Vec::from([1]) },
    }
}

/// Returns what a slave says in a step, of the epochs as they are now.
fn message(rig: &Rig, step: &Step) -> Option<(SlaveId, ToMaster)> {
    let current = rig.master.epoch().count();
    let back = |back: u32| epoch(current.saturating_sub(back));
    match step {
        Step::Hello { id, holds, newest, wants } => {
            let (holds, newest) = (holds.map(back), back(*newest));
            Some((*id, ToMaster::Hello { holds, newest, wants: *wants, sequence: None }))
        }
        Step::Have { id, digest } => {
            let digest = digest.map(|number| set(number).digest());
            Some((*id, ToMaster::Have { digest }))
        }
        Step::Word { id, word, back } => Some((*id, said(rig, *word, *back))),
        Step::Up(_)
        | Step::Down(_)
        | Step::Command(_)
        | Step::OwnLeft
        | Step::OwnSequence(_)
        | Step::Card
        | Step::Wait(_)
        | Step::Restart => None,
    }
}

fn take_step(rig: &mut Rig, step: &Step) {
    if let Some((id, message)) = message(rig, step) {
        rig.hear(id, message);
        return;
    }
    match step {
        Step::Up(id) => rig.give(MasterInput::Up(*id)),
        Step::Down(id) => rig.give(MasterInput::Down(*id)),
        Step::Command(command) => rig.give(MasterInput::Command(command.clone())),
        Step::OwnLeft => rig.give(MasterInput::OwnLeft),
        Step::OwnSequence(seq) => rig.give(MasterInput::OwnSequence(numbers(u64::from(*seq), 3))),
        Step::Card => rig.give(MasterInput::Card(Vec::from([5]))),
        Step::Wait(seconds) => rig.wait(secs(*seconds)),
        Step::Restart => rig.restart(),
        Step::Hello { .. } | Step::Have { .. } | Step::Word { .. } => return,
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn whatever_happens_there_is_one_lease_and_nothing_is_said_before_its_record(
        config in any_config(), steps in proptest::collection::vec(step(), 0..120),
    ) {
        let mut rig = Rig::new(config);
        for step in steps {
            take_step(&mut rig, &step);
            let whole = restored(&rig.config, &rig.journal);
            prop_assert_eq!(restored(&rig.config, &rig.master.checkpoint()), whole);
        }
    }

    #[test]
    fn what_is_said_twice_changes_nothing(
        config in any_config(), steps in proptest::collection::vec(step(), 0..80),
    ) {
        let mut rig = Rig::new(config);
        for step in steps {
            if let Some((id, message)) = message(&rig, &step) {
                rig.hear(id, message.clone());
                let before = rig.master.clone();
                rig.hear(id, message);
                prop_assert_eq!(&rig.master, &before);
            } else {
                take_step(&mut rig, &step);
            }
        }
    }

    #[test]
    fn who_wants_it_gets_it_once_nothing_fails_any_more(
        config in any_config(), steps in proptest::collection::vec(step(), 0..80),
    ) {
        let mut rig = Rig::new(MasterConfig { consent: Consent::Once, ..config });
        for step in steps {
            take_step(&mut rig, &step);
        }
        for id in (0..5).map(SlaveId) {
            rig.give(MasterInput::Down(id));
        }
        rig.give(MasterInput::Command(MasterCommand::Release));
        rig.give(MasterInput::OwnLeft);
        rig.wait(secs(80));
        prop_assert_eq!(rig.master.holder(), None);
        let paired = (0..5).map(SlaveId).find(|id| rig.master.is_paired(*id));
        let Some(id) = paired else { return Ok(()) };
        let newest = rig.master.epoch().count();
        let mut outputs = rig.connect(id, wants(newest));
        if outputs == [send(id, ToSlave::Read)] {
            outputs = rig.hear(id, ToMaster::Have { digest: None });
        }
        let offered = outputs.iter().any(|output| matches!(
            output,
            Out::Do(MasterOutput::Send(to, ToSlave::Take { .. } | ToSlave::Lend { .. }))
                if *to == id
        ));
        prop_assert!(offered, "{:?}", outputs);
    }
}
