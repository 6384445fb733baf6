//! Two links against each other, and what may be between them.

mod attacks;
mod ends;
mod pairing;
mod supervision;
mod vector;

use super::*;
use crate::{DeviceName, PeerKey};
use alloc::vec::Vec;
use polysim_base::{Instant, Machine as _, Mode, Out, Purpose, Randomness, Stream};
use polysim_lease::Margin;

pub(super) const SUPERVISION: Duration = Duration::from_secs(4);

fn randomness(entity: u64) -> Randomness {
    Randomness::Simulated(Stream::derive(1, entity, Purpose::Test, 0))
}

fn identity(entity: u64) -> Identity {
    Identity::generate(&mut randomness(entity))
}

fn key(entity: u64) -> PeerKey {
    identity(entity).peer_key()
}

fn config(role: Role, entity: u64, known: &[u64], pairing: bool) -> LinkConfig {
    LinkConfig {
        role,
        identity: identity(entity),
        name: DeviceName::new(if entity == 1 { "phone" } else { "car" }).unwrap(),
        known: known.iter().copied().map(key).collect(),
        pairing,
        supervision: SUPERVISION,
        margin: Margin::new(500, Duration::from_millis(20)).unwrap(),
        randomness: randomness(entity + 100),
        mode: Mode::Simulation,
    }
}

fn link(role: Role, entity: u64, known: &[u64], pairing: bool) -> Link {
    Link::new(config(role, entity, known, pairing)).unwrap()
}

/// Two links, the initiator first, with nothing between them but how the octets are split.
struct Pair {
    ends: [Link; 2],
    now: Instant,
    told: [Vec<LinkEvent>; 2],
    /// How many octets arrive at a time, in turn.
    chunks: Vec<usize>,
    turn: usize,
    /// All octets, by sender.
    said: [Vec<u8>; 2],
}

impl Pair {
    fn new(initiator: Link, responder: Link) -> Self {
        let (now, told, said) =
            (Instant::from_micros(1_000_000), Default::default(), Default::default());
        Self { ends: [initiator, responder], now, told, chunks: [usize::MAX].into(), turn: 0, said }
    }

    /// Two that know each other, and are up.
    fn up() -> Self {
        let mut pair =
            Self::new(link(Role::Initiator, 1, &[2], false), link(Role::Responder, 2, &[1], false));
        pair.start();
        assert!(pair.ups().iter().all(|up| *up), "{:?}", pair.told);
        pair.told = Default::default();
        pair
    }

    /// Two that do not know each other, and show a number.
    fn comparing() -> Self {
        let mut pair =
            Self::new(link(Role::Initiator, 1, &[], true), link(Role::Responder, 2, &[], true));
        pair.start();
        pair
    }

    fn start(&mut self) {
        self.input(1, LinkInput::Start);
        self.input(0, LinkInput::Start);
    }

    fn input(&mut self, end: usize, input: LinkInput) {
        self.ends[end].handle(self.now, input);
        self.settle();
    }

    /// Wakes both at `now`.
    fn wake(&mut self, now: Instant) {
        self.now = now;
        self.ends.iter_mut().for_each(|end| end.handle_timeout(now));
        self.settle();
    }

    fn settle(&mut self) {
        while (0..2).any(|end| self.carry(end)) {}
    }

    /// Carries one output of an end.
    fn carry(&mut self, end: usize) -> bool {
        let Some(output) = take(&mut self.ends[end]) else { return false };
        match output {
            LinkOutput::Tell(event) => self.told[end].push(event),
            LinkOutput::Octets(octets) => {
                self.said[end].extend_from_slice(&octets);
                self.hand_over(1 - end, &octets);
            }
        }
        true
    }

    fn hand_over(&mut self, to: usize, mut octets: &[u8]) {
        while !octets.is_empty() {
            let chunk = self.chunks[self.turn % self.chunks.len()].clamp(1, octets.len());
            self.turn += 1;
            let (now, later) = octets.split_at(chunk);
            self.ends[to].handle(self.now, LinkInput::Octets(now.to_vec()));
            octets = later;
        }
    }

    fn ups(&self) -> [bool; 2] {
        self.told.each_ref().map(|told| told.iter().any(|it| matches!(it, LinkEvent::Up { .. })))
    }

    fn down(&self, end: usize) -> Option<LinkEnd> {
        down_of(&self.told[end])
    }

    fn numbers(&self) -> [Option<ComparisonNumber>; 2] {
        self.told.each_ref().map(|told| number_of(told))
    }

    fn received(&self, end: usize) -> Vec<&[u8]> {
        received_of(&self.told[end])
    }
}

fn take(link: &mut Link) -> Option<LinkOutput> {
    link.poll_output().map(|out| match out {
        Out::Do(output) => output,
        Out::Record(record) => match record {},
    })
}

/// What waits in a link: its octets, and what it tells.
fn drain(link: &mut Link) -> (Vec<Vec<u8>>, Vec<LinkEvent>) {
    let (mut octets, mut told) = (Vec::new(), Vec::new());
    while let Some(output) = take(link) {
        match output {
            LinkOutput::Octets(frame) => octets.push(frame),
            LinkOutput::Tell(event) => told.push(event),
        }
    }
    (octets, told)
}

fn down_of(told: &[LinkEvent]) -> Option<LinkEnd> {
    told.iter().find_map(|it| match it {
        LinkEvent::Down(end) => Some(*end),
        LinkEvent::Compare { .. } | LinkEvent::Up { .. } | LinkEvent::Received(_) => None,
    })
}

fn number_of(told: &[LinkEvent]) -> Option<ComparisonNumber> {
    told.iter().find_map(|it| match it {
        LinkEvent::Compare { number, .. } => Some(*number),
        LinkEvent::Up { .. } | LinkEvent::Received(_) | LinkEvent::Down(_) => None,
    })
}

fn received_of(told: &[LinkEvent]) -> Vec<&[u8]> {
    let messages = told.iter().filter_map(|it| match it {
        LinkEvent::Received(message) => Some(message.as_slice()),
        LinkEvent::Compare { .. } | LinkEvent::Up { .. } | LinkEvent::Down(_) => None,
    });
    messages.collect()
}
