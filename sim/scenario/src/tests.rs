use super::*;

mod courier;
mod fleet;
mod issuance;
mod share;
mod steering;

fn mistakes(text: &str) -> Vec<String> {
    let source = Source::new("file.toml", text);
    let found = plan(&source, &mut |name| Err(format!("cannot include \"{name}\""))).err();
    found.map_or_else(Vec::new, |found| found.0.iter().map(Mistake::to_string).collect())
}

const HEAD: &str = "format = 1\nname = \"x\"\nduration = \"1min\"\n";

#[test]
fn mistakes_of_shape_and_of_names_come_together_in_order() {
    let text = [
        HEAD,
        "[[operator]]\nname = \"n\"\nplmn = \"00101\"\n",
        "[[region]]\nname = \"r\"\ncells = [{ id = \"c\", operator = \"n\", rssi = -70 }]\n",
        "[[phone]]\nname = \"a\"\nregion = \"q\"\noperator = \"n\"\n",
        "[[at]]\ndo = [{ tex = {} }]\n",
        "[[at]]\ndo = [{ text = { from = \"b\", to = \"a\", text = \"x\" } }]\n",
        "[[expect]]\nid = \"e\"\nevent = \"text.received\"\nwhere = { phne = \"a\" }\n",
        "[[expect]]\nid = \"f\"\nevent = \"text.received\"\nwithin = 5\n",
    ]
    .concat();
    assert_eq!(
        mistakes(&text),
        [
            "file.toml:12:10: no region is called \"q\"; did you mean \"r\"?",
            "file.toml:15:9: unknown verb \"tex\"; did you mean \"text\"?",
            "file.toml:17:25: no phone is called \"b\"; did you mean \"a\"?",
            "file.toml:21:11: there is no field \"phne\" here; did you mean \"phone\"?",
            "file.toml:25:10: expected a duration: 30s, 1.5min, 200ms, 2h",
        ]
    );
}

#[test]
fn another_format_is_the_only_mistake_that_counts() {
    assert_eq!(
        mistakes("format = 2\nwhatever = 1\n"),
        ["file.toml:1:10: this release reads format 1"]
    );
}

#[test]
fn syntax_is_reported_with_its_place() {
    let found = mistakes("format = 1\nname = \n");
    assert!(found[0].starts_with("file.toml:2:"), "{found:?}");
}

#[test]
fn missing_keys_and_what_cannot_be_included_are_told() {
    let found = mistakes("format = 1\nname = \"x\"\n");
    assert_eq!(found, ["file.toml:1:1: missing key \"duration\""]);
    let found = mistakes(&format!("{HEAD}include = [\"gone.toml\"]\n"));
    assert_eq!(found, ["file.toml:4:12: cannot include \"gone.toml\""]);
}

