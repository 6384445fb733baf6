use super::*;
use crate::action::Party;
use crate::config::{LatencyRange, OperatorConfig, PhoneConfig, Tariff};
use polysim_at::{RegistrationStatus, Text};
use polysim_base::{Imei, Imsi, Msisdn};
use polysim_modem::{ModemError, PartOutcome, SendOutcome};

const NOW: Instant = Instant::from_micros(7);

fn phone(name: &str, number: &str) -> PhoneConfig {
    PhoneConfig {
        name: name.into(),
        region: 0,
        operator: 0,
        imsi: Imsi::parse("001010000000001").unwrap(),
        number: Msisdn::parse(number).unwrap(),
        imei: Imei::parse("00101900000001").unwrap(),
        model: "generic".into(),
        ports: 1,
        power_on: Some(LatencyRange::default()),
        card_pin: None,
        user_pin: None,
        subscribed: true,
        balance_micro: None,
        answers_after: None,
        open_card: None,
        euicc: None,
    }
}

fn users() -> Users {
    let north = OperatorConfig {
        name: "north".into(),
        plmn: Plmn::parse("00101").unwrap(),
        full_name: "North Mobile".into(),
        country_code: "990".into(),
        centre: Msisdn::parse("99090000").unwrap(),
        tariff: Tariff::default(),
        roaming: Vec::new(),
        apns: Vec::new(),
    };
    let phones = vec![phone("anna", "+990701"), phone("bert", "+990702")];
    Users::new(&WorldConfig { operators: vec![north], phones, ..WorldConfig::default() }).unwrap()
}

fn registered(status: RegistrationStatus) -> ModemOutput {
    let state = RegistrationState { status, ..RegistrationState::UNKNOWN };
    ModemOutput::Event(ModemEvent::Registration(state))
}

fn is_on(code: &str) -> Result<Reply, ModemError> {
    let (code, name, technology) = (Text::new(code).unwrap(), None, None);
    Ok(Reply::Operator(Some(Box::new(CurrentOperator { code, name, technology }))))
}

fn lines(users: &mut Users) -> Vec<String> {
    users.take_events().iter().map(ToString::to_string).collect()
}

fn number(input: &ModemInput) -> u64 {
    let ModemInput::Command { id, .. } = input else { panic!("{input:?} is no command") };
    *id
}

#[test]
fn where_a_modem_is_registered_is_asked_from_the_modem() {
    let mut users = users();
    let (_, first) = users.hears(NOW, 0, registered(RegistrationStatus::Home)).unwrap();
    let (_, second) = users.hears(NOW, 0, registered(RegistrationStatus::Roaming)).unwrap();
    assert!(matches!(second, ModemInput::Command { command: ModemCommand::Operator, .. }));
    let late = ModemOutput::Done { id: number(&first), outcome: is_on("00102") };
    assert_eq!(users.hears(NOW, 0, late), None);
    assert_eq!(lines(&mut users), [""; 0], "an answer to an older question says nothing");
    let done = ModemOutput::Done { id: number(&second), outcome: is_on("00101") };
    assert_eq!(users.hears(NOW, 0, done), None);
    assert_eq!(
        lines(&mut users),
        ["0:00.000007 phone.registered phone=\"anna\" operator=\"north\" roaming=true"]
    );
    let state = users.phone_state(0);
    assert!(state.contains(&("operator", "north".into())), "{state:?}");
    users.hears(NOW, 0, registered(RegistrationStatus::Searching));
    assert_eq!(lines(&mut users), ["0:00.000007 phone.deregistered phone=\"anna\""]);
}

#[test]
fn a_network_that_the_file_does_not_know_appears_with_its_digits() {
    let mut users = users();
    let (_, asked) = users.hears(NOW, 1, registered(RegistrationStatus::Home)).unwrap();
    users.hears(NOW, 1, ModemOutput::Done { id: number(&asked), outcome: is_on("24001") });
    assert!(lines(&mut users).iter().any(|line| line.contains("operator=\"24001\"")));
}

#[test]
fn switching_is_initialising_and_flight_mode_and_done_once() {
    let mut users = users();
    let on = Action::Power { phone: 1, on: true };
    let (phone, input) = users.ask(NOW, &on).unwrap();
    assert!(matches!(
        (phone, input),
        (1, ModemInput::Command { command: ModemCommand::Initialise { pin: None }, .. })
    ));
    assert_eq!(users.ask(NOW, &on), None);
    let (_, asked) = users.hears(NOW, 1, registered(RegistrationStatus::Home)).unwrap();
    users.hears(NOW, 1, ModemOutput::Done { id: number(&asked), outcome: is_on("00101") });
    let off = Action::Power { phone: 1, on: false };
    let (_, input) = users.ask(NOW, &off).unwrap();
    let flight = ModemCommand::PowerOff(PowerDown::Flight);
    assert!(matches!(input, ModemInput::Command { command, .. } if command == flight));
    let last = lines(&mut users).pop();
    assert_eq!(last.as_deref(), Some("0:00.000007 phone.deregistered phone=\"bert\""));
    assert!(users.phone_state(1).contains(&("power", false.into())));
}

#[test]
fn outcomes_name_phones_as_they_do_in_a_simulation() {
    let mut users = users();
    let to = Msisdn::parse("+990702").unwrap();
    let (from, text) = (Party::Phone(0), "hello".to_owned());
    let action = Action::Text { from, to, text, report: true, validity: None };
    let (phone, input) = users.ask(NOW, &action).unwrap();
    let sent = SendOutcome { parts: vec![PartOutcome::Sent { reference: 1 }] };
    let done = ModemOutput::Done { id: number(&input), outcome: Ok(Reply::Text(sent)) };
    users.hears(NOW, phone, done);
    assert_eq!(lines(&mut users), ["0:00.000007 text.sent phone=\"anna\" to=\"bert\" parts=1"]);
}

#[test]
fn what_is_done_to_a_world_is_nothing_for_a_modem() {
    let mut users = users();
    assert_eq!(users.ask(NOW, &Action::Move { phone: 0, region: 1 }), None);
    let from = Party::Outside(Msisdn::parse("+990555").unwrap());
    let to = Msisdn::parse("+990701").unwrap();
    let action = Action::Text { from, to, text: "x".into(), report: false, validity: None };
    assert_eq!(users.ask(NOW, &action), None);
}
