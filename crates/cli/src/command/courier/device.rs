//! `polysim courier device`

mod words;

use super::args::{DeviceArgs, Microphone};
use super::carrier::{Phone, Shown};
use super::folder::{Folder, Role};
use super::screen::{Screen, Who};
use super::serve::own_machine;
use super::settings::{self, REFRESH_EVERY};
use super::sound::Sound;
use super::tell::{Told, printable};
use crate::command::console::{Console, Typed};
use crate::command::hardware::Report;
use crate::exit::Exit;
use anyhow::Result;
use polysim::courier::{DeviceDesk, DeviceNews, DeviceNode, DeviceSetup, LinkEnd, stay_connected};
use polysim_base::Msisdn;
use polysim_courier::client::{CallEvent, CallId, ClientCommand, ClientEvent, Offer, TextState};
use polysim_courier::{Code, MessageId};
use polysim_hal::TokioClock;
use serde_json::json;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Texts that were shown and not read yet, and offers that wait: older ones give way.
const WAITING_MAX: usize = 256;

struct Device {
    screen: Screen,
    desk: DeviceDesk,
    console: Console<Code>,
    number: Option<Msisdn>,
    call: Option<CallId>,
    offers: VecDeque<Offer>,
    unread: VecDeque<MessageId>,
    contacts: Vec<Msisdn>,
}

pub(super) async fn run(args: &DeviceArgs, json: bool) -> Result<Report> {
    // Asked for first, so that a signal at any later moment ends in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    own_machine(args.connect, "--connect")?;
    let folder = Folder::found(&args.state, Role::Device)?;
    let journal = folder.journal().await?;
    let config = settings::device(&folder.name(), folder.key()?, REFRESH_EVERY)?;
    let (phone, mut shown) = Phone::new(args.carrier.as_deref(), args.number)?;
    let setup = DeviceSetup { config, card: None, carrier: Box::new(phone) };
    let clock = Arc::new(TokioClock::unix());
    let (desk, mut news, audio) = DeviceNode::start(setup, Box::new(journal), clock).await?;
    let mut device = Device::new(args, desk.clone(), Screen::new(json));
    device.ready(&folder.name(), args.connect)?;
    let mut sound = Sound::new(audio, args.mic == Microphone::Tone);
    let (retries, mut retried) = mpsc::channel(8);
    let connecting = connect(args.connect, desk.clone(), retries);
    tokio::pin!(connecting);
    loop {
        let is_over = tokio::select! {
            biased;
            _ = interrupted.recv() => true,
            _ = terminated.recv() => true,
            over = device.next(&mut news, &mut sound) => over?,
            Some(shown) = shown.recv() => device.shown(shown)?,
            Some(why) = retried.recv() => device.retry(&why)?,
            () = &mut connecting => true,
        };
        if is_over {
            break;
        }
    }
    let text = "stopped\n".to_owned();
    Ok(Report { text, json: json!({ "event": "stopped" }), exit: Exit::Held })
}

/// Keeps the device connected; what goes wrong is told when it is news.
async fn connect(to: SocketAddr, desk: DeviceDesk, retries: mpsc::Sender<String>) {
    let last = std::cell::RefCell::new(String::new());
    let retry = |why: String| {
        if last.replace(why.clone()) != why {
            // Nobody may be there to read it.
            drop(retries.try_send(why));
        }
    };
    let dial = || async {
        match TcpStream::connect(to).await {
            Ok(stream) => {
                // Small messages must not wait for each other.
                stream.set_nodelay(true).unwrap_or_default();
                last.take();
                Some(stream)
            }
            Err(error) => {
                retry(format!("cannot connect to {to}: {error}"));
                None
            }
        }
    };
    let ended = |end: LinkEnd| retry(end.to_string());
    stay_connected(&desk, &TokioClock::unix(), dial, ended).await;
}

impl Device {
    fn new(args: &DeviceArgs, desk: DeviceDesk, screen: Screen) -> Self {
        Self {
            screen,
            desk,
            console: Console::new(args.yes),
            number: args.number,
            call: None,
            offers: VecDeque::new(),
            unread: VecDeque::new(),
            contacts: Vec::new(),
        }
    }

