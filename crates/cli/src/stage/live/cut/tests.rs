use super::super::config::tests::config;
use super::super::cost::Cost;
use super::*;
use polysim_scenario::{Source, plan};

const WORLD: &str = r#"
format = 1
name = "cut"
duration = "1min"
[[operator]]
name = "north"
plmn = "00101"
[[region]]
name = "here"
cells = [{ id = "here-1", operator = "north", rssi = -70 }]
[[phone]]
name = "p{1..9}"
region = "here"
operator = "north"
user_pin = "1234"
"#;

const MODEMS: &str = r#"
[[phone]]
name = "p{1..2}"
port = "tcp:127.0.0.1:{4001..4002}"
number = "+4670000000{1..2}"
"#;

fn cut(text: &str) -> (Cut, Config) {
    let source = Source::new("cut.toml", &[WORLD, text].concat());
    let plan = plan(&source, &mut |_| Err(String::new())).unwrap();
    let Ok(config) = config(MODEMS) else { panic!("it is right") };
    (Cut::new(&plan, &config), config)
}

/// What is left out, without the lines.
fn skipped(text: &str) -> Vec<String> {
    let (cut, _) = cut(text);
    cut.skipped.iter().map(|skipped| format!("{}: {}", skipped.what, skipped.why)).collect()
}

fn actions(cut: &Cut) -> Vec<&Action> {
    let runs = cut.plan.timeline.iter().flat_map(|entry| &entry.runs);
    runs.flat_map(|run| &run.deeds).flat_map(|deed| &deed.any).collect()
}

#[test]
fn real_numbers_take_the_place_of_those_that_are_made_up() {
    let (cut, _) = cut("[[at]]\ndo = [{ call = { from = \"p1\", to = \"p2\" } }]\n");
    let [Action::Call { to, .. }] = actions(&cut)[..] else { panic!("one call is left") };
    assert_eq!(to.to_string(), "+46700000002");
    assert_eq!(cut.plan.world.phones[0].number.to_string(), "+46700000001");
    assert_eq!(cut.skipped, []);
}

#[test]
fn the_pin_of_a_simulated_card_is_not_entered_into_a_real_one() {
    let (cut, _) = cut("");
    assert!(cut.phones.keys().all(|phone| cut.plan.world.phones[*phone].user_pin.is_none()));
}

#[test]
fn what_needs_a_simulated_world_or_a_phone_without_a_modem_is_left_out_once_for_each_line() {
    let text = r#"
[[at]]
each = { phone = "p{1..9}" }
do = [{ text = { to = "p2", text = "hi" } }, { move = { to = "here" } }]
[[at]]
do = [
  { text = { from = "p1", to = "p3", text = "its number is made up" } },
  { call = { from = "+46700", to = "p1" } },
  { fault = { target = "cell:here-1", kind = "outage", for = "5s" } },
  { forward = { phone = "p2", when = "busy", to = "p4" } },
]
"#;
    let (cut, _) = cut(text);
    let shown: Vec<_> = cut.skipped.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "19: move: p1, p2, p3 and 6 more: only a simulated world can do this",
            "19: text: no modem in live.toml for p3, p4, p5 and 4 more",
            "21: call: +46700 is outside: only phones with a modem act",
            "21: fault: a fault: only a simulated world can do this",
            "21: forward: no modem in live.toml for p4",
            "21: text: no modem in live.toml for p3",
        ]
    );
    assert_eq!(actions(&cut).len(), 2, "the texts of p1 and p2 are left");
}

#[test]
fn expectations_about_what_no_modem_tells_are_left_out() {
    let text = r#"
[[at]]
do = [{ text = { from = "+46700", to = "p1", text = "hi" } }]
[[expect]]
id = "charged"
event = "charge"
[[expect]]
id = "again"
percentile = { of = "phone.refused -> phone.registered", p = 100, max = "1s" }
[[expect]]
id = "another"
event = "phone.registered"
where = { phone = ["p1", "p3"] }
[[expect]]
id = "from-another"
never = "call.incoming"
where = { phone = "p1", peer = "p5" }
[[expect]]
id = "from-outside"
event = "text.received"
where = { phone = "p1", from = "+46700" }
[[expect]]
id = "place"
state = { region = "here" }
all = { phone = "p1" }
[[expect]]
id = "all"
state = { registered = true }
all = { phone = "p{1..3}" }
[[expect]]
id = "each"
event = "text.report"
for_each = { event = "text.sent", as = "sent" }
where = { phone = "$sent.phone" }
within = "10s"
[[expect]]
id = "good"
state = { registered = true }
all = { phone = "p{1..2}" }
[[expect]]
id = "out"
event = "text.sent"
where = { phone = "p1", to = "+46701" }
"#;
    assert_eq!(
        skipped(text)[1..],
        [
            "expectation charged: no modem tells charge",
            "expectation again: no modem tells phone.refused",
            "expectation another: no modem in live.toml for p3",
            "expectation from-another: no modem in live.toml for p5",
            "expectation from-outside: +46700 does nothing here",
            "expectation place: no modem says in which region it is",
            "expectation all: no modem in live.toml for p3",
        ]
    );
    let left: Vec<_> = cut(text).0.plan.expectations.into_iter().map(|e| e.id).collect();
    assert_eq!(left, ["each", "good", "out"]);
}

#[test]
fn what_costs_is_counted_and_asked_for_unless_all_numbers_are_own_ones() {
    let own = "[[at]]\nevery = \"20s\"\ndo = [{ text = { from = \"p1\", to = \"p2\", text = \"hi\" } }]\n";
    let (within, config) = cut(own);
    let cost = Cost::of(&within, &config, 1);
    assert!(!cost.asks());
    assert_eq!(cost.to_string(), "  4 texts to p2 (+46700000002)\n");

    let long = "x".repeat(161);
    let far = format!(
        "[[at]]\ndo = [{{ text = {{ from = \"p1\", to = \"+46709\", text = \"{long}\" }} }}, \
         {{ call = {{ from = \"p2\", to = \"p1\" }} }}]\n"
    );
    let (outside, config) = cut(&far);
    let cost = Cost::of(&outside, &config, 1);
    assert!(cost.asks());
    assert_eq!(cost.to_string(), "  1 text in 2 parts to +46709\n  1 call to p1 (+46700000001)\n");

    let (code, config) = cut("[[at]]\ndo = [{ ussd = { phone = \"p1\", code = \"*100#\" } }]\n");
    let cost = Cost::of(&code, &config, 1);
    assert!(cost.asks(), "a code may order something");
    assert_eq!(cost.to_string(), "  USSD \"*100#\", 1 time\n  no texts and no calls\n");

    let (pin, config) = cut("[[at]]\ndo = [{ enter_pin = { phone = \"p1\", pin = \"0000\" } }]\n");
    assert!(Cost::of(&pin, &config, 1).asks(), "a wrong PIN cannot be taken back");
}
