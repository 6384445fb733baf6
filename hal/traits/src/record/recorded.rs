//! Middleware that writes a session down.

use super::entry::{CardAct, CardEntry, PortEntry, Text, Went};
use crate::{
    Atr, CardChannel, CardEpoch, CardError, CardErrorKind, CardLink, HalError, InputLines,
    ModemPort, OutputLines, PortError, Reset,
};
use async_trait::async_trait;
use polysim_apdu::ApduSecrets;
use polysim_at::SecretMask;
use polysim_base::Hex;
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};

/// A port or link whose session is written down as lines of JSON, for
/// [`ReplayedPort`](crate::ReplayedPort) and [`ReplayedCard`](crate::ReplayedCard).
///
/// PINs, passwords and session keys are masked. So a driver that is played back sees `***`, or
/// `FF`, where a modem or card told it a key.
///
/// When the writer fails, the session goes on and is written down no further: see
/// [`finish`](Self::finish).
pub struct Recorded<T> {
    inner: T,
    out: Box<dyn Write + Send>,
    failure: Option<io::Error>,
    outgoing: SecretMask,
    incoming: SecretMask,
    secrets: ApduSecrets,
}

impl<T> Recorded<T> {
    fn new(inner: T, out: impl Write + Send + 'static) -> Self {
        Self {
            inner,
            out: Box::new(out),
            failure: None,
            outgoing: SecretMask::default(),
            incoming: SecretMask::default(),
            secrets: ApduSecrets::default(),
        }
    }

    /// Ends the recording and returns what was recorded.
    ///
    /// # Errors
    /// What the writer said first, if it failed.
    pub fn finish(mut self) -> io::Result<T> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.out.flush().map(|()| self.inner),
        }
    }

    fn write(&mut self, entry: &impl Serialize) {
        if self.failure.is_some() {
            return;
        }
        let written = serde_json::to_string(entry)
            .map_err(io::Error::from)
            .and_then(|line| self.out.write_all(format!("{line}\n").as_bytes()));
        self.failure = written.err();
    }
}

impl<T: fmt::Debug> fmt::Debug for Recorded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("inner", &self.inner)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

fn went<T: Clone, K: Copy>(result: &Result<T, HalError<K>>) -> Went<T, K> {
    match result {
        Ok(value) => Ok(value.clone()),
        Err(error) => Err(*error.kind()),
    }
}

impl<P: ModemPort> Recorded<P> {
    /// Records what passes through a port.
    pub fn port(port: P, out: impl Write + Send + 'static) -> Self {
        let mut recorded = Self::new(port, out);
        let name = recorded.inner.name();
        recorded.write(&PortEntry::Port(name));
        recorded
    }
}

#[async_trait]
impl<P: ModemPort> ModemPort for Recorded<P> {
    fn name(&self) -> String {
        self.inner.name()
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        let result = self.inner.read(buffer).await;
        match &result {
            Ok(read) => {
                let mut masked = Vec::new();
                self.incoming.mask(buffer.get(..*read).unwrap_or_default(), &mut masked);
                if !masked.is_empty() {
                    self.write(&PortEntry::Read(Text(masked)));
                }
            }
            Err(error) => self.write(&PortEntry::ReadFailed(*error.kind())),
        }
        result
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        // Before it is done: the driver said it, whatever becomes of it.
        let mut masked = Vec::new();
        self.outgoing.mask(bytes, &mut masked);
        if !masked.is_empty() {
            Self::write(self, &PortEntry::Write(Text(masked)));
        }
        let result = self.inner.write(bytes).await;
        if let Err(error) = &result {
            Self::write(self, &PortEntry::WriteFailed(*error.kind()));
        }
        result
    }

    async fn set_lines(&mut self, lines: OutputLines) -> Result<(), PortError> {
        let result = self.inner.set_lines(lines).await;
        Self::write(self, &PortEntry::SetLines(lines, went(&result)));
        result
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        let result = self.inner.lines().await;
        Self::write(self, &PortEntry::Lines(went(&result)));
        result
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        self.outgoing = SecretMask::default();
        self.incoming = SecretMask::default();
        let result = self.inner.reopen().await;
        Self::write(self, &PortEntry::Reopen(went(&result)));
        result
    }
}

impl<L: CardLink> Recorded<L> {
    /// Records what passes between a link and its card.
    pub fn card(link: L, out: impl Write + Send + 'static) -> Self {
        let mut recorded = Self::new(link, out);
        let (atr, epoch) = (Hex(&recorded.inner.atr()).to_string(), recorded.inner.epoch().0);
        recorded.write(&CardEntry::Card { atr, epoch });
        recorded
    }

    fn did(&mut self, what: CardAct, went: Went<String, CardErrorKind>) {
        let atr = matches!(what, CardAct::Reset(_)).then(|| Hex(&self.inner.atr()).to_string());
        let epoch = self.inner.epoch().0;
        self.write(&CardEntry::Did { what, went, epoch, atr });
    }
}

#[async_trait]
impl<L: CardLink> CardLink for Recorded<L> {
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
        let shown = self.secrets.command(&on_channel(channel, command)).to_string();
        let result = self.inner.transmit(channel, command).await;
        let went = match &result {
            Ok(answer) => Ok(self.secrets.response(answer).to_string()),
            Err(error) => Err(*error.kind()),
        };
        let (number, epoch) = (channel.number, channel.epoch.0);
        self.did(CardAct::Transmit { channel: number, epoch, command: shown }, went);
        result
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        let result = self.inner.open_channel(aid).await;
        let went = match &result {
            Ok((channel, said)) => {
                Ok(Hex(&[&[channel.number], said.as_slice()].concat()).to_string())
            }
            Err(error) => Err(*error.kind()),
        };
        self.did(CardAct::Open { aid: Hex(aid).to_string() }, went);
        result
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        let result = self.inner.close_channel(channel).await;
        let what = CardAct::Close { channel: channel.number, epoch: channel.epoch.0 };
        self.did(what, went(&result).map(|()| String::new()));
        result
    }

    async fn reset(&mut self, kind: Reset) -> Result<CardEpoch, CardError> {
        self.secrets = ApduSecrets::default();
        let result = self.inner.reset(kind).await;
        self.did(CardAct::Reset(kind), went(&result).map(|_| String::new()));
        result
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        let result = self.inner.begin().await;
        self.did(CardAct::Begin, went(&result).map(|()| String::new()));
        result
    }

    async fn end(&mut self) -> Result<(), CardError> {
        let result = self.inner.end().await;
        self.did(CardAct::End, went(&result).map(|()| String::new()));
        result
    }
}

/// Returns a command as the card sees it; as it is, if that cannot be.
pub(super) fn on_channel(channel: CardChannel, command: &[u8]) -> Vec<u8> {
    crate::command_on(channel.number, command, "").unwrap_or_else(|_| command.to_vec())
}
