//! Choosing networks, and what refusals lead to (TS 23.122; TS 24.301, 5.5.1.2.5).

use super::rig::{Policy, Rig, Setup, cell};
use crate::{BasebandInput, BasebandTimer, CardToTerminal, RadioTimer, RegistrationState};
use polysim_base::Machine;
use polysim_card::PreferredPlmn;
use polysim_radio::air::{Downlink, Information, Rat, RejectCause, Uplink};

fn two_networks() -> Setup {
    let cells = vec![cell(1, "26201", Rat::Lte, -70, 1), cell(2, "26202", Rat::Lte, -90, 2)];
    let mut setup = Setup { cells, ..Setup::default() };
    let first = PreferredPlmn::new("26201".parse().unwrap());
    setup.profile.user_plmns = vec![first];
    setup
}

fn refused_with(cause: RejectCause) -> Rig {
    let mut rig = two_networks().build();
    rig.policies.insert("26201".to_string(), Policy::Reject(cause));
    rig.input(BasebandInput::Power(true));
    rig
}

fn forbidden(rig: &Rig) -> Vec<u8> {
    rig.card.read_file(&[0x7FF0, 0x6F7B]).unwrap()
}

#[test]
fn a_useless_card_is_not_tried_again() {
    for cause in [
        RejectCause::ImsiUnknownInHlr,
        RejectCause::IllegalMs,
        RejectCause::ImeiNotAccepted,
        RejectCause::IllegalMe,
        RejectCause::ServicesNotAllowed,
    ] {
        let mut rig = refused_with(cause);
        assert_eq!(rig.bb.registration(), RegistrationState::Denied, "{cause:?}");
        assert_eq!(
            rig.ok("AT+CREG=3;+CREG?"),
            "+CREG: 3,3,,,,0,{}".replace("{}", &cause.number().to_string())
        );
        rig.air(Downlink::CellsChanged);
        rig.run_s(10_000);
        assert_eq!(rig.attaches, ["26201"], "{cause:?}");
        // Another power cycle gives it another chance.
        rig.policies.clear();
        rig.input(BasebandInput::Power(false));
        rig.input(BasebandInput::Power(true));
        assert_eq!(rig.bb.registration(), RegistrationState::Roaming);
    }
}

#[test]
fn a_forbidden_network_goes_to_the_card_and_the_next_one_is_tried() {
    let mut rig = refused_with(RejectCause::PlmnNotAllowed);
    assert_eq!(rig.attaches, ["26201", "26202"]);
    assert_eq!(rig.bb.registration(), RegistrationState::Roaming);
    assert_eq!(forbidden(&rig)[..3], [0x62, 0xF2, 0x10]);
    // It stays there over a power cycle.
    rig.input(BasebandInput::Power(false));
    rig.attaches.clear();
    rig.input(BasebandInput::Power(true));
    assert_eq!(rig.attaches, ["26202"]);
    // Only the user can go there again, and if it works it is forgiven.
    rig.policies.clear();
    assert_eq!(rig.ok("AT+COPS=1,2,\"26201\""), "");
    assert_eq!(rig.ok("AT+COPS=3,2;+COPS?"), "+COPS: 1,2,\"26201\",7");
    assert_eq!(forbidden(&rig)[..3], [0xFF; 3]);
}

#[test]
fn a_refused_area_is_left_for_another_one_of_the_network() {
    for cause in [RejectCause::AreaNotAllowed, RejectCause::NoSuitableCells] {
        let mut rig = two_networks().build();
        rig.cells.push(cell(3, "26201", Rat::Lte, -100, 9));
        rig.policies.insert("26201".to_string(), Policy::Reject(cause));
        rig.input(BasebandInput::Power(true));
        // Both areas refuse, then the other network is tried.
        assert_eq!(rig.attaches, ["26201", "26201", "26202"], "{cause:?}");
    }
    let mut rig = refused_with(RejectCause::RoamingNotAllowedInArea);
    assert_eq!(rig.attaches, ["26201", "26202"]);
    assert_eq!(forbidden(&rig)[..3], [0xFF; 3]);
    rig.attaches.clear();
    rig.input(BasebandInput::LinkLost);
    assert_eq!(rig.attaches, ["26202"], "the area is remembered");
}

