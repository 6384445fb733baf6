use proptest::prelude::*;

use super::*;

const GOOD: [&str; 3] = ["1234", "4321", "00000"];
const PUKS: [&str; 2] = ["12345678", "87654321"];
const BLOCKED: u16 = 0x6983;
const CONTRADICTION: u16 = 0x6985;

fn pin(digits: &str) -> Pin {
    Pin::from_digits(digits).unwrap()
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Verify(usize),
    Ask,
    Change(usize, usize),
    Disable(usize),
    Enable(usize),
    Unblock(usize, usize),
    AskUnblock,
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let pin = 0..GOOD.len();
    prop_oneof![
        4 => pin.clone().prop_map(Step::Verify),
        1 => Just(Step::Ask),
        2 => (pin.clone(), pin.clone()).prop_map(|(old, new)| Step::Change(old, new)),
        2 => pin.clone().prop_map(Step::Disable),
        2 => pin.clone().prop_map(Step::Enable),
        2 => (0..PUKS.len(), pin).prop_map(|(puk, new)| Step::Unblock(puk, new)),
        1 => Just(Step::AskUnblock),
        1 => Just(Step::Reset),
    ]
}

/// PIN 1 as TS 102.221 tells it, without anything clever.
struct Naive {
    value: usize,
    tries: u16,
    puk_tries: u16,
    enabled: bool,
    verified: bool,
}

impl Naive {
    fn compare(&mut self, value: usize) -> u16 {
        if self.tries == 0 {
            return BLOCKED;
        }
        if value == self.value {
            (self.tries, self.verified) = (3, true);
            return 0x9000;
        }
        (self.tries, self.verified) = (self.tries - 1, false);
        0x63C0 + self.tries
    }

    fn step(&mut self, step: Step) -> u16 {
        match step {
            Step::Reset => {
                self.verified = false;
                0x9000
            }
            Step::Ask => 0x63C0 + self.tries,
            Step::AskUnblock => 0x63C0 + self.puk_tries,
            Step::Verify(_) | Step::Change(..) | Step::Disable(_) if !self.enabled => CONTRADICTION,
            Step::Enable(_) if self.enabled => CONTRADICTION,
            Step::Verify(value) => self.compare(value),
            Step::Change(old, new) => {
                let word = self.compare(old);
                if word == 0x9000 {
                    self.value = new;
                }
                word
            }
            Step::Disable(value) | Step::Enable(value) => {
                let word = self.compare(value);
                if word == 0x9000 {
                    self.enabled = matches!(step, Step::Enable(_));
                }
                word
            }
            Step::Unblock(..) if self.puk_tries == 0 => BLOCKED,
            Step::Unblock(0, new) => {
                (self.value, self.tries, self.puk_tries) = (new, 3, 10);
                (self.enabled, self.verified) = (true, true);
                0x9000
            }
            Step::Unblock(..) => {
                self.puk_tries -= 1;
                0x63C0 + self.puk_tries
            }
        }
    }
}

fn run(pins: &mut Pins, step: Step) -> u16 {
    let key = KeyRef::PIN1;
    let result = match step {
        Step::Verify(value) => pins.verify(key, Some(&pin(GOOD[value]))),
        Step::Ask => pins.verify(key, None),
        Step::Change(old, new) => pins.change(key, &pin(GOOD[old]), &pin(GOOD[new])),
        Step::Disable(value) => pins.disable(key, &pin(GOOD[value]), None),
        Step::Enable(value) => pins.enable(key, &pin(GOOD[value])),
        Step::Unblock(puk, new) => pins.unblock(key, Some((&pin(PUKS[puk]), &pin(GOOD[new])))),
        Step::AskUnblock => pins.unblock(key, None),
        Step::Reset => {
            pins.reset();
            Ok(())
        }
    };
    result.map_or_else(u16::from, |()| 0x9000)
}

proptest! {
    #[test]
    fn pin_1_is_what_a_naive_one_is(enabled: bool, steps in prop::collection::vec(step(), 0..60)) {
        let mut config = PinConfig::default();
        config.pin1.enabled = enabled;
        let mut pins = Pins::new(Arc::new(config));
        let mut naive = Naive { value: 0, tries: 3, puk_tries: 10, enabled, verified: false };
        for step in steps {
            prop_assert_eq!(run(&mut pins, step), naive.step(step), "{:?}", step);
            let status = pins.status(KeyRef::PIN1).unwrap();
            prop_assert_eq!((status.enabled, status.verified), (naive.enabled, naive.verified));
            prop_assert_eq!(u16::from(status.tries), naive.tries);
            let satisfied = naive.verified || !naive.enabled;
            prop_assert_eq!(pins.satisfied().has(Key::Pin1), satisfied);
        }
    }
}

#[test]
fn cards_share_pins_until_one_changes_them() {
    let shared = Arc::new(PinConfig { adm2: None, ..PinConfig::default() });
    let mut one = Pins::new(Arc::clone(&shared));
    let other = Pins::new(Arc::clone(&shared));
    one.change(KeyRef::PIN2, &pin("5678"), &pin("0000")).unwrap();
    assert!(Arc::ptr_eq(&other.setup, &shared) && !Arc::ptr_eq(&one.setup, &shared));
    assert_eq!(one.verify(KeyRef::PIN2, Some(&pin("5678"))), Err(Status::TriesLeft(2)));
    let mut other = other;
    assert_eq!(other.verify(KeyRef::PIN2, Some(&pin("5678"))), Ok(()));
}

#[test]
fn the_universal_pin_stands_in_for_pin_1() {
    let universal = PinSetup::new("9999", "99999999", true);
    let config = PinConfig { universal, ..PinConfig::default() };
    let mut pins = Pins::new(Arc::new(config.with_pin1("1234", "12345678").unwrap()));
    assert!(!pins.satisfied().has(Key::Pin1));
    pins.disable(KeyRef::PIN1, &pin("1234"), Some(KeyRef::UNIVERSAL)).unwrap();
    pins.reset();
    assert!(!pins.satisfied().has(Key::Pin1));
    pins.verify(KeyRef::UNIVERSAL, Some(&pin("9999"))).unwrap();
    assert!(pins.satisfied().has(Key::Pin1));
}

#[test]
fn keys_that_are_not_there_are_6a88_and_bad_values_6a80() {
    let mut pins = Pins::new(Arc::default());
    for key in [0x11, 0x0B, 0x02, 0x00, 0x82, 0xFF].map(KeyRef) {
        assert_eq!(pins.verify(key, None), Err(Status::ReferenceDataNotFound));
        assert_eq!(pins.status(key), None);
    }
    let short = Pin::new(*b"123\xFF\xFF\xFF\xFF\xFF");
    let gap = Pin::new(*b"12\xFF\xFF3456");
    for new in [short, gap] {
        let refused = pins.change(KeyRef::PIN2, &pin("5678"), &new);
        assert_eq!(refused, Err(Status::IncorrectData));
    }
    assert_eq!(
        pins.disable(KeyRef::ADM1, &pin("88888888"), None),
        Err(Status::FunctionNotSupported)
    );
}
