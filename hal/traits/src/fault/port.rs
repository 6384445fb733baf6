//! Faults of a port.

use super::Faulty;
use crate::trace::Direction;
use crate::{Clock, InputLines, ModemPort, OutputLines, PortError, PortErrorKind};
use async_trait::async_trait;
use polysim_base::{Duration, Instant, Stream};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// The most bytes that a line of a storm has.
pub const FAULT_LEN_MAX: usize = 1 << 16;

/// Something that goes wrong with the bytes of a port.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortFault {
    /// So many random bytes come in between.
    Garbage(u16),
    /// One bit of the next byte changes.
    BitFlip,
    /// What is left of the line is lost, its end included.
    Truncation,
    /// All bytes are lost, for so long.
    Silence {
        /// In microseconds.
        for_us: u64,
    },
    /// All bytes are lost, until the port is reopened.
    Mute,
    /// A line comes so many times.
    Storm {
        /// The line as it comes, its ends included; [`FAULT_LEN_MAX`] bytes at most are taken.
        line: String,
        /// How many times.
        count: u32,
    },
    /// The port is gone until it is reopened.
    Gone,
}

/// When something goes wrong.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PlannedPortFault {
    /// In which direction.
    pub direction: Direction,
    /// After how many bytes that way.
    pub after: u64,
    /// What.
    pub fault: PortFault,
}

/// The plan for a port, and how far it has come.
pub struct PortFaults {
    clock: Arc<dyn Clock>,
    outgoing: Way,
    incoming: Way,
    /// What is to be read: it has come, or was made up.
    ready: VecDeque<Piece>,
    is_gone: bool,
}

impl PortFaults {
    /// Returns a plan that begins. Random bytes and bits come from `stream`; how bytes are cut
    /// into pieces changes nothing.
    #[must_use]
    pub fn new(plan: Vec<PlannedPortFault>, stream: &Stream, clock: impl Clock + 'static) -> Self {
        let way = |direction, entity| {
            let mut plan: Vec<_> =
                plan.iter().filter(|planned| planned.direction == direction).cloned().collect();
            plan.sort_by_key(|planned| planned.after);
            Way { plan: plan.into(), stream: stream.fork(entity), ..Way::default() }
        };
        Self {
            outgoing: way(Direction::Out, 0),
            incoming: way(Direction::In, 1),
            clock: Arc::new(clock),
            ready: VecDeque::new(),
            is_gone: false,
        }
    }
}

impl fmt::Debug for PortFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortFaults")
            .field("outgoing", &self.outgoing)
            .field("incoming", &self.incoming)
            .finish_non_exhaustive()
    }
}

/// One direction.
#[derive(Debug)]
struct Way {
    plan: VecDeque<PlannedPortFault>,
    stream: Stream,
    passed: u64,
    loss: Loss,
    flips: u32,
}

impl Default for Way {
    fn default() -> Self {
        let stream = Stream::derive(0, 0, polysim_base::Purpose::Fault, 0);
        Self { plan: VecDeque::new(), stream, passed: 0, loss: Loss::None, flips: 0 }
    }
}

/// What is being lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Loss {
    None,
    Line,
    Until(Instant),
    All,
}

/// What comes out of a direction.
#[derive(Debug, Eq, PartialEq)]
enum Piece {
    Bytes(VecDeque<u8>),
    Storm { line: Vec<u8>, left: u32 },
    Gone,
}

