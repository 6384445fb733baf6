//! The carrier. A simulated one is a folder with a socket for each number that is there: a datagram is a
//! text. Codes may go by a modem.

use super::args::ServeArgs;
use crate::command::modem::ready;
use anyhow::{Context as _, Result};
use async_trait::async_trait;
use polysim::Modem;
use polysim::courier::{CarrierReport, CodeCarrier, DeviceCarrier};
use polysim_base::Msisdn;
use polysim_courier::client::{CallId, Outcome};
use polysim_courier::server::Proof;
use polysim_modem::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::os::unix::net::UnixDatagram as Sender;
use std::path::{Path, PathBuf};
use tokio::net::UnixDatagram;
use tokio::sync::mpsc;

/// Octets of a text of the carrier, with what is around it.
const TEXT_LEN_MAX: usize = 1 << 14;
/// Whom codes come from.
const SERVICE: &str = "polysim";

/// A text on its way. It may have a code: it is not to be logged.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CarrierText {
    pub(super) from: String,
    pub(super) text: String,
}

/// What the modem shows to its user.
pub(super) enum Shown {
    /// A text has come by the carrier.
    Text(CarrierText),
    /// It calls by the carrier.
    Dial(Msisdn),
}

fn socket(folder: &Path, number: &Msisdn) -> PathBuf {
    folder.join(format!("{number}.texts"))
}

/// Sends a text; tells whether somebody is there to take it.
fn send(folder: &Path, to: &Msisdn, text: &CarrierText) -> bool {
    let sent = || -> Result<()> {
        let octets = serde_json::to_vec(text)?;
        let sender = Sender::unbound()?;
        sender.set_nonblocking(true)?;
        sender.send_to(&octets, socket(folder, to))?;
        Ok(())
    };
    sent().is_ok()
}

/// The way of codes.
pub(super) enum Codes {
    /// A modem sends them, and nobody else sees them.
    Modem(Modem),
    /// To whoever waits for them in the folder, else to whoever reads what the server prints.
    Here { folder: Option<PathBuf>, printed: mpsc::Sender<(Msisdn, Proof)> },
}

impl Codes {
    /// Returns the way of codes, and those that are to be printed.
    pub(super) async fn new(args: &ServeArgs) -> Result<(Self, mpsc::Receiver<(Msisdn, Proof)>)> {
        let (printed, texts) = mpsc::channel(16);
        let way = match &args.modem {
            Some(port) => Self::Modem(ready(port).await?),
            None => Self::Here { folder: args.carrier.clone(), printed },
        };
        Ok((way, texts))
    }
}

#[async_trait]
impl CodeCarrier for Codes {
    async fn text(&mut self, to: Msisdn, body: Proof) -> bool {
        match self {
            Self::Modem(modem) => {
                let sent = modem.send_text(&to.to_string(), &body.0).await;
                // One that was perhaps sent is not sent again: its recipient may ask for another one.
                sent.is_ok_and(|sent| sent.verdict() != Verdict::Failed)
            }
            Self::Here { folder, printed } => {
                let text = CarrierText { from: SERVICE.to_owned(), text: body.0.clone() };
                if folder.as_ref().is_some_and(|folder| send(folder, &to, &text)) {
                    return true;
                }
                printed.send((to, body)).await.is_ok()
            }
        }
    }
}

/// The modem of a device.
pub(super) struct Phone {
    air: Option<Air>,
    reports: VecDeque<CarrierReport>,
    shown: mpsc::Sender<Shown>,
}

struct Air {
    folder: PathBuf,
    number: Msisdn,
    socket: UnixDatagram,
}

impl Phone {
    /// Returns the modem, and what it shows. Without a folder there is no carrier.
    pub(super) fn new(
        folder: Option<&Path>,
        number: Option<Msisdn>,
    ) -> Result<(Self, mpsc::Receiver<Shown>)> {
        let (shown, shows) = mpsc::channel(64);
        let at = folder.zip(number);
        let air = at.map(|(folder, number)| Air::new(folder, number)).transpose()?;
        Ok((Self { air, reports: VecDeque::new(), shown }, shows))
    }
}

impl Air {
    fn new(folder: &Path, number: Msisdn) -> Result<Self> {
        crate::command::private::make_folder(folder)?;
        let path = socket(folder, &number);
        if path.exists() {
            // Of a process that was killed, or of another device with this number: the newer one has it.
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
        let socket = UnixDatagram::bind(&path).with_context(|| {
            format!("cannot make the socket {}: its path may be too long", path.display())
        })?;
        Ok(Self { folder: folder.to_owned(), number, socket })
    }

    async fn receive(&self) -> CarrierText {
        let mut octets = vec![0; TEXT_LEN_MAX];
        loop {
            if let Ok(count) = self.socket.recv(&mut octets).await
                && let Ok(text) = serde_json::from_slice(octets.get(..count).unwrap_or_default())
            {
                return text;
            }
            // What is no text is passed over; other tasks go on.
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Air {
    fn drop(&mut self) {
        // It may be gone already.
        std::fs::remove_file(socket(&self.folder, &self.number)).unwrap_or_default();
    }
}

#[async_trait]
impl DeviceCarrier for Phone {
    fn text(&mut self, number: u64, to: Msisdn, text: String) {
        let sent = self.air.as_ref().is_some_and(|air| {
            send(&air.folder, &to, &CarrierText { from: air.number.to_string(), text })
        });
        let outcome = if sent { Outcome::Sent } else { Outcome::Failed };
        self.reports.push_back(CarrierReport::Texted { number, outcome });
    }

    fn dial(&mut self, _: CallId, to: Msisdn) {
        // Nobody may look.
        drop(self.shown.try_send(Shown::Dial(to)));
    }

    async fn next(&mut self) -> CarrierReport {
        if let Some(report) = self.reports.pop_front() {
            return report;
        }
        let Some(air) = &self.air else { return std::future::pending().await };
        let text = air.receive().await;
        drop(self.shown.try_send(Shown::Text(text.clone())));
        CarrierReport::Text(text.text)
    }
}
