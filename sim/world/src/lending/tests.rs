//! Speech of lent modems: host, modem, air, region, core, and back on the other side.

use super::Lent;
use crate::{
    CellConfig, LatencyRange, OperatorConfig, PhoneConfig, RegionConfig, Simulation, Tariff,
    WorldConfig,
};
use polysim_base::{Duration, Instant, Plmn};
use polysim_baseband::BasebandInput;
use polysim_radio::air::{Rat, SpeechFrame};

const ALICE: usize = 0;
const BOB: usize = 1;
/// Nobody borrows her modem.
const CAROL: usize = 2;
/// The longest way between two modems over two cores: air, four times backhaul, air.
const WAY_MAX: Duration = Duration::from_millis(20 + 4 * 60 + 20);

fn operator(name: &str, plmn: &str, partner: usize) -> OperatorConfig {
    OperatorConfig {
        name: name.into(),
        plmn: Plmn::parse(plmn).unwrap(),
        full_name: name.into(),
        country_code: "990".into(),
        centre: "+99000000000".parse().unwrap(),
        tariff: Tariff::default(),
        roaming: vec![partner],
        apns: Vec::new(),
    }
}

fn region(name: &str, operator: usize) -> RegionConfig {
    let cell = CellConfig {
        name: format!("{name}-1"),
        operator,
        rat: Rat::Lte,
        level_dbm: -70,
        capacity: 100,
    };
    RegionConfig { name: name.into(), zone_quarters: 0, cells: vec![cell] }
}

