//! Links on one core: handshakes, and octets of messages from end to end.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use polysim_base::{Duration, Instant, Machine as _, Mode, Out, Purpose, Randomness, Stream};
use polysim_lease::Margin;
use polysim_share::DeviceName;
use polysim_share::link::{
    Identity, Link, LinkConfig, LinkEvent, LinkInput, LinkOutput, MESSAGE_LEN_MAX, Role,
};

fn main() {
    divan::main();
}

const NOW: Instant = Instant::ZERO;

fn randomness(entity: u64) -> Randomness {
    Randomness::Simulated(Stream::derive(0, entity, Purpose::Test, 0))
}

fn link(role: Role, own: &Identity, other: &Identity) -> Option<Link> {
    let config = LinkConfig {
        role,
        identity: own.clone(),
        name: DeviceName::new("bench").ok()?,
        known: [other.peer_key()].into(),
        pairing: false,
        supervision: Duration::from_secs(4),
        margin: Margin::new(500, Duration::from_millis(20)).ok()?,
        randomness: randomness(own.peer_key().0.map(u64::from).iter().sum()),
        mode: Mode::Simulation,
    };
    Link::new(config).ok()
}

/// Hands over what `from` has to say; returns the octets of messages that it tells of, and whether it did
/// anything.
fn carry(from: &mut Link, to: &mut Link) -> (usize, bool) {
    let (mut received, mut any) = (0, false);
    while let Some(out) = from.poll_output() {
        any = true;
        match out {
            Out::Do(LinkOutput::Octets(octets)) => to.handle(NOW, LinkInput::Octets(octets)),
            Out::Do(LinkOutput::Tell(LinkEvent::Received(message))) => received += message.len(),
            Out::Do(LinkOutput::Tell(_)) => {}
            Out::Record(record) => match record {},
        }
    }
    (received, any)
}

fn up(one: &Identity, two: &Identity) -> Option<[Link; 2]> {
    let mut ends = [link(Role::Initiator, one, two)?, link(Role::Responder, two, one)?];
    let [initiator, responder] = &mut ends;
    initiator.handle(NOW, LinkInput::Start);
    while carry(initiator, responder).1 | carry(responder, initiator).1 {}
    Some(ends)
}

fn identities() -> (Identity, Identity) {
    (Identity::generate(&mut randomness(1)), Identity::generate(&mut randomness(2)))
}

/// Both ends of it: ten multiplications on the curve, of which four with the base point.
#[divan::bench]
fn handshakes(bencher: Bencher<'_, '_>) {
    let (one, two) = identities();
    bencher.counter(ItemsCount::new(1_u8)).bench_local(|| up(&one, &two));
}

/// A message is enciphered, framed, put together and deciphered.
#[divan::bench(args = [64, 1_024, MESSAGE_LEN_MAX])]
fn octets(bencher: Bencher<'_, '_>, len: usize) {
    let (one, two) = identities();
    let Some([mut from, mut to]) = up(&one, &two) else { return };
    bencher.counter(BytesCount::new(len)).bench_local(|| {
        from.handle(NOW, LinkInput::Send(vec![7; len]));
        carry(&mut from, &mut to);
        carry(&mut to, &mut from).0
    });
}
