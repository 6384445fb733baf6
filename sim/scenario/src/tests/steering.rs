//! Files with eSIMs that are steered.

use super::*;
use polysim_base::Duration;
use polysim_world::{
    Action, AgentPlace, EuiccVariant, Fault, LatencyRange, LinkFault, ServiceKind, SteeringAction,
    SteeringFault, SteeringNode,
};

const CHIPS: &str = r#"
[[operator]]
name = "home"
plmn = "00101"
roaming = ["away"]
[[operator]]
name = "away"
plmn = "00201"
[[region]]
name = "here"
cells = [{ id = "h-1", operator = "home", rssi = -70 }]
[[region]]
name = "abroad"
cells = [{ id = "a-1", operator = "away", rssi = -75 }]
[[service]]
name = "smdp"
kind = "smdp+"
profiles = { away = 3 }
latency = "200..900ms"
[[service]]
name = "advisor"
kind = "preferred-operators"
answers = { abroad = ["away"], elsewhere = ["home"] }
[[phone]]
name = "m{1..3}"
region = "here"
euicc = { profiles = ["home", "away"], memory_kb = 128, check_every = "5min" }
[[phone]]
name = "h"
region = "here"
euicc = { profiles = ["home"], agent = "host", variant = "reset-needed" }
[[link]]
between = ["advisor", "away"]
loss = "5%"
"#;

fn planned(more: &str) -> Plan {
    let source = Source::new("file.toml", &[HEAD, CHIPS, more].concat());
    plan(&source, &mut |_| Err("nothing".into())).unwrap()
}

fn mistakes(more: &str) -> String {
    let source = Source::new("file.toml", &[HEAD, CHIPS, more].concat());
    plan(&source, &mut |_| Err("nothing".into())).unwrap_err().to_string()
}

fn verbs(text: &str) -> Vec<Action> {
    planned("").verbs(text).unwrap().into_iter().map(|(_, action)| action).collect()
}

#[test]
fn a_phone_with_an_euicc_needs_no_operator_and_is_a_module() {
    let plan = planned("");
    let phone = &plan.world.phones[0];
    assert_eq!((phone.operator, phone.model.as_str()), (0, "iot"));
    let euicc = phone.euicc.as_ref().unwrap();
    assert_eq!((&euicc.presets[..], euicc.memory, euicc.advisor), (&[1][..], 128 * 1_024, 1));
    assert_eq!(euicc.policy.check_every, Duration::from_secs(300));
    assert_eq!(euicc.agent, Some(AgentPlace::Card));
    let host = plan.world.phones[3].euicc.as_ref().unwrap();
    assert_eq!((host.agent, host.variant), (Some(AgentPlace::Host), EuiccVariant::ResetNeeded));
}

#[test]
fn a_platform_knows_which_operators_suit_where() {
    let plan = planned("");
    let steering = plan.world.steering.as_ref().unwrap();
    let ServiceKind::Advisor(advisor) = &steering.services[1].kind else { panic!() };
    assert_eq!((&advisor.answers, &advisor.elsewhere), (&vec![(1, vec![1])], &vec![0]));
    let ServiceKind::Smdp(smdp) = &steering.services[0].kind else { panic!() };
    assert_eq!((smdp.stock[0].operator, smdp.stock[0].count), (1, 3));
}

#[test]
fn links_of_services_are_described_and_break() {
    let actions = verbs(
        r#"[{ fault = { target = "link:advisor-away", kind = "cut" } },
           { fault = { target = "service:smdp", kind = "slow", by = "5..9s" } },
           { fault = { target = "service:advisor", kind = "crash" } },
           { fault = { target = "operator:away", kind = "no-data" } },
           { fault = { target = "service:smdp", kind = "http-error", status = 503 } }]"#,
    );
    let by = LatencyRange { min: Duration::from_secs(5), max: Duration::from_secs(9) };
    let wanted = [
        SteeringFault::Link {
            from: SteeringNode::Service(1),
            to: SteeringNode::Operator(1),
            fault: LinkFault::Cut { both_ways: true },
        },
        SteeringFault::Slow { service: 0, by },
        SteeringFault::Crash { service: 1 },
        SteeringFault::NoData { operator: 1 },
        SteeringFault::HttpError { service: 0, status: 503 },
    ];
    let wanted = wanted.map(|fault| Action::Fault { fault: Fault::Steering(fault), on: true });
    assert_eq!(actions, wanted);
}

#[test]
fn a_device_is_entitled_at_the_first_platform() {
    let actions = verbs(r#"[{ entitle = { phone = "m2", operators = ["away"] } }]"#);
    let entitled = SteeringAction::Enrol {
        service: 1,
        phone: 1,
        entitled: Some(vec![1]),
        downloads_per_month: 3,
    };
    assert_eq!(actions, [Action::Steering(entitled)]);
}

#[test]
fn keys_of_another_kind_of_service_are_mistakes() {
    let text = mistakes("[[service]]\nname = \"x\"\nkind = \"smds\"\nprofiles = { away = 1 }\n");
    assert!(text.contains("\"profiles\" is for a service of kind \"smdp+\""), "{text}");
    let text = mistakes("[[service]]\nname = \"m1\"\nkind = \"smds\"\n");
    assert!(text.contains("there already, as a phone"), "{text}");
}

#[test]
fn a_phone_says_whose_subscription_it_has_once() {
    let text = mistakes("[[phone]]\nname = \"x\"\nregion = \"here\"\n");
    assert!(text.contains("does not say whose subscription"), "{text}");
    let text = mistakes(
        "[[phone]]\nname = \"x\"\nregion = \"here\"\noperator = \"away\"\n\
         euicc = { profiles = [\"home\"] }\n",
    );
    assert!(text.contains("the first profile of the eUICC"), "{text}");
    let text =
        mistakes("[[phone]]\nname = \"x\"\nregion = \"here\"\noperator = \"away\"\npolicy = {}\n");
    assert!(text.contains("a \"policy\" is for the agent of an eUICC"), "{text}");
}