fn phone(number: usize, region: usize, model: &str) -> PhoneConfig {
    PhoneConfig {
        name: format!("p{number}"),
        region,
        operator: 0,
        imsi: format!("00101000000000{number}").parse().unwrap(),
        number: format!("+9907000000{number}").parse().unwrap(),
        imei: format!("3500000000000{number}").parse().unwrap(),
        model: model.into(),
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

/// Alice at home with an EC25, Bob abroad with a SIM7600, Carol at home; all of one operator.
struct Lab {
    world: Simulation,
    speech: Vec<(usize, SpeechFrame)>,
    written: String,
}

impl Lab {
    fn new() -> Self {
        let millis = |min, max| LatencyRange {
            min: Duration::from_millis(min),
            max: Duration::from_millis(max),
        };
        let config = WorldConfig {
            seed: 1,
            start_unix_s: 0,
            backhaul: millis(20, 60),
            air: millis(8, 20),
            operators: vec![operator("north", "00101", 1), operator("south", "00201", 0)],
            regions: vec![region("here", 0), region("abroad", 1)],
            phones: vec![phone(1, 0, "ec25"), phone(2, 1, "sim7600"), phone(3, 0, "generic")],
            ..WorldConfig::default()
        };
        let mut world = Simulation::new(&config).unwrap();
        assert!(world.lend_modem(ALICE) && world.lend_modem(BOB));
        let mut lab = Self { world, speech: Vec::new(), written: String::new() };
        lab.pass(Duration::from_secs(30));
        for phone in [ALICE, BOB] {
            lab.at(phone, "ATE0");
            let stat = lab.at(phone, "AT+CREG?");
            assert!(stat.contains(if phone == ALICE { ",1" } else { ",5" }), "{stat}");
        }
        lab
    }

    fn pass(&mut self, time: Duration) {
        self.world.run_until(self.world.now().plus(time));
        for said in self.world.take_lent() {
            match said {
                Lent::Port { bytes, .. } => {
                    self.written.push_str(&String::from_utf8_lossy(&bytes));
                }
                Lent::Speech { phone, frame } => self.speech.push((phone, frame)),
                Lent::Card { .. } | Lent::Host { .. } => {}
            }
        }
    }

    fn at(&mut self, phone: usize, command: &str) -> String {
        self.written.clear();
        let bytes = format!("{command}\r").into_bytes();
        self.world.modem_input(phone, BasebandInput::Port { port: 0, bytes });
        self.pass(Duration::from_millis(500));
        self.written.clone()
    }

    /// Alice calls Bob, who answers.
    fn talk(&mut self) {
        self.at(ALICE, "ATD+99070000002;");
        self.pass(Duration::from_secs(2));
        self.at(BOB, "ATA");
        self.pass(Duration::from_secs(1));
    }

    fn speak(&mut self, phone: usize, number: i16) {
        let frame = SpeechFrame::from([number; SpeechFrame::SAMPLES]);
        self.world.modem_input(phone, BasebandInput::Speech(frame));
    }

    /// The numbers of the frames that a host heard.
    fn heard(&self, phone: usize) -> Vec<i16> {
        let own = self.speech.iter().filter(|(to, _)| *to == phone);
        own.map(|(_, frame)| frame.samples()[0]).collect()
    }
}

#[test]
fn two_hosts_hear_each_other_over_two_networks() {
    let mut lab = Lab::new();
    lab.at(ALICE, "AT+QPCMV=1,0");
    lab.at(BOB, "AT+CPCMREG=1");
    lab.speak(ALICE, -1);
    lab.pass(Duration::from_secs(1));
    lab.talk();
    for n in 0..100 {
        lab.speak(ALICE, n);
        lab.speak(BOB, 1_000 + n);
        lab.pass(SpeechFrame::DURATION);
    }
    lab.pass(WAY_MAX);
    assert_eq!(lab.heard(BOB), (0..100).collect::<Vec<_>>());
    assert_eq!(lab.heard(ALICE), (1_000..1_100).collect::<Vec<_>>());
    assert!(lab.heard(CAROL).is_empty());
    lab.speech.clear();
    assert!(lab.at(ALICE, "ATH").contains("OK"));
    lab.speak(ALICE, 1);
    lab.speak(BOB, 1);
    lab.pass(Duration::from_secs(1));
    assert_eq!(lab.speech, [], "the call is over");
}

#[test]
fn speech_takes_the_way_of_its_path() {
    let mut lab = Lab::new();
    lab.at(BOB, "AT+CPCMREG=1");
    lab.at(ALICE, "AT+QPCMV=1,0");
    lab.talk();
    let sent = lab.world.now();
    lab.speak(ALICE, 5);
    while lab.speech.is_empty() && lab.world.now() < sent.plus(WAY_MAX) {
        lab.pass(Duration::from_millis(1));
    }
    let way = lab.world.now().since(sent);
    assert_eq!(lab.heard(BOB), [5]);
    assert!(way >= Duration::from_millis(8 + 3 * 20 + 8), "{way}");
}

#[test]
fn a_world_with_speech_runs_the_same_way_twice() {
    let run = |word: i16| {
        let mut lab = Lab::new();
        lab.at(ALICE, "AT+QPCMV=1,0");
        lab.talk();
        lab.speak(ALICE, word);
        lab.pass(Duration::from_secs(1));
        assert!(lab.world.now() > Instant::ZERO);
        lab.world.trace_hash()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2), "the trace tells words apart");
}

#[test]
fn a_modem_that_nobody_borrows_loses_what_it_hears() {
    let mut lab = Lab::new();
    lab.at(ALICE, "AT+QPCMV=1,0");
    lab.at(ALICE, "ATD+99070000003;");
    lab.pass(Duration::from_secs(2));
    let answer = crate::Action::Answer { phone: CAROL };
    lab.world.apply(&answer);
    lab.pass(Duration::from_secs(2));
    lab.speak(ALICE, 1);
    lab.speak(CAROL, 2);
    lab.pass(Duration::from_secs(1));
    assert_eq!(lab.heard(ALICE), [2]);
    assert!(lab.heard(CAROL).is_empty());
}

#[test]
fn the_state_of_a_lent_phone_is_what_its_modem_says() {
    let mut lab = Lab::new();
    let registration = |lab: &Lab, phone| {
        let state = lab.world.phone_state(phone);
        let wanted = ["registered", "operator", "roaming"];
        state.into_iter().filter(|(name, _)| wanted.contains(name)).collect::<Vec<_>>()
    };
    let at = |operator: &str, registered: bool, roaming: bool| {
        [
            ("operator", operator.into()),
            ("registered", registered.into()),
            ("roaming", roaming.into()),
        ]
    };
    assert_eq!(registration(&lab, ALICE), at("north", true, false));
    assert_eq!(registration(&lab, BOB), at("south", true, true));
    lab.at(ALICE, "AT+COPS=2");
    assert_eq!(registration(&lab, ALICE), at("", false, false));
}
