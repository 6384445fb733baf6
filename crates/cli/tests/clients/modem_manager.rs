//! `ModemManager`, with both AT ports of a modem on Unix sockets: as its own tests do, it is told
//! of them on a private bus, and neither udev nor polkit is asked.

use crate::bus::{Bus, BusPrograms};
use crate::cast::{
    FRIEND, STRANGER, ended, friend_calls, friend_hangs_up, received, slow_world, texts, to_phone,
    world,
};
use crate::program::{Background, program, run};
use crate::world::World;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

const SERVICE: &str = "org.freedesktop.ModemManager1";
const MANAGER: &str = "/org/freedesktop/ModemManager1";
/// How long `mmcli` may take; a search for networks takes its time.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// The daemon with one modem, on a bus of its own.
pub(crate) struct ModemManager {
    /// The daemon goes before the bus that it is on.
    _daemon: Background,
    bus: Bus,
    mmcli: PathBuf,
}

/// What it takes to run `ModemManager`.
pub(crate) struct ModemManagerPrograms {
    bus: BusPrograms,
    daemon: PathBuf,
    mmcli: PathBuf,
}

impl ModemManagerPrograms {
    pub(crate) fn find() -> Option<Self> {
        let (daemon, mmcli) = (program("ModemManager")?, program("mmcli")?);
        Some(Self { bus: BusPrograms::find()?, daemon, mmcli })
    }
}

impl ModemManager {
    /// Starts it on the ports of a phone's modem, and waits until it knows the modem. In that
    /// state it has closed the ports; see [`Self::enable`].
    pub(crate) fn on(programs: ModemManagerPrograms, world: &World, phone: &str) -> Self {
        let folder = world.folder().join(format!("modem-manager-{phone}"));
        std::fs::create_dir(&folder).unwrap();
        let bus = Bus::start(programs.bus, &folder);
        let mut command = bus.command(&programs.daemon);
        command.args(["--test-session", "--test-enable", "--test-no-udev", "--test-no-qrtr"]);
        command.args(["--test-no-suspend-resume", "--no-auto-scan", "--debug"]);
        let daemon = Background::start("ModemManager", &mut command, &folder);
        bus.service(SERVICE);
        let ports = [0, 1].map(|port| {
            let address = world.address(phone, port);
            let place = address.strip_prefix("unix:").unwrap();
            match place.strip_prefix('@') {
                Some(name) => name.to_owned(),
                None => world.folder().join(place).display().to_string(),
            }
        });
        let ports = format!("['{}', '{}']", ports[0], ports[1]);
        let method = format!("{SERVICE}.Test.SetProfile");
        bus.call(SERVICE, MANAGER, &method, &["'sim'", "'generic'", &ports]).ok();
        let manager = Self { _daemon: daemon, bus, mmcli: programs.mmcli };
        world.until("ModemManager knows the modem", || {
            manager.mmcli(&["--list-modems"]).contains("/Modem/")
                && manager.state()["state"] == "disabled"
        });
        manager
    }

    /// Runs `mmcli` and returns what it said.
    fn mmcli(&self, arguments: &[&str]) -> String {
        let mut command = self.bus.command(&self.mmcli);
        run(command.args(arguments), "", ANSWER_WITHIN).ok()
    }

    /// Says something to the modem.
    fn tell(&self, argument: &str) -> String {
        self.mmcli(&["--modem=any", argument])
    }

    /// Asks, and returns what is told under a key.
    fn ask(&self, arguments: &[&str], key: &str) -> Value {
        let said = self.mmcli(&[arguments, &["--output-json"]].concat());
        let mut said: Value = serde_json::from_str(&said).unwrap();
        said[key].take()
    }

    fn modem(&self) -> Value {
        self.ask(&["--modem=any"], "modem")
    }

    fn state(&self) -> Value {
        self.modem()["generic"].take()
    }

    /// Returns the paths of a kind of object of the modem.
    fn list(&self, argument: &str, key: &str) -> Vec<String> {
        let list = self.ask(&["--modem=any", argument], key);
        list.as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
    }

    /// Enables the modem and waits until it is registered.
    pub(crate) fn enable(&self, world: &World) {
        self.tell("--enable");
        self.is(world, "registered");
    }

    fn is(&self, world: &World, state: &str) {
        world.until(&format!("ModemManager says {state}"), || self.state()["state"] == state);
    }