#[test]
fn without_packet_services_only_older_technologies_are_left() {
    let mut rig = two_networks().build();
    rig.cells.push(cell(3, "26201", Rat::Gsm, -60, 1));
    rig.policies.insert("26201".to_string(), Policy::Reject(RejectCause::PacketServicesNotAllowed));
    rig.input(BasebandInput::Power(true));
    // LTE of one network, its GSM, and nothing else that is LTE.
    assert_eq!(rig.attaches, ["26201", "26201"]);
    let mut rig = refused_with(RejectCause::PacketServicesNotAllowedInPlmn);
    assert_eq!(rig.attaches, ["26201", "26202"]);
    assert_eq!(rig.ok("AT+CEREG?"), "+CEREG: 0,5");
}

#[test]
fn failures_that_pass_are_tried_again_on_the_same_cell() {
    for cause in [RejectCause::NetworkFailure, RejectCause::Congestion] {
        let mut rig = refused_with(cause);
        assert_eq!(rig.bb.registration(), RegistrationState::Searching);
        for attempts in 1..5 {
            assert_eq!(rig.attaches.len(), attempts);
            let (_, timer) = rig.bb.poll_timeout().unwrap();
            assert_eq!(timer, BasebandTimer::Radio(RadioTimer::AttachRetry));
            rig.run_s(10);
        }
        assert_eq!(rig.attaches.len(), 5);
        rig.run_s(700);
        assert_eq!(rig.attaches.len(), 5, "a long pause after five attempts");
        rig.policies.clear();
        rig.run_s(30);
        assert_eq!(rig.bb.registration(), RegistrationState::Roaming);
    }
}

#[test]
fn a_cell_that_goes_while_attaching_is_given_up_at_once() {
    let mut rig = two_networks().build();
    rig.policies.insert("26201".to_string(), Policy::Silent);
    rig.input(BasebandInput::Power(true));
    rig.cells.remove(0);
    rig.air(Downlink::CellsChanged);
    assert_eq!(rig.attaches, ["26201", "26202"]);
    assert_eq!(rig.bb.registration(), RegistrationState::Roaming);
}

#[test]
fn names_of_one_network_are_not_those_of_the_next() {
    let mut rig = two_networks().attached();
    let information = Information {
        full_name: "First".into(),
        short_name: "F".into(),
        unix_s: 1_772_368_200,
        zone_quarters: 0,
        daylight_h: 0,
    };
    rig.air(Downlink::Information(Box::new(information)));
    assert_eq!(rig.ok("AT+COPS?"), "+COPS: 0,0,\"First\",7");
    rig.ok("AT+COPS=1,2,\"26202\";+COPS=3,0");
    // From the table of operators.
    let known = polysim_radio::operators::by_plmn("26202").unwrap().name;
    assert_eq!(rig.ok("AT+COPS?"), format!("+COPS: 1,0,\"{known}\",7"));
}

#[test]
fn a_silent_network_is_tried_again() {
    let mut rig = two_networks().build();
    rig.policies.insert("26201".to_string(), Policy::Silent);
    rig.input(BasebandInput::Power(true));
    rig.run_s(26);
    assert_eq!(rig.attaches, ["26201", "26201"]);
}

#[test]
fn scans_come_less_and_less_often_while_nothing_is_heard() {
    let mut rig = Setup { cells: Vec::new(), ..Setup::default() }.build();
    rig.input(BasebandInput::Power(true));
    assert_eq!(rig.ok("AT+CREG?;+CSQ"), "+CREG: 0,2|+CSQ: 99,99");
    let mut pauses = Vec::new();
    for _ in 0..7 {
        let (at, timer) = rig.bb.poll_timeout().unwrap();
        assert_eq!(timer, BasebandTimer::Radio(RadioTimer::Search));
        pauses.push(at.since(rig.now).as_secs());
        rig.run_to(at);
    }
    assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 320]);
    rig.cells = vec![cell(1, "00101", Rat::Lte, -80, 1)];
    rig.air(Downlink::CellsChanged);
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
}

#[test]
fn a_roaming_device_looks_for_its_home_network() {
    // Home and the other network are in one country.
    let cells = vec![cell(1, "00102", Rat::Lte, -70, 1)];
    let mut rig = Setup { cells, ..Setup::default() }.attached();
    assert_eq!(rig.bb.registration(), RegistrationState::Roaming);
    rig.cells.push(cell(2, "00101", Rat::Lte, -100, 2));
    rig.run_s(121);
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
}

#[test]
fn the_periodic_update_comes_in_time() {
    let mut rig = Setup::default().attached();
    rig.run_s(3_599);
    assert_eq!(rig.attaches.len(), 1);
    rig.run_s(2);
    assert_eq!(rig.attaches.len(), 2);
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
}

