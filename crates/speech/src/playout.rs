use super::{Codec, Frame, Packet};
use crate::SpeechReport;
use alloc::collections::BTreeMap;
use polysim_base::{Duration, Instant};

#[cfg(test)]
mod tests;

/// The least that a frame waits for its turn.
const DELAY_MIN: Duration = Duration::from_millis(20);
/// What the first frame waits, before anything is known of the link.
const DELAY_START: Duration = Duration::from_millis(60);
/// The most that a frame waits: with more, people speak at the same time (ITU-T G.114).
const DELAY_MAX: Duration = Duration::from_millis(200);
/// How many mean deviations of the transit time a frame waits.
const DEVIATIONS: u64 = 4;
/// How many frames in a row are played in place of missing ones, each weaker than the one before.
const CONCEALED_MAX: u8 = 5;
/// How many frames wait at most, and how far ahead of its turn one may be.
const CAPACITY: usize = 64;
/// What a deviation counts at most, so that one wrong timestamp is forgotten soon.
const DEVIATION_MAX_US: u64 = 1_000_000;
/// How long a sample lasts.
const SAMPLE_US: i64 = 125;
/// For how many of the turns that have passed it is known whether their frames came.
const HISTORY: u64 = 128;
/// Where sequence numbers start to count, so that there is room for older ones.
const ORIGIN: u64 = 1 << 16;

/// A jitter buffer: puts the frames of one direction of a call into order and gives them out at an
/// even pace.
///
/// Frames wait 60 ms at first, then four times the mean deviation of their transit times,
/// within 20 ms and 200 ms. The delay changes only where a frame is missing anyway: it grows by
/// waiting one turn longer for that frame, and shrinks by going on to the next one.
///
/// # Contract
/// [`play`](Self::play) is called at each [`deadline`](Self::deadline). Each frame is played once
/// at most, in the order of sequence numbers. After five turns without a frame the talk spurt is
/// over: there is no deadline until packets come again.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Playout {
    codec: Codec,
    waiting: BTreeMap<u64, Frame>,
    deadline: Option<Instant>,
    /// Whose turn it is; sequence numbers counted over their wraps.
    next: u64,
    /// The first turn of all.
    first: Option<u64>,
    /// The greatest number that came.
    highest: Option<u64>,
    /// Whether the frames of the turns before `next` came: the lowest bit is the last turn.
    came: u128,
    last: Option<Frame>,
    /// How many frames were concealed in a row; the most there may be when nothing plays.
    concealed_run: u8,
    delay: Duration,
    transit: Transit,
    report: SpeechReport,
}

impl Playout {
    /// Returns one that waits for the first packet of that codec; others are ignored.
    #[must_use]
    pub const fn new(codec: Codec) -> Self {
        Self {
            codec,
            waiting: BTreeMap::new(),
            deadline: None,
            next: 0,
            first: None,
            highest: None,
            came: 0,
            last: None,
            concealed_run: CONCEALED_MAX,
            delay: DELAY_START,
            transit: Transit { last: None, jitter_16: 0 },
            report: SpeechReport {
                played: 0,
                lost: 0,
                late: 0,
                doubled: 0,
                concealed: 0,
                jitter: Duration::ZERO,
            },
        }
    }

    /// Takes a packet that has come. One that is not well formed, or of another codec, or more than
    /// 64 turns ahead, is dropped.
    pub fn push(&mut self, now: Instant, packet: Packet) {
        if packet.codec != self.codec {
            return;
        }
        let Some(frame) = packet.frame() else { return };
        let number = self.number(packet.sequence);
        if number < self.next {
            self.transit.came(now, packet.timestamp);
            self.came_late(number);
            self.highest = self.highest.max(Some(number));
        } else if self.waiting.contains_key(&number) {
            count(&mut self.report.doubled, 1);
        } else if self.has_room(number) {
            self.waiting.insert(number, frame);
            self.highest = self.highest.max(Some(number));
            self.begin(now);
            self.transit.came(now, packet.timestamp);
        }
    }

    /// Returns when the next frame is to be played; `None` while nothing is.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Plays the frame whose turn it is, or one in its place. Returns `None` before the deadline,
    /// and when the talk spurt is over.
    pub fn play(&mut self, now: Instant) -> Option<Frame> {
        let due = self.deadline.filter(|due| *due <= now)?;
        self.deadline = Some(due.plus(Frame::DURATION));
        self.skip();
        if let Some(frame) = self.waiting.remove(&self.next) {
            self.pass(true);
            count(&mut self.report.played, 1);
            self.concealed_run = 0;
            self.last = Some(frame.clone());
            return Some(frame);
        }
        if self.concealed_run >= CONCEALED_MAX {
            self.end();
            return None;
        }
        if self.delay.plus(Frame::DURATION) <= self.target() {
            self.delay = self.delay.plus(Frame::DURATION);
        } else {
            self.pass(false);
        }
        Some(self.conceal())
    }

    /// Returns how it went so far. What was to come after the last frame that came is perhaps under way
    /// and not lost, or nothing was said.
    #[must_use]
    pub fn report(&self) -> SpeechReport {
        let lost = self.report.lost.saturating_sub(turns(self.unheard()));
        SpeechReport { lost, jitter: self.transit.jitter(), ..self.report }
    }

