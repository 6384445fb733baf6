//! What it costs to ask which contacts are registered: 10,000 devices with 300 contacts each, at a
//! server of 1,000,000 registered numbers. At most 5 us a contact.
#![expect(clippy::expect_used, reason = "what a bench is made of is there, or it is no bench")]
#![expect(clippy::print_stdout, reason = "a bench tells what it has found")]

use divan::counter::ItemsCount;
use polysim_base::{Instant, Machine, Msisdn, Out, Purpose, Stream};
use polysim_courier::server::{
    Connection, Kept, KeptDevice, Limits, Server, ServerConfig, ServerInput, ServerKey,
    ServerOutput, ServerRecord,
};
use polysim_courier::wire::{
    AccountFromDevice, AccountToDevice, ContactsToDevice, FromDevice, Refresh, ToDevice,
};
use polysim_courier::{
    Code, ContactKey, ContactMode, DeviceId, DeviceKey, DeviceName, ListVersion, MarkVersion,
    RequestId, Salt, TenantId,
};

const NUMBERS: u64 = 1_000_000;
const DEVICES: u64 = 10_000;
const CONTACTS: u64 = 300;
const ASKED: u64 = DEVICES * CONTACTS;

fn main() {
    let mut kept = None;
    let used = allocation_counter::measure(|| {
        let mut server = Server::new(config(ContactMode::Numbers));
        (DEVICES..NUMBERS).for_each(|n| server.restore(account(n)));
        kept = Some(server);
    });
    let numbers = i64::try_from(NUMBERS - DEVICES).expect("few");
    println!("{} octets for each registered number", used.bytes_current / numbers);
    drop(kept);
    divan::main();
}

fn config(contacts: ContactMode) -> ServerConfig {
    ServerConfig {
        contacts,
        limits: Limits { per_range: 1_000, per_tenant: u32::MAX, ..Limits::default() },
        ..ServerConfig::new(ServerKey([1; 32]))
    }
}

fn number(n: u64) -> Msisdn {
    Msisdn::parse(&format!("{}", 49_170_000_000 + n)).expect("a number")
}

fn name() -> DeviceName {
    DeviceName::try_from(String::from("phone")).expect("a name")
}

fn account(n: u64) -> ServerRecord {
    let (id, key) = (DeviceId(n + 1), DeviceKey([7; 32]));
    ServerRecord::Kept(Kept::Account {
        number: number(n),
        list: ListVersion(1),
        marked: MarkVersion(1),
        held_since: None,
        unproved_since: None,
        devices: vec![KeptDevice { id, key, name: name(), card: None, generation: 0 }],
    })
}

/// A server and the devices that ask it.
struct World {
    server: Server,
    /// What the last text has said.
    code: Option<Code>,
    request: u32,
    version: MarkVersion,
    books: Vec<Vec<ContactKey>>,
}

impl World {
    fn new(mode: ContactMode) -> Self {
        let mut server = Server::new(config(mode));
        (DEVICES..NUMBERS).for_each(|n| server.restore(account(n)));
        let mut world =
            Self { server, code: None, request: 0, version: MarkVersion(0), books: Vec::new() };
        let salt = (0..DEVICES).map(|n| world.register(n)).last().expect("a salt");
        let mut stream = Stream::derive(1, 0, Purpose::Test, 0);
        // Half of the contacts are registered.
        let mut contact = |_| ContactKey::of(mode, &salt, &number(stream.below(2 * NUMBERS)));
        world.books = (0..DEVICES).map(|_| (0..CONTACTS).map(&mut contact).collect()).collect();
        world
    }

    fn say(&mut self, n: u64, message: impl Into<FromDevice>) -> Option<ToDevice> {
        self.server.handle(Instant::ZERO, ServerInput::Message(Connection(n), message.into()));
        let mut answer = None;
        while let Some(out) = self.server.poll_output() {
            match out {
                Out::Do(ServerOutput::Send(_, message)) => answer = Some(message),
                Out::Do(ServerOutput::Text { body, .. }) => self.code = Code::in_text(&body.0),
                Out::Do(_) | Out::Record(_) => {}
            }
        }
        answer
    }

    fn register(&mut self, n: u64) -> Salt {
        let connection = Connection(n);
        self.server.handle(Instant::ZERO, ServerInput::Up(connection));
        let (request, key, card) = (RequestId(1), DeviceKey([7; 32]), None);
        let (number, tenant, name) = (number(n), TenantId(0), name());
        let register = FromDevice::Account(AccountFromDevice::Register {
            request,
            number,
            key,
            card,
            tenant,
            name,
        });
        let Some(ToDevice::Account(AccountToDevice::CodeSent { registration, .. })) =
            self.say(n, register)
        else {
            return Salt([0; 16]);
        };
        let code = self.code.expect("a code");
        let confirm =
            FromDevice::Account(AccountFromDevice::Confirm { request, registration, code });
        let Some(ToDevice::Account(AccountToDevice::Registered { device, token, .. })) =
            self.say(n, confirm)
        else {
            return Salt([0; 16]);
        };
        match self.say(n, AccountFromDevice::Hello { request, device, token, card, taken: 0 }) {
            Some(ToDevice::Account(AccountToDevice::Welcome { salt, .. })) => salt,
            _ => Salt([0; 16]),
        }
    }

    /// All devices tell all their contacts.
    fn upload(&mut self) -> usize {
        self.ask(|world, n| (world.books.get(n).cloned().unwrap_or_default(), MarkVersion(0), true))
    }

    /// All devices ask what has changed.
    fn refresh(&mut self) -> usize {
        self.ask(|world, _| (Vec::new(), world.version, false))
    }

    fn ask(
        &mut self,
        what: impl Fn(&Self, usize) -> (Vec<ContactKey>, MarkVersion, bool),
    ) -> usize {
        let mut marks = 0;
        self.request += 1;
        let request = RequestId(self.request);
        let mut last = self.version;
        for n in 0..DEVICES {
            let (add, since, whole) = what(self, usize::try_from(n).expect("few"));
            let remove = Vec::new();
            let question = FromDevice::Contacts(Refresh { request, since, add, remove, whole });
            if let Some(ToDevice::Contacts(ContactsToDevice::Marks { on, off, version, .. })) =
                self.say(n, question)
            {
                marks += on.len() + off.len();
                last = version;
            }
        }
        self.version = last;
        marks
    }
}

#[divan::bench(sample_count = 3, sample_size = 1, args = [ContactMode::Digests, ContactMode::Numbers])]
fn tell_all_contacts(bencher: divan::Bencher<'_, '_>, mode: ContactMode) {
    let mut world = World::new(mode);
    bencher.counter(ItemsCount::new(ASKED)).bench_local(|| world.upload());
}

#[divan::bench(sample_count = 10, sample_size = 1, args = [ContactMode::Digests, ContactMode::Numbers])]
fn refresh_contacts(bencher: divan::Bencher<'_, '_>, mode: ContactMode) {
    let mut world = World::new(mode);
    assert!(world.upload() > 1_000_000, "half of all contacts are registered");
    bencher.counter(ItemsCount::new(ASKED)).bench_local(|| world.refresh());
}