    pub(crate) fn send(&self, to: &str, text: &str) {
        let made = self.tell(&format!("--messaging-create-sms=text='{text}',number='{to}'"));
        self.mmcli(&["--sms", &path(&made), "--send"]);
    }

    /// Returns the texts that came in so far, each with its sender, in order of texts.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        let paths = self.list("--messaging-list-sms", "modem.messaging.sms");
        let messages = paths.iter().map(|path| self.ask(&["--sms", path], "sms"));
        let mut texts: Vec<_> = messages
            .filter(|sms| sms["properties"]["state"] == "received")
            .map(|sms| {
                let content = |key: &str| sms["content"][key].as_str().unwrap().to_owned();
                (content("number"), content("text"))
            })
            .collect();
        texts.sort();
        texts
    }

    fn call_state(&self, call: &str) -> Value {
        self.ask(&["--call", call], "call")["properties"].take()
    }

    /// Waits until a call is in a state.
    fn call_is(&self, world: &World, call: &str, state: &str) {
        let what = format!("ModemManager's call is {state}");
        world.until(&what, || self.call_state(call)["state"] == state);
    }

    /// Waits until somebody calls, and returns the call.
    fn incoming(&self, world: &World) -> String {
        let mut found = None;
        world.until("ModemManager hears it ring", || {
            let calls = self.list("--voice-list-calls", "modem.voice.call");
            found = calls.into_iter().find(|call| self.call_state(call)["state"] == "ringing-in");
            found.is_some()
        });
        found.unwrap()
    }

    /// Lets one side hang up, and waits until both know.
    fn end(&self, world: &World, call: &str, who: &str) {
        let before = world.events("call.ended", &json!({ "phone": "friend" })).len();
        // Speech has to flow at the friend's, too, before the friend can hang up.
        let active = json!({ "phone": "friend", "peer": "p1" });
        world.until("the friend talks", || world.events("call.active", &active).len() > before);
        if who == "friend" {
            world.tell(&friend_hangs_up());
        } else {
            self.mmcli(&["--call", call, "--hangup"]);
        }
        self.call_is(world, call, "terminated");
        let cause = if who == "friend" { "hung-up" } else { "released" };
        assert_eq!(ended(world, "friend", before + 1), cause);
    }
}

/// Returns the object that a line of `mmcli` names.
fn path(said: &str) -> String {
    let (_, path) = said.split_once(": /").unwrap_or_else(|| panic!("no object in {said}"));
    format!("/{}", path.trim())
}

#[test]
fn modem_manager_identifies_the_modem_its_card_and_the_networks() {
    let Some(programs) = ModemManagerPrograms::find() else { return };
    let world = world("mm-identify", &["p1"], &["--unix", "p1"]);
    let manager = ModemManager::on(programs, &world, "p1");
    let modem = manager.modem();
    let imei = &world.modem("p1", 0)["imei"];
    assert_eq!(modem["3gpp"]["imei"], *imei);
    let generic = &modem["generic"];
    assert_eq!(generic["equipment-identifier"], *imei);
    assert_eq!(generic["manufacturer"], "polysim");
    assert_eq!(generic["own-numbers"], json!([world.number("p1")]));
    assert_eq!(generic["ports"].as_array().unwrap().len(), 2, "{generic}");
    assert_eq!(generic["current-capabilities"], json!(["gsm-umts, lte"]));

    let card = manager.ask(&["--sim", generic["sim"].as_str().unwrap()], "sim");
    let card = &card["properties"];
    assert_eq!(card["operator-code"], "00101");
    assert_eq!(card["operator-name"], "North Mobile");
    assert!(card["imsi"].as_str().unwrap().starts_with("00101"), "{card}");
    assert!(card["iccid"].as_str().unwrap().starts_with("89"), "{card}");

    manager.enable(&world);
    world.until("ModemManager has a name and a signal", || {
        let modem = manager.modem();
        modem["3gpp"]["operator-name"] == "North Mobile"
            && modem["3gpp"]["registration-state"] == "home"
            && modem["3gpp"]["operator-code"] == "00101"
            && modem["generic"]["access-technologies"] == json!(["lte"])
            && modem["generic"]["signal-quality"]["value"] == "100"
    });
    let found = manager.ask(&["--modem=any", "--3gpp-scan", "--timeout=60"], "modem");
    let found = found["3gpp"]["scan-networks"].to_string();
    assert!(found.contains("operator-code: 00101, operator-name: North Mobile"), "{found}");
    assert!(found.contains("operator-code: 00102, operator-name: 00102"), "{found}");
}

