//! Two ports that are each other's far side.

use crate::port::WRITE_PATIENCE;
use crate::{InputLines, ModemPort, OutputLines, PortError, PortErrorKind};
use async_trait::async_trait;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How many bytes wait between the ports at most, each way.
pub const MEMORY_PORT_ROOM: usize = 64 * 1024;

/// One end of a line in memory: made by [`memory_port`].
///
/// Bytes are bounded by [`MEMORY_PORT_ROOM`] each way. Control lines are crossed: this end's DTR
/// is the other's DSR and DCD, RTS is CTS.
///
/// [`close`](Self::close), or dropping an end, unplugs it: the other end reads what is on its way,
/// and then is gone until this one has been reopened, and itself after it.
#[derive(Debug)]
pub struct MemoryPort {
    line: Arc<Mutex<Line>>,
    end: usize,
    /// The connection that this end takes part in; an older one than the line's is over.
    session: u64,
}

/// Returns the two ends of a line.
#[must_use]
pub fn memory_port() -> (MemoryPort, MemoryPort) {
    let line = Arc::new(Mutex::new(Line::default()));
    let end = |end| MemoryPort { line: Arc::clone(&line), end, session: 0 };
    (end(0), end(1))
}

#[derive(Debug, Default)]
struct Line {
    session: u64,
    ends: [End; 2],
}

#[derive(Debug, Default)]
struct End {
    unplugged: bool,
    outputs: Option<OutputLines>,
    /// What the other end has sent here.
    incoming: VecDeque<u8>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Line {
    /// Ends what the ends were doing.
    fn start_session(&mut self) {
        self.session += 1;
        for end in &mut self.ends {
            end.incoming.clear();
        }
        self.wake_all();
    }

    fn wake_all(&mut self) {
        for end in &mut self.ends {
            let wakers = [end.reader.take(), end.writer.take()];
            wakers.into_iter().flatten().for_each(Waker::wake);
        }
    }
}

impl MemoryPort {
    /// Unplugs this end.
    pub fn close(&mut self) {
        let mut line = self.line();
        line.ends[self.end].unplugged = true;
        line.ends[self.end].incoming.clear();
        line.wake_all();
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    const fn other(&self) -> usize {
        1 - self.end
    }

    fn error(&self, kind: PortErrorKind) -> PortError {
        PortError::new(kind, self.name())
    }

    fn is_over(&self, line: &Line) -> bool {
        self.session != line.session || line.ends.iter().any(|end| end.unplugged)
    }

    fn poll_read(&self, cx: &Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize, PortError>> {
        let mut line = self.line();
        let is_current = self.session == line.session && !line.ends[self.end].unplugged;
        let end = &mut line.ends[self.end];
        if is_current && !end.incoming.is_empty() {
            let (first, second) = end.incoming.as_slices();
            let from_first = first.len().min(buffer.len());
            buffer[..from_first].copy_from_slice(&first[..from_first]);
            let from_second = second.len().min(buffer.len() - from_first);
            buffer[from_first..][..from_second].copy_from_slice(&second[..from_second]);
            let read = from_first + from_second;
            end.incoming.drain(..read);
            let writer = end.writer.take();
            drop(line);
            writer.into_iter().for_each(Waker::wake);
            return Poll::Ready(Ok(read));
        }
        if self.is_over(&line) {
            return Poll::Ready(Err(self.error(PortErrorKind::Gone)));
        }
        keep(&mut line.ends[self.end].reader, cx);
        Poll::Pending
    }

    /// Takes the front of `bytes` as far as there is room.
    fn poll_write(&self, cx: &Context<'_>, bytes: &mut &[u8]) -> Poll<Result<(), PortError>> {
        let mut line = self.line();
        if self.is_over(&line) {
            return Poll::Ready(Err(self.error(PortErrorKind::Gone)));
        }
        let end = &mut line.ends[self.other()];
        let room = MEMORY_PORT_ROOM - end.incoming.len();
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        if now.is_empty() && !later.is_empty() {
            keep(&mut end.writer, cx);
            return Poll::Pending;
        }
        end.incoming.extend(now);
        *bytes = later;
        let reader = end.reader.take();
        drop(line);
        reader.into_iter().for_each(Waker::wake);
        Poll::Ready(Ok(()))
    }
}

/// Remembers whom to wake.
fn keep(place: &mut Option<Waker>, cx: &Context<'_>) {
    match place {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *place = Some(cx.waker().clone()),
    }
}

impl Drop for MemoryPort {
    fn drop(&mut self) {
        self.close();
    }
}

#[async_trait]
impl ModemPort for MemoryPort {
    fn name(&self) -> String {
        ["memory: near", "memory: far"][self.end].to_owned()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        if buffer.is_empty() {
            return Ok(0);
        }
        poll_fn(|cx| self.poll_read(cx, buffer)).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            // Nearly always there is room, and no timer is needed.
            let mut first = std::pin::pin!(poll_fn(|cx| self.poll_write(cx, &mut rest)));
            match poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx))).await {
                Poll::Ready(done) => done?,
                Poll::Pending => {
                    let patience = Duration::from_micros(WRITE_PATIENCE.as_micros());
                    match tokio::time::timeout(patience, first).await {
                        Ok(done) => done?,
                        Err(_) => return Err(self.error(PortErrorKind::Stalled)),
                    }
                }
            }
        }
        Ok(())
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        let mut line = self.line();
        if self.is_over(&line) {
            return Err(self.error(PortErrorKind::Gone));
        }
        line.ends[self.end].outputs = Some(lines);
        Ok(())
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        let line = self.line();
        if self.is_over(&line) {
            return Err(self.error(PortErrorKind::Gone));
        }
        let on = OutputLines { dtr: true, rts: true };
        let OutputLines { dtr, rts } = line.ends[self.other()].outputs.unwrap_or(on);
        Ok(InputLines { cts: rts, dsr: dtr, dcd: dtr, ri: false })
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        let other = self.other();
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let was_unplugged = std::mem::take(&mut line.ends[self.end].unplugged);
        if line.ends[other].unplugged && !was_unplugged {
            drop(line);
            return Err(self.error(PortErrorKind::NotFound));
        }
        if was_unplugged || self.session == line.session {
            line.start_session();
        }
        self.session = line.session;
        Ok(())
    }
}
