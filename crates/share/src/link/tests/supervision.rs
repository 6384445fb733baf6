//! When one end is down, the other is down within the supervision time: many histories in true time.

use super::*;
use alloc::collections::BTreeMap;
use alloc::vec;

/// A clock that shows `offset` at the true time zero and runs `ppm` too fast.
#[derive(Clone, Copy)]
struct Clock {
    offset: u64,
    ppm: i64,
}

impl Clock {
    fn shows(self, at: u64) -> Instant {
        let drift = i128::from(at) * i128::from(self.ppm) / 1_000_000;
        let shows = i128::from(self.offset) + i128::from(at) + drift;
        Instant::from_micros(u64::try_from(shows).unwrap())
    }

    /// Returns the first true time at which it shows `local`.
    fn when(self, local: Instant) -> u64 {
        let since = local.as_micros().saturating_sub(self.offset);
        let guess = i128::from(since) * 1_000_000 / i128::from(1_000_000 + self.ppm);
        let mut at = u64::try_from(guess).unwrap().saturating_sub(2);
        while self.shows(at) < local {
            at += 1;
        }
        at
    }
}

/// The way from one end: octets keep their order, and from `stalls` on they are `late` by that, or lost.
#[derive(Clone, Copy)]
struct Way {
    least: u64,
    most: u64,
    stalls: u64,
    late: Option<u64>,
    last: u64,
}

struct History {
    pair: Pair,
    clocks: [Clock; 2],
    ways: [Way; 2],
    /// By how much each end is woken too late.
    lazy: [u64; 2],
    queue: BTreeMap<(u64, u32), (usize, LinkInput)>,
    count: u32,
    /// True times.
    up: [Option<u64>; 2],
    down: [Option<u64>; 2],
}

const DRIFT_PPM: u64 = 500;
const SKEW: u64 = 20_000;
const HOUR: u64 = 3_600_000_000;

impl History {
    fn new(draw: &mut Stream) -> Self {
        let ends = [link(Role::Initiator, 1, &[2], false), link(Role::Responder, 2, &[1], false)];
        let [initiator, responder] = ends;
        let span = SUPERVISION.as_micros();
        let mut clock = || Clock {
            offset: draw.range(1, HOUR),
            ppm: i64::try_from(draw.range(0, 2 * DRIFT_PPM)).unwrap() - 500,
        };
        let clocks = [clock(), clock()];
        let mut way = || {
            let least = draw.range(0, span / 8);
            let most = least + if draw.chance(500_000) { 0 } else { draw.range(0, span / 8) };
            let stalls = if draw.chance(500_000) { draw.range(0, 5 * span) } else { 6 * span };
            let late = draw.chance(500_000).then(|| draw.range(0, 2 * span));
            Way { least, most, stalls, late, last: 0 }
        };
        let mut ways = [way(), way()];
        let lazy = [draw.range(0, SKEW), draw.range(0, SKEW)];
        let pair = Pair::new(initiator, responder);
        let mut queue = BTreeMap::new();
        for end in 0..2 {
            queue.insert((0, u32::try_from(end).unwrap()), (end, LinkInput::Start));
        }
        if draw.chance(500_000) {
            // One end ends it, and what it says last may or may not arrive.
            let (end, at) = (usize::from(draw.chance(500_000)), draw.range(0, 5 * span));
            queue.insert((at, 2), (end, LinkInput::Close));
            if draw.chance(500_000) {
                ways[end] = Way { stalls: at, late: None, ..ways[end] };
            }
        }
        let (up, down) = ([None; 2], [None; 2]);
        Self { pair, clocks, ways, lazy, queue, count: 3, up, down }
    }

    /// The next true time at which an end is to be woken.
    fn wake_up(&self) -> Option<(u64, usize)> {
        let due = |end: usize| {
            let (local, _) = self.pair.ends[end].poll_timeout()?;
            Some((self.clocks[end].when(local) + self.lazy[end], end))
        };
        [due(0), due(1)].into_iter().flatten().min()
    }

    fn run(&mut self, draw: &mut Stream) {
        for _ in 0..20_000 {
            let input = self.queue.first_key_value().map(|(key, _)| *key);
            let (at, end) = match (input, self.wake_up()) {
                (Some(key), wake) if wake.is_none_or(|(due, _)| key.0 <= due) => {
                    let (end, input) = self.queue.remove(&key).unwrap();
                    self.pair.ends[end].handle(self.clocks[end].shows(key.0), input);
                    (key.0, end)
                }
                (_, Some((due, end))) => {
                    self.pair.ends[end].handle_timeout(self.clocks[end].shows(due));
                    (due, end)
                }
                (_, None) => return,
            };
            self.drain(at, end, draw);
        }
        panic!("it goes on and on");
    }

    fn drain(&mut self, at: u64, end: usize, draw: &mut Stream) {
        let (frames, told) = drain(&mut self.pair.ends[end]);
        for event in told {
            assert_eq!(self.down[end], None, "told something after it was down");
            match event {
                LinkEvent::Up { .. } => self.up[end] = Some(at),
                LinkEvent::Down(_) => self.down[end] = Some(at),
                LinkEvent::Compare { .. } | LinkEvent::Received(_) => {}
            }
        }
        for frame in frames {
            let way = &mut self.ways[end];
            let stalled = at >= way.stalls;
            let lost = stalled && way.late.is_none() || at > 6 * SUPERVISION.as_micros();
            if lost {
                continue;
            }
            let delay =
                draw.range(way.least, way.most) + if stalled { way.late.unwrap() } else { 0 };
            way.last = way.last.max(at + delay);
            self.queue.insert((way.last, self.count), (1 - end, LinkInput::Octets(frame)));
            self.count += 1;
        }
    }

