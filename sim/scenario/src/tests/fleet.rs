//! Files with a fleet.

use super::*;
use polysim_base::{Duration, Instant};
use polysim_fleet::terminal::TerminalWish;
use polysim_fleet::wire::{KindWanted, ModemOrder, ModemWanted, Parameters, Reclaim, Target};
use polysim_fleet::{Permissions, SlotId};
use polysim_world::{
    Action, Event, Fault, FleetAction, FleetConfig, FleetFault, FleetNode, LinkFault, Party, Thing,
    Value,
};

const FLEET: &str = r#"
[[operator]]
name = "n"
plmn = "00101"
[[region]]
name = "r"
cells = [{ id = "c", operator = "n", rssi = -70 }]
[[phone]]
name = "p{1..3}"
region = "r"
operator = "n"
[[site]]
name = "site-{1..2}"
region = "r"
clock = { skew = "1s", drift_ppm = -50 }
[[user]]
name = "u{1..2}"
sims = { "sim5" = ["call", "text.read"] }
[[sim]]
name = "sim{1..6}"
operator = "n"
user = "u{1..2}"
group = "office"
[[bank]]
name = "bank-1"
site = "site-1"
slots = 8
sims = ["sim{1..4}"]
[[bank]]
name = "bank-2"
site = "site-2"
sims = ["sim5"]
[[modem]]
name = "cloud-1"
site = "site-2"
kind = "cloud"
pool = "away"
[[modem]]
name = "m{1..2}"
site = "site-1"
[[terminal]]
name = "t{1..4}"
user = "u{1..2}"
[[link]]
between = ["t{1..2}", "server"]
latency = "300ms"
loss = "5%"
"#;