#[test]
fn modem_manager_sends_and_receives_texts() {
    let Some(programs) = ModemManagerPrograms::find() else { return };
    let world = slow_world("mm-texts", &["p1"], &["--unix", "p1"]);
    let manager = ModemManager::on(programs, &world, "p1");
    manager.enable(&world);
    texts().iter().for_each(|text| manager.send(FRIEND, text));
    received(&world, "friend", &texts(), "p1");
    for text in texts() {
        world.tell(&to_phone("p1", &text));
    }
    world.until("ModemManager has received all", || manager.texts().len() >= texts().len());
    let expected: Vec<_> = texts().into_iter().map(|text| (STRANGER.to_owned(), text)).collect();
    assert_eq!(manager.texts(), expected);
    for sms in manager.list("--messaging-list-sms", "modem.messaging.sms") {
        manager.tell(&format!("--messaging-delete-sms={sms}"));
    }
    assert_eq!(manager.texts(), []);
}

#[test]
fn modem_manager_calls_and_is_called() {
    let Some(programs) = ModemManagerPrograms::find() else { return };
    let world = world("mm-calls", &["p1"], &["--unix", "p1"]);
    let manager = ModemManager::on(programs, &world, "p1");
    manager.enable(&world);
    for hangs_up in ["p1", "friend"] {
        let call = path(&manager.tell(&format!("--voice-create-call=number={FRIEND}")));
        manager.mmcli(&["--call", &call, "--start"]);
        manager.call_is(&world, &call, "ringing-out");
        manager.call_is(&world, &call, "active");
        manager.end(&world, &call, hangs_up);
    }
    for hangs_up in ["friend", "p1"] {
        world.tell(&friend_calls("p1"));
        let call = manager.incoming(&world);
        assert_eq!(manager.call_state(&call)["number"], FRIEND);
        manager.mmcli(&["--call", &call, "--accept"]);
        manager.call_is(&world, &call, "active");
        manager.end(&world, &call, hangs_up);
    }
    // The friend is turned away, then gives up.
    for (gives_up, count) in [(false, 5), (true, 6)] {
        world.tell(&friend_calls("p1"));
        let call = manager.incoming(&world);
        if gives_up {
            world.tell(&friend_hangs_up());
        } else {
            manager.mmcli(&["--call", &call, "--hangup"]);
        }
        manager.call_is(&world, &call, "terminated");
        ended(&world, "friend", count);
    }
    assert_eq!(world.events("call.active", &json!({ "phone": "friend", "peer": "p1" })).len(), 4);
}

#[test]
fn modem_manager_asks_for_the_balance_uses_data_and_opens_ports_again() {
    let Some(programs) = ModemManagerPrograms::find() else { return };
    // Abstract sockets are the machine's: a name of this process's own.
    let phone = format!("mm-{}", std::process::id());
    let world = world("mm-services", &[&phone], &["--abstract", &phone]);
    let manager = ModemManager::on(programs, &world, &phone);
    manager.enable(&world);
    let said = manager.tell("--3gpp-ussd-initiate=*100#");
    assert!(said.contains("'Balance: 12.50 EUR'"), "{said}");

    manager.tell("--simple-connect=apn=internet");
    manager.is(&world, "connected");
    let bearers = manager.state()["bearers"].take();
    let bearer = manager.ask(&["--bearer", bearers[0].as_str().unwrap()], "bearer");
    assert_eq!(bearer["status"]["connected"], "yes");
    assert_eq!(bearer["ipv4-config"]["method"], "ppp");
    // The other port goes on working.
    world.tell(&to_phone(&phone, "while connected"));
    world.until("it is received", || manager.texts().len() == 1);
    manager.tell("--simple-disconnect");
    manager.is(&world, "registered");

    manager.tell("--disable");
    manager.is(&world, "disabled");
    world.tell(&to_phone(&phone, "while disabled"));
    manager.enable(&world);
    world.until("it is received", || manager.texts().len() == 2);
    manager.send(FRIEND, "I am back");
    received(&world, "friend", &["I am back".to_owned()], &phone);
}