    /// How many turns have passed since that of the last frame that came.
    fn unheard(&self) -> u64 {
        let end = self.highest.map_or(self.next, |highest| highest.saturating_add(1));
        self.next.saturating_sub(end)
    }

    /// Returns the number that a sequence number stands for: of all that agree modulo 2^16, the one
    /// nearest to the greatest so far.
    fn number(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else { return ORIGIN + u64::from(sequence) };
        let ahead = sequence.wrapping_sub(low(highest)).cast_signed();
        highest.saturating_add_signed(i64::from(ahead))
    }

    fn came_late(&mut self, number: u64) {
        let turns = self.next - number - 1;
        let bit = if turns < HISTORY { 1_u128 << turns } else { 0 };
        if self.came & bit != 0 {
            count(&mut self.report.doubled, 1);
            return;
        }
        count(&mut self.report.late, 1);
        if bit != 0 && self.first <= Some(number) {
            self.report.lost = self.report.lost.saturating_sub(1);
        }
        self.came |= bit;
    }

    fn has_room(&self, number: u64) -> bool {
        let playing = self.concealed_run < CONCEALED_MAX;
        self.waiting.len() < CAPACITY
            && (!playing || usize::try_from(number - self.next).is_ok_and(|turns| turns < CAPACITY))
    }

    /// Begins a talk spurt unless one is on.
    fn begin(&mut self, now: Instant) {
        if self.deadline.is_none() {
            if self.first.is_some() {
                self.delay = self.target();
            }
            self.transit.last = None;
            self.deadline = Some(now.plus(self.delay));
        }
    }

    /// Ends a talk spurt. What was concealed behind its last frame was silence and not lost.
    fn end(&mut self) {
        self.deadline = None;
        self.last = None;
        let silent = self.unheard();
        self.report.lost = self.report.lost.saturating_sub(turns(silent));
        self.came = self.came.checked_shr(turns(silent)).unwrap_or(0);
        self.next -= silent;
    }

    /// Goes on to the next frame that came: at the beginning of a talk spurt, behind a long gap,
    /// and where that brings a delay down that is longer than it has to be.
    fn skip(&mut self) {
        let Some(there) = self.waiting.keys().next().copied() else { return };
        let gap = there - self.next;
        let too_long = self.delay > self.target().plus(Frame::DURATION);
        if self.concealed_run >= CONCEALED_MAX {
            self.skip_to(there);
        } else if gap > 0 && too_long {
            self.delay = Duration::from_micros(
                self.delay.as_micros().saturating_sub(Frame::DURATION.as_micros()),
            );
            self.pass(false);
        }
    }

    fn skip_to(&mut self, there: u64) {
        let gap = turns(there - self.next);
        if self.first.is_none() {
            self.first = Some(there);
        } else {
            count(&mut self.report.lost, gap);
        }
        self.came = self.came.checked_shl(gap).unwrap_or(0);
        self.next = there;
    }

    fn pass(&mut self, came: bool) {
        if !came {
            count(&mut self.report.lost, 1);
        }
        self.came = self.came << 1 | u128::from(came);
        self.next = self.next.saturating_add(1);
    }

    fn conceal(&mut self) -> Frame {
        count(&mut self.report.concealed, 1);
        self.concealed_run += 1;
        let left = i32::from(CONCEALED_MAX + 1 - self.concealed_run);
        let fade = |sample: i16| {
            let faded = i32::from(sample) * left / i32::from(CONCEALED_MAX + 1);
            i16::try_from(faded).unwrap_or_default()
        };
        let last = self.last.as_ref().map_or([0; Frame::SAMPLES], |last| *last.samples());
        Frame::from(last.map(fade))
    }

    fn target(&self) -> Duration {
        self.transit.jitter().times(DEVIATIONS).clamp(DELAY_MIN, DELAY_MAX)
    }
}

/// How long packets are on their way, up to a constant.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Transit {
    last: Option<(Instant, u32)>,
    /// Sixteen times the jitter, as RFC 3550, A.8 keeps it for integers.
    jitter_16: u64,
}

impl Transit {
    /// RFC 3550, A.8.
    fn came(&mut self, now: Instant, timestamp: u32) {
        if let Some((then, before)) = self.last.replace((now, timestamp)) {
            let arrivals = i64::try_from(now.since(then).as_micros()).unwrap_or(i64::MAX);
            let samples = i64::from(timestamp.wrapping_sub(before).cast_signed());
            let deviation = arrivals.saturating_sub(samples * SAMPLE_US).unsigned_abs();
            let forgotten = (self.jitter_16 + 8) >> 4;
            self.jitter_16 = self.jitter_16 + deviation.min(DEVIATION_MAX_US) - forgotten;
        }
    }

    const fn jitter(&self) -> Duration {
        Duration::from_micros(self.jitter_16 >> 4)
    }
}

const fn count(counter: &mut u32, by: u32) {
    *counter = counter.saturating_add(by);
}

fn turns(turns: u64) -> u32 {
    u32::try_from(turns).unwrap_or(u32::MAX)
}

const fn low(number: u64) -> u16 {
    let [.., high, low] = number.to_be_bytes();
    u16::from_be_bytes([high, low])
}
