//! Files with phones that call and write over data.

use super::*;
use polysim_base::{Duration, Msisdn};
use polysim_courier::client::Choice;
use polysim_courier::{Code, ContactMode, Rate, TenantId};
use polysim_world::{
    Action, CourierAction, CourierConfig, CourierFault, CourierMatter, Fault, LatencyRange,
    LinkFault, Party,
};

const TOWN: &str = r#"
[[operator]]
name = "alpha"
plmn = "00101"
[[region]]
name = "town"
cells = [{ id = "t-1", operator = "alpha", rssi = -70 }]
[[phone]]
name = "plain"
region = "town"
operator = "alpha"
"#;

const FRIENDS: &str = r#"
[courier]
name = "post"
contacts = "numbers"
threshold = "30kbit/s"
hold_down = "2h"
limits = { tries = 3, countries = { "999" = 100 } }
[[phone]]
name = "anna"
region = "town"
operator = "alpha"
answers_after = "2s"
courier = { contacts = ["bert", "+99955"], rate = "1.5Mbit/s", registers = false, text_offered = "wait", expires = "1h" }
[[phone]]
name = "bert"
region = "town"
operator = "alpha"
courier = { number = "plain", confirms = false, call_offered = "carrier", tenant = 7, speaks_every = "1s" }
[[phone]]
name = "tablet"
region = "town"
operator = "alpha"
courier = { linked_to = "anna" }
"#;

fn planned(more: &str) -> Plan {
    let source = Source::new("file.toml", &[HEAD, TOWN, FRIENDS, more].concat());
    plan(&source, &mut |_| Err("nothing".into())).unwrap()
}

fn courier(plan: &Plan) -> &CourierConfig {
    plan.world.courier.as_ref().unwrap()
}

fn verbs(text: &str) -> Vec<Action> {
    planned("").verbs(text).unwrap().into_iter().map(|(_, action)| action).collect()
}

fn wrong(text: &str) -> String {
    planned("").verbs(text).unwrap_err().to_string()
}

/// The one mistake of a file with these tables instead of the friends'.
fn only(tables: &str, message: &str) {
    let found = mistakes(&[HEAD, TOWN, tables].concat());
    assert!(matches!(found.as_slice(), [one] if one.contains(message)), "{found:#?}");
}

fn number(plan: &Plan, phone: usize) -> Msisdn {
    plan.world.phones[phone].number
}

#[test]
fn a_server_has_a_name_thresholds_and_limits() {
    let plan = planned("");
    let server = &courier(&plan).server;
    assert_eq!((server.name.as_str(), server.contacts), ("post", ContactMode::Numbers));
    assert_eq!((server.threshold, server.hold_down), (Rate(30), Duration::from_secs(7_200)));
    assert_eq!(server.ring, Duration::from_secs(30), "what the file does not say");
    let limits = &server.limits;
    assert_eq!((limits.tries, limits.per_number, limits.per_range), (3, 3, 10));
    assert_eq!(limits.code_lifetime, Duration::from_secs(600));
    assert_eq!((limits.countries[0].code.as_str(), limits.countries[0].per_hour), ("999", 100));
}

#[test]
fn a_phone_has_a_courier_that_is_its_own() {
    let plan = planned("");
    let [anna, bert, tablet] = courier(&plan).devices.as_slice() else { panic!("three") };
    let outside = Msisdn::parse("+99955").unwrap();
    assert_eq!((anna.phone, &anna.contacts[..]), (1, &[number(&plan, 2), outside][..]));
    assert_eq!((anna.rate_kbps, anna.threshold, anna.number), (1_500, Rate(100), None));
    assert_eq!(anna.expires, Some(Duration::from_secs(3_600)));
    assert_eq!((anna.user.registers, anna.user.of_texts), (false, Some(Choice::Wait)));
    assert_eq!(anna.user.answers_after, Some(Duration::from_secs(2)), "as of any call");
    assert_eq!((bert.phone, bert.number), (2, Some(number(&plan, 0))), "it is typed");
    assert_eq!((bert.tenant, bert.user.confirms_after), (TenantId(7), None));
    assert_eq!((bert.user.of_calls, bert.user.of_texts), (Some(Choice::Carrier), None));
    assert_eq!(bert.user.speaks_every, Duration::from_secs(1));
    assert_eq!((tablet.phone, tablet.linked_to, anna.linked_to), (3, Some(1), None));
}

#[test]
fn phones_of_a_pattern_know_those_that_come_after_them() {
    let plan = planned(
        "[[phone]]\nname = \"u{1..4}\"\nregion = \"town\"\noperator = \"alpha\"\n\
         courier = { neighbours = 2, contacts = [\"u{1..2}\"] }\n",
    );
    let of = |at: usize| courier(&plan).devices[at].contacts.clone();
    let [first, second, third, last] = [4, 5, 6, 7].map(|phone| number(&plan, phone));
    assert_eq!(of(3), [second, second, third], "a phone is no contact of its own");
    assert_eq!(of(6), [first, second, first, second], "after the last comes the first");
    assert_eq!(of(5), [first, second, last, first]);
}

