//! ofono, through its driver for simulated phones: TCP, one port.

use crate::bus::{Bus, BusPrograms, quoted};
use crate::cast::{
    FRIEND, STRANGER, ended, friend_calls, friend_hangs_up, received, texts, to_phone, world,
};
use crate::program::{Background, program};
use crate::world::World;
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;

const SERVICE: &str = "org.ofono";
/// The modem's object, named after its group in the file.
const MODEM: &str = "/phonesim";
/// Where ofono keeps what it read of cards; the place is compiled in.
const STORAGE: &str = "/var/lib/ofono";
/// What it offers when a modem has all that it asks for.
const INTERFACES: [&str; 15] = [
    "AllowedAccessPoints",
    "CallBarring",
    "CallForwarding",
    "CallMeter",
    "CallSettings",
    "CallVolume",
    "CellBroadcast",
    "ConnectionManager",
    "MessageManager",
    "MessageWaiting",
    "NetworkRegistration",
    "Phonebook",
    "SimManager",
    "SupplementaryServices",
    "VoiceCallManager",
];

/// The daemon on one modem, with a bus of its own.
pub(crate) struct Ofono {
    /// The daemon and the monitor go before the bus that they are on.
    _daemon: Background,
    _monitor: Background,
    bus: Bus,
    signals: PathBuf,
}

impl Ofono {
    /// Starts it on the TCP port of a phone's modem, switches the modem on, and waits until it is
    /// registered.
    pub(crate) fn on(programs: OfonoPrograms, world: &World, phone: &str) -> Self {
        let folder = world.folder().join(format!("ofono-{phone}"));
        std::fs::create_dir(&folder).unwrap();
        let bus = Bus::start(programs.bus, &folder);
        let address = world.address(phone, 0);
        let (host, port) = address.strip_prefix("tcp:").unwrap().rsplit_once(':').unwrap();
        let config = folder.join("phonesim.conf");
        let text = format!("[phonesim]\nDriver=phonesim\nAddress={host}\nPort={port}\n");
        std::fs::write(&config, text).unwrap();
        let mut command = bus.command(&programs.ofonod.0);
        command.args(&programs.ofonod.1).args(["--nodetach", "--debug=*"]);
        command.env("OFONO_PHONESIM_CONFIG", &config).env("OFONO_AT_DEBUG", "1");
        let daemon = Background::start("ofonod", &mut command, &folder);
        bus.service(SERVICE);
        let (monitor, signals) = bus.monitor(SERVICE, &folder);
        let ofono = Self { _daemon: daemon, _monitor: monitor, bus, signals };
        world.until("ofono knows the modem", || ofono.modems().contains(MODEM));
        ofono.set_modem("Powered", true);
        // It goes online only after it has looked at the card.
        world.until("ofono has read the card", || ofono.modems().contains("org.ofono.SimManager"));
        ofono.set_modem("Online", true);
        ofono.registered(world);
        ofono
    }

    fn registered(&self, world: &World) {
        world.until("ofono is registered", || {
            self.has("org.ofono.NetworkRegistration")
                && self.properties("NetworkRegistration").contains("'Status': <'registered'>")
        });
    }

    fn modems(&self) -> String {
        self.call("/", "Manager.GetModems", &[])
    }

    fn has(&self, interface: &str) -> bool {
        self.modems().contains(&format!("'{interface}'"))
    }

    /// Waits for the interface of a feature.
    pub(crate) fn feature(&self, world: &World, interface: &str) {
        world.until(&format!("ofono offers {interface}"), || self.has(interface));
    }

    fn set_modem(&self, property: &str, value: bool) {
        self.call(MODEM, "Modem.SetProperty", &[&quoted(property), &format!("<{value}>")]);
    }

    fn properties(&self, interface: &str) -> String {
        self.call(MODEM, &format!("{interface}.GetProperties"), &[])
    }

    fn call(&self, path: &str, method: &str, arguments: &[&str]) -> String {
        self.bus.call(SERVICE, path, &format!("{SERVICE}.{method}"), arguments).ok()
    }

    pub(crate) fn send(&self, to: &str, text: &str) {
        self.call(MODEM, "MessageManager.SendMessage", &[&quoted(to), &quoted(text)]);
    }

