//! One of the two: a device, its modem, its sound, its way to the server.

use super::super::carrier::CarrierText;
use super::super::screen::Who;
use super::super::settings;
use super::super::sound::{Level, Sound};
use anyhow::Result;
use async_trait::async_trait;
use polysim::courier::{
    CarrierReport, DeviceCarrier, DeviceDesk, DeviceNews, DeviceNode, DeviceSetup, ServerDesk,
    stay_connected,
};
use polysim::journal::MemoryJournal;
use polysim_base::{Duration, Msisdn};
use polysim_courier::client::{CallId, ClientCommand, ClientEvent, Outcome};
use polysim_hal::TokioClock;
use polysim_hal_http::system_randomness;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::io::duplex;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

/// Octets that a stream in memory holds.
const ROOM: usize = 1 << 16;
/// Contacts are asked for often, so that nobody has to wait.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Person {
    pub(super) who: Who,
    pub(super) number: Msisdn,
    pub(super) desk: DeviceDesk,
    pub(super) call: Option<CallId>,
    news: DeviceNews,
    sound: Sound,
    online: Option<JoinHandle<()>>,
}

/// What becomes known of one of the two.
pub(super) enum Happened {
    Event(ClientEvent),
    Level(Level),
    Ended,
}

/// A modem for which only codes come.
struct Phone {
    texts: mpsc::Receiver<CarrierText>,
    reports: VecDeque<CarrierReport>,
}

impl Person {
    pub(super) async fn new(
        who: Who,
        number: &str,
        has_tone: bool,
    ) -> Result<(Self, mpsc::Sender<CarrierText>)> {
        let (send, texts) = mpsc::channel(16);
        let seed = Zeroizing::new(system_randomness().bytes::<32>());
        let setup = DeviceSetup {
            config: settings::device(number, seed, REFRESH_EVERY)?,
            card: None,
            carrier: Box::new(Phone { texts, reports: VecDeque::new() }),
        };
        let clock = Arc::new(TokioClock::unix());
        let (desk, news, audio) =
            DeviceNode::start(setup, Box::new(MemoryJournal::new()), clock).await?;
        let sound = Sound::new(audio, has_tone);
        let number = number.parse()?;
        Ok((Self { who, number, desk, call: None, news, sound, online: None }, send))
    }

    /// Connects, and stays so.
    pub(super) fn go_online(&mut self, server: &ServerDesk) {
        let (desk, server) = (self.desk.clone(), server.clone());
        self.online = Some(tokio::spawn(async move {
            let dial = || async {
                let (near, far) = duplex(ROOM);
                server.connect(far).await.ok().map(|()| near)
            };
            stay_connected(&desk, &TokioClock::unix(), dial, drop).await;
        }));
    }

    pub(super) async fn go_offline(&mut self) -> Result<()> {
        if let Some(online) = self.online.take() {
            online.abort();
        }
        Ok(self.desk.disconnect().await?)
    }

    /// Waits for what happens. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Happened {
        tokio::select! {
            biased;
            event = self.news.next() => event.map_or(Happened::Ended, Happened::Event),
            level = self.sound.next() => Happened::Level(level),
        }
    }

    /// Does at once what a user would do who looks at it.
    pub(super) async fn event(&mut self, event: &ClientEvent) -> Result<()> {
        if let ClientEvent::Call { call, event } = event {
            self.call = Some(*call);
            self.sound.call(*call, event);
        }
        if let ClientEvent::CodeCame(code) = event {
            self.desk.command(ClientCommand::Confirm(*code)).await?;
        }
        Ok(())
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        if let Some(online) = &self.online {
            online.abort();
        }
    }
}

#[async_trait]
impl DeviceCarrier for Phone {
    fn text(&mut self, number: u64, _: Msisdn, _: String) {
        self.reports.push_back(CarrierReport::Texted { number, outcome: Outcome::Failed });
    }

    fn dial(&mut self, _: CallId, _: Msisdn) {}

    async fn next(&mut self) -> CarrierReport {
        if let Some(report) = self.reports.pop_front() {
            return report;
        }
        match self.texts.recv().await {
            Some(text) => CarrierReport::Text(text.text),
            None => std::future::pending().await,
        }
    }
}