    fn ready(&mut self, name: &str, server: SocketAddr) -> Result<()> {
        let number = self.desk.status().number.map(|number| number.to_string());
        let words = match &number {
            Some(number) => format!("{name}, registered as {number}; type help for what there is"),
            None => format!("{name}, not registered: type register; help for what there is"),
        };
        let particulars = json!({
            "ready": true, "name": name, "number": number, "connect": server.to_string(),
        });
        self.tell(Told::new("ready", &words, particulars))
    }

    fn tell(&mut self, told: Told) -> Result<()> {
        self.screen.event(Who::Own, told)
    }

    /// Serves what comes next; returns whether that is the end.
    async fn next(&mut self, news: &mut DeviceNews, sound: &mut Sound) -> Result<bool> {
        tokio::select! {
            biased;
            event = news.next() => match event {
                Some(event) => self.event(&event, sound).await.map(|()| false),
                None => Ok(true),
            },
            typed = self.console.next() => match typed {
                Typed::Answer(code, true) => self.confirm(code).await.map(|()| false),
                Typed::Answer(_, false) | Typed::Ended(_) => Ok(false),
                Typed::Words(words) => self.words(&words).await,
            },
            level = sound.next() => self.screen.level(Who::Own, level).map(|()| false),
        }
    }

    fn retry(&mut self, why: &str) -> Result<bool> {
        self.screen.warn(Told::new("retry", why, json!({ "why": why })))?;
        Ok(false)
    }

    fn shown(&mut self, shown: Shown) -> Result<bool> {
        self.tell(match shown {
            Shown::Text(text) => Told::new(
                "carrier-text",
                &format!("from {}: {}", printable(&text.from), printable(&text.text)),
                json!({ "from": text.from, "text": text.text }),
            ),
            Shown::Dial(to) => Told::new(
                "carrier-call",
                &format!(
                    "{to} is called by the carrier, where this command ends: only contacts that are \
                     registered are called over data"
                ),
                json!({ "to": to.to_string() }),
            ),
        })?;
        Ok(false)
    }

    async fn event(&mut self, event: &ClientEvent, sound: &mut Sound) -> Result<()> {
        self.tell(Told::from(event))?;
        match event {
            ClientEvent::Call { call, event } => {
                sound.call(*call, event);
                let is_over = matches!(event, CallEvent::Ended { .. });
                if !is_over {
                    self.call = Some(*call);
                } else if self.call == Some(*call) {
                    self.call = None;
                }
            }
            ClientEvent::Offered { offer, .. } => {
                if matches!(offer, Offer::Call(call) if self.call == Some(*call)) {
                    self.call = None;
                }
                keep(&mut self.offers, *offer);
            }
            ClientEvent::Received(text) => keep(&mut self.unread, text.id),
            ClientEvent::Text { number, state } => self.text(*number, *state),
            ClientEvent::CodeCame(code) => {
                // A newer code takes the place of an older one.
                self.console.forget(|_| true);
                match self.console.ask(*code) {
                    Some((code, true)) => self.confirm(code).await?,
                    Some((_, false)) => {}
                    None => self.screen.answer("y confirms that code")?,
                }
            }
            ClientEvent::Registered(number) => {
                self.number = Some(*number);
                self.console.forget(|_| true);
            }
            ClientEvent::NumberWanted
            | ClientEvent::CodeSent(_)
            | ClientEvent::WrongCode { .. }
            | ClientEvent::NotRegistered(_)
            | ClientEvent::ProofWanted(_)
            | ClientEvent::Refused(_)
            | ClientEvent::Unlinked(_)
            | ClientEvent::Invited(_)
            | ClientEvent::Marked { .. }
            | ClientEvent::KeyChanged(_)
            | ClientEvent::NotWritten(_)
            | ClientEvent::Measured(_) => {}
        }
        Ok(())
    }

    /// What has come, or goes its way, is offered no more.
    fn text(&mut self, number: u64, state: TextState) {
        let waits =
            matches!(state, TextState::Waiting | TextState::Stored | TextState::NotStored(_));
        if !waits && !matches!(state, TextState::Carrier(_)) {
            self.offers.retain(|offer| *offer != Offer::Text(number));
        }
    }

    async fn confirm(&self, code: Code) -> Result<()> {
        Ok(self.desk.command(ClientCommand::Confirm(code)).await?)
    }
}

fn keep<T: PartialEq>(queue: &mut VecDeque<T>, item: T) {
    if queue.contains(&item) {
        return;
    }
    if queue.len() == WAITING_MAX {
        queue.pop_front();
    }
    queue.push_back(item);
}