impl Way {
    /// Lets bytes pass; what comes out is appended. After [`Piece::Gone`] the rest is lost.
    fn pass(&mut self, now: Instant, mut bytes: &[u8], out: &mut VecDeque<Piece>) {
        loop {
            while let Some(planned) = self.plan.pop_front_if(|due| due.after <= self.passed) {
                let is_end = planned.fault == PortFault::Gone;
                self.begin(now, planned.fault, out);
                if is_end {
                    self.passed = self.passed.saturating_add(bytes.len() as u64);
                    return;
                }
            }
            if bytes.is_empty() {
                return;
            }
            let left = self.plan.front().map_or(u64::MAX, |next| next.after - self.passed);
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            let (piece, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
            self.passed = self.passed.saturating_add(piece.len() as u64);
            for byte in piece {
                if let Some(byte) = self.change(now, *byte) {
                    push(byte, out);
                }
            }
            bytes = rest;
        }
    }

    fn begin(&mut self, now: Instant, fault: PortFault, out: &mut VecDeque<Piece>) {
        match fault {
            PortFault::Garbage(len) => {
                let mut garbage = vec![0; usize::from(len)];
                self.stream.fill(&mut garbage);
                garbage.into_iter().for_each(|byte| push(byte, out));
            }
            PortFault::BitFlip => self.flips = self.flips.saturating_add(1),
            PortFault::Truncation => {
                if self.loss == Loss::None {
                    self.loss = Loss::Line;
                }
            }
            PortFault::Silence { for_us } => {
                if self.loss != Loss::All {
                    self.loss = Loss::Until(now.plus(Duration::from_micros(for_us)));
                }
            }
            PortFault::Mute => self.loss = Loss::All,
            PortFault::Storm { line, count } => {
                let mut line = line.into_bytes();
                line.truncate(FAULT_LEN_MAX);
                if !line.is_empty() {
                    out.push_back(Piece::Storm { line, left: count });
                }
            }
            PortFault::Gone => out.push_back(Piece::Gone),
        }
    }

    /// Returns what becomes of a byte.
    fn change(&mut self, now: Instant, byte: u8) -> Option<u8> {
        match self.loss {
            Loss::None => {}
            Loss::Line => {
                if matches!(byte, b'\r' | b'\n') {
                    self.loss = Loss::None;
                }
                return None;
            }
            Loss::Until(end) if now < end => return None,
            Loss::Until(_) => self.loss = Loss::None,
            Loss::All => return None,
        }
        if self.flips == 0 {
            return Some(byte);
        }
        self.flips -= 1;
        Some(byte ^ (1 << self.stream.below(8)))
    }
}

fn push(byte: u8, out: &mut VecDeque<Piece>) {
    match out.back_mut() {
        Some(Piece::Bytes(bytes)) => bytes.push_back(byte),
        Some(Piece::Storm { .. } | Piece::Gone) | None => {
            out.push_back(Piece::Bytes(VecDeque::from([byte])));
        }
    }
}

impl<P: ModemPort> Faulty<P, PortFaults> {
    fn open(&self) -> Result<(), PortError> {
        if self.faults.is_gone { Err(self.gone()) } else { Ok(()) }
    }

    fn gone(&self) -> PortError {
        PortError::new(PortErrorKind::Gone, self.inner.name())
    }

    /// Reads what is ready; `None` if nothing is.
    fn take(&mut self, buffer: &mut [u8]) -> Option<Result<usize, PortError>> {
        loop {
            match self.faults.ready.front_mut()? {
                Piece::Bytes(bytes) if !bytes.is_empty() => {
                    let read = bytes.len().min(buffer.len());
                    buffer.iter_mut().zip(bytes.drain(..read)).for_each(|(to, from)| *to = from);
                    return Some(Ok(read));
                }
                Piece::Storm { line, left: 1.. } => {
                    let line = VecDeque::from(line.clone());
                    if let Some(Piece::Storm { left, .. }) = self.faults.ready.front_mut() {
                        *left -= 1;
                    }
                    self.faults.ready.push_front(Piece::Bytes(line));
                }
                Piece::Gone => {
                    self.faults.ready.clear();
                    self.faults.is_gone = true;
                    return Some(Err(self.gone()));
                }
                Piece::Bytes(_) | Piece::Storm { .. } => {
                    self.faults.ready.pop_front();
                }
            }
        }
    }
}

#[async_trait]
impl<P: ModemPort> ModemPort for Faulty<P, PortFaults> {
    fn name(&self) -> String {
        self.inner.name()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.open()?;
        loop {
            let faults = &mut self.faults;
            faults.incoming.pass(faults.clock.now(), &[], &mut faults.ready);
            if let Some(result) = self.take(buffer) {
                return result;
            }
            let read = self.inner.read(buffer).await?;
            let came = buffer.get(..read).unwrap_or_default();
            let faults = &mut self.faults;
            faults.incoming.pass(faults.clock.now(), came, &mut faults.ready);
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.open()?;
        let mut out = VecDeque::new();
        self.faults.outgoing.pass(self.faults.clock.now(), bytes, &mut out);
        for piece in &mut out {
            match piece {
                Piece::Bytes(bytes) => self.inner.write(bytes.make_contiguous()).await?,
                Piece::Storm { line, left } => {
                    for _ in 0..*left {
                        self.inner.write(line).await?;
                    }
                }
                Piece::Gone => {
                    self.faults.is_gone = true;
                    return Err(self.gone());
                }
            }
        }
        Ok(())
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        self.open()?;
        self.inner.set_lines(lines).await
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        self.open()?;
        self.inner.lines().await
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        self.inner.reopen().await?;
        let faults = &mut self.faults;
        faults.is_gone = false;
        faults.ready.clear();
        faults.outgoing.loss = Loss::None;
        faults.incoming.loss = Loss::None;
        Ok(())
    }
}