fn planned(text: &str) -> Plan {
    let source = Source::new("file.toml", &[HEAD, FLEET, text].concat());
    plan(&source, &mut |_| Err(String::new())).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn fleet(plan: &Plan) -> &FleetConfig {
    plan.world.fleet.as_ref().unwrap()
}

/// What a timeline does with the first seed, with the times in seconds.
fn done(text: &str) -> Vec<(u64, Action)> {
    let plan = planned(text);
    let steps = schedule(&plan, 1).into_iter();
    let actions = steps.filter_map(|(at, step)| match step {
        Step::Do(action) => Some((at.as_micros() / 1_000_000, action.clone())),
        Step::Look(_) => None,
    });
    actions.collect()
}

/// The mistakes of a file with this fleet, without their places.
fn wrong(text: &str) -> Vec<String> {
    let told = mistakes(&[HEAD, FLEET, text].concat()).into_iter();
    told.map(|told| told.splitn(4, ':').last().unwrap().trim().to_owned()).collect()
}

#[test]
fn a_fleet_is_what_the_file_says() {
    let plan = planned("");
    let fleet = fleet(&plan);
    assert_eq!(fleet.servers.len(), 1);
    assert_eq!(fleet.servers[0].name, "server");
    assert_eq!(fleet.sites[1].clock.drift_ppm, -50);
    assert_eq!(
        fleet.sites[0].banks,
        [vec![Some(0), Some(1), Some(2), Some(3), None, None, None, None]]
    );
    assert_eq!(fleet.sites[1].banks, [vec![Some(4)]]);
    let modems = |site: usize| fleet.sites[site].modems.iter().map(|m| m.name.as_str());
    assert!(modems(0).eq(["m1", "m2"]) && modems(1).eq(["cloud-1"]));
    assert_eq!(fleet.pools, ["away", "main"]);
    let owners: Vec<_> = fleet.terminals.iter().map(|terminal| terminal.user).collect();
    assert_eq!(owners, [0, 1, 0, 1]);
    assert_eq!(fleet.links.overrides.len(), 4);
    assert_eq!(fleet.links.overrides[0].0, FleetNode::Terminal(0));
    assert_eq!(fleet.links.overrides[0].2.loss_ppm, 50_000);
    assert_eq!(plan.name_of(Thing::Modem, 2), "cloud-1");
}

#[test]
fn the_owner_of_a_sim_may_do_everything_and_others_what_they_are_permitted() {
    let plan = planned("");
    let set = |user: usize| {
        let permissions = fleet(&plan).users[user].permissions.iter().copied();
        permissions.collect::<std::collections::BTreeMap<_, _>>()
    };
    let everything = set(0)[&0];
    assert!(everything.allow(Permissions::APDU | Permissions::CONFIGURE));
    assert!(set(0).keys().copied().eq([0, 2, 4]));
    assert!(set(1).keys().copied().eq([1, 3, 4, 5]));
    assert_eq!(set(1)[&4], Permissions::CALL | Permissions::TEXT_READ);
}

#[test]
fn a_number_is_that_of_a_phone_or_of_a_sim() {
    let verbs = "[[at]]\ndo = [{ call = { from = \"p1\", to = \"sim6\" } }]\n";
    let plan = planned(verbs);
    let number = fleet(&plan).sims[5].number;
    let [(0, Action::Call { from: Party::Phone(0), to, .. })] = &done(verbs)[..] else { panic!() };
    assert_eq!(*to, number);
    assert!(plan.world.phones.iter().all(|phone| phone.number != number));
}

#[test]
fn the_verbs_of_terminals_are_wishes() {
    let text = r#"
[[at]]
do = [
    { assign = { terminal = "t1", sim = "sim1", pool = "away", kind = "cloud", order = "spread" } },
    { assign = { terminal = "t1", sim = "sim2", modem = "m2", reclaim = "now", priority = 7 } },
    { call = { from = "t2", group = "office", order = "cheapest", to = "p1" } },
    { wait = "5s" },
    { answer = { terminal = "t2" } },
    { swap = { terminal = "t2" } },
]
"#;
    let wishes = done(text).into_iter().map(|(at, action)| {
        let Action::Fleet(FleetAction::Wish { terminal, wish }) = action else { panic!() };
        (at, terminal, wish)
    });
    let wishes: Vec<_> = wishes.collect();
    let spread = ModemWanted::Of {
        pool: FleetConfig::pool_id(0),
        kind: KindWanted::Cloud,
        order: ModemOrder::Spread,
    };
    let usual = Parameters {
        modem: spread,
        priority: 100,
        evict: false,
        duration: None,
        reclaim: Reclaim::Gracefully,
        wait: Duration::from_secs(600),
        turns: None,
    };
    let fixed = Parameters {
        modem: ModemWanted::Fixed(FleetConfig::modem_id(0, 1)),
        priority: 7,
        reclaim: Reclaim::Now,
        ..usual
    };
    assert_eq!(wishes[0], (0, 0, TerminalWish::Assign(FleetConfig::iccid(0), usual)));
    assert_eq!(wishes[1], (0, 0, TerminalWish::Assign(FleetConfig::iccid(1), fixed)));
    assert!(matches!(wishes[2], (0, 1, TerminalWish::Dial { sim: Target::Best { .. }, .. })));
    assert_eq!(wishes[3..], [(5, 1, TerminalWish::Answer), (5, 1, TerminalWish::Hold)]);
}

#[test]
fn faults_have_targets_in_the_fleet_and_heal() {
    let text = r#"
[[at]]
do = [
    { fault = { target = "link:site-1-server", kind = "loss", share = "20%", for = "10s" } },
    { fault = { target = "modem:cloud-1", kind = "modem-hang" } },
    { fault = { target = "sim:sim3", kind = "card-pulled", for = "20s" } },
    { fault = { target = "server:server", kind = "crash", for = "30s" } },
]
"#;
    let actions = done(text);
    let link = FleetFault::Link {
        from: FleetNode::Site(0),
        to: FleetNode::Server(0),
        fault: LinkFault::Loss { ppm: 200_000 },
    };
    let of = |fault: &Fault, on| Action::Fault { fault: fault.clone(), on };
    let loss = Fault::Fleet(link);
    assert_eq!(actions[0], (0, of(&loss, true)));
    assert_eq!(actions[1], (0, of(&Fault::ModemHang { phone: 3 + 2 }, true)));
    assert_eq!(actions[2], (0, Action::Fleet(FleetAction::PullCard { sim: 2 })));
    assert_eq!(actions[4], (10, of(&loss, false)));
    assert_eq!(actions[5], (20, Action::Fleet(FleetAction::InsertCard { sim: 2 })));
    let crash = Fault::Fleet(FleetFault::ServerCrash { server: 0 });
    assert_eq!(actions[6], (30, of(&crash, false)));
}

#[test]
fn what_is_each_for_several_kinds_goes_together() {
    let text = r#"
[[at]]
each = { sim = "sim{1..6}", terminal = "t{1..4}" }
do = [{ assign = { pool = "main" } }]
"#;
    let pairs = done(text).into_iter().map(|(_, action)| {
        let Action::Fleet(FleetAction::Wish { terminal, wish }) = action else { panic!() };
        let TerminalWish::Assign(iccid, _) = wish else { panic!() };
        (terminal, iccid)
    });
    let expected = (0..6).map(|sim| (sim % 4, FleetConfig::iccid(sim)));
    assert!(pairs.eq(expected));
}

#[test]
fn verbs_refer_to_what_their_entry_is_for() {
    let entry = |each: &str| {
        format!(
            "[[at]]\neach = {{ {each} }}\ndo = [{{ call = {{ from = \"p1\", to = \"$sim\" }} }}]\n"
        )
    };
    let plan = planned("");
    let numbers = fleet(&plan).sims.iter().map(|sim| sim.number);
    let called = done(&entry("sim = \"sim{1..6}\"")).into_iter().map(|(_, action)| {
        let Action::Call { to, .. } = action else { panic!() };
        to
    });
    assert!(called.eq(numbers));
    let told = wrong(&entry("terminal = \"t1\""));
    assert!(told[0].starts_with("the entry is for no \"sim\""), "{told:?}");
}

#[test]
fn the_seed_chooses_among_names_pauses_and_whether_at_all() {
    let text = r#"
[[at]]
every = "1s"
chance = "50%"
do = [
    { text = { from = "any-of(p{1..2}, +990123)", to = "any-of(sim{1..3})", text = "x" } },
    { wait = "0..900ms" },
    { hang_up = { phone = "p1" } },
]
"#;
    let actions = done(text);
    let texts = actions.iter().filter(|(_, action)| matches!(action, Action::Text { .. }));
    let texts: Vec<_> = texts.collect();
    assert!((15..45).contains(&texts.len()), "{}", texts.len());
    assert_eq!(actions.len(), 2 * texts.len());
    let kinds: std::collections::BTreeSet<_> =
        texts.iter().map(|(_, action)| format!("{action:?}")).collect();
    assert!(kinds.len() > 6 && kinds.len() <= 9, "{kinds:?}");
    assert_eq!(actions, done(text), "the same seed, the same choices");
}

#[test]
fn cards_go_to_slots_that_there_are() {
    let verb = |slot| {
        format!(
            "[[at]]\ndo = [{{ move_card = {{ sim = \"sim6\", bank = \"bank-1\", slot = {slot} }} }}]\n"
        )
    };
    let slot = SlotId { bank: 0, slot: 7, ..FleetConfig::slot_id(0, 0, 0) };
    assert_eq!(done(&verb(7)), [(0, Action::Fleet(FleetAction::MoveCard { sim: 5, slot }))]);
    assert_eq!(wrong(&verb(8)), ["\"bank-1\" has the slots 0 to 7"]);
}

#[test]
fn states_are_of_things_of_one_kind() {
    let expect = |rest: &str| format!("[[expect]]\nid = \"e\"\nat = \"5s\"\n{rest}\n");
    let plan = planned(&expect(
        "all = { sim = \"sim{1..2}\" }\nstate = { state = \"standby\", place = \"site-1\" }",
    ));
    let Rule::State { at, things, terms } = &plan.expectations[0].rule else { panic!() };
    assert_eq!(*at, Instant::from_micros(5_000_000));
    assert_eq!(things[..], [(Thing::Sim, 0), (Thing::Sim, 1)]);
    assert_eq!(terms.len(), 2);
    let both = expect("all = { sim = \"sim1\", modem = \"m1\" }\nstate = { epoch = 1 }");
    assert!(wrong(&both)[0].contains("things of one kind"), "{:?}", wrong(&both));
    let field = expect("where = { modem = \"m1\" }\nstate = { regstered = true }");
    assert_eq!(
        wrong(&field),
        ["there is no field \"regstered\" here; did you mean \"registered\"?"]
    );
}

#[test]
fn mistakes_in_a_fleet_are_told_with_what_was_meant() {
    let at = |verb: &str| wrong(&format!("[[at]]\ndo = [{{ {verb} }}]\n"));
    let cases = [
        (
            "assign = { terminal = \"t1\", sim = \"sim9\" }",
            "no SIM is called \"sim9\"; did you mean \"sim1\"?",
        ),
        (
            "assign = { sim = \"sim1\" }",
            "the verb \"assign\" does not say which terminal; name one, or give the entry an \"each\"",
        ),
        (
            "assign = { terminal = \"t1\", sim = \"sim1\", pool = \"awy\" }",
            "no pool is called \"awy\"; did you mean \"away\"?",
        ),
        (
            "assign = { terminal = \"t1\", sim = \"sim1\", modem = \"m1\", kind = \"cloud\" }",
            "a \"modem\" leaves no choice: no \"pool\", \"kind\" or \"order\" here",
        ),
        (
            "call = { from = \"t5\", sim = \"sim1\", to = \"p1\" }",
            "no phone or terminal is called \"t5\"; did you mean \"t1\"?",
        ),
        (
            "call = { from = \"p1\", sim = \"sim1\", to = \"p2\" }",
            "only terminals choose among SIMs",
        ),
        (
            "apdu = { terminal = \"t1\", sim = \"sim1\", apdu = \"00A\" }",
            "expected hexadecimal digits, such as \"00A40004023F00\"",
        ),
        (
            "permit = { user = \"u1\", sim = \"sim1\", allow = [\"cal\"] }",
            "expected one of \"text.send\", \"text.read\", \"call\", \"ussd\", \"apdu\", \"configure\"; did you mean \"call\"?",
        ),
        (
            "fault = { target = \"link:site-1-site-9\", kind = \"cut\" }",
            "no link is called \"site-1-site-9\"; write \"link:ONE-OTHER\", both of: server, site-1, site-2, t1, t2, t3, t4",
        ),
        (
            "fault = { target = \"link:t1-t2\", kind = \"cut\" }",
            "there is no link \"t1-t2\": these two never meet",
        ),
        (
            "fault = { target = \"sim:sim1\", kind = \"slow\" }",
            "this fault needs a \"by\"; write by = \"300ms\"",
        ),
        (
            "fault = { target = \"phone:p1\", kind = \"crash\" }",
            "the target does not fit the kind; this is a server's, site's or terminal's: write \"server:NAME\" or \"site:NAME\" or \"terminal:NAME\"",
        ),
        (
            "fault = { target = \"modem:m3\", kind = \"modem-reset\" }",
            "no modem is called \"m3\"; did you mean \"m1\"?",
        ),
        (
            "hang_up = { phone = \"p1\", terminal = \"t1\" }",
            "a \"hang_up\" is of a phone or of a terminal, not of both",
        ),
    ];
    for (verb, expected) in cases {
        assert_eq!(at(verb), [expected], "{verb}");
    }
}

#[test]
fn mistakes_in_what_a_fleet_is_made_of_are_told() {
    let cases = [
        ("[[site]]\nname = \"p1\"\nregion = \"r\"\n", "\"p1\" is there already, as a phone"),
        (
            "[[bank]]\nname = \"b\"\nsite = \"site-1\"\nsims = [\"sim1\"]\n",
            "a SIM is in two slots; there is the verb double_card",
        ),
        (
            "[[bank]]\nname = \"b\"\nsite = \"site-1\"\nslots = 1\nsims = [\"sim{5..6}\"]\n",
            "2 SIMs do not fit into 1 slots",
        ),
        (
            "[[link]]\nbetween = [\"t1\", \"t2\"]\nloss = \"1%\"\n",
            "there is no link between \"t1\" and that",
        ),
        (
            "[[link]]\nbetween = [\"t1\", \"server\"]\nloss = \"101%\"\n",
            "expected a share such as \"20%\", or a number from 0 to 1",
        ),
        (
            "[[user]]\nname = \"u9\"\nsims = { sim1 = [\"calls\"] }\n",
            "expected one of \"text.send\", \"text.read\", \"call\", \"ussd\", \"apdu\", \"configure\"; did you mean \"call\"?",
        ),
        (
            "[[plan]]\nname = \"x\"\noperator = \"n\"\nrates = { \"46\" = 0.1 }\n",
            "expected first digits such as \"+8613\", or \"+\" for everywhere",
        ),
        ("[fleet]\nttll = \"1s\"\n", "unknown key \"ttll\"; did you mean \"ttl\"?"),
    ];
    for (text, expected) in cases {
        let told = wrong(text);
        assert!(told.iter().any(|told| told == expected), "{text}{told:?}");
    }
}

/// A stage on which what happens is written down beforehand.
struct Written(Vec<Event>, Instant);

impl Stage for Written {
    fn apply(&mut self, _: &Action) {}
    fn advance(&mut self, until: Instant) {
        self.1 = until;
    }
    fn take_events(&mut self) -> Vec<Event> {
        self.0.extract_if(.., |event| event.at <= self.1).collect()
    }
    fn state(&self, _: Thing, _: usize) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
    fn violations(&self) -> &[polysim_world::Violation] {
        &[]
    }
    fn trace(&self) -> (u64, u64) {
        (0, 0)
    }
}

#[test]
fn a_run_of_a_fleet_is_counted() {
    let plan = planned(
        "[[at]]\nt = \"1s\"\neach = { sim = \"sim{1..3}\", terminal = \"t1\" }\ndo = [{ assign = { pool = \"main\" } }]\n",
    );
    let event = |second: u64, name, fields: &[(&'static str, &str)]| Event {
        at: Instant::from_micros(second * 1_000_000),
        name,
        fields: fields.iter().map(|(field, value)| (*field, Value::from(*value))).collect(),
    };
    let call = |second, direction, talked: i64, why| {
        let mut told = event(second, "sim.call", &[("direction", direction), ("why", why)]);
        told.fields.push(("talked", talked.into()));
        told
    };
    let text = |second, parts: i64| {
        let mut told = event(second, "sim.text", &[("sim", "sim1")]);
        told.fields.push(("parts", parts.into()));
        told
    };
    let out = |second, state| event(second, "sim.text-out", &[("state", state)]);
    let delivered = |second, terminal| {
        let fields = [("terminal", terminal), ("state", "delivered")];
        event(second, "terminal.text-state", &fields)
    };
    let events = vec![
        event(3, "sim.assigned", &[("sim", "sim1")]),
        event(4, "sim.claims", &[("sim", "sim2")]),
        event(11, "sim.assigned", &[("sim", "sim2")]),
        event(12, "terminal.refused", &[("sim", "sim3"), ("wish", "dial")]),
        event(13, "sim.dropped", &[("sim", "sim3"), ("why", "deadline")]),
        call(20, "incoming", 7, "released"),
        call(21, "incoming", -1, "no-answer"),
        call(22, "incoming", -1, "hung-up"),
        call(23, "outgoing", 0, "hung-up"),
        call(24, "outgoing", -1, "busy"),
        text(30, 1),
        text(31, 2),
        text(32, 2),
        out(40, "pending"),
        out(41, "sent"),
        out(42, "pending"),
        out(43, "unknown"),
        // The same user has two terminals.
        delivered(50, "t1"),
        delivered(51, "t3"),
    ];
    let mut stage = Written(events, Instant::ZERO);
    let report = run_on(&mut stage, &plan, 1, &mut |_| {}).fleet.unwrap();
    let [policy] = &report.policies[..] else { panic!("{report:?}") };
    assert_eq!(policy.policy, "main least-recently-used");
    assert_eq!((policy.requests, policy.assigned, policy.evictions), (3, 2, 1));
    assert_eq!((policy.dropped, policy.refused, policy.unchanged), (1, 0, 0));
    assert_eq!(policy.waited, [Duration::from_secs(2), Duration::from_secs(10)]);
    assert_eq!(policy.waited_at(50), Some(Duration::from_secs(2)));
    assert_eq!((report.calls_in, report.answered, report.missed), (3, 1, 1));
    assert_eq!((report.calls_out, report.connected), (2, 1));
    assert_eq!((report.texts_in, report.texts_out), (2, 2));
    assert_eq!((report.sent, report.unknown, report.delivered), (1, 1, 1));
    let mut twice = report.clone();
    twice.add(&report);
    assert_eq!((twice.calls_in, twice.policies[0].waited.len()), (6, 4));
}
