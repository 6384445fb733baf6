//! A link in a task of its own, over any stream.

use super::frame::{FrameError, encode, read};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

/// Messages that wait to be said on a link; one whose other end takes less is closed.
const SAID_MAX: usize = 256;
/// How long the other end may take for one message.
const TAKES_WITHIN: Duration = Duration::from_secs(10);

/// A stream of octets: a TCP connection, a pipe.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// Why a session has ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkEnd {
    /// The other end has ended it.
    #[error("the other end has ended the connection")]
    Closed,
    /// The other end takes nothing.
    #[error("the other end does not take what is said to it")]
    Clogged,
    /// A newer connection has taken its place.
    #[error("a newer connection has taken the place of this one")]
    Replaced,
    /// The other end says something else.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Which link in the life of a node.
pub(super) type Number = u64;

/// What comes from a link.
#[derive(Debug)]
pub(super) enum Heard<T> {
    Message(T),
    Down(LinkEnd),
}

/// The node's end of a link. Dropping it closes the link, once it has said what waits.
#[derive(Debug)]
pub(super) struct LinkHandle<T> {
    said: mpsc::Sender<T>,
}

impl<T> LinkHandle<T> {
    /// Says something; returns whether there was room.
    pub(super) fn say(&self, message: T) -> bool {
        self.said.try_send(message).is_ok()
    }
}

/// Runs a link over a stream until it is down. What comes goes to `heard`, the end included.
pub(super) fn spawn<I, O>(
    number: Number,
    stream: Box<dyn Stream>,
    heard: mpsc::Sender<(Number, Heard<I>)>,
) -> LinkHandle<O>
where
    I: DeserializeOwned + Send + 'static,
    O: Serialize + Send + Sync + 'static,
{
    let (said, waits) = mpsc::channel(SAID_MAX);
    tokio::spawn(async move {
        let (mut reader, writer) = tokio::io::split(stream);
        let end = tokio::select! {
            end = hear(number, &mut reader, &heard) => end,
            end = say(writer, waits) => end,
        };
        // The node may be gone.
        drop(heard.send((number, Heard::Down(end))).await);
    });
    LinkHandle { said }
}

async fn hear<I: DeserializeOwned>(
    number: Number,
    reader: &mut (impl AsyncRead + Unpin),
    heard: &mpsc::Sender<(Number, Heard<I>)>,
) -> LinkEnd {
    loop {
        match read(reader).await {
            Ok(Some(message)) => {
                if heard.send((number, Heard::Message(message))).await.is_err() {
                    return LinkEnd::Closed;
                }
            }
            Ok(None) => return LinkEnd::Closed,
            Err(error) => return error.into(),
        }
    }
}

async fn say<O: Serialize>(
    mut writer: impl AsyncWrite + Unpin,
    mut waits: mpsc::Receiver<O>,
) -> LinkEnd {
    while let Some(message) = waits.recv().await {
        let frame = match encode(&message) {
            Ok(frame) => frame,
            Err(error) => return error.into(),
        };
        let written = async {
            writer.write_all(&frame).await?;
            writer.flush().await
        };
        match tokio::time::timeout(TAKES_WITHIN, written).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return FrameError::Cut(error.kind()).into(),
            Err(_) => return LinkEnd::Clogged,
        }
    }
    // The other end may be gone.
    writer.shutdown().await.unwrap_or_default();
    LinkEnd::Closed
}
