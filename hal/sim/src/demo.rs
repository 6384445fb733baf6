//! Small worlds for trials, examples and tests.

use polysim_base::{Duration, Imei, Imsi, Msisdn, Plmn};
use polysim_radio::air::Rat;
use polysim_world::{
    CellConfig, LatencyRange, OperatorConfig, PhoneConfig, RegionConfig, Tariff, WorldConfig,
};

/// Returns a world of one operator, one cell and two phones with the numbers `+99070000001` and
/// `+99070000002`, on from the start.
#[must_use]
pub fn two_phones() -> WorldConfig {
    phones(2)
}

/// Returns a world of one operator, one cell and `count` phones (999 at most), on from the start.
#[must_use]
pub fn phones(count: u16) -> WorldConfig {
    let millis = |min, max| LatencyRange {
        min: Duration::from_millis(min),
        max: Duration::from_millis(max),
    };
    let Ok(plmn) = Plmn::parse("00101") else { return WorldConfig::default() };
    let Ok(centre) = Msisdn::parse("+99000000000") else { return WorldConfig::default() };
    WorldConfig {
        seed: 1,
        start_unix_s: 0,
        backhaul: millis(20, 60),
        air: millis(8, 20),
        operators: vec![OperatorConfig {
            name: "north".into(),
            plmn,
            full_name: "North".into(),
            country_code: "990".into(),
            centre,
            tariff: Tariff::default(),
            roaming: Vec::new(),
            apns: vec!["internet".into()],
        }],
        regions: vec![RegionConfig {
            name: "here".into(),
            zone_quarters: 0,
            cells: vec![CellConfig {
                name: "here-1".into(),
                operator: 0,
                rat: Rat::Lte,
                level_dbm: -70,
                capacity: u32::MAX,
            }],
        }],
        phones: (1..=count.min(999)).filter_map(phone).collect(),
        ..WorldConfig::default()
    }
}

fn phone(number: u16) -> Option<PhoneConfig> {
    Some(PhoneConfig {
        name: format!("p{number}"),
        region: 0,
        operator: 0,
        imsi: Imsi::parse(&format!("001010000000{number:03}")).ok()?,
        number: Msisdn::parse(&format!("+99070000{number:03}")).ok()?,
        imei: Imei::parse(&format!("35000000000{number:03}")).ok()?,
        model: "generic".into(),
        ports: 2,
        power_on: Some(LatencyRange::default()),
        card_pin: None,
        user_pin: None,
        subscribed: true,
        balance_micro: None,
        answers_after: None,
        open_card: None,
        euicc: None,
    })
}

/// Returns the cards of a world of `count` phones.
#[cfg(test)]
pub(crate) fn cards(count: u16) -> Vec<polysim_card::Card> {
    let mut world = polysim_world::Simulation::new(&phones(count)).unwrap();
    (0..usize::from(count)).map(|phone| world.take_card(phone).unwrap()).collect()
}
