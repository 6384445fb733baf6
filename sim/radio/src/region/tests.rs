use super::*;
use crate::air::{Challenge, Rat, RejectCause};
use polysim_base::{Instant, Machine, Out, Plmn};

const A: OperatorId = OperatorId(1);
const B: OperatorId = OperatorId(2);
const PHONE: RadioId = RadioId(7);

fn cell(id: u32, operator: OperatorId, level_dbm: i16, capacity: u32) -> CellConfig {
    CellConfig {
        id: CellId(id),
        operator,
        plmn: Plmn::parse("00101").unwrap(),
        rat: Rat::Lte,
        level_dbm,
        area: 9,
        capacity,
        barred: false,
    }
}

fn region() -> Region {
    let cells = vec![cell(1, A, -90, 2), cell(2, A, -70, 2), cell(3, B, -70, 2)];
    Region::new(RegionConfig { id: RegionId(5), cells, zone_quarters: 8, daylight_h: 1 })
}

fn tell(region: &mut Region, input: RegionInput) -> Vec<RegionOutput> {
    region.handle(Instant::ZERO, input);
    let outputs = core::iter::from_fn(|| region.poll_output());
    outputs.map(|Out::Do(output)| output).collect()
}

fn attach(region: &mut Region, radio: RadioId, cell: u32) -> Vec<RegionOutput> {
    tell(region, RegionInput::Enter(radio));
    let imsi = Imsi::parse("001010000000001").unwrap();
    let imei = Imei::parse("35000000000001").unwrap();
    tell(
        region,
        RegionInput::FromDevice(
            radio,
            Uplink::Attach { cell: CellId(cell), imsi, imei, update: false },
        ),
    )
}

fn lost(operator: OperatorId) -> RegionOutput {
    RegionOutput::ToCore { operator, radio: PHONE, message: RadioMessage::LinkLost }
}

fn changed() -> RegionOutput {
    RegionOutput::ToDevice(PHONE, Downlink::CellsChanged)
}

