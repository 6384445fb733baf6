//! One virtual SIM shared by two processes and more, as users of the command meet it.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod processes;

use processes::{DEADLINE, Folder, Program};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The shortest timer that does, and a little more.
const TIMER: [&str; 2] = ["--timer", "4s"];

impl Folder {
    fn master(&self, arguments: &[&str]) -> (Program, String) {
        let usual = ["master", "--state", "phone", "--listen", "127.0.0.1:0"];
        let mut master = self.start(&[&usual, arguments].concat());
        let listen = master.event("ready")["listen"].as_str().unwrap().to_owned();
        (master, listen)
    }

    fn slave(&self, name: &str, address: &str, arguments: &[&str]) -> Program {
        let usual = ["slave", "--state", name, "--name", name, "--connect", address];
        let mut slave = self.start(&[&usual, arguments].concat());
        slave.event("ready");
        slave
    }

    fn read(&self, file: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path.join(file)).unwrap()).into_owned()
    }

    /// Returns a value of the master's SIM.
    fn sim(&self, key: &str) -> String {
        let text = self.read("phone/sim.toml");
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))).unwrap();
        line.trim_matches('"').to_owned()
    }

    /// No secret was ever printed.
    fn keeps_its_secrets(&self, slaves: &[&str]) {
        let mut secrets = vec![self.sim("k"), self.sim("opc"), self.sim("imsi"), self.sim("iccid")];
        let keys = ["phone/identity.key".to_owned(), "phone/lock.key".to_owned()];
        let of_slave =
            |name: &&str| [format!("{name}/identity.key"), format!("{name}/storage.key")];
        let files = keys.into_iter().chain(slaves.iter().flat_map(of_slave));
        secrets.extend(files.map(|file| self.read(&file).trim().to_owned()));
        let printed = self.printed.lock().unwrap().to_ascii_uppercase();
        assert!(printed.len() > 500, "something was printed");
        for secret in secrets {
            assert!(!printed.contains(&secret.to_ascii_uppercase()), "{secret} in:\n{printed}");
        }
    }
}

impl Program {
    fn code(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

/// Both users compare, and say that the numbers are equal.
fn pair(master: &mut Program, slave: &mut Program) {
    let (there, here) = (master.event("compare"), slave.event("compare"));
    assert_eq!(there["number"], here["number"]);
    assert_eq!(there["number"].as_str().unwrap().len(), 6);
    slave.types("y");
    master.types("y");
    slave.event("paired");
    master.event("paired");
}

/// A way between slave and master that can be cut.
struct Way {
    address: String,
    streams: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Way {
    fn to(master: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let streams = Arc::new(Mutex::new(Some(Vec::new())));
        let (known, master) = (Arc::clone(&streams), master.to_owned());
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let mut known = known.lock().unwrap();
                let Some(streams) = known.as_mut() else { continue };
                let far = TcpStream::connect(&master).unwrap();
                for (mut from, mut to) in [(&near, &far), (&far, &near)]
                    .map(|(a, b)| (a.try_clone().unwrap(), b.try_clone().unwrap()))
                {
                    std::thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
                }
                streams.extend([near, far]);
            }
        });
        Self { address, streams }
    }

    /// Nothing passes any more, and nobody is told: as when somebody walks away.
    fn cut(&self) {
        for stream in self.streams.lock().unwrap().take().unwrap() {
            stream.shutdown(std::net::Shutdown::Both).unwrap_or_default();
        }
    }

    fn mend(&self) {
        *self.streams.lock().unwrap() = Some(Vec::new());
    }
}

