//! The worlds in which ofono and `ModemManager` are tried: two networks, one of them home, a phone
//! `p1` or more for the daemons, and a friend to talk to.

use crate::world::{World, phone};
use serde_json::{Value, json};

const NETWORKS: &str = r#"
format = 1
name = "clients"
duration = "1h"
[[operator]]
name = "north"
plmn = "00101"
full_name = "North Mobile"
country_code = "990"
[[operator]]
name = "south"
plmn = "00102"
country_code = "990"
[[region]]
name = "here"
cells = [
    { id = "here-1", operator = "north", rssi = -70 },
    { id = "here-2", operator = "south", rssi = -90 },
]
[[phone]]
name = "friend"
region = "here"
operator = "north"
number = "+9907009"
answers_after = "5s"
"#;

/// The friend's number; the friend answers calls after 5 s.
pub(crate) const FRIEND: &str = "+9907009";
/// A number outside the world.
pub(crate) const STRANGER: &str = "+990555";

/// Makes a world as slow as the real one: more than a second from one text to the next.
const SLOW: &str = "[world]\nlatency = { air = \"20ms\", backhaul = \"600ms\" }\n";

/// Exposes a world with these phones of two ports each.
pub(crate) fn world(name: &str, phones: &[&str], arguments: &[&str]) -> World {
    World::start(name, &file(phones, "generic"), arguments)
}

/// Exposes such a world in which texts take their time: `ModemManager` forgets a text that is
/// announced while it fetches another one.
pub(crate) fn slow_world(name: &str, phones: &[&str], arguments: &[&str]) -> World {
    World::start(name, &(file(phones, "generic") + SLOW), arguments)
}

/// Exposes such a world in which the phones have modems of one make, and waits until those have
/// started and found their network.
pub(crate) fn world_of(model: &str, name: &str, phones: &[&str], arguments: &[&str]) -> World {
    let world = World::start(name, &file(phones, model), arguments);
    phones.iter().for_each(|phone| world.registered(phone));
    world
}

fn file(phones: &[&str], model: &str) -> String {
    let more = format!("ports = 2\nbalance = 12.5\nmodel = \"{model}\"");
    NETWORKS.to_owned() + &phones.iter().map(|name| phone(name, &more)).collect::<String>()
}

/// One text that fits, one that takes three parts, one in UCS-2, and one of that in two parts.
pub(crate) fn texts() -> Vec<String> {
    let mut texts = vec![
        "hello there".to_owned(),
        "Three parts of it. ".repeat(20),
        "Привет €".to_owned(),
        "Две части этого. ".repeat(6),
    ];
    texts.sort();
    texts
}

/// What a stranger sends to a phone.
pub(crate) fn to_phone(phone: &str, text: &str) -> Value {
    json!({ "text": { "from": STRANGER, "to": phone, "text": text } })
}

/// What the friend does to call a phone.
pub(crate) fn friend_calls(phone: &str) -> Value {
    json!({ "call": { "from": "friend", "to": phone } })
}

/// What the friend does to end a call, or to give up.
pub(crate) fn friend_hangs_up() -> Value {
    json!({ "hang_up": { "phone": "friend" } })
}

/// Waits until a phone has as many texts as these, and compares them and their sender.
pub(crate) fn received(world: &World, phone: &str, expected: &[String], from: &str) {
    let fields = json!({ "phone": phone });
    world.until(&format!("{phone} has {} texts", expected.len()), || {
        world.events("text.received", &fields).len() >= expected.len()
    });
    let events = world.events("text.received", &fields);
    let mut texts: Vec<_> = events.iter().map(|event| event["text"].as_str().unwrap()).collect();
    texts.sort_unstable();
    assert_eq!(texts, expected);
    assert!(events.iter().all(|event| event["from"] == from), "{events:?}");
}

/// Waits until a phone's `count`th call has ended, and returns its cause.
pub(crate) fn ended(world: &World, phone: &str, count: usize) -> String {
    let fields = json!({ "phone": phone });
    world.until(&format!("{count} calls of {phone} have ended"), || {
        world.events("call.ended", &fields).len() >= count
    });
    let calls = world.events("call.ended", &fields);
    calls[count - 1]["cause"].as_str().unwrap().to_owned()
}
