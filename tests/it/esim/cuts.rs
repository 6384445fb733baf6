use polysim_base::Iccid;
use polysim_lpa::{LpaDone, LpaError};
use polysim_rsp::es2::NotificationPoint;

use super::world::{Bench, Cut, World, download};

fn run(cut: Option<Cut>) -> (World, Iccid, u32, Result<LpaDone, LpaError>) {
    let mut world = Bench::new().world();
    let iccid = world.order(None);
    let free = world.free();
    world.cut = cut;
    let result = world.run(&download(None));
    assert_eq!(world.cut, None, "there was no such place");
    (world, iccid, free, result)
}

fn installed(world: &World) -> usize {
    let is_ok = |progress: &&polysim_rsp::es2::Progress| {
        progress.point == NotificationPoint::Installation && progress.result.is_ok()
    };
    world.progress.iter().filter(is_ok).count()
}

/// Holds the end of a run against what must be so.
fn check(cut: Cut) {
    let (world, iccid, free, result) = run(Some(cut));
    world.check_end();
    assert!(matches!(result, Ok(LpaDone::Downloaded(_))), "{cut:?}: {result:?}");
    assert!(world.has(&iccid), "{cut:?}");
    let profiles = world.card.euicc().unwrap().profiles();
    let size: u32 = profiles.filter(|one| one.iccid == Some(iccid)).map(|one| one.size).sum();
    assert_eq!(world.free() + size, free, "{cut:?}: memory is what it should be");
    assert_eq!(installed(&world), 1, "{cut:?}: {:?}", world.progress);
}

#[test]
fn a_download_installs_the_profile_and_the_operator_is_told() {
    let (world, iccid, free, result) = run(None);
    let Ok(LpaDone::Downloaded(done)) = result else { panic!("{result:?}") };
    assert_eq!(done.iccid().digits(), Ok(iccid));
    assert!(world.has(&iccid) && world.free() < free && installed(&world) == 1);
    world.check_end();
}

#[test]
fn a_cut_of_the_power_at_any_apdu_ends_with_one_profile_and_one_report() {
    let (whole, ..) = run(None);
    assert!(whole.apdus > 60, "{}", whole.apdus);
    for apdu in 0..whole.apdus {
        check(Cut::BeforeApdu(apdu));
        check(Cut::AfterApdu(apdu));
    }
}

#[test]
fn a_message_of_the_server_that_is_lost_ends_with_one_profile_and_one_report() {
    let (whole, ..) = run(None);
    assert_eq!(whole.requests, 4);
    for request in 0..whole.requests {
        check(Cut::Request(request));
        check(Cut::Answer(request));
    }
}

#[test]
fn a_crash_of_the_assistant_anywhere_ends_with_one_profile_and_one_report() {
    let (whole, ..) = run(None);
    for output in 0..whole.outputs {
        check(Cut::Crash(output));
    }
}