#[test]
fn every_key_of_the_format_is_in_the_schema() {
    let schema = schema();
    let keys = schema["properties"].as_object().unwrap();
    for key in ["at", "duration", "expect", "include", "invariants", "phone", "region", "seeds"] {
        assert!(keys.contains_key(key), "{key}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn arbitrary_text_never_panics(text: String) {
        drop(mistakes(&text));
    }

    /// One line of a good file replaced by something else.
    #[test]
    fn a_damaged_file_never_panics(line in 0_usize..300, with in "[a-z]{0,8} ?=? ?[\\[{\"]?[a-z0-9.]{0,8}[\\]}\"]?") {
        let good = include_str!("../../../scenarios/first-light.toml");
        let damaged: Vec<_> = good.lines().enumerate().map(|(n, l)| if n == line { with.as_str() } else { l }).collect();
        drop(mistakes(&damaged.join("\n")));
    }
}

#[test]
fn verbs_are_spoken_to_a_world_and_mistakes_in_them_are_told() {
    use polysim_base::Duration;
    use polysim_world::Action;
    let text = [
        HEAD,
        "[[operator]]\nname = \"n\"\nplmn = \"00101\"\n",
        "[[region]]\nname = \"r\"\ncells = [{ id = \"c\", operator = \"n\", rssi = -70 }]\n",
        "[[phone]]\nname = \"p{1..3}\"\nregion = \"r\"\noperator = \"n\"\nports = 2\n",
    ]
    .concat();
    let plan = plan(&Source::new("w.toml", &text), &mut |_| Err(String::new())).unwrap();
    let spoken = plan.verbs(r#"[{ power = { phone = "p1", on = false } }]"#).unwrap();
    assert_eq!(spoken, [(Duration::ZERO, Action::Power { phone: 0, on: false })]);
    let wrong = plan.verbs(r#"[{ power = { phone = "p7", on = false } }]"#).unwrap_err();
    assert!(wrong.to_string().contains("no phone is called"), "{wrong}");
    let long = "x".repeat(40_000);
    let verb = format!(r#"[{{ text = {{ from = "p1", to = "p2", text = "{long}" }} }}]"#);
    assert!(plan.verbs(&verb).unwrap_err().to_string().contains("more than 255 parts"));
    let unknown = plan.verbs(r#"[{ dance = { phone = "p1" } }]"#).unwrap_err();
    assert!(unknown.to_string().contains("dance"), "{unknown}");
    assert_eq!(plan.phones("p{2..3}"), Ok(vec![1, 2]));
    let none = mistakes(&text.replace("ports = 2", "ports = 9"));
    assert!(none[0].contains("1 to 8"), "{none:?}");
}

#[test]
fn a_number_may_be_asked_to_lie_between_two_others() {
    let text = [
        HEAD,
        "[[expect]]\nid = \"e\"\nevent = \"charge\"\nwhere = { seconds = \"10..40\" }\n",
        "[[expect]]\nid = \"f\"\nevent = \"charge\"\nwhere = { kind = \"40..10\" }\n",
    ]
    .concat();
    let plan = plan(&Source::new("file.toml", &text), &mut |_| Err(String::new())).unwrap();
    let test_of = |at: usize| {
        let Rule::Happens { terms, .. } = &plan.expectations[at].rule else { panic!() };
        terms[0].test.clone()
    };
    assert!(matches!(test_of(0), Test::Between(10, 40)));
    assert!(matches!(test_of(1), Test::AnyOf(_)), "no range, but a text");
}

#[test]
fn what_a_for_each_would_pass_over_is_told() {
    let form = "id = \"e\"\nfor_each = { event = \"charge\", as = \"one\" }\nwithin = \"1s\"\n";
    let told = ["file.toml:5:6: a \"for_each\" is for an \"event\" without a \"count\""];
    for rest in ["event = \"charge\"\ncount = 1\n", "never = \"charge\"\n"] {
        assert_eq!(mistakes(&format!("{HEAD}[[expect]]\n{form}{rest}")), told);
    }
    let right = format!("{HEAD}[[expect]]\n{form}event = \"charge\"\n");
    assert_eq!(mistakes(&right), [""; 0]);
}

#[test]
fn how_often_something_happens_is_a_number_or_a_range() {
    let mistakes = |count: &str| {
        mistakes(&format!("{HEAD}[[expect]]\nid = \"e\"\nevent = \"charge\"\ncount = {count}\n"))
    };
    for right in ["3", "\"3..5\""] {
        assert_eq!(mistakes(right), [""; 0], "{right}");
    }
    for wrong in ["\"5..3\"", "\"often\""] {
        assert!(mistakes(wrong)[0].contains("a number, or a range"), "{wrong}");
    }
    assert!(mistakes("-1")[0].contains("0 or more"));
}

#[test]
fn an_order_may_leave_the_device_and_the_operator_to_the_seed() {
    use polysim_world::{Action, IssuanceAction};
    let text = [
        HEAD,
        "[[operator]]\nname = \"one\"\nplmn = \"00101\"\n",
        "[[operator]]\nname = \"two\"\nplmn = \"00102\"\n",
        "[[region]]\nname = \"r\"\ncells = []\n",
        "[[phone]]\nname = \"p{1..2}\"\nregion = \"r\"\noperator = \"one\"\ncard = {}\n",
        "[[business]]\nname = \"shop\"\n",
        "[[at]]\ndo = [{ order = { devices = [\"any-of(p{1..2})\"], operator = \"any-of(one, two)\" } }]\n",
    ]
    .concat();
    let plan = plan(&Source::new("file.toml", &text), &mut |_| Err(String::new())).unwrap();
    let orders = plan.timeline[0].runs[0].deeds[0].any.iter().map(|action| {
        let Action::Issuance(IssuanceAction::Order { phones, operator, .. }) = action else {
            panic!("{action:?}");
        };
        (phones.clone(), operator.as_str())
    });
    let orders: Vec<_> = orders.collect();
    assert_eq!(orders, [(vec![0], "one"), (vec![1], "one"), (vec![0], "two"), (vec![1], "two")]);
}
