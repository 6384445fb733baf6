//! Files with cards that are opened over the air.

use super::*;
use polysim_issuance::wire::{Method, Route};
use polysim_world::{
    Action, Attack, Fault, IssuanceAction, IssuanceFault, IssuanceNode, LinkFault, Thing,
};

const CARDS: &str = r#"
[[operator]]
name = "alpha"
plmn = "00101"
roaming = ["beta"]
[[operator]]
name = "beta"
plmn = "00102"
[[region]]
name = "here"
cells = [
    { id = "a-1", operator = "alpha", rssi = -70 },
    { id = "b-1", operator = "beta", rssi = -75 },
]
[[platform]]
name = "main"
[[business]]
name = "shop"
pool = { beta = 3 }
[[phone]]
name = "m{1..3}"
region = "here"
operator = "alpha"
card = { preloaded = ["beta"] }
[[phone]]
name = "blank"
region = "here"
operator = "alpha"
card = { seed = false }
[[link]]
between = ["main", "alpha"]
loss = "5%"
"#;

fn planned(more: &str) -> Plan {
    let source = Source::new("file.toml", &[HEAD, CARDS, more].concat());
    plan(&source, &mut |_| Err("nothing".into())).unwrap()
}

fn verbs(text: &str) -> Vec<Action> {
    planned("").verbs(text).unwrap().into_iter().map(|(_, action)| action).collect()
}

#[test]
fn an_order_is_for_devices_and_has_a_new_number_where_it_names_none() {
    let actions = verbs(r#"[{ order = { devices = ["m{1..2}", "blank"], operator = "beta" } }]"#);
    let [Action::Issuance(IssuanceAction::Order { batch, phones, route, method, per_s, .. })] =
        &actions[..]
    else {
        panic!("{actions:?}")
    };
    assert_eq!(
        (*batch, &phones[..], *route, *method, *per_s),
        (None, &[0, 1, 3][..], Route::Any, Method::Applet, 0)
    );
}

#[test]
fn keys_are_preloaded_for_the_numbers_of_the_pool_in_order() {
    let plan = planned("");
    let issuance = plan.world.issuance.as_ref().unwrap();
    let pool: Vec<_> = issuance.businesses[0].pool.iter().map(|pooled| pooled.imsi).collect();
    let card = |at: usize| plan.world.phones[at].open_card.as_ref().unwrap();
    assert_eq!(card(1).preloaded, pool[1..2]);
    assert!(card(2).seed && plan.world.phones[2].subscribed);
    assert!(!card(3).seed && !plan.world.phones[3].subscribed);
    assert!(plan.world.fleet.is_none(), "links of platforms make no fleet");
    assert_eq!(plan.name_of(Thing::Business, 0), "shop");
}

#[test]
fn faults_name_platforms_links_and_cards() {
    let fault = |text: &str| {
        let begun = verbs(&format!("[{{ fault = {{ {text} }} }}]")).swap_remove(0);
        let Action::Fault { fault: Fault::Issuance(fault), on: true } = begun else {
            panic!("{begun:?}")
        };
        fault
    };
    assert_eq!(
        fault(r#"target = "business:shop", kind = "crash""#),
        IssuanceFault::BusinessCrash { business: 0 }
    );
    let (from, to) = (IssuanceNode::Business(0), IssuanceNode::Platform(0));
    assert_eq!(
        fault(r#"target = "link:shop-main", kind = "loss", share = "10%""#),
        IssuanceFault::Link { from, to, fault: LinkFault::Loss { ppm: 100_000 } }
    );
    assert_eq!(
        fault(r#"target = "phone:m2", kind = "card-power-cut", after = 4"#),
        IssuanceFault::CardPowerCut { phone: 1, after: 4 }
    );
}

#[test]
fn what_misdirects_says_whose_packet_it_is() {
    let attack = r#"[{ attack = { phone = "m1", kind = "misdirected", of = "m3" } }]"#;
    let attack = verbs(attack).swap_remove(0);
    let misdirected = IssuanceAction::Attack { phone: 0, attack: Attack::Misdirected { of: 2 } };
    assert_eq!(attack, Action::Issuance(misdirected));
    let nobody = planned("").verbs(r#"[{ attack = { phone = "m1", kind = "misdirected" } }]"#);
    assert!(nobody.is_err());
}

#[test]
fn mistakes_in_names_are_told() {
    let more = r#"
[[phone]]
name = "x"
region = "here"
operator = "alpha"
card = { platform = "mian" }
[[at]]
do = [{ cancel_order = { batch = 1, phone = "m9" } }]
"#;
    let found = mistakes(&[HEAD, CARDS, more].concat());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].ends_with("no platform is called \"mian\"; did you mean \"main\"?"),
        "{found:?}"
    );
    assert!(found[1].contains("no phone is called \"m9\""), "{found:?}");
}

#[test]
fn a_card_is_bound_and_written_the_same_way_twice() {
    let text = include_str!("../../../../scenarios/issuance/first.toml");
    let source = Source::new("first.toml", text);
    let plan = plan(&source, &mut |_| Err("nothing".into())).unwrap();
    let outcomes = [(); 2].map(|()| run(&plan, 3, &mut |_| {}).unwrap());
    assert!(outcomes[0].passed(), "{:?}", outcomes[0].failures);
    assert_eq!(outcomes[0].trace, outcomes[1].trace);
}

/// Runs a file to its end, and returns what failed.
fn failures(more: &str) -> Vec<String> {
    let head = HEAD.replace("1min", "10min");
    let source = Source::new("file.toml", &[&head, CARDS, more].concat());
    let plan = plan(&source, &mut |_| Err("nothing".into())).unwrap();
    let outcome = run(&plan, 1, &mut |_| {}).unwrap();
    outcome.failures.into_iter().map(|failure| failure.message).collect()
}

#[test]
fn a_modem_that_hung_still_has_its_card() {
    let failures = failures(
        r#"
[[at]]
t = "1:00"
do = [{ fault = { target = "phone:m1", kind = "modem-hang", for = "2min" } }]
[[at]]
t = "3:30"
do = [{ order = { devices = ["m1"], operator = "beta" } }]
[[expect]]
id = "done"
event = "device.result"
where = { phone = "m1", result = "done" }
count = 1
"#,
    );
    assert!(failures.is_empty(), "{failures:?}");
}

#[test]
fn what_is_ordered_while_the_business_platform_is_down_is_done_and_told_once() {
    let failures = failures(
        r#"
[[at]]
t = "1:00"
do = [{ fault = { target = "business:shop", kind = "crash", for = "20s" } }]
[[at]]
t = "1:10"
do = [{ order = { devices = ["m{1..2}"], operator = "beta" } }]
[[at]]
t = "1:20.3"
every = "100ms"
until = "1:25"
do = [{ fault = { target = "business:shop", kind = "crash", for = "50ms" } }]
[[expect]]
id = "done"
event = "device.result"
where = { result = "done" }
count = 2
"#,
    );
    assert!(failures.is_empty(), "{failures:?}");
}

#[test]
fn a_card_asks_once_for_what_its_terminal_sends() {
    let failures = failures(
        r#"
[[expect]]
id = "in-vain-before-there-is-service"
event = "card.bind-requested"
where = { phone = "m1", device = "m1", sent = false }
count = 1
[[expect]]
id = "then-once"
event = "card.bind-requested"
where = { phone = "m1", device = "m1", sent = true }
count = 1
"#,
    );
    assert!(failures.is_empty(), "{failures:?}");
}
