use super::*;
use crate::{KeyChoice, KeyIndex};
use polysim_ota::script::Management;

const SIZES: FileSizes = FileSizes { msisdn_record: 34, smsp_record: 52, forbidden: 12 };

fn subscription() -> Subscription {
    Subscription {
        imsi: Imsi::parse("001010000000123").unwrap(),
        mnc_len: 2,
        msisdn: Some(Msisdn::parse("+49170123456").unwrap()),
        centre: Some(Msisdn::parse("+49171076000").unwrap()),
        key: KeyChoice::Preloaded(KeyIndex(1)),
    }
}

fn of(files: &[FileWrite], id: u16) -> &FileWrite {
    files.iter().find(|file| file.path.last() == Some(&id)).unwrap()
}

#[test]
fn the_imsi_is_written_last_with_all_that_depends_on_it() {
    let files = subscription().files(&SIZES);
    let last = files.last().unwrap();
    assert_eq!(
        (&last.path[..], &last.data[..]),
        (&[0x7FFF, 0x6F07][..], &[8, 9, 16, 16, 0, 0, 0, 16, 50][..])
    );
    assert_eq!(of(&files, 0x6F78).data, [0x00, 0x08], "class 3");
    assert_eq!(
        (of(&files, 0x6FAD).place, &of(&files, 0x6FAD).data[..]),
        (Place::Offset(3), &[2][..])
    );
    assert_eq!(of(&files, 0x6FD9).data, [0x00, 0xF1, 0x10], "at home where its IMSI is");
    assert_eq!(of(&files, 0x6F08).data, [&[0x07][..], &[0xFF; 32]].concat());
    assert_eq!(of(&files, 0x6F7E).data.last(), Some(&1), "not updated");
    assert_eq!(of(&files, 0x6F7B).data, [0xFF; 12]);
    assert_eq!((of(&files, 0x6F40).place, of(&files, 0x6F40).data.len()), (Place::Record(1), 34));
    assert_eq!(of(&files, 0x6F42).data.len(), 52);
}

#[test]
fn what_is_written_reads_as_the_same_subscription() {
    let subscription = subscription();
    let read = Read::of(&subscription.files(&SIZES));
    assert_eq!(read.imsi, Some(subscription.imsi));
    assert_eq!(read.mnc_len, Some(2));
    assert_eq!(read.msisdn, Some(subscription.msisdn));
    assert_eq!(read.centre, Some(subscription.centre));
    assert_eq!(Read::of(&no_subscription()), Read::default());
}

#[test]
fn without_a_centre_its_record_stays_and_without_a_number_its_record_is_emptied() {
    let files = Subscription { centre: None, msisdn: None, ..subscription() }.files(&SIZES);
    assert!(files.iter().all(|file| file.path.last() != Some(&0x6F42)));
    assert_eq!(of(&files, 0x6F40).data, [0xFF; 34]);
}

#[test]
fn a_script_selects_each_file_by_its_path_and_ends_with_the_imsi() {
    let script = subscription().script(&SIZES, ScriptBase::Uicc, Generation::EUtran);
    let commands: Vec<_> =
        CompactScript::commands(script.octets(), Management::Files).map(Result::unwrap).collect();
    assert_eq!(commands[0].to_vec(), [&[0x00, 0xA4, 0x04, 0x0C, 0x07][..], &USIM_AID].concat());
    let [.., select, update] = &commands[..] else { panic!("a script") };
    assert_eq!(select.to_vec(), [0x00, 0xA4, 0x08, 0x0C, 0x04, 0x7F, 0xFF, 0x6F, 0x07]);
    assert_eq!(update.to_vec()[..5], [0x00, 0xD6, 0x00, 0x00, 0x09]);
    assert_eq!(commands.len() % 2, 1, "pairs behind the application");
}

#[test]
fn a_script_names_no_file_of_a_newer_generation() {
    let named = |newest| {
        let script = subscription().script(&SIZES, ScriptBase::Usim, newest);
        let commands = CompactScript::commands(script.octets(), Management::Files);
        commands.filter(|command| command.as_ref().unwrap().header().ins == 0xA4).count()
    };
    let counts = [Generation::Utran, Generation::EUtran, Generation::NgRan].map(named);
    assert_eq!(counts, [11, 13, 15]);
}
