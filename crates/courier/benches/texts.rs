//! What a text costs the server: it is said, stored, delivered, taken, and its sender has the receipt.
//! Whatever is written down goes to a simulated disk, which is synchronised before anything leaves.
#![expect(clippy::wildcard_enum_match_arm, reason = "a bench looks for what it names")]

use divan::Bencher;
use divan::counter::ItemsCount;
use polysim_base::{Duration, Instant, Machine as _, Msisdn, Out, Purpose, Stream};
use polysim_courier::server::{
    Connection, Limits, Server, ServerConfig, ServerInput, ServerKey, ServerOutput, ServerRecord,
};
use polysim_courier::wire::{
    AccountFromDevice, AccountToDevice, Copy, DeviceList, FromDevice, TextFromDevice, TextToDevice,
    ToDevice,
};
use polysim_courier::{Code, DeviceId, DeviceKey, DeviceName, ListVersion, RequestId, TenantId};
use polysim_kernel::Disk;

fn main() {
    divan::main();
}

/// Devices that write to each other, in pairs.
const DEVICES: u32 = 20_000;
/// Texts between two looks at the clock.
const TEXTS: usize = 10_000;
/// Octets of a sealed text.
const SEALED: usize = 256;

fn config() -> ServerConfig {
    ServerConfig {
        limits: Limits { per_range: 1_000, per_tenant: u32::MAX, ..Limits::default() },
        ..ServerConfig::new(ServerKey([7; 32]))
    }
}

struct Device {
    connection: Connection,
    id: DeviceId,
    number: Msisdn,
    sent: u64,
    taken: u64,
    lists: Option<(ListVersion, ListVersion)>,
}

struct Lab {
    server: Server,
    disk: Disk<ServerRecord>,
    devices: Vec<Device>,
    now: Instant,
}

impl Lab {
    fn new() -> Option<Self> {
        let disk = Disk::new(Stream::derive(1, 0, Purpose::Fault, 0));
        let server = Server::new(config());
        let mut lab = Self { server, disk, devices: Vec::new(), now: Instant::ZERO };
        for of in 0..DEVICES {
            let device = lab.register(of)?;
            lab.devices.push(device);
        }
        Some(lab)
    }

    /// Hands over an input; returns what the server does once the disk has what it says.
    fn run(&mut self, input: ServerInput) -> Vec<ServerOutput> {
        self.server.handle(self.now, input);
        let mut done = Vec::new();
        while let Some(out) = self.server.poll_output() {
            match out {
                Out::Record(record) => self.disk.append(record),
                Out::Do(output) => done.push(output),
            }
        }
        if self.disk.sync().is_err() {
            done.clear();
        }
        done
    }

    fn say(&mut self, from: Connection, message: impl Into<FromDevice>) -> Vec<ServerOutput> {
        self.run(ServerInput::Message(from, message.into()))
    }

    fn register(&mut self, of: u32) -> Option<Device> {
        let connection = Connection(u64::from(of));
        self.run(ServerInput::Up(connection));
        let mut key = [9; 32];
        key.iter_mut().zip(of.to_be_bytes()).for_each(|(to, from)| *to = from);
        let message = FromDevice::Account(AccountFromDevice::Register {
            request: RequestId(1),
            number: Msisdn::parse(&format!("49151{of:07}")).ok()?,
            key: DeviceKey(key),
            card: None,
            tenant: TenantId(1),
            name: DeviceName::try_from(String::from("bench")).ok()?,
        });
        let said = self.say(connection, message);
        let registration = said.iter().find_map(|output| match output {
            ServerOutput::Send(
                _,
                ToDevice::Account(AccountToDevice::CodeSent { registration, .. }),
            ) => Some(*registration),
            _ => None,
        })?;
        let code = said.iter().find_map(|output| match output {
            ServerOutput::Text { body, .. } => {
                body.0.split(|it: char| !it.is_ascii_digit()).find_map(|it| Code::parse(it).ok())
            }
            _ => None,
        })?;
        let message = FromDevice::Account(AccountFromDevice::Confirm {
            request: RequestId(2),
            registration,
            code,
        });
        let said = self.say(connection, message);
        let (device, token, number) = said.into_iter().find_map(|output| match output {
            ServerOutput::Send(
                _,
                ToDevice::Account(AccountToDevice::Registered { device, token, number, .. }),
            ) => Some((device, token, number)),
            _ => None,
        })?;
        let (request, card, taken) = (RequestId(3), None, 0);
        self.say(connection, AccountFromDevice::Hello { request, device, token, card, taken });
        Some(Device { connection, id: device, number, sent: 0, taken: 0, lists: None })
    }

    /// A text from one device to another, until everybody has taken everything.
    fn text(&mut self, from: usize, to: usize) -> Option<()> {
        let (recipient, number) = self.devices.get(to).map(|it| (it.id, it.number))?;
        let sender = self.devices.get(from)?;
        let (connection, sent) = (sender.connection, sender.sent.checked_add(1)?);
        let send = |(list, own): (ListVersion, ListVersion)| {
            FromDevice::Text(TextFromDevice::Send {
                number: sent,
                to: number,
                list,
                own,
                copies: vec![Copy { device: recipient, sealed: vec![7; SEALED] }],
                expires: None,
            })
        };
        let lists = sender.lists;
        let mut said = self.say(connection, send(lists.unwrap_or_default()));
        let stale = |output: &ServerOutput| match output {
            ServerOutput::Send(_, ToDevice::Text(TextToDevice::StaleList { to, own, .. })) => {
                let version = |list: &DeviceList| list.version;
                Some((version(to), version(own)))
            }
            _ => None,
        };
        if let Some(lists) = said.iter().find_map(stale) {
            self.devices.get_mut(from)?.lists = Some(lists);
            said = self.say(connection, send(lists));
        }
        self.devices.get_mut(from)?.sent = sent;
        self.take(said)
    }

    /// Whatever is delivered is taken.
    fn take(&mut self, said: Vec<ServerOutput>) -> Option<()> {
        let mut said = said;
        while let Some((connection, up_to)) = said.iter().find_map(|output| match output {
            ServerOutput::Send(to, ToDevice::Text(TextToDevice::Deliver { number, .. })) => {
                Some((*to, *number))
            }
            _ => None,
        }) {
            let device = self.devices.get_mut(usize::try_from(connection.0).ok()?)?;
            device.taken = up_to;
            said = self.say(connection, TextFromDevice::Taken { up_to });
        }
        Some(())
    }
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn texts_through_the_machine_with_records(bencher: Bencher<'_, '_>) {
    let Some(mut lab) = Lab::new() else { return };
    let mut stream = Stream::derive(1, 1, Purpose::Test, 0);
    bencher.counter(ItemsCount::new(TEXTS)).bench_local(|| {
        for _ in 0..TEXTS {
            let from = usize::try_from(stream.below(u64::from(DEVICES))).unwrap_or(0);
            lab.now = lab.now.plus(Duration::from_micros(5));
            divan::black_box(lab.text(from, from ^ 1));
        }
    });
    let taken: u64 = lab.devices.iter().map(|device| device.taken).sum();
    let sent: u64 = lab.devices.iter().map(|device| device.sent).sum();
    assert_eq!(taken, 2 * sent, "each text is taken, and each receipt");
}