#[test]
fn the_network_can_end_the_registration() {
    let mut rig = Setup::default().attached();
    rig.air(Downlink::Detach(None));
    assert_eq!(rig.bb.registration(), RegistrationState::Searching);
    rig.run_s(2);
    assert_eq!(rig.attaches.len(), 2);
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
    rig.air(Downlink::Detach(Some(RejectCause::IllegalMs)));
    assert_eq!(rig.bb.registration(), RegistrationState::Denied);
    let mut rig = Setup::default().attached();
    rig.air(Downlink::AuthenticationReject);
    assert_eq!(rig.bb.registration(), RegistrationState::Denied);
}

#[test]
fn networks_can_be_chosen_by_hand() {
    let mut rig = two_networks().attached();
    assert_eq!(rig.at("AT+COPS=1,2,\"26209\""), "ERROR");
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,2");
    assert_eq!(rig.ok("AT+COPS=4,2,\"26209\""), "");
    assert_eq!(rig.ok("AT+COPS=3,2;+COPS?"), "+COPS: 0,2,\"26201\",7");
    rig.ok("AT+COPS=2");
    assert!(rig.uplinks.contains(&Uplink::Detach));
    assert_eq!(rig.ok("AT+COPS?;+CREG?"), "+COPS: 2|+CREG: 0,0");
    rig.ok("AT+COPS=0");
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,5");
    rig.policies.insert("26202".to_string(), Policy::Reject(RejectCause::PlmnNotAllowed));
    rig.ok("AT+CMEE=1");
    assert_eq!(rig.at("AT+COPS=1,2,\"26202\""), "+CME ERROR: 32");
}

#[test]
fn names_and_time_come_from_the_network() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CTZR=1");
    let information = Information {
        full_name: "Polynet Mobile".into(),
        short_name: "Poly".into(),
        unix_s: 1_772_368_200,
        zone_quarters: 8,
        daylight_h: 1,
    };
    rig.air(Downlink::Information(Box::new(information.clone())));
    assert_eq!(rig.heard(), "+CTZV: \"+08\"");
    assert_eq!(rig.ok("AT+COPS?"), "+COPS: 0,0,\"Polynet Mobile\",7");
    assert_eq!(rig.ok("AT+COPS=3,1;+COPS?"), "+COPS: 0,1,\"Poly\",7");
    assert_eq!(rig.ok("AT+CCLK?"), "+CCLK: \"26/03/01,14:30:00+08\"");
    rig.run_s(61);
    assert_eq!(rig.ok("AT+CCLK?"), "+CCLK: \"26/03/01,14:31:01+08\"");
    rig.air(Downlink::Information(Box::new(information)));
    assert_eq!(rig.heard(), "", "the zone is the same");
    rig.ok("AT+CTZU=0;+CCLK=\"30/01/02,03:04:05+00\"");
    assert_eq!(rig.ok("AT+CCLK?"), "+CCLK: \"30/01/02,03:04:05+00\"");
}

#[test]
fn a_pulled_card_ends_service_and_a_new_one_starts_it() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CREG=1;+CMEE=1");
    rig.input(BasebandInput::Card(CardToTerminal::Removed));
    assert_eq!(rig.heard(), "+CREG: 0");
    assert_eq!(rig.at("AT+CPIN?"), "+CME ERROR: 10");
    assert_eq!(rig.at("AT+CIMI"), "+CME ERROR: 10");
    rig.input(BasebandInput::Card(CardToTerminal::Inserted));
    assert_eq!(rig.heard(), "+CREG: 2|+CREG: 1");
    assert_eq!(rig.ok("AT+CPIN?"), "+CPIN: READY");
}

#[test]
fn the_preferred_list_can_be_read_and_written() {
    let mut rig = two_networks().attached();
    rig.ok("AT+CPOL=,2");
    assert_eq!(rig.ok("AT+CPOL?"), "+CPOL: 1,2,\"26201\",1,0,1,1");
    rig.ok("AT+CPOL=1,2,\"20801\",0,0,0,1");
    assert_eq!(rig.ok("AT+CPOL?"), "+CPOL: 1,2,\"20801\",0,0,0,1|+CPOL: 2,2,\"26201\",1,0,1,1");
    assert_eq!(rig.card.read_file(&[0x7FF0, 0x6F60]).unwrap()[..5], [0x02, 0xF8, 0x10, 0x40, 0x00]);
    rig.ok("AT+CPOL=2");
    assert_eq!(rig.ok("AT+CPOL?"), "+CPOL: 1,2,\"20801\",0,0,0,1");
}
