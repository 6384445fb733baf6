//! Bindings that are exported and imported.

use alloc::vec::Vec;

use super::rig::Rig;
use super::{config, eid, imei, imsi, number, row};
use crate::keys::{KeyStore, Origin};
use crate::platform::{BindingRow, CardState, ImportConflict, PlatformInput, PlatformOutput};
use crate::wire::Method;

fn import(rig: &mut Rig, row: BindingRow) -> Result<(), ImportConflict> {
    rig.give(PlatformInput::Import(row));
    match rig.effects.pop() {
        Some(PlatformOutput::Imported { eid, result }) if eid == row.eid => result,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_one_platform_exports_another_imports() {
    let mut rig = Rig::new();
    for n in 1..5 {
        rig.bound(n);
    }
    let rows: Vec<_> = rig.platform.bindings().collect();
    assert_eq!(rows, (1..5).map(row).collect::<Vec<_>>());
    let mut other = Rig::new();
    for row in &rows {
        assert_eq!(import(&mut other, *row), Ok(()));
        let records = other.records.len();
        assert_eq!(import(&mut other, *row), Ok(()));
        assert_eq!(other.records.len(), records, "the same again changes nothing");
    }
    other.restart();
    assert_eq!(other.platform.bindings().collect::<Vec<_>>(), rows);
}

#[test]
fn a_table_of_seed_numbers_makes_cards_reachable_that_never_sent_a_text() {
    let mut rig = Rig::new();
    rig.make(1);
    let seed = BindingRow { imei: None, iccid: None, ..row(1) };
    assert_eq!(import(&mut rig, seed), Ok(()));
    let frame = rig.card(1).bind();
    rig.ask(9, crate::wire::RequestKind::Bind { frame });
    rig.effects.clear();
    assert_eq!(rig.platform.binding(eid(1)), Some(row(1)));
    rig.order(1, 1, 1000, Method::Applet);
    assert_eq!(rig.text().to, number(1));
}

#[test]
fn rows_that_contradict_what_is_known_are_refused_with_the_reason() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.bound(2);
    rig.order(1, 2, 1000, Method::Applet);
    let before: Vec<_> = rig.platform.bindings().collect();
    let has = |n| CardState::Settled { imsi: Some(imsi(n)) };
    let cases = [
        (BindingRow { imei: Some(imei(1)), ..row(3) }, ImportConflict::ImeiTaken { eid: eid(1) }),
        (BindingRow { state: has(1), ..row(3) }, ImportConflict::ImsiTaken { eid: eid(1) }),
        (BindingRow { state: has(1000), ..row(3) }, ImportConflict::ImsiTaken { eid: eid(2) }),
        (
            BindingRow { msisdn: Some(number(1)), ..row(3) },
            ImportConflict::NumberTaken { eid: eid(1) },
        ),
        (BindingRow { imei: Some(imei(3)), ..row(1) }, ImportConflict::CardBound { imei: imei(1) }),
        (BindingRow { state: has(3), ..row(1) }, ImportConflict::CardHas { imsi: imsi(1) }),
        (row(2), ImportConflict::Pending),
        (rig.platform.binding(eid(2)).unwrap(), ImportConflict::Pending),
    ];
    for (row, conflict) in cases {
        assert_eq!(import(&mut rig, row), Err(conflict));
    }
    assert_eq!(rig.platform.bindings().collect::<Vec<_>>(), before);
    let mut empty = Rig::with(config(), KeyStore::new(Origin::Live));
    assert_eq!(import(&mut empty, row(1)), Err(ImportConflict::NoKeys));
}