#[test]
fn there_is_a_server_where_the_file_names_none() {
    let source = [HEAD, TOWN, "courier = {}\n"].concat();
    let plan = plan(&Source::new("file.toml", &source), &mut |_| Err("nothing".into())).unwrap();
    assert_eq!(courier(&plan).server.name, "courier");
    assert_eq!(courier(&plan).server.contacts, ContactMode::Digests);
    let without = [HEAD, TOWN].concat();
    let plan = super::plan(&Source::new("file.toml", &without), &mut |_| Err("nothing".into()));
    assert!(plan.unwrap().world.courier.is_none());
}

#[test]
fn a_scenarios_own_server_counts() {
    let source =
        Source::new("file.toml", &[HEAD, "include = [\"more.toml\"]\n", TOWN, FRIENDS].concat());
    let plan = plan(&source, &mut |name| {
        Ok(Source::new(name, "format = 1\n[courier]\nname = \"other\"\n"))
    });
    assert_eq!(courier(&plan.unwrap()).server.name, "post");
}

#[test]
fn users_register_read_and_choose() {
    let plan = planned("");
    let actions = verbs(
        r#"[{ register = { phone = "anna" } },
           { register = { phone = "anna", number = "plain" } },
           { confirm = { phone = "bert" } },
           { confirm = { phone = "bert", code = "012345" } },
           { deregister = { phone = "bert" } },
           { link = { phone = "tablet", to = "anna" } },
           { unlink = { phone = "tablet", to = "anna" } },
           { contacts = { phone = "anna", are = ["plain"] } },
           { read = { phone = "anna" } },
           { choose = { phone = "anna", about = "text", choice = "quit" } },
           { choose = { phone = "anna", about = "call", choice = "carrier" } },
           { rate = { phone = "bert", to = "0kbit/s" } },
           { swap_cards = { phone = "anna", with = "plain" } }]"#,
    );
    let plain = number(&plan, 0);
    let wanted = [
        CourierAction::Register { phone: 1, number: None },
        CourierAction::Register { phone: 1, number: Some(plain) },
        CourierAction::Confirm { phone: 2 },
        CourierAction::Guess { phone: 2, code: Code::parse("012345").unwrap() },
        CourierAction::Deregister { phone: 2 },
        CourierAction::Link { phone: 1, with: 3 },
        CourierAction::Unlink { phone: 1, other: 3 },
        CourierAction::Contacts { phone: 1, contacts: vec![plain] },
        CourierAction::Read { phone: 1 },
        CourierAction::Choose { phone: 1, about: CourierMatter::Text, choice: Choice::Quit },
        CourierAction::Choose { phone: 1, about: CourierMatter::Call, choice: Choice::Carrier },
        CourierAction::Rate { phone: 2, kbps: 0 },
        CourierAction::SwapCards { phone: 1, with: 0 },
    ];
    assert_eq!(actions, wanted.map(Action::Courier));
}

#[test]
fn the_ordinary_verbs_go_over_data_where_there_is_a_courier() {
    let plan = planned("");
    let to = number(&plan, 2);
    let actions = verbs(
        r#"[{ text = { from = "anna", to = "bert", text = "hi" } },
           { call = { from = "anna", to = "bert" } },
           { answer = { phone = "bert" } },
           { hang_up = { phone = "bert" } },
           { answer = { phone = "bert", by = "carrier" } },
           { hang_up = { phone = "bert", by = "carrier" } },
           { answer = { phone = "plain" } }]"#,
    );
    let wanted = [
        Action::Courier(CourierAction::Text { phone: 1, to, text: "hi".into() }),
        Action::Courier(CourierAction::Dial { phone: 1, to }),
        Action::Courier(CourierAction::Answer { phone: 2 }),
        Action::Courier(CourierAction::HangUp { phone: 2 }),
        Action::Answer { phone: 2 },
        Action::HangUp { phone: 2 },
        Action::Answer { phone: 0 },
    ];
    assert_eq!(actions, wanted);
    let carrier = verbs(
        r#"[{ text = { from = "anna", to = "bert", text = "hi", by = "carrier" } },
           { call = { from = "anna", to = "bert", by = "carrier" } },
           { text = { from = "plain", to = "bert", text = "hi" } }]"#,
    );
    assert!(
        matches!(
            carrier.as_slice(),
            [
                Action::Text { from: Party::Phone(1), .. },
                Action::Call { from: Party::Phone(1), .. },
                Action::Text { from: Party::Phone(0), .. },
            ]
        ),
        "{carrier:?}"
    );
}

