use polysim_rsp::data::{DeleteResult, EnableResult, ProfileState};

use super::world::{Fault, World};
use super::{HOST, iccid, profile};
use crate::transport::{CardError, Refusal};
use crate::{CommandId, LpaCommand, LpaConfig, LpaDone, LpaError, LpaInput, Withdrawal};
use std::string::ToString as _;

fn world() -> World {
    let mut world = World::new(LpaConfig::default());
    world.card = super::card::FakeCard::with_profiles(2);
    world
}

fn enable(n: u8) -> LpaCommand {
    LpaCommand::Enable { profile: profile(n), refresh: true }
}

fn state(world: &World, n: u8) -> Option<ProfileState> {
    world.card.profiles.iter().find(|profile| profile.iccid == iccid(n)).map(|p| p.state)
}

#[test]
fn a_switch_is_one_step_and_both_servers_are_told() {
    let mut world = world();
    assert_eq!(world.run(enable(101)), Ok(LpaDone::Enabled));
    assert_eq!(state(&world, 101), Some(ProfileState::Enabled));
    assert_eq!(state(&world, 100), Some(ProfileState::Disabled));
    assert_eq!(world.server.taken.len(), 2);
    assert_eq!(world.run(LpaCommand::Delete(profile(100))), Ok(LpaDone::Deleted));
    assert_eq!(
        world.run(LpaCommand::Delete(profile(101))),
        Err(LpaError::Delete(DeleteResult::ProfileNotInDisabledState))
    );
    world.check();
}

#[test]
fn a_lost_answer_is_looked_up_and_not_asked_for_again() {
    for fault in [Fault::LostAnswer, Fault::LostAsk, Fault::ResetBefore, Fault::ResetAfter] {
        let mut world = world();
        world.faults = [(0, fault)].into();
        assert_eq!(world.run(enable(101)), Ok(LpaDone::Enabled), "{fault:?}");
        assert_eq!(world.server.taken.len(), 2, "{fault:?}: enabled once");
        let mut world = self::world();
        world.faults = [(0, fault)].into();
        assert_eq!(world.run(LpaCommand::Delete(profile(101))), Ok(LpaDone::Deleted), "{fault:?}");
    }
}

#[test]
fn a_card_that_is_busy_is_asked_again_and_not_for_ever() {
    let mut world = world();
    world.card.enable_results = [EnableResult::CatBusy; 2].into();
    assert_eq!(world.run(enable(101)), Ok(LpaDone::Enabled));
    world.card.enable_results = [EnableResult::CatBusy; 3].into();
    assert_eq!(world.run(enable(100)), Err(LpaError::Enable(EnableResult::CatBusy)));
}

#[test]
fn a_card_that_does_nothing_before_a_reset_is_reset() {
    let mut world = world();
    world.card.sticks_after_enable = true;
    assert_eq!(world.run(enable(101)), Ok(LpaDone::Enabled));
    assert_eq!(world.resets, 1);
    assert_eq!(world.server.taken.len(), 2);
}

#[test]
fn a_function_that_the_card_does_not_have_is_said_to_be_missing() {
    let mut world = world();
    let error = world.run(LpaCommand::LoadCrl(super::card::certificate())).unwrap_err();
    assert_eq!(
        error,
        LpaError::Card { function: "LoadCRL", error: CardError::Refused(Refusal::NO_SUCH_DATA) }
    );
    assert!(error.to_string().contains("does not have this function"), "{error}");
}

#[test]
fn an_euicc_tells_what_it_is() {
    let mut world = world();
    let set = LpaCommand::SetDefaultSmdp(HOST.to_string());
    assert_eq!(world.run(set), Ok(LpaDone::DefaultSmdpSet));
    let info = world.run(LpaCommand::Info);
    let Ok(LpaDone::Info(status)) = info else { panic!("{info:?}") };
    assert_eq!(status.eid, super::card::eid());
    assert_eq!(status.addresses.default_dp_address.as_deref(), Some(HOST));
    let Ok(LpaDone::Listed(profiles)) = world.run(LpaCommand::List) else { panic!() };
    assert_eq!(profiles.len(), 2);
}

#[test]
fn commands_wait_for_each_other_and_not_without_end() {
    let mut world = world();
    for n in 0..20 {
        world.give(LpaInput::Command { id: CommandId(100 + n), command: LpaCommand::List.into() });
    }
    let withdrawn = LpaInput::Cancel { id: CommandId(105), why: Withdrawal::Rejected };
    world.give(withdrawn);
    world.settle();
    let results = (100..120).map(|id| world.result(CommandId(id)).unwrap());
    let results: std::vec::Vec<_> = results.collect();
    assert_eq!(results[5], Err(LpaError::Withdrawn));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 16);
    assert_eq!(results[19], Err(LpaError::Busy { limit: crate::COMMANDS_MAX }));
}
