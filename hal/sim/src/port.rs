//! A port of a simulated modem as the HAL has it.

use crate::Line;
use async_trait::async_trait;
use polysim_hal::{InputLines, ModemPort, OutputLines, PortError, PortErrorKind};

/// An AT port of a lent modem. It is gone while the modem is switched off.
#[derive(Debug)]
pub struct SimulatedPort {
    line: Line,
    /// Gone until it is opened again, whatever the modem does meanwhile.
    gone: bool,
}

impl SimulatedPort {
    pub(crate) const fn new(line: Line) -> Self {
        Self { line, gone: false }
    }

    fn error(&self, kind: PortErrorKind) -> PortError {
        PortError::new(kind, self.name())
    }

    fn check(&self) -> Result<(), PortError> {
        if self.gone { Err(self.error(PortErrorKind::Gone)) } else { Ok(()) }
    }
}

#[async_trait]
impl ModemPort for SimulatedPort {
    fn name(&self) -> String {
        let (phone, port) = self.line.place();
        format!("simulated modem {phone}, port {port}")
    }

    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, PortError> {
        self.check()?;
        if buffer.is_empty() {
            return Ok(0);
        }
        let Some(bytes) = self.line.receive(buffer.len()).await else {
            self.gone = true;
            return Err(self.error(PortErrorKind::Gone));
        };
        buffer.iter_mut().zip(&bytes).for_each(|(to, from)| *to = *from);
        Ok(bytes.len())
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.check()?;
        if self.line.is_off() {
            self.gone = true;
            return Err(self.error(PortErrorKind::Gone));
        }
        self.line.send(bytes);
        Ok(())
    }

    async fn set_lines(&mut self, _lines: OutputLines) -> Result<(), PortError> {
        self.check()?;
        Err(self.error(PortErrorKind::Unsupported))
    }

    async fn lines(&mut self) -> Result<InputLines, PortError> {
        self.check()?;
        Err(self.error(PortErrorKind::Unsupported))
    }

    async fn reopen(&mut self) -> Result<(), PortError> {
        self.gone = true;
        self.line.close();
        if self.line.is_off() {
            return Err(self.error(PortErrorKind::NotFound));
        }
        self.line.open();
        self.gone = false;
        Ok(())
    }
}
