//! `polysim courier demo`: a server and two devices, which register, text and talk, and end by themselves.

mod person;
mod story;

use super::args::{DemoArgs, Microphone};
use super::carrier::CarrierText;
use super::screen::{Screen, Who};
use super::tell::Told;
use crate::command::hardware::Report;
use crate::diagnostics;
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use person::{Happened, Person};
use polysim::courier::{CodeCarrier, ServerDesk, ServerNews, ServerNode};
use polysim::journal::MemoryJournal;
use polysim_base::Msisdn;
use polysim_courier::client::{ClientCommand, ClientEvent};
use polysim_courier::server::{Proof, ServerConfig, ServerKey};
use polysim_hal::TokioClock;
use polysim_hal_http::system_randomness;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Longer than any step takes on a busy machine.
const STEP_WITHIN: Duration = Duration::from_secs(30);

/// The two, the server, and what has happened.
struct Demo {
    screen: Screen,
    alice: Person,
    bob: Person,
    server: ServerDesk,
    /// It runs as long as this is kept.
    _news: ServerNews,
    seen: Seen,
}

/// What each of the two has told.
#[derive(Default)]
struct Seen {
    alice: Vec<ClientEvent>,
    bob: Vec<ClientEvent>,
    /// What bob has heard of alice's tone.
    levels: Vec<super::sound::Level>,
}

/// The carrier of the demonstration: a text is there at once.
struct Air {
    phones: Vec<(Msisdn, mpsc::Sender<CarrierText>)>,
}

#[async_trait]
impl CodeCarrier for Air {
    async fn text(&mut self, to: Msisdn, body: Proof) -> bool {
        let Some((_, phone)) = self.phones.iter().find(|(number, _)| *number == to) else {
            return false;
        };
        phone.send(CarrierText { from: "polysim".to_owned(), text: body.0.clone() }).await.is_ok()
    }
}

pub(super) async fn run(args: &DemoArgs, json: bool) -> Result<Report> {
    let mut demo = Demo::new(args, json).await?;
    let time = Duration::from_secs(u64::from(args.talk));
    let shown = demo.story(time).await.and_then(|()| demo.summary());
    Ok(match shown {
        Ok(Told { words, json, .. }) => {
            Report { text: format!("\n{words}\n"), json, exit: Exit::Held }
        }
        Err(error) => {
            // What was shown before goes first, with the end of its last line.
            demo.screen.step("The demonstration has failed")?;
            diagnostics::complain(&error);
            let json = json!({ "error": diagnostics::said(&error) });
            Report { text: String::new(), json, exit: Exit::Failed }
        }
    })
}

impl Demo {
    async fn new(args: &DemoArgs, json: bool) -> Result<Self> {
        let has_tone = args.mic == Microphone::Tone;
        let (alice, alice_phone) =
            Person::new(Who::Left("alice"), "+999100000001", has_tone).await?;
        let (bob, bob_phone) = Person::new(Who::Right("bob"), "+999100000002", false).await?;
        let phones = vec![(alice.number, alice_phone), (bob.number, bob_phone)];
        let key = Zeroizing::new(system_randomness().bytes::<32>());
        let (server, news) = ServerNode::start(
            ServerConfig::new(ServerKey(*key)),
            Box::new(Air { phones }),
            Box::new(MemoryJournal::new()),
            Arc::new(TokioClock::unix()),
        )
        .await?;
        let screen = Screen::new(json);
        Ok(Self { screen, alice, bob, server, _news: news, seen: Seen::default() })
    }

    /// Goes on until something has been seen.
    async fn until(&mut self, what: &str, wanted: impl Fn(&Seen) -> bool) -> Result<()> {
        let steps = async {
            while !wanted(&self.seen) {
                self.step().await?;
            }
            Ok(())
        };
        let done = tokio::time::timeout(STEP_WITHIN, steps).await;
        done.with_context(|| format!("this did not come within {STEP_WITHIN:?}: {what}"))?
    }

    /// Lets some time pass.
    async fn pass(&mut self, time: Duration) -> Result<()> {
        let steps = async {
            loop {
                self.step().await?;
            }
        };
        match tokio::time::timeout(time, steps).await {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// Shows the next thing that happens.
    async fn step(&mut self) -> Result<()> {
        let (of_alice, happened) = tokio::select! {
            biased;
            happened = self.alice.next() => (true, happened),
            happened = self.bob.next() => (false, happened),
        };
        let (person, seen) = if of_alice {
            (&mut self.alice, &mut self.seen.alice)
        } else {
            (&mut self.bob, &mut self.seen.bob)
        };
        match happened {
            Happened::Event(event) => {
                self.screen.event(person.who, Told::from(&event))?;
                person.event(&event).await?;
                seen.push(event);
            }
            Happened::Level(_) if of_alice => {}
            Happened::Level(level) => {
                self.screen.level(person.who, level)?;
                self.seen.levels.push(level);
            }
            Happened::Ended => bail!("a device has ended by itself"),
        }
        Ok(())
    }

    /// Says what the demonstration does next.
    fn says(&mut self, who: Who, what: &str) -> Result<()> {
        self.screen.event(who, Told::new("does", what, json!({ "what": what })))
    }

    async fn does(&mut self, of_alice: bool, what: &str, command: ClientCommand) -> Result<()> {
        let (who, desk) = {
            let person = if of_alice { &self.alice } else { &self.bob };
            (person.who, person.desk.clone())
        };
        self.says(who, what)?;
        Ok(desk.command(command).await?)
    }
}