    /// Returns the texts that came in so far, each with its sender, in order of texts.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        let signals = std::fs::read_to_string(&self.signals).unwrap();
        let mut texts: Vec<_> = signals
            .lines()
            .filter_map(|line| line.split_once("MessageManager.IncomingMessage ('"))
            .map(|(_, rest)| {
                let (text, rest) = rest.split_once("', {").unwrap();
                let (_, sender) = rest.split_once("'Sender': <'").unwrap();
                (sender.split('\'').next().unwrap().to_owned(), text.to_owned())
            })
            .collect();
        texts.sort();
        texts
    }

    fn calls(&self) -> String {
        self.call(MODEM, "VoiceCallManager.GetCalls", &[])
    }

    /// Waits until its only call is in a state.
    fn call_is(&self, world: &World, state: &str) {
        world.until(&format!("ofono's call is {state}"), || {
            self.calls().contains(&format!("'State': <'{state}'>"))
        });
        assert_eq!(self.calls().matches("'State'").count(), 1);
    }

    fn no_call(&self, world: &World) {
        world.until("ofono has no call", || !self.calls().contains("'State'"));
    }

    /// Lets one side hang up, and waits until both know.
    fn end(&self, world: &World, who: &str) {
        let before = world.events("call.ended", &json!({ "phone": "friend" })).len();
        // Speech has to flow at the friend's, too, before the friend can hang up.
        let active = json!({ "phone": "friend", "peer": "p1" });
        world.until("the friend talks", || world.events("call.active", &active).len() > before);
        if who == "friend" {
            world.tell(&friend_hangs_up());
        } else {
            self.on_call("Hangup");
        }
        self.no_call(world);
        let cause = if who == "friend" { "hung-up" } else { "released" };
        assert_eq!(ended(world, "friend", before + 1), cause);
    }

    /// Returns how calls have ended so far: `local`, `remote`, `network`.
    fn reasons(&self) -> Vec<String> {
        let signals = std::fs::read_to_string(&self.signals).unwrap();
        let reasons = signals.lines().filter_map(|line| line.split_once("DisconnectReason ('"));
        reasons.map(|(_, rest)| rest.split('\'').next().unwrap().to_owned()).collect()
    }

    fn on_call(&self, method: &str) {
        let calls = self.calls();
        let (_, rest) = calls.split_once("objectpath '").unwrap();
        let path = rest.split('\'').next().unwrap();
        self.call(path, &format!("VoiceCall.{method}"), &[]);
    }
}

/// What it takes to run ofono.
pub(crate) struct OfonoPrograms {
    bus: BusPrograms,
    ofonod: (PathBuf, Vec<String>),
}

impl OfonoPrograms {
    pub(crate) fn find() -> Option<Self> {
        let ofonod = without_storage(program("ofonod")?);
        Some(Self { bus: BusPrograms::find()?, ofonod })
    }
}

/// Returns how to start ofono so that it neither finds what an earlier run kept of a card nor
/// leaves anything behind: with a file system in memory over its folder, where that may be had.
fn without_storage(ofonod: PathBuf) -> (PathBuf, Vec<String>) {
    let script = format!("mount -t tmpfs tmpfs {STORAGE} && exec \"$@\"");
    let unshare = ["--mount", "sh", "-c", &script, "sh"].map(str::to_owned);
    let may = Command::new("unshare").args(&unshare).arg("true").output();
    if may.is_ok_and(|output| output.status.success()) {
        let mut arguments = unshare.to_vec();
        arguments.push(ofonod.display().to_string());
        return (PathBuf::from("unshare"), arguments);
    }
    (ofonod, Vec::new())
}

#[test]
fn ofono_identifies_the_modem_its_card_and_the_networks() {
    let Some(programs) = OfonoPrograms::find() else { return };
    let world = world("ofono-identify", &["p1"], &["--tcp", "p1"]);
    let ofono = Ofono::on(programs, &world, "p1");
    let modems = ofono.modems();
    let imei = world.modem("p1", 0)["imei"].as_str().unwrap().to_owned();
    assert!(modems.contains(&format!("'Serial': <'{imei}'>")), "{modems}");
    assert!(modems.contains("'Manufacturer': <'polysim'>"), "{modems}");
    for interface in INTERFACES {
        ofono.feature(&world, &format!("org.ofono.{interface}"));
    }
    let card = ofono.properties("SimManager");
    for shown in [
        format!("'SubscriberNumbers': <['{}']>", world.number("p1")),
        "'MobileCountryCode': <'001'>, 'MobileNetworkCode': <'01'>".to_owned(),
        "'CardIdentifier': <'89".to_owned(),
        "'PinRequired': <'none'>".to_owned(),
    ] {
        assert!(card.contains(&shown), "{shown} is not in {card}");
    }
    world.until("ofono knows the network's name", || {
        let network = ofono.properties("NetworkRegistration");
        network.contains("'Name': <'North Mobile'>") && network.contains("'Technology': <'lte'>")
    });
    let found = ofono.call(MODEM, "NetworkRegistration.Scan", &[]);
    assert_eq!(found.matches("/operator/").count(), 2, "{found}");
    assert!(found.contains("'Name': <'North Mobile'>, 'Status': <'current'>"), "{found}");
    assert!(found.contains("/operator/00102', {'Name': <'00102'>, 'Status': <'available'>"));
}

