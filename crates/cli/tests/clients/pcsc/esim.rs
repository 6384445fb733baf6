//! An eUICC in a virtual reader, spoken to as widespread profile assistants do, octet by octet.

use super::service::{Service, reader};
use super::{Pyscard, until_in_reader};
#[cfg(feature = "pcsc")]
use crate::es9::Server;
use crate::program::{DEADLINE, run};
use crate::world::{Folder, World};
use std::process::Command;

const EID: &str = "89049032123451234512345678901224";

#[test]
fn a_profile_assistant_finds_the_euicc_in_a_reader_and_asks_what_it_has() {
    let Some(pyscard) = Pyscard::find() else { return };
    let Some(service) = Service::start("pcscd-euicc") else { return };
    let folder = Folder::new("card-euicc");
    let eid = polysim_base::Eid::with_check_digits(&EID[..30]).unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    command.current_dir(folder.path()).args(["ca", "init", "trial", "--eid", &eid]);
    run(&mut command, "", DEADLINE).ok();
    let expose = ["--identity", "trial/euicc", "--vpcd", &service.address()];
    let world = World::expose(folder, &expose);
    until_in_reader(&world, "euicc", true);
    let answers = pyscard.exchanged(
        &reader(0),
        &[
            // TERMINAL CAPABILITY, MANAGE CHANNEL, SELECT of the ISD-R.
            "80AA00000AA9088100820101830107",
            "0070000001",
            "01A4040010A0000005591010FFFFFFFF8900000100",
            // GetEID, and its answer by GET RESPONSE.
            "81E2910006BF3E035C015A",
            "81C0000015",
            // Configured addresses, rules, EUICCInfo2: the length of the answer is in 61xx.
            "81E2910003BF3C00",
            "81E2910003BF4300",
            "81E2910003BF2200",
            // Profiles and notifications: none.
            "81E2910003BF2D00",
            "81C0000005",
            "81E2910003BF2800",
            "81C0000005",
            // A function in two blocks.
            "81E2110003BF3E03",
            "81E29101035C015A",
            "81C0000015",
            "0070800100",
        ],
    );
    assert_eq!(answers[1], "019000", "exactly the number of the channel");
    assert!(answers[2].starts_with("61") || answers[2].ends_with("9000"), "{answers:?}");
    assert_eq!(answers[3], "6115");
    assert_eq!(answers[4], format!("BF3E125A10{eid}9000"));
    for at in 5..8 {
        assert!(answers[at].starts_with("61"), "{answers:?}");
    }
    assert_eq!(answers[9], "BF2D02A0009000");
    assert_eq!(answers[11], "BF2802A0009000");
    assert_eq!(answers[12], "9000", "more blocks follow");
    assert_eq!(answers[14], answers[4], "a chain of blocks is one function");
    assert_eq!(answers[15], "9000");
}

#[cfg(feature = "pcsc")]
#[test]
fn polysim_downloads_a_profile_to_the_euicc_in_a_reader() {
    let Some(service) = Service::start("pcscd-download") else { return };
    let server = Server::start("smdp-download");
    let identity = server.path("trial/euicc");
    let expose = ["--identity", &identity, "--vpcd", &service.address()];
    let world = World::expose(Folder::new("card-download"), &expose);
    until_in_reader(&world, "euicc", true);
    let esim = |arguments: &[&str]| {
        let roots = server.path("trial/roots");
        server.polysim(&[&["esim", &reader(0), "--roots", &roots], arguments].concat())
    };
    let code = server.order();
    let installed = esim(&["download", &code, "--yes", "--enable"]);
    assert!(installed.contains("is installed, and enabled"), "{installed}");
    let listed = esim(&["list"]);
    assert!(listed.contains(" enabled"), "{listed}");
    let waiting = esim(&["notifications"]);
    assert!(waiting.contains("no server is to be told"), "{waiting}");
}
