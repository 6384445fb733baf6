#![expect(clippy::expect_used, reason = "what is made here is valid")]

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Machine as _, Mode, Out, Purpose, Randomness, Stream};
use polysim_lease::Margin;

use crate::link::{Identity, Link, LinkConfig, LinkEvent, LinkInput, LinkOutput, Role};
use crate::{DeviceName, PeerKey};

/// Has two links talk over a stream with which the octets do what they want: pieces of any length arrive,
/// are changed, lost, repeated or made up, time passes, and users say this and that.
///
/// # Panics
/// When a link gives out a message that the other has not said at that place, tells something after it
/// was down, has a deadline in the past, or comes up with somebody else.
pub fn fuzz_share_link(data: &[u8]) {
    let Some((&first, steps)) = data.split_first() else { return };
    let mut lab = Lab::new(first);
    for step in steps.chunks(2) {
        lab.step(step.first().copied().unwrap_or(0), step.get(1).copied().unwrap_or(0));
    }
}

struct Lab {
    ends: [End; 2],
    now: Instant,
}

struct End {
    link: Link,
    key: PeerKey,
    /// What is under way from here, and what went before.
    octets: VecDeque<u8>,
    gone: Vec<u8>,
    /// The messages of this end that the other has not received.
    said: VecDeque<Vec<u8>>,
    up: bool,
    down: bool,
}

impl End {
    fn new(role: Role, identity: &Identity, known: Option<PeerKey>, pairing: bool) -> Self {
        let entity = match role {
            Role::Initiator => 3,
            Role::Responder => 4,
        };
        let link = Link::new(LinkConfig {
            role,
            identity: identity.clone(),
            name: DeviceName::new("device").expect("a name"),
            known: known.into_iter().collect(),
            pairing,
            supervision: Duration::from_secs(4),
            margin: Margin::new(500, Duration::from_millis(20)).expect("a margin"),
            randomness: randomness(entity),
            mode: Mode::Simulation,
        });
        Self {
            link: link.expect("a link"),
            key: identity.peer_key(),
            octets: VecDeque::new(),
            gone: Vec::new(),
            said: VecDeque::new(),
            up: false,
            down: false,
        }
    }
}

fn randomness(entity: u64) -> Randomness {
    Randomness::Simulated(Stream::derive(0, entity, Purpose::Test, 0))
}

impl Lab {
    fn new(bits: u8) -> Self {
        let [one, two] = [1, 2].map(|entity| Identity::generate(&mut randomness(entity)));
        let (known, pairing) = (bits & 1 != 0, bits & 2 != 0);
        let one_knows = (known || bits & 4 != 0).then_some(two.peer_key());
        let two_knows = known.then_some(one.peer_key());
        let ends = [
            End::new(Role::Initiator, &one, one_knows, pairing),
            End::new(Role::Responder, &two, two_knows, pairing || bits & 8 != 0),
        ];
        Self { ends, now: Instant::from_micros(1) }
    }

    fn step(&mut self, what: u8, argument: u8) {
        let [one, two] = &mut self.ends;
        let (from, to) = if what & 0x80 == 0 { (one, two) } else { (two, one) };
        let count = usize::from(argument).min(from.octets.len());
        let input = match what & 0x0F {
            0 => LinkInput::Start,
            1 => LinkInput::Compared(argument & 1 == 0),
            2 => LinkInput::Close,
            3 => {
                let message = alloc::vec![argument; usize::from(argument)];
                if from.up {
                    from.said.push_back(message.clone());
                }
                LinkInput::Send(message)
            }
            4 => {
                self.now = self.now.plus(Duration::from_millis(u64::from(argument) * 10));
                from.link.handle_timeout(self.now);
                let now = self.now;
                self.settle();
                let [one, two] = &self.ends;
                let woken = if what & 0x80 == 0 { one } else { two };
                let due = woken.link.poll_timeout();
                assert!(due.is_none_or(|(due, _)| due > now), "a deadline that has passed");
                return;
            }
            5 => {
                from.octets.drain(..count);
                return;
            }
            6 => {
                if let Some(octet) = from.octets.get_mut(usize::from(argument)) {
                    *octet ^= 1 << (what >> 4 & 7);
                }
                return;
            }
            7 => {
                let start = from.gone.len().saturating_sub(usize::from(argument));
                from.octets.extend(from.gone.get(start..).unwrap_or_default());
                return;
            }
            8 => {
                from.octets.push_front(argument);
                return;
            }
            _ => {
                let piece: Vec<u8> = from.octets.drain(..count).collect();
                from.gone.extend_from_slice(&piece);
                to.link.handle(self.now, LinkInput::Octets(piece));
                return self.settle();
            }
        };
        from.link.handle(self.now, input);
        self.settle();
    }

    fn settle(&mut self) {
        let [one, two] = &mut self.ends;
        settle(one, two);
        settle(two, one);
    }
}

fn settle(end: &mut End, other: &mut End) {
    while let Some(out) = end.link.poll_output() {
        assert!(!end.down, "something after the end");
        match out {
            Out::Record(record) => match record {},
            Out::Do(LinkOutput::Octets(octets)) => end.octets.extend(octets),
            Out::Do(LinkOutput::Tell(event)) => tell(end, other, event),
        }
    }
    let due = end.link.poll_timeout();
    assert!(due.is_none() || !end.down, "a deadline after the end");
}

fn tell(end: &mut End, other: &mut End, event: LinkEvent) {
    match event {
        LinkEvent::Compare { peer, .. } => assert_eq!(peer, other.key),
        LinkEvent::Up { peer, .. } => {
            assert!(peer == other.key && !end.up, "up twice, or with somebody else");
            end.up = true;
        }
        LinkEvent::Received(message) => {
            assert!(end.up, "a message before the session is up");
            assert_eq!(other.said.pop_front(), Some(message));
        }
        LinkEvent::Down(_) => end.down = true,
    }
}
