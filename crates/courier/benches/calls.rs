//! How many packets of speech a second one core relays, with 10,000 calls that are on.
#![expect(clippy::expect_used, reason = "what a bench is made of is there, or it is no bench")]

use divan::counter::ItemsCount;
use polysim_base::{Duration, Instant, Machine, Msisdn, Out};
use polysim_courier::server::{
    Connection, Limits, Server, ServerConfig, ServerInput, ServerKey, ServerOutput,
};
use polysim_courier::wire::{
    AccountFromDevice, AccountToDevice, FromDevice, RateFromDevice, ToDevice, VoiceFromDevice,
    VoiceToDevice,
};
use polysim_courier::{
    CallNumber, Code, DeviceId, DeviceKey, DeviceName, Rate, RequestId, TenantId,
};
use polysim_speech::{Codec, Frame, Packet, Packetizer};

const CALLS: u64 = 10_000;
const CALL: CallNumber = CallNumber(1);
const RATE: Rate = Rate(100);

fn main() {
    divan::main();
}

fn config() -> ServerConfig {
    let hour = Duration::from_secs(3_600);
    ServerConfig {
        limits: Limits { per_range: 1_000, per_tenant: u32::MAX, ..Limits::default() },
        rate_age_max: hour,
        ring: hour,
        call_grace: hour,
        retry: hour,
        ..ServerConfig::new(ServerKey([1; 32]))
    }
}

fn number(n: u64) -> Msisdn {
    Msisdn::parse(&format!("{}", 49_170_000_000 + n)).expect("a number")
}

/// A server, and the devices of 10,000 calls.
struct World {
    server: Server,
    now: Instant,
    code: Option<Code>,
    callers: Vec<DeviceId>,
    packet: Packet,
}

impl World {
    fn new() -> Self {
        let packet = Packetizer::new(Codec::ALaw).next(&Frame::from([0; Frame::SAMPLES]));
        let server = Server::new(config());
        let (code, callers) = (None, Vec::new());
        let mut world = Self { server, now: Instant::ZERO, code, callers, packet };
        for call in 0..CALLS {
            let caller = world.register(2 * call);
            world.register(2 * call + 1);
            world.callers.push(caller);
            let to = number(2 * call + 1);
            world.say(
                2 * call,
                FromDevice::Voice(VoiceFromDevice::Call {
                    call: CALL,
                    to,
                    rate: RATE,
                    threshold: RATE,
                }),
            );
            let answer = FromDevice::Voice(VoiceFromDevice::Answer { from: caller, call: CALL });
            let answered = world.say(2 * call + 1, answer);
            assert!(
                matches!(answered, Some(ToDevice::Voice(VoiceToDevice::Answered { .. }))),
                "{answered:?}"
            );
        }
        world
    }

    fn register(&mut self, n: u64) -> DeviceId {
        self.server.handle(self.now, ServerInput::Up(Connection(n)));
        let (request, key, card) = (RequestId(1), DeviceKey([7; 32]), None);
        let name = DeviceName::try_from(String::from("phone")).expect("a name");
        let (number, tenant) = (number(n), TenantId(0));
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
            return DeviceId(0);
        };
        let code = self.code.expect("a code");
        let confirm =
            FromDevice::Account(AccountFromDevice::Confirm { request, registration, code });
        let Some(ToDevice::Account(AccountToDevice::Registered { device, token, .. })) =
            self.say(n, confirm)
        else {
            return DeviceId(0);
        };
        self.say(n, AccountFromDevice::Hello { request, device, token, card, taken: 0 });
        self.say(n, RateFromDevice::Measured { train: 1, rate: RATE, holds: Duration::ZERO });
        device
    }

    fn say(&mut self, n: u64, message: impl Into<FromDevice>) -> Option<ToDevice> {
        self.server.handle(self.now, ServerInput::Message(Connection(n), message.into()));
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

    /// Everybody says 20 ms; returns how many packets have come out.
    fn speak(&mut self) -> usize {
        self.now = self.now.plus(Frame::DURATION);
        let mut relayed = 0;
        for call in 0..CALLS {
            let place = usize::try_from(call).expect("few");
            let from = self.callers.get(place).copied().expect("a caller");
            for end in [2 * call, 2 * call + 1] {
                let packet = self.packet.clone();
                let said = self.say(end, VoiceFromDevice::Speech { from, call: CALL, packet });
                relayed += usize::from(matches!(
                    said,
                    Some(ToDevice::Voice(VoiceToDevice::Speech { .. }))
                ));
            }
        }
        relayed
    }
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn relay_speech(bencher: divan::Bencher<'_, '_>) {
    let mut world = World::new();
    let all = usize::try_from(2 * CALLS).expect("few");
    assert_eq!(world.speak(), all, "nothing is dropped");
    bencher.counter(ItemsCount::new(all)).bench_local(|| world.speak());
}