/// Asks the modem at a serial port.
fn asks(port: &Path, command: &str) -> String {
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(port).unwrap();
    file.write_all(format!("{command}\r").as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut octet = [0];
    while !answer.ends_with(b"OK\r\n") && !answer.ends_with(b"ERROR\r\n") {
        file.read_exact(&mut octet).unwrap();
        answer.push(octet[0]);
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn devices_take_turns_whatever_becomes_of_their_links() {
    let folder = Folder::new("share", "turns");
    let (mut master, address) = folder.master(&[&TIMER[..], &["--pair"]].concat());
    let way = Way::to(&address);
    let mut tablet = folder.slave("tablet", &way.address, &["--pty", "modem"]);
    pair(&mut master, &mut tablet);
    assert_eq!(master.event("granted")["how"], "none");
    tablet.event("activated");
    let registered = tablet.event("registered");
    assert_eq!(registered["operator"], "Polynet");
    let port = folder.path.join("modem");
    assert!(asks(&port, "AT+CIMI").contains(&folder.sim("imsi")));

    master.types("pair on");
    let mut car = folder.slave("car", &address, &[]);
    pair(&mut master, &mut car);
    assert_eq!(car.event("busy")["name"], "tablet");

    way.cut();
    tablet.event("lost");
    assert_eq!(tablet.event_with("left", |left| left["why"] != "started")["why"], "timer");
    assert_eq!(master.event("free")["how"], "guard");
    car.event("activated");
    car.event("registered");
    way.mend();
    tablet.event("connected");
    assert_eq!(tablet.event("busy")["name"], "car");

    master.types("pick tablet");
    assert_eq!(car.event_with("left", |left| left["why"] != "started")["why"], "revoked");
    let granted = master.event_with("granted", |granted| granted["device"] == "tablet");
    assert_eq!(granted["how"], "equal", "it has the parameters from before");
    tablet.event("activated");
    tablet.event("registered");

    tablet.kill();
    assert_eq!(master.event_with("free", |free| free["device"] == "tablet")["how"], "guard");
    car.event("activated");
    assert_eq!(car.end(), 0);
    assert_eq!(master.event_with("free", |free| free["device"] == "car")["how"], "confirmed");
    let (code, audit, _) = folder.polysim(&["audit", "--state", "phone", "--json"]);
    let audit: Vec<Value> = audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |what: &str| -> Vec<String> {
        let of_that = audit.iter().filter(|entry| entry["what"] == what);
        of_that.map(|entry| entry["device"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((code, of("paired")), (0, vec!["tablet".to_owned(), "car".to_owned()]));
    assert_eq!(of("granted"), ["tablet", "car", "tablet", "car"]);
    assert_eq!(of("ended"), ["tablet", "car", "tablet", "car"]);
    assert!(audit.iter().all(|entry| entry["at"].as_str().unwrap().starts_with("20")));
    assert_eq!(master.end(), 0);
    folder.keeps_its_secrets(&["tablet", "car"]);
}

#[test]
fn a_slave_that_is_started_again_goes_on_and_one_that_is_unpaired_erases_all() {
    let folder = Folder::new("share", "again");
    let (mut master, address) = folder.master(&[&TIMER[..], &["--pair"]].concat());
    let mut tablet = folder.slave("tablet", &address, &[]);
    pair(&mut master, &mut tablet);
    tablet.event("registered");
    tablet.types("status");
    assert_eq!(tablet.event("status")["stored"], true);
    assert_eq!(tablet.end(), 0);
    assert_eq!(master.event("free")["how"], "confirmed", "it leaves before it ends");

    let mut tablet = folder.slave("tablet", &address, &[]);
    assert_eq!(master.event("granted")["how"], "equal");
    tablet.event("registered");
    assert_eq!(tablet.end(), 0);
    let mut tablet = folder.slave("tablet", &address, &["--on-request"]);
    tablet.event("connected");
    std::thread::sleep(Duration::from_millis(500));
    tablet.types("status");
    assert_eq!(tablet.event("status")["active"], Value::Null, "its user has not asked yet");
    tablet.types("want");
    master.event("granted");
    tablet.event("registered");
    tablet.kill();
    master.event("lost");
    let mut tablet = folder.slave("tablet", &address, &[]);
    tablet.event("registered");

    let timer = ["--timer", "9s"];
    assert_eq!(master.end(), 0);
    let usual = ["master", "--state", "phone", "--listen", &address];
    let (code, _, err) = folder.polysim(&[&usual[..], &timer].concat());
    assert_eq!((code, err.contains("--timer cannot be changed")), (2, true), "{err}");
    let mut master = folder.start(&usual);
    master.event("resumed");
    tablet.event("resumed");

    master.types("unpair tablet");
    tablet.event("wiped");
    tablet.event("unpaired");
    assert_eq!(tablet.code(), 1, "a person is to pair it anew");
    master.event("unpaired");
    let journal = folder.path.join("phone/master.journal");
    assert_eq!(std::fs::metadata(&journal).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(master.end(), 0);
    folder.keeps_its_secrets(&["tablet"]);
}

#[test]
fn the_card_stays_with_the_master_and_its_commands_travel() {
    let folder = Folder::new("share", "remote");
    let (mut master, address) = folder
        .master(&[&TIMER[..], &["--pair", "--mode", "remote", "--consent", "each-time"]].concat());
    let mut tablet = folder.slave("tablet", &address, &["--register", "phone/sim.toml"]);
    pair(&mut master, &mut tablet);
    assert_eq!(tablet.event("busy")["by"], "consent");
    master.event("asks");
    master.types("y");
    assert_eq!(master.event("granted")["how"], "lent");
    tablet.event("registered");
    tablet.types("status");
    let status = tablet.event("status");
    assert_eq!(status["stored"], false);
    assert!(status["commands"].as_u64().unwrap() > 5, "{status}");
    master.kill();
    let left = tablet.event_with("left", |left| left["why"] != "started");
    assert_eq!(left["why"], "card-lost");
    let journal = folder.read("tablet/slave.journal");
    assert!(!journal.to_ascii_uppercase().contains(&folder.sim("k").to_ascii_uppercase()));
    folder.keeps_its_secrets(&["tablet"]);
}

#[test]
fn a_master_with_a_modem_uses_its_sim_itself() {
    let folder = Folder::new("share", "own");
    let (mut master, _) = folder.master(&["--own"]);
    master.types("pick own");
    assert_eq!(master.event("granted")["how"], "own");
    assert_eq!(master.event("registered")["operator"], "Polynet");
    master.types("release");
    assert_eq!(master.event("free")["how"], "confirmed");
    master.types("pick own");
    master.event("registered");
    drop(master.stdin.take());
    std::thread::sleep(Duration::from_millis(300));
    assert!(master.child.try_wait().unwrap().is_none(), "it goes on without a console");
    assert_eq!(master.end(), 0);
    folder.keeps_its_secrets(&[]);
}

#[test]
fn numbers_that_differ_end_the_attempt() {
    let folder = Folder::new("share", "differ");
    let (mut master, address) = folder.master(&["--pair"]);
    let mut tablet = folder.slave("tablet", &address, &[]);
    tablet.event("compare");
    master.event("compare");
    tablet.types("n");
    assert_eq!(tablet.code(), 1);
    assert_eq!(master.event("not-connected")["why"].as_str().unwrap().matches("differ").count(), 1);
    let mut again = folder.slave("tablet", &address, &[]);
    let why = again.event("retry")["why"].as_str().unwrap().to_owned();
    assert!(why.contains("pairing is off at the other one"), "{why}");
    master.types("pair on");
    again.event("compare");
    master.event("compare");
    drop(master.stdin.take());
    assert_eq!(again.code(), 1, "nobody is at the master: no");
}

#[test]
fn wrong_inputs_say_what_to_do() {
    let folder = Folder::new("share", "wrong");
    let (mut master, address) = folder.master(&[]);
    let slave = ["slave", "--state", "tablet", "--connect"];
    let taken = ["master", "--state", "other", "--listen", &address];
    std::fs::create_dir(folder.path.join("full")).unwrap();
    std::fs::write(folder.path.join("full/file"), "").unwrap();
    for (arguments, expected) in [
        (&[&slave[..], &["phone"]].concat()[..], "HOST:PORT"),
        (&[&slave[..], &["127.0.0.1:0"]].concat(), "HOST:PORT"),
        (&["slave", "--state", "phone", "--connect", "127.0.0.1:1"], "polysim share master"),
        (&taken, "--listen"),
        (&["master", "--state", "phone", "--listen", "127.0.0.1:0"], "in use"),
        (&["master", "--state", "full"], "another folder"),
        (&["master", "--state", "new", "--timer", "2s", "--listen", "127.0.0.1:0"], "--timer"),
        (&["master", "--state", "new", "--name", ""], "1 to 32"),
        (&["audit", "--state", "full"], "polysim share master"),
        (&["audit", "--state", "gone"], "polysim share master"),
        (
            &[&slave[..], &["127.0.0.1:1", "--register", "phone/device.toml"]].concat(),
            "virtual SIM",
        ),
    ] {
        let (code, _, err) = folder.polysim(arguments);
        assert_eq!(code, 2, "{arguments:?}: {err}");
        assert!(err.contains(expected), "{arguments:?}: {err}");
        let (code, out, _) = folder.polysim(&[arguments, &["--json"]].concat());
        let told: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
        assert!(code == 2 && told["error"].is_string(), "{arguments:?}: {out}");
    }
    for (line, expected) in
        [("pick nobody", "no device nobody"), ("pick own", "--own"), ("x", "none of")]
    {
        master.types(line);
        let told = master.lines.recv_timeout(DEADLINE).unwrap();
        assert!(told["error"].as_str().unwrap().contains(expected), "{told}");
    }
    assert_eq!(master.end(), 0);
    for secret in ["identity.key", "master.journal"] {
        let path = folder.path.join("phone").join(secret);
        let mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(0o644);
        let again = ["master", "--state", "phone", "--listen", "127.0.0.1:0"];
        let (code, _, err) = folder.polysim(&again);
        assert_eq!((code, err.contains("chmod 600")), (2, true), "{secret}: {err}");
        mode(0o600);
    }
}

#[test]
fn a_start_that_was_broken_off_does_not_stop_the_next_one() {
    let folder = Folder::new("share", "broken-off");
    std::fs::create_dir(folder.path.join("phone")).unwrap();
    for file in ["device.toml.new", "identity.key.new"] {
        let path = folder.path.join("phone").join(file);
        std::fs::write(&path, "ha").unwrap();
        let (master, _) = folder.master(&[]);
        assert_eq!(master.end(), 0);
        std::fs::remove_file(folder.path.join("phone/identity.key")).unwrap();
        assert!(!path.exists(), "{file}");
    }
}