fn heard(region: &mut Region) -> Vec<u32> {
    match &tell(region, RegionInput::FromDevice(PHONE, Uplink::Scan))[..] {
        [RegionOutput::ToDevice(PHONE, Downlink::Cells(cells))] => {
            cells.iter().map(|view| view.cell.0).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_scan_hears_the_strongest_first_and_one_list_serves_all() {
    let mut region = region();
    assert_eq!(tell(&mut region, RegionInput::FromDevice(PHONE, Uplink::Scan)), [], "not here");
    tell(&mut region, RegionInput::Enter(PHONE));
    assert_eq!(heard(&mut region), [2, 3, 1]);
    let lists: Vec<_> = (0..2)
        .map(|_| match tell(&mut region, RegionInput::FromDevice(PHONE, Uplink::Scan)).pop() {
            Some(RegionOutput::ToDevice(_, Downlink::Cells(cells))) => cells,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(alloc::sync::Arc::ptr_eq(&lists[0], &lists[1]));
    let level_dbm = -60;
    let told = tell(&mut region, RegionInput::SetLevel { cell: CellId(1), level_dbm });
    assert_eq!(told, [changed()]);
    assert_eq!(heard(&mut region), [1, 2, 3]);
    tell(&mut region, RegionInput::Outage { cell: CellId(1), on: true });
    assert_eq!(heard(&mut region), [2, 3]);
}

#[test]
fn an_attach_carries_the_place_and_later_messages_go_the_same_way() {
    let mut region = region();
    let told = attach(&mut region, PHONE, 2);
    let [RegionOutput::ToCore { operator: A, radio: PHONE, message }] = &told[..] else {
        panic!("{told:?}");
    };
    let RadioMessage::Attach { place, .. } = message else { panic!("{message:?}") };
    assert_eq!((place.region, place.cell, place.area), (RegionId(5), CellId(2), 9));
    assert_eq!((place.zone_quarters, place.daylight_h), (8, 1));
    let told = tell(&mut region, RegionInput::FromDevice(PHONE, Uplink::Detach));
    let message = RadioMessage::Uplink(Uplink::Detach);
    assert_eq!(told, [RegionOutput::ToCore { operator: A, radio: PHONE, message }]);
    assert_eq!(tell(&mut region, RegionInput::FromDevice(PHONE, Uplink::Detach)), []);
}

#[test]
fn downlinks_reach_a_device_only_from_the_operator_of_its_cell() {
    let mut region = region();
    attach(&mut region, PHONE, 2);
    let challenge = Challenge { rand: [1; 16].into(), autn: None };
    let mut from = |operator, downlink| {
        tell(&mut region, RegionInput::FromCore { operator, radio: PHONE, downlink })
    };
    let downlink = Downlink::Authentication(challenge);
    assert_eq!(from(B, downlink.clone()), []);
    assert_eq!(from(A, downlink.clone()), [RegionOutput::ToDevice(PHONE, downlink)]);
    let reject = Downlink::Reject(RejectCause::IllegalMs);
    assert_eq!(from(A, reject.clone()), [RegionOutput::ToDevice(PHONE, reject.clone())]);
    assert_eq!(from(A, reject), [], "it is on no cell any more");
}

#[test]
fn a_full_cell_refuses_with_22_and_room_comes_back() {
    let mut region = region();
    for radio in [1, 2] {
        assert_eq!(attach(&mut region, RadioId(radio), 2).len(), 1);
    }
    assert_eq!(attach(&mut region, RadioId(1), 2).len(), 1, "it has its place already");
    assert_eq!(region.camped_on(CellId(2)), 2);
    let refused = Downlink::Reject(RejectCause::Congestion);
    assert_eq!(
        attach(&mut region, PHONE, 2),
        [
            RegionOutput::Congested { cell: CellId(2), radio: PHONE },
            RegionOutput::ToDevice(PHONE, refused)
        ]
    );
    assert_eq!(region.cell_of(PHONE), None);
    tell(&mut region, RegionInput::Leave(RadioId(1)));
    assert_eq!(attach(&mut region, PHONE, 2).len(), 1);
    assert_eq!(region.cell_of(PHONE), Some(CellId(2)));
    tell(&mut region, RegionInput::SetCapacity { cell: CellId(2), capacity: 1 });
    assert_eq!(attach(&mut region, RadioId(8), 2).len(), 2);
    assert_eq!(region.camped_on(CellId(2)), 2, "nobody is thrown out");
}

#[test]
fn an_outage_loses_the_links_and_its_end_is_told_to_all() {
    let mut region = region();
    attach(&mut region, PHONE, 2);
    let outage = |on| RegionInput::Outage { cell: CellId(2), on };
    assert_eq!(tell(&mut region, outage(true)), [lost(A), changed()]);
    assert_eq!(attach(&mut region, PHONE, 2), [changed()]);
    assert_eq!(attach(&mut region, PHONE, 99), [changed()], "no such cell");
    assert_eq!(tell(&mut region, outage(false)), [changed()]);
    assert_eq!(region.camped_on(CellId(2)), 0);
}

#[test]
fn a_barred_cell_refuses_with_15() {
    let mut region = region();
    attach(&mut region, PHONE, 2);
    let bar = |barred| RegionInput::Bar { cell: CellId(2), barred };
    assert_eq!(tell(&mut region, bar(true)), [changed()]);
    let refused = RegionOutput::ToDevice(PHONE, Downlink::Reject(RejectCause::NoSuitableCells));
    assert_eq!(attach(&mut region, PHONE, 2), [lost(A), refused]);
    assert_eq!(tell(&mut region, bar(false)), [changed()]);
}

#[test]
fn whoever_leaves_or_changes_operator_loses_the_link() {
    let mut region = region();
    attach(&mut region, PHONE, 2);
    assert_eq!(attach(&mut region, PHONE, 1).len(), 1, "the same operator");
    let told = attach(&mut region, PHONE, 3);
    assert_eq!(told.first(), Some(&lost(A)));
    assert_eq!(told.len(), 2);
    assert_eq!(tell(&mut region, RegionInput::LoseLink(PHONE)), [lost(B)]);
    assert!(region.contains(PHONE));
    attach(&mut region, PHONE, 3);
    assert_eq!(tell(&mut region, RegionInput::Leave(PHONE)), [lost(B)]);
    assert!(!region.contains(PHONE));
    assert_eq!(tell(&mut region, RegionInput::LoseLink(PHONE)), []);
    for id in 1..=3 {
        assert_eq!(region.camped_on(CellId(id)), 0);
    }
}
