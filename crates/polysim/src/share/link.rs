//! A link in a task of its own, over any stream.

use super::NodeFault;
use crate::runner::{Environment, drive};
use polysim_base::{Duration, Instant, Mode, Randomness};
use polysim_hal::Clock;
use polysim_lease::Margin;
use polysim_share::link::{
    Identity, InvalidLink, Link, LinkConfig, LinkEnd, LinkEvent, LinkInput, LinkOutput, Role,
};
use polysim_share::{DeviceName, PeerKey};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

/// Octets that are read at a time.
const PIECE: usize = 4_096;
/// What waits to be said on a link; a link whose other end takes less is closed.
const ORDERS_MAX: usize = 128;
/// Pieces that wait for the stream; likewise.
const PIECES_MAX: usize = 128;
/// How long the last words of a link may take.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(2);

/// A stream of octets: a TCP connection, a serial line, a pipe.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// Who a device is, for others.
#[derive(Clone)]
pub struct Device {
    /// Its key.
    pub identity: Identity,
    /// What it calls itself.
    pub name: DeviceName,
    /// What its links are for: live work takes live keys and randomness only.
    pub mode: Mode,
    /// Where the randomness of each link comes from.
    pub randomness: Arc<dyn Fn() -> Randomness + Send + Sync>,
}

/// Where in the life of a node a link came.
pub(super) type Number = u64;

/// What a link tells, and which it is.
pub(super) type Told = (Number, LinkEvent);

impl Device {
    pub(super) fn link(
        &self,
        role: Role,
        known: Vec<PeerKey>,
        pairing: bool,
        (supervision, margin): (Duration, Margin),
    ) -> Result<Link, InvalidLink> {
        Link::new(LinkConfig {
            role,
            identity: self.identity.clone(),
            name: self.name.clone(),
            known,
            pairing,
            supervision,
            margin,
            randomness: (self.randomness)(),
            mode: self.mode,
        })
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("identity", &self.identity)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The node's end of a link. Dropping it closes the link.
#[derive(Debug)]
pub(super) struct LinkHandle {
    orders: mpsc::Sender<LinkInput>,
    over: Arc<Over>,
}

/// When a session is over unless the other end is heard before, in microseconds: the node may be told later
/// than that.
#[derive(Debug)]
struct Over(AtomicU64);

impl Over {
    fn set(&self, at: Option<Instant>) {
        self.0.store(at.unwrap_or(Instant::MAX).as_micros(), Ordering::Relaxed);
    }

    fn at(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed))
    }
}

impl LinkHandle {
    /// Says something on it; returns whether there was room.
    pub(super) fn tell(&self, input: LinkInput) -> bool {
        self.orders.try_send(input).is_ok()
    }

    /// Returns since when its session has been over, if it has at `now`, whether or not the link has told.
    pub(super) fn over_since(&self, now: Instant) -> Option<Instant> {
        Some(self.over.at()).filter(|at| *at <= now)
    }
}

/// Runs a link over a stream until it is down. What it tells goes to `news`, the end included.
pub(super) fn spawn(
    number: Number,
    stream: Box<dyn Stream>,
    mut link: Link,
    clock: Arc<dyn Clock>,
    news: mpsc::Sender<Told>,
) -> LinkHandle {
    let (orders, asked) = mpsc::channel(ORDERS_MAX);
    let over = Arc::new(Over(AtomicU64::new(u64::MAX)));
    let known = Arc::clone(&over);
    tokio::spawn(async move {
        let (reader, writer) = tokio::io::split(stream);
        let (out, pieces) = mpsc::channel(PIECES_MAX);
        let mut writing = tokio::spawn(write(writer, pieces));
        let (stage, buffer) = (Stage::New, [0; PIECE]);
        let mut around = Around { number, reader, asked, out, news, over: known, stage, buffer };
        let ended = drive(&mut link, &mut around, &*clock).await;
        if ended.is_err() || around.stage != Stage::Over {
            // Whoever hears it may be gone.
            drop(around.news.send((number, LinkEvent::Down(LinkEnd::Closed))).await);
        }
        drop(around);
        if tokio::time::timeout(LAST_WORDS, &mut writing).await.is_err() {
            writing.abort();
        }
    });
    LinkHandle { orders, over }
}

#[derive(Debug, Eq, PartialEq)]
enum Stage {
    New,
    Running,
    /// The stream does not take what is said.
    Clogged,
    Over,
}

struct Around<R> {
    number: Number,
    reader: R,
    asked: mpsc::Receiver<LinkInput>,
    out: mpsc::Sender<Vec<u8>>,
    news: mpsc::Sender<Told>,
    over: Arc<Over>,
    stage: Stage,
    buffer: [u8; PIECE],
}

impl<R: AsyncRead + Send + Unpin> Environment<Link> for Around<R> {
    type Failure = Infallible;

    fn settled(&mut self, link: &Link) -> bool {
        if self.stage == Stage::Over {
            // What it was stands: the node may not know yet.
            return false;
        }
        self.over.set(link.over_at());
        true
    }

    async fn next(&mut self) -> Option<LinkInput> {
        match self.stage {
            Stage::New => {
                self.stage = Stage::Running;
                return Some(LinkInput::Start);
            }
            Stage::Clogged => return Some(LinkInput::Close),
            Stage::Running | Stage::Over => {}
        }
        tokio::select! {
            biased;
            order = self.asked.recv() => Some(order.unwrap_or(LinkInput::Close)),
            () = self.out.closed() => Some(LinkInput::Close),
            read = self.reader.read(&mut self.buffer) => Some(match read {
                Ok(count @ 1..) => {
                    LinkInput::Octets(self.buffer.get(..count).unwrap_or_default().to_vec())
                }
                Ok(0) | Err(_) => LinkInput::Close,
            }),
        }
    }

    async fn perform(&mut self, output: LinkOutput) {
        match output {
            LinkOutput::Octets(octets) => {
                if self.out.try_send(octets).is_err() && self.stage == Stage::Running {
                    self.stage = Stage::Clogged;
                }
            }
            LinkOutput::Tell(event) => {
                if matches!(event, LinkEvent::Down(_)) {
                    self.stage = Stage::Over;
                }
                if self.news.send((self.number, event)).await.is_err()
                    && self.stage == Stage::Running
                {
                    // The node is gone.
                    self.stage = Stage::Clogged;
                }
            }
        }
    }

    async fn record(&mut self, _: Vec<Infallible>) -> Result<(), Infallible> {
        Ok(())
    }
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut pieces: mpsc::Receiver<Vec<u8>>) {
    while let Some(piece) = pieces.recv().await {
        if writer.write_all(&piece).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
    // The other end may be gone.
    writer.shutdown().await.unwrap_or_default();
}

/// Waits for the task of a node.
pub(super) async fn ended(
    task: tokio::task::JoinHandle<Result<(), NodeFault>>,
) -> Result<(), NodeFault> {
    task.await.unwrap_or_else(|died| Err(NodeFault::Died(died.to_string())))
}
