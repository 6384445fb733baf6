//! Files with devices that share a subscription.

use super::*;
use polysim_base::Duration;
use polysim_share::master::{Consent, Mode, Way};
use polysim_world::{Action, Fault, LatencyRange, LinkFault, ShareAction, ShareFault};

const FAMILY: &str = r#"
[[operator]]
name = "other"
plmn = "00201"
[[operator]]
name = "alpha"
plmn = "00101"
[[region]]
name = "town"
cells = [{ id = "t-1", operator = "alpha", rssi = -70 }]
[[phone]]
name = "tablet"
region = "town"
[[phone]]
name = "phone"
region = "town"
operator = "alpha"
[[phone]]
name = "car"
region = "town"
[[phone]]
name = "friend"
region = "town"
operator = "alpha"
"#;

const GROUP: &str = r#"
[[share]]
name = "family"
master = "phone"
slaves = ["tablet", "car"]
way = "push"
consent = "each-time"
timer = "40s"
own = true
spots = ["home", "garden", "street"]
at = { car = "garden" }
clocks = { phone = { skew = "3h" }, car = { drift_ppm = -500 } }
unpaired = ["car"]
on_request = ["tablet"]
"#;

fn planned(group: &str, more: &str) -> Plan {
    let source = Source::new("file.toml", &[HEAD, FAMILY, group, more].concat());
    plan(&source, &mut |_| Err("nothing".into())).unwrap()
}

/// The mistakes that a file with a family has, given these lines of its `[[share]]`, and more tables.
fn told(group: &str, more: &str) -> Vec<String> {
    mistakes(&[HEAD, FAMILY, group, more].concat())
}

fn only(group: &str, more: &str, message: &str) {
    let found = told(group, more);
    assert!(matches!(found.as_slice(), [one] if one.contains(message)), "{found:#?}");
}

fn verbs(text: &str) -> Vec<Action> {
    planned(GROUP, "").verbs(text).unwrap().into_iter().map(|(_, action)| action).collect()
}

fn wrong(text: &str) -> String {
    planned(GROUP, "").verbs(text).unwrap_err().to_string()
}

#[test]
fn a_group_has_a_master_and_slaves_without_a_card_of_their_own() {
    let plan = planned(GROUP, "");
    let share = plan.world.share.as_ref().unwrap();
    assert_eq!(share.spots, ["home", "garden", "street"]);
    let group = &share.groups[0];
    assert_eq!((group.name.as_str(), group.master, group.own), ("family", 1, true));
    assert_eq!(
        (group.mode, group.way, group.consent),
        (Mode::Provisioned, Way::Push, Consent::EachTime)
    );
    assert_eq!(group.timing.timer, Duration::from_secs(40));
    assert_eq!(group.timing.supervision, Duration::from_secs(5));
    assert_eq!((group.clock.skew, group.spot), (Duration::from_secs(3 * 3_600), 0));
    let [tablet, car] = group.slaves.as_slice() else { panic!("{:?}", group.slaves) };
    assert_eq!((tablet.phone, tablet.wants, tablet.paired, tablet.spot), (0, false, true, 0));
    assert_eq!((car.phone, car.wants, car.paired, car.spot), (2, true, false, 1));
    assert_eq!((tablet.clock.drift_ppm, car.clock.drift_ppm), (0, -500));
    let phones = &plan.world.phones;
    assert_eq!((phones[0].operator, phones[0].subscribed), (1, false), "as its master");
    assert!(phones[0].imsi.belongs_to(plan.world.operators[1].plmn));
    assert_ne!(phones[0].number, phones[1].number);
}

#[test]
fn a_pattern_makes_as_many_groups() {
    let plan = planned(
        GROUP,
        r#"
[[phone]]
name = "m{1..3}"
region = "town"
operator = "alpha"
[[phone]]
name = "s{1..3}"
region = "town"
[[share]]
name = "g{1..3}"
master = "m{1..3}"
slaves = ["s{1..3}"]
mode = "remote"
clocks = { "s{2..3}" = { drift_ppm = 7 } }
"#,
    );
    let share = plan.world.share.as_ref().unwrap();
    let of = |at: usize| {
        let group = &share.groups[at];
        let drift: Vec<_> = group.slaves.iter().map(|slave| slave.clock.drift_ppm).collect();
        (group.name.as_str(), group.master, group.slaves[0].phone, drift)
    };
    assert_eq!([of(1), of(3)], [("g1", 4, 7, vec![0]), ("g3", 6, 9, vec![7])]);
    assert_eq!(
        (share.groups[2].mode, &share.spots[..]),
        (Mode::Remote, &["home", "garden", "street", "here", "away"].map(String::from)[..])
    );
}