#[test]
fn the_server_the_phones_and_their_links_fail() {
    let actions = verbs(
        r#"[{ fault = { target = "courier:post", kind = "crash" } },
           { fault = { target = "phone:anna", kind = "crash" } },
           { fault = { target = "link:anna-post", kind = "loss", share = "20%" } },
           { fault = { target = "link:post-bert", kind = "cut" } },
           { fault = { target = "courier:post", kind = "texts-refused" } },
           { fault = { target = "operator:alpha", kind = "no-data" } }]"#,
    );
    let wanted = [
        CourierFault::ServerCrash,
        CourierFault::DeviceCrash { phone: 1 },
        CourierFault::Link { phone: 1, fault: LinkFault::Loss { ppm: 200_000 } },
        CourierFault::Link { phone: 2, fault: LinkFault::Cut { both_ways: true } },
        CourierFault::TextsRefused,
        CourierFault::NoData { operator: 0 },
    ];
    let wanted = wanted.map(|it| Action::Fault { fault: Fault::Courier(it), on: true });
    assert_eq!(actions, wanted);
}

#[test]
fn links_to_the_server_are_described() {
    let plan = planned("[[link]]\nbetween = [\"post\", \"anna\"]\nloss = \"5%\"\n");
    let links = &courier(&plan).links;
    let phones: Vec<_> = links.overrides.iter().map(|(of, link)| (*of, link.loss_ppm)).collect();
    assert_eq!(phones, [(1, 50_000)]);
    let usual = LatencyRange { min: Duration::from_millis(20), max: Duration::from_millis(60) };
    assert_eq!(links.usual.latency, usual);
    assert!(plan.world.fleet.is_none(), "such a link makes no fleet");
    let plain = "[[link]]\nbetween = [\"post\", \"plain\"]\n";
    only(&[FRIENDS, plain].concat(), "there is no link between \"post\" and that");
}

#[test]
fn what_the_server_is_like_can_be_expected() {
    let state = "[[expect]]\nid = \"e\"\nstate = { numbers = 2 }\nwhere = { courier = \"post\" }\n";
    let plan = planned(state);
    assert!(
        matches!(&plan.expectations[0].rule, Rule::State { things, .. } if things == &[(polysim_world::Thing::Courier, 0)])
    );
    let with = |state: &str| [FRIENDS, state].concat();
    only(&with(&state.replace("\"post\"", "\"pots\"")), "did you mean \"post\"?");
    only(&with(&state.replace("numbers =", "number =")), "did you mean \"numbers\"?");
}

#[test]
fn mistakes_of_tables_are_told() {
    let phone = |courier: &str| {
        let head = "[[phone]]\nname = \"x\"\nregion = \"town\"\noperator = \"alpha\"\n";
        format!("{head}courier = {{ {courier} }}\n")
    };
    only(&phone("contacts = [\"plein\"]"), "no phone is called \"plein\"; did you mean \"plain\"?");
    only(&phone("rate = \"fast\""), "expected a data rate such as \"24kbit/s\"");
    only(&phone("rat = \"1Mbit/s\""), "unknown key \"rat\"; did you mean \"rate\"?");
    only(&phone("linked_to = \"plain\""), "the phone \"plain\" has no courier");
    only(&phone("linked_to = \"x\""), "a phone is not linked to itself");
    only(&phone("neighbours = 1"), "as many neighbours as there are others in its pattern");
    only(&phone("text_offered = \"quitt\""), "did you mean \"quit\"?");
    only("[courier]\nname = \"plain\"\n", "\"plain\" is there already, as a phone");
    only("[courier]\nlimits = { tries = 6 }\n", "expected");
    only("[courier]\nlimits = { code = \"11min\" }\n", "a code holds for 10 min at most");
    only("[courier]\nlimits = { countries = { se = 3 } }\n", "expected one to three digits");
    let both = [FRIENDS, &phone("linked_to = \"anna\", number = \"plain\"")].concat();
    only(&both, "a linked device has the number of its primary one");
}

#[test]
fn mistakes_of_verbs_and_faults_are_told() {
    for (verb, message) in [
        ("register = { phone = \"plain\" }", "the phone \"plain\" has no courier"),
        ("register = { phone = \"ana\" }", "did you mean \"anna\"?"),
        ("register = {}", "does not say which phone"),
        ("confirm = { phone = \"anna\", code = \"12345\" }", "has 6 digits"),
        ("link = { phone = \"tablet\", to = \"plain\" }", "the phone \"plain\" has no courier"),
        ("choose = { phone = \"anna\", about = \"call\", choice = \"wait\" }", "does not wait"),
        ("text = { from = \"anna\", to = \"bert\", text = \"x\", report = true }", "no \"report\""),
        ("call = { from = \"anna\", to = \"bert\", hide = true }", "no \"hide\""),
        ("fault = { target = \"courier:pots\", kind = \"crash\" }", "did you mean \"post\"?"),
        ("fault = { target = \"phone:plain\", kind = \"crash\" }", "has no courier"),
        ("fault = { target = \"operator:alpha\", kind = \"texts-refused\" }", "\"courier:NAME\""),
        ("regster = { phone = \"anna\" }", "did you mean \"register\"?"),
    ] {
        let found = wrong(&format!("[{{ {verb} }}]"));
        assert!(found.contains(message), "{verb}: {found}");
    }
}
