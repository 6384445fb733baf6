//! The wrapper.

use super::{Direction, TraceEvent, Tracer};
use crate::{
    Atr, CardChannel, CardEpoch, CardError, CardLink, CardReader, HalError, InputLines, ModemPort,
    OutputLines, PortError, ReaderEvent, ReaderStatus, Reset, command_on,
};
use async_trait::async_trait;
use polysim_apdu::ApduSecrets;
use polysim_at::SecretMask;
use polysim_base::Hex;
use std::fmt::Display;

/// A port, link or reader that writes down what passes, without secrets (PINs, passwords, session
/// keys).
///
/// Bytes are written when they have passed: a read or write that fails or is dropped leaves a
/// note at most. Links of a traced reader are traced, too, under the reader's name.
#[derive(Debug)]
pub struct Traced<T> {
    inner: T,
    name: String,
    tracer: Tracer,
    outgoing: SecretMask,
    incoming: SecretMask,
    secrets: ApduSecrets,
}

impl<T> Traced<T> {
    /// Traces `inner`, under a name.
    pub fn new(inner: T, name: impl Into<String>, tracer: Tracer) -> Self {
        Self {
            inner,
            name: name.into(),
            tracer,
            outgoing: SecretMask::default(),
            incoming: SecretMask::default(),
            secrets: ApduSecrets::default(),
        }
    }

    fn bytes(&self, direction: Direction, masked: &[u8]) {
        if !masked.is_empty() {
            self.tracer.write(&self.name, &TraceEvent::Bytes { direction, bytes: masked });
        }
    }

    fn note(&self, words: &str) {
        self.tracer.write(&self.name, &TraceEvent::Note(words));
    }

    /// Notes how something went, and returns it.
    fn told<V, K: Display>(
        &self,
        what: &str,
        result: Result<V, HalError<K>>,
    ) -> Result<V, HalError<K>> {
        match &result {
            Ok(_) => self.note(what),
            Err(error) => self.note(&format!("{what}: {error}")),
        }
        result
    }

    /// Notes an error, and returns it.
    fn failed<K: Display>(&self, what: &str, error: HalError<K>) -> HalError<K> {
        self.note(&format!("{what}: {error}"));
        error
    }
}

#[async_trait]
impl<P: ModemPort> ModemPort for Traced<P> {
    fn name(&self) -> String {
        self.inner.name()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        match self.inner.read(buffer).await {
            Ok(read) => {
                let mut masked = Vec::new();
                self.incoming.mask(buffer.get(..read).unwrap_or_default(), &mut masked);
                self.bytes(Direction::In, &masked);
                Ok(read)
            }
            Err(error) => Err(self.failed("read", error)),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        // Before the write, so that the mask knows of a line even if the future is dropped.
        let mut masked = Vec::with_capacity(bytes.len());
        self.outgoing.mask(bytes, &mut masked);
        match self.inner.write(bytes).await {
            Ok(()) => {
                self.bytes(Direction::Out, &masked);
                Ok(())
            }
            Err(error) => Err(self.failed("write", error)),
        }
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        let result = self.inner.set_lines(lines).await;
        self.told(&format!("set DTR {} RTS {}", lines.dtr, lines.rts), result)
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        match self.inner.lines().await {
            Ok(lines) => Ok(lines),
            Err(error) => Err(self.failed("lines", error)),
        }
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        self.outgoing = SecretMask::default();
        self.incoming = SecretMask::default();
        let result = self.inner.reopen().await;
        self.told("reopen", result)
    }
}

#[async_trait]
impl<L: CardLink> CardLink for Traced<L> {
    fn atr(&self) -> Atr {
        self.inner.atr()
    }

    fn epoch(&self) -> CardEpoch {
        self.inner.epoch()
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        // Shown as the card sees it.
        let sent = command_on(channel.number, command, "");
        let shown = self.secrets.command(sent.as_deref().unwrap_or(command));
        match self.inner.transmit(channel, command).await {
            Ok(answer) => {
                let response = &self.secrets.response(&answer);
                self.tracer.write(&self.name, &TraceEvent::Exchange { command: &shown, response });
                Ok(answer)
            }
            Err(error) => Err(self.failed(&shown.to_string(), error)),
        }
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        let result = self.inner.open_channel(aid).await;
        let aid = Hex(aid);
        match &result {
            Ok((channel, said)) => {
                self.note(&format!("channel {} to {aid}: {}", channel.number, Hex(said)));
            }
            Err(error) => self.note(&format!("channel to {aid}: {error}")),
        }
        result
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        let result = self.inner.close_channel(channel).await;
        self.told(&format!("close channel {}", channel.number), result)
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        self.secrets = ApduSecrets::default();
        let result = self.inner.reset(kind).await;
        let what = match kind {
            Reset::Cold => "cold reset",
            Reset::Warm => "warm reset",
        };
        self.told(what, result)
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        let result = self.inner.begin().await;
        self.told("begin", result)
    }

    async fn end(&mut self) -> Result<(), CardError> {
        let result = self.inner.end().await;
        self.told("end", result)
    }
}

#[async_trait]
impl<R: CardReader> CardReader for Traced<R> {
    async fn list(&mut self) -> Result<Vec<ReaderStatus>, CardError> {
        match self.inner.list().await {
            Ok(list) => Ok(list),
            Err(error) => Err(self.failed("list", error)),
        }
    }

    async fn changed(&mut self) -> Result<ReaderEvent, CardError> {
        let event = match self.inner.changed().await {
            Ok(event) => event,
            Err(error) => return Err(self.failed("changed", error)),
        };
        self.note(&match &event {
            ReaderEvent::ReaderAdded(reader) => format!("reader {reader} added"),
            ReaderEvent::ReaderRemoved(reader) => format!("reader {reader} removed"),
            ReaderEvent::CardInserted { reader, atr } => {
                format!("card in {reader}, answer to reset {}", Hex(atr))
            }
            ReaderEvent::CardRemoved { reader } => format!("no card in {reader}"),
        });
        Ok(event)
    }

    async fn connect(&mut self, reader: &str) -> Result<Box<dyn CardLink>, CardError> {
        let result = self.inner.connect(reader).await;
        let link = self.told(&format!("connect to {reader}"), result)?;
        Ok(Box::new(Traced::new(link, reader, self.tracer.clone())))
    }
}