#[test]
fn devices_are_carried_picked_paired_and_asked_about() {
    let actions = verbs(
        r#"[{ carry = { phone = "tablet", to = "street" } },
           { pick = { phone = "phone" } },
           { release = { phone = "car" } },
           { want = { phone = "tablet" } },
           { forget = { phone = "tablet" } },
           { pair = { phone = "car" } },
           { unpair = { phone = "car" } },
           { consent = { phone = "car" } },
           { consent = { phone = "car", allow = false } },
           { replace = { group = "family" } }]"#,
    );
    let wanted = [
        ShareAction::Carry { phone: 0, spot: 2 },
        ShareAction::Pick { phone: 1 },
        ShareAction::Release { phone: 2 },
        ShareAction::Want { phone: 0 },
        ShareAction::Forget { phone: 0 },
        ShareAction::Pair { phone: 2 },
        ShareAction::Unpair { phone: 2 },
        ShareAction::Consent { phone: 2, allow: true },
        ShareAction::Consent { phone: 2, allow: false },
        ShareAction::Replace { group: 0 },
    ];
    assert_eq!(actions, wanted.map(Action::Share));
}

#[test]
fn links_software_and_batteries_fail() {
    let actions = verbs(
        r#"[{ fault = { target = "link:phone-car", kind = "loss", share = "20%" } },
           { fault = { target = "link:tablet-phone", kind = "cut" } },
           { fault = { target = "phone:phone", kind = "crash" } },
           { fault = { target = "phone:car", kind = "battery" } },
           { fault = { target = "phone:car", kind = "modem-hang" } }]"#,
    );
    let wanted = [
        Fault::Share(ShareFault::Link { phone: 2, fault: LinkFault::Loss { ppm: 200_000 } }),
        Fault::Share(ShareFault::Link { phone: 0, fault: LinkFault::Cut { both_ways: true } }),
        Fault::Share(ShareFault::Crash { phone: 1 }),
        Fault::Share(ShareFault::Battery { phone: 2 }),
        Fault::ModemHang { phone: 2 },
    ];
    assert_eq!(actions, wanted.map(|fault| Action::Fault { fault, on: true }));
}

#[test]
fn links_to_the_master_are_described_both_ways() {
    let link = "[[link]]\nbetween = [\"car\", \"phone\"]\nloss = \"5%\"\n";
    let plan = planned(GROUP, link);
    let share = plan.world.share.as_ref().unwrap();
    let overrides: Vec<_> =
        share.links.overrides.iter().map(|(a, b, q)| (*a, *b, q.loss_ppm)).collect();
    assert_eq!(overrides, [(2, 1, 50_000), (1, 2, 50_000)]);
    let range = LatencyRange { min: Duration::from_millis(10), max: Duration::from_millis(40) };
    assert_eq!(share.links.usual.latency, range);
    assert!(plan.world.fleet.is_none(), "such a link makes no fleet");
    let link = "[[link]]\nbetween = [\"car\", \"tablet\"]\n";
    only(GROUP, link, "there is no link between \"car\" and that");
}

#[test]
fn what_a_group_is_like_can_be_expected() {
    let state =
        "[[expect]]\nid = \"e\"\nstate = { holder = \"car\" }\nwhere = { group = \"family\" }\n";
    let plan = planned(GROUP, state);
    assert!(
        matches!(&plan.expectations[0].rule, Rule::State { things, .. } if things == &[(polysim_world::Thing::Group, 0)])
    );
    only(GROUP, &state.replace("\"family\"", "\"familie\""), "did you mean \"family\"?");
    only(GROUP, &state.replace("holder =", "older ="), "did you mean \"holder\"?");
    let each = "[[at]]\neach = { group = \"family\" }\ndo = []\n";
    only(GROUP, each, "an entry of the timeline is for each phone, SIM or terminal");
}