    /// Returns how much later than the other an end was down that had been up: the longer of two.
    fn between(&self) -> u64 {
        let [here, there] = self.down.map(|down| down.expect("it is silent in the end"));
        let after = [(self.up[0], here, there), (self.up[1], there, here)]
            .into_iter()
            .filter(|(up, ..)| up.is_some())
            .map(|(_, down, other)| down.saturating_sub(other));
        after.max().unwrap_or(0)
    }
}

#[test]
fn when_one_end_is_down_the_other_is_down_within_the_supervision_time() {
    let (mut both, mut longest) = (0, 0);
    for seed in 0..1_000 {
        let mut draw = Stream::derive(seed, 0, Purpose::Test, 0);
        let mut history = History::new(&mut draw);
        history.run(&mut draw);
        let between = history.between();
        assert!(between <= SUPERVISION.as_micros(), "{between} us later, seed {seed}");
        longest = longest.max(between);
        both += u32::from(history.up.iter().all(Option::is_some));
    }
    assert!(both > 800, "{both} histories were up at both ends");
    assert!(longest > SUPERVISION.as_micros() * 95 / 100, "{longest} us tell nothing");
}

#[test]
fn the_slowest_clock_and_the_laziest_waking_use_up_the_margin_and_no_more() {
    let (span, mut longest) = (SUPERVISION.as_micros(), 0);
    // The other end goes at any point between two pings, and its last word is lost.
    for at in (2 * span..2 * span + span * 3 / 10).step_by(5_000) {
        let mut draw = Stream::derive(0, 0, Purpose::Test, 0);
        let mut history = History::new(&mut draw);
        let at_once = Way { least: 0, most: 0, stalls: 6 * span, late: None, last: 0 };
        history.ways = [at_once, Way { stalls: at, ..at_once }];
        history.clocks[0].ppm = -500;
        history.lazy[0] = SKEW;
        history.queue.retain(|_, (_, input)| *input == LinkInput::Start);
        history.queue.insert((at, 2), (1, LinkInput::Close));
        history.run(&mut draw);
        assert_eq!(history.down[1], Some(at));
        longest = longest.max(history.between());
    }
    assert!((span - 6_000..=span).contains(&longest), "{longest} us");
}

#[test]
fn a_link_without_faults_stays_up() {
    let mut draw = Stream::derive(1, 0, Purpose::Test, 0);
    let mut pair = Pair::up();
    let end = pair.now.plus(Duration::from_secs(86_400));
    let mut wakes = 0;
    while pair.now < end {
        let due = pair.ends.iter().filter_map(|it| it.poll_timeout()).min().unwrap();
        assert_eq!(due.1, LinkTimer::Ping);
        pair.wake(due.0.plus(Duration::from_micros(draw.range(0, SKEW))));
        wakes += 1;
    }
    assert_eq!(pair.told, [vec![], vec![]]);
    assert!(wakes < 100_000, "{wakes}");
}

#[test]
fn octets_that_were_long_under_way_prove_nothing() {
    let mut pair = Pair::up();
    let hold = Margin::new(500, Duration::from_millis(20)).unwrap().hold(SUPERVISION);
    let over = pair.now.plus(hold);
    // The other end says back what it is sent, but it arrives shortly before the first proof ends.
    for _ in 0..3 {
        let due = pair.ends[0].poll_timeout().unwrap();
        assert_eq!(due.1, LinkTimer::Ping);
        pair.now = due.0;
        pair.ends[0].handle_timeout(pair.now);
    }
    let (pings, _) = drain(&mut pair.ends[0]);
    pair.ends[1].handle(pair.now, LinkInput::Octets(pings.concat()));
    let (mut said, _) = drain(&mut pair.ends[1]);
    let echoes = said.split_off(1); // the other end's own ping comes first
    assert_eq!(echoes.len(), 3);
    said.push(echoes[0].clone());
    let late = |over: Instant| Instant::from_micros(over.as_micros() - 1);
    pair.ends[0].handle(late(over), LinkInput::Octets(said.concat()));
    assert_eq!(drain(&mut pair.ends[0]).1, []);
    // It has proven a quarter, not a whole time from when it arrived.
    let over = over.plus(Duration::from_micros(hold.as_micros() / 4));
    assert_eq!(pair.ends[0].over_at(), Some(over));
    pair.ends[0].handle_timeout(late(over));
    assert_eq!(drain(&mut pair.ends[0]).1, []);
    pair.ends[0].handle(over, LinkInput::Octets(echoes[1].clone()));
    assert_eq!(drain(&mut pair.ends[0]).1, [LinkEvent::Down(LinkEnd::Supervision)]);
}

#[test]
fn an_answer_that_comes_after_the_time_brings_nothing_up() {
    let mut pair =
        Pair::new(link(Role::Initiator, 1, &[2], false), link(Role::Responder, 2, &[1], false));
    for end in &mut pair.ends {
        end.handle(pair.now, LinkInput::Start);
    }
    pair.carry(0);
    pair.carry(1);
    let (last, _) = drain(&mut pair.ends[0]);
    let late = pair.now.plus(SUPERVISION);
    pair.ends[1].handle(late, LinkInput::Octets(last.concat()));
    let (_, told) = drain(&mut pair.ends[1]);
    assert_eq!(told, [LinkEvent::Down(LinkEnd::Supervision)]);
}
