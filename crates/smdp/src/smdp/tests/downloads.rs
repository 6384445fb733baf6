use super::rig::{Rig, check_records, code, package};
use crate::testkit::{CODE, Lab, MATCHING_ID};
use crate::{ProfileState, SmdpOutput};
use polysim_rsp::es2::{self, ConfirmOrder, Matching, NotificationPoint};
use polysim_rsp::es9::Answer;
use polysim_rsp::saip::ProfilePackage;
use std::vec;

#[test]
fn a_profile_that_was_ordered_is_downloaded_and_reported() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    assert_eq!(rig.state(iccid), ProfileState::Released);
    assert_eq!(rig.provisioned, vec![iccid]);

    let ok = rig.authenticated(&mut euicc);
    assert_eq!(ok.profile_metadata.iccid, (&iccid).into());
    assert!(!ok.smdp_signed2.cc_required_flag);
    let (transaction, octets) = package(rig.es9(euicc.prepare(&ok, None)));
    assert_eq!(rig.state(iccid), ProfileState::Downloaded);

    let (metadata, elements) = euicc.open(&transaction, &octets).unwrap();
    assert_eq!(metadata, *ok.profile_metadata);
    assert_eq!(metadata.service_provider_name, "Operator");
    let elements = ProfilePackage::decode(&elements).unwrap();
    assert!(elements.header().is_some());

    let answer = rig.es9(euicc.report(&transaction, 1, iccid, None));
    assert_eq!(answer, Answer::HandleNotification);
    assert_eq!(rig.state(iccid), ProfileState::Installed);
    assert_eq!(
        rig.points(),
        [(NotificationPoint::Download, None), (NotificationPoint::Installation, None)]
    );
    let (_, progress) = rig.told.last().unwrap();
    assert_eq!((progress.eid, progress.iccid), (Some(euicc.eid), iccid));
    assert!(progress.result_data.as_ref().unwrap().starts_with(&[0xBF, 0x37]));
    check_records(&mut rig);
}

#[test]
fn two_profiles_of_one_type_differ_in_all_that_is_personal() {
    let mut rig = Rig::new();
    rig.takes = false;
    for number in 0..2 {
        let iccid = rig.ordered(number);
        rig.confirm(Lab::confirmation(iccid, &std::format!("T{number}")));
    }
    let made: vec::Vec<_> = rig
        .run
        .effects()
        .iter()
        .filter_map(|effect| {
            let SmdpOutput::Provision { iccid, imsi, keys, .. } = effect else { return None };
            Some((*iccid, *imsi, keys.clone()))
        })
        .collect();
    assert_eq!(made.len(), 2);
    assert_ne!(made[0].0, made[1].0);
    assert_ne!(made[0].1, made[1].1);
    assert_ne!(made[0].2.key(), made[1].2.key());
    assert_ne!(made[0].2.opc(), made[1].2.opc());
}

#[test]
fn what_the_operator_gets_is_in_the_package() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let (transaction, octets) = rig.downloaded(&mut euicc);
    let (_, elements) = euicc.open(&transaction, &octets).unwrap();
    let keys = rig.run.effects().iter().find_map(|effect| {
        let SmdpOutput::Provision { keys, .. } = effect else { return None };
        Some(keys.clone())
    });
    let keys = keys.unwrap();
    let holds = |needle: &[u8]| elements.windows(needle.len()).any(|window| window == needle);
    assert!(holds(keys.key().as_bytes()) && holds(keys.opc().as_bytes()));
    assert!(holds(iccid.wire()));
}

#[test]
fn a_profile_with_a_confirmation_code_is_downloaded_with_it() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released_with_code();
    let ok = rig.authenticated(&mut euicc);
    assert!(ok.smdp_signed2.cc_required_flag);
    let (transaction, octets) = package(rig.es9(euicc.prepare(&ok, Some(&code(CODE)))));
    assert!(euicc.open(&transaction, &octets).is_ok());
    assert_eq!(rig.state(iccid), ProfileState::Downloaded);
}

#[test]
fn a_device_that_is_known_by_its_eid_needs_no_matching_identifier() {
    let mut rig = Rig::new();
    let (mut stranger, mut euicc) = (rig.lab.euicc(1), rig.lab.euicc(2));
    let answer = rig.es2(Lab::download_order(0, Some(euicc.eid))).unwrap();
    let es2::Answer::DownloadOrder { iccid } = answer else { panic!("{answer:?}") };
    assert_eq!(rig.state(iccid), ProfileState::Linked);
    let order = Lab::confirmation(iccid, "X");
    let answer = rig.confirm(ConfirmOrder { matching_id: Some(Matching::ByEid), ..order });
    let Some(es2::Answer::ConfirmOrder(ok)) = answer else { panic!("{answer:?}") };
    assert_eq!((ok.eid, ok.matching_id), (Some(euicc.eid), None));

    rig.not_authenticated(&mut stranger, None);
    let ok = rig.authenticated_for(&mut euicc, None);
    assert_eq!(ok.profile_metadata.iccid, (&iccid).into());
}

#[test]
fn a_request_that_comes_twice_is_answered_the_same() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    rig.released();
    let ok = rig.initiated(&euicc);
    let authenticate = euicc.authenticate(&ok, Some(MATCHING_ID));
    let first = rig.es9(authenticate.clone());
    assert_eq!(rig.es9(authenticate.clone()), first);
    let Answer::AuthenticateClient(ok) = first.clone() else { panic!("{first:?}") };
    let prepare = euicc.prepare(&ok, None);
    let (transaction, octets) = package(rig.es9(prepare.clone()));
    assert_eq!(package(rig.es9(prepare)), (transaction.clone(), octets));
    assert_eq!(rig.points(), [(NotificationPoint::Download, None)]);
}

#[test]
fn the_same_device_may_try_again_with_the_same_key() {
    let mut rig = Rig::new();
    let mut euicc = rig.lab.euicc(1);
    let iccid = rig.released();
    let (first, _) = rig.downloaded(&mut euicc);
    rig.crash();
    let ok = rig.authenticated(&mut euicc);
    assert!(ok.smdp_signed2.bpp_euicc_otpk.is_some(), "the key of the first try is named");
    let (second, octets) = package(rig.es9(euicc.prepare(&ok, None)));
    assert_ne!(first, second);
    assert!(euicc.open(&second, &octets).is_ok());
    // It is the first that was installed: its report was only late.
    rig.es9(euicc.report(&first, 1, iccid, None));
    assert_eq!(rig.state(iccid), ProfileState::Installed);
}

#[test]
fn a_profile_that_one_device_may_have_never_goes_to_another() {
    let mut rig = Rig::new();
    let (mut one, mut two) = (rig.lab.euicc(1), rig.lab.euicc(2));
    rig.released();
    let (of_one, of_two) = (rig.authenticated(&mut one), rig.authenticated(&mut two));
    rig.es9(one.prepare(&of_one, None));
    let refusal = rig.refused(two.prepare(&of_two, None));
    assert_eq!(refusal, polysim_rsp::es9::Refusal::EidRefused);
}