#[test]
fn all_mistakes_of_a_group_come_in_one_go() {
    let group = r#"
[[share]]
name = "family"
master = "fone"
slaves = ["tablet", "cart"]
consent = "each-tim"
[[share]]
name = "friends"
master = "friend"
slaves = ["tablt"]
at = { tablt = "hier" }
unpaired = ["friend"]
on_request = ["crowd"]
[[at]]
do = [{ carry = { phone = "tablet", to = "away" } }, { whant = { phone = "car" } }]
"#;
    let found = told(group, "").join("\n");
    for message in [
        "expected one of \"once\", \"each-time\"; did you mean \"each-time\"?",
        "no phone is called \"tablt\"; did you mean \"tablet\"?",
        "no spot is called \"hier\"; did you mean \"here\"?",
        "\"friend\" is no slave of this group",
        "no slave of this group is called \"crowd\"",
        "unknown verb \"whant\"; did you mean \"want\"?",
    ] {
        assert!(found.contains(message), "{message}\n{found}");
    }
}

#[test]
fn a_phone_is_in_one_group_at_most() {
    let twice = "[[share]]\nname = \"more\"\nmaster = \"friend\"\nslaves = [\"car\"]\n";
    only(GROUP, twice, "\"car\" shares a subscription already");
    only(
        &GROUP.replace("\"tablet\", \"car\"]\nway", "\"tablet\", \"car\", \"phone\"]\nway"),
        "",
        "\"phone\" shares a subscription already",
    );
    only(
        &GROUP.replace("name = \"family\"", "name = \"friend\""),
        "",
        "\"friend\" is there already, as a phone",
    );
    let two = "[[share]]\nname = \"more\"\nmaster = \"{friend,x}\"\nslaves = [\"car\"]\n";
    assert!(!told("", two).is_empty());
}

#[test]
fn times_go_together() {
    only(&GROUP.replace("timer = \"40s\"", "timer = \"11s\""), "", "make the timer longer");
    only(&GROUP.replace("own = true", "own = true\nretry = \"0s\""), "", "said again is zero");
    only(&GROUP.replace("way = \"push\"", "mode = \"remote\"\nway = \"push\""), "", "no \"way\"");
}

#[test]
fn a_slave_has_no_number_and_no_card() {
    let text = "[[at]]\ndo = [{ text = { from = \"friend\", to = \"car\", text = \"hi\" } }]\n";
    let found = told(GROUP, text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains(
            "\"car\" has no number of its own; the number that it shares is that of \"phone\""
        ),
        "{found:?}"
    );
    let car = "[[phone]]\nname = \"van\"\nregion = \"town\"\noperator = \"alpha\"\nnumber = \"+99912345\"\n\
               [[share]]\nname = \"vans\"\nmaster = \"friend\"\nslaves = [\"van\"]\n";
    let found = told(GROUP, car);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("a slave has no card of its own, and so no \"operator\""),
        "{found:?}"
    );
    let master = "[[phone]]\nname = \"boss\"\nregion = \"town\"\neuicc = { profiles = [\"alpha\"] }\n\
                  [[phone]]\nname = \"van\"\nregion = \"town\"\n\
                  [[share]]\nname = \"vans\"\nmaster = \"boss\"\nslaves = [\"van\"]\n";
    only(GROUP, master, "a subscription with a \"euicc\" cannot be shared");
}

#[test]
fn verbs_and_faults_are_of_devices_that_share() {
    for (verb, message) in [
        ("pick = { phone = \"friend\" }", "the phone \"friend\" shares no subscription"),
        ("want = { phone = \"phone\" }", "a \"want\" is of a slave, and this is the master"),
        ("carry = { phone = \"car\", to = \"gardn\" }", "did you mean \"garden\"?"),
        ("carry = { to = \"garden\" }", "does not say which phone"),
        ("replace = { group = \"famly\" }", "did you mean \"family\"?"),
        ("release = { phone = \"car\", reclaim = \"now\" }", "not of both"),
        ("fault = { target = \"phone:friend\", kind = \"battery\" }", "shares no subscription"),
        ("fault = { target = \"phone:friend\", kind = \"crash\" }", "shares no subscription"),
        ("fault = { target = \"link:car-tablet\", kind = \"cut\" }", "no link is called"),
    ] {
        let found = wrong(&format!("[{{ {verb} }}]"));
        assert!(found.contains(message), "{verb}: {found}");
    }
}