#[test]
fn ofono_sends_and_receives_texts() {
    let Some(programs) = OfonoPrograms::find() else { return };
    let world = world("ofono-texts", &["p1"], &["--tcp", "p1"]);
    let ofono = Ofono::on(programs, &world, "p1");
    ofono.feature(&world, "org.ofono.MessageManager");
    for text in texts() {
        ofono.send(FRIEND, &text);
        world.tell(&to_phone("p1", &text));
    }
    world.until("ofono has received all", || ofono.texts().len() >= texts().len());
    received(&world, "friend", &texts(), "p1");
    let expected: Vec<_> = texts().into_iter().map(|text| (STRANGER.to_owned(), text)).collect();
    assert_eq!(ofono.texts(), expected);
}

#[test]
fn ofono_calls_and_is_called() {
    let Some(programs) = OfonoPrograms::find() else { return };
    let world = world("ofono-calls", &["p1"], &["--tcp", "p1"]);
    let ofono = Ofono::on(programs, &world, "p1");
    ofono.feature(&world, "org.ofono.VoiceCallManager");
    for hangs_up in ["p1", "friend"] {
        ofono.call(MODEM, "VoiceCallManager.Dial", &[&quoted(FRIEND), "''"]);
        ofono.call_is(&world, "alerting");
        ofono.call_is(&world, "active");
        ofono.end(&world, hangs_up);
    }
    for hangs_up in ["friend", "p1"] {
        world.tell(&friend_calls("p1"));
        ofono.call_is(&world, "incoming");
        assert!(ofono.calls().contains(&format!("'LineIdentification': <'{FRIEND}'>")));
        ofono.on_call("Answer");
        ofono.call_is(&world, "active");
        ofono.end(&world, hangs_up);
    }
    // The friend gives up, then is turned away.
    for (gives_up, count) in [(true, 5), (false, 6)] {
        world.tell(&friend_calls("p1"));
        ofono.call_is(&world, "incoming");
        if gives_up {
            world.tell(&friend_hangs_up());
        } else {
            ofono.on_call("Hangup");
        }
        ofono.no_call(&world);
        ended(&world, "friend", count);
    }
    assert_eq!(ofono.reasons(), ["local", "remote", "remote", "local", "remote", "local"]);
    assert_eq!(world.events("call.active", &json!({ "phone": "friend", "peer": "p1" })).len(), 4);
}

#[test]
fn ofono_asks_for_the_balance_goes_online_again_and_uses_data() {
    let Some(programs) = OfonoPrograms::find() else { return };
    let world = world("ofono-services", &["p1"], &["--tcp", "p1"]);
    let ofono = Ofono::on(programs, &world, "p1");
    let balance = |ofono: &Ofono| {
        ofono.feature(&world, "org.ofono.SupplementaryServices");
        let code = [quoted("*100#")];
        ofono.call(MODEM, "SupplementaryServices.Initiate", &[&code[0]])
    };
    assert!(balance(&ofono).contains("('USSD', <'Balance: 12.50 EUR'>)"));
    ofono.set_modem("Online", false);
    world.until("p1 has left the network", || {
        world.tell(&json!({ "state": "p1" }))["registered"] == false
    });
    ofono.set_modem("Online", true);
    ofono.registered(&world);
    assert!(balance(&ofono).contains("('USSD', <'Balance: 12.50 EUR'>)"));

    ofono.feature(&world, "org.ofono.ConnectionManager");
    world.until("ofono is attached", || {
        ofono.properties("ConnectionManager").contains("'Attached': <true>")
    });
    let context = "/phonesim/context1";
    let set = |property: &str, value: &str| {
        ofono.call(context, "ConnectionContext.SetProperty", &[&quoted(property), value]);
    };
    ofono.call(MODEM, "ConnectionManager.GetContexts", &[]);
    set("AccessPointName", "<'internet'>");
    set("Active", "<true>");
    let active = ofono.call(context, "ConnectionContext.GetProperties", &[]);
    assert!(active.contains("'Active': <true>"), "{active}");
    set("Active", "<false>");
    assert!(balance(&ofono).contains("Balance"));
}
