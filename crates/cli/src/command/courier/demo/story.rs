//! What the two do, and what must have come of it.

use super::{Demo, Seen};
use crate::command::courier::tell::Told;
use anyhow::{Context as _, Result, ensure};
use polysim_courier::client::{CallEvent, ClientCommand, ClientEvent, ReceivedText, TextState};
use polysim_speech::SpeechReport;
use serde_json::json;
use std::time::Duration;

const HELLO: &str = "Hello Bob, are you there?";
const AWAY: &str = "This one waits for you.";
/// How long one is away, and the other one's link is up.
const MOMENT: Duration = Duration::from_millis(300);

fn text_is(events: &[ClientEvent], wanted: u64, is: impl Fn(TextState) -> bool) -> bool {
    events.iter().any(|event| {
        matches!(event, ClientEvent::Text { number, state } if *number == wanted && is(*state))
    })
}

fn call_is(events: &[ClientEvent], is: impl Fn(&CallEvent) -> bool) -> bool {
    events.iter().any(|event| matches!(event, ClientEvent::Call { event, .. } if is(event)))
}

fn any(events: &[ClientEvent], is: impl Fn(&ClientEvent) -> bool) -> bool {
    events.iter().any(is)
}

impl Seen {
    fn both(&self, is: impl Fn(&ClientEvent) -> bool) -> bool {
        any(&self.alice, &is) && any(&self.bob, &is)
    }

    /// What bob has received.
    fn received(&self) -> Vec<&ReceivedText> {
        self.bob
            .iter()
            .filter_map(|event| {
                let ClientEvent::Received(text) = event else { return None };
                Some(text)
            })
            .collect()
    }

    /// How bob has heard the call.
    fn heard(&self) -> Option<SpeechReport> {
        self.bob.iter().find_map(|event| {
            let ClientEvent::Call { event: CallEvent::Ended { heard, .. }, .. } = event else {
                return None;
            };
            Some(*heard)
        })
    }
}

impl Demo {
    pub(super) async fn story(&mut self, talk: Duration) -> Result<()> {
        self.register().await?;
        self.see_each_other().await?;
        self.write().await?;
        self.write_while_away().await?;
        self.talk(talk).await
    }

    async fn register(&mut self) -> Result<()> {
        self.screen.step("1. Both register: a code comes by the carrier, and is confirmed.")?;
        for (who, number) in [(self.alice.who, self.alice.number), (self.bob.who, self.bob.number)]
        {
            let number = number.to_string();
            self.screen.event(who, Told::new("device", &number, json!({ "number": number })))?;
        }
        self.alice.go_online(&self.server);
        self.bob.go_online(&self.server);
        let (alice, bob) = (self.alice.number, self.bob.number);
        self.does(true, "register", ClientCommand::Register(Some(alice))).await?;
        self.does(false, "register", ClientCommand::Register(Some(bob))).await?;
        self.until("both are registered", |seen| {
            seen.both(|event| matches!(event, ClientEvent::Registered(_)))
        })
        .await
    }

    async fn see_each_other(&mut self) -> Result<()> {
        self.screen
            .step("2. Each has the other one as a contact, and sees that they are registered.")?;
        let (alice, bob) = (self.alice.number, self.bob.number);
        self.does(true, "contacts: bob", ClientCommand::Contacts(vec![bob])).await?;
        self.does(false, "contacts: alice", ClientCommand::Contacts(vec![alice])).await?;
        self.until("each sees the other one marked", |seen| {
            seen.both(|event| matches!(event, ClientEvent::Marked { registered: true, .. }))
        })
        .await
    }

    async fn write(&mut self) -> Result<()> {
        self.screen.step("3. alice writes, and sees that it came and was read.")?;
        let to = self.bob.number;
        let what = format!("text: {HELLO}");
        self.does(true, &what, ClientCommand::Text { to, text: HELLO.to_owned() }).await?;
        self.until("the text comes", |seen| !seen.received().is_empty()).await?;
        let id = self.seen.received().first().context("it has come")?.id;
        self.does(false, "read", ClientCommand::Read(id)).await?;
        self.until("alice knows that it was read", |seen| {
            text_is(&seen.alice, 1, |state| state == TextState::Read)
        })
        .await
    }

    async fn write_while_away(&mut self) -> Result<()> {
        self.screen.step("4. bob is away: what alice writes waits for him.")?;
        self.says(self.bob.who, "go away")?;
        self.bob.go_offline().await?;
        self.pass(MOMENT).await?;
        let to = self.bob.number;
        let what = format!("text: {AWAY}");
        self.does(true, &what, ClientCommand::Text { to, text: AWAY.to_owned() }).await?;
        self.until("the text is stored", |seen| {
            text_is(&seen.alice, 2, |state| state == TextState::Stored)
        })
        .await?;
        self.says(self.bob.who, "come back")?;
        self.bob.go_online(&self.server);
        self.until("the text comes, and alice knows it", |seen| {
            seen.received().len() == 2
                && text_is(&seen.alice, 2, |state| state == TextState::Delivered)
        })
        .await
    }

    async fn talk(&mut self, time: Duration) -> Result<()> {
        self.screen.step("5. They talk: a tone from alice, a level meter at bob.")?;
        let is_measured = |event: &ClientEvent| matches!(event, ClientEvent::Measured(_));
        // Another link is measured anew.
        self.until("the links are measured", |seen| {
            any(&seen.alice, is_measured)
                && seen.bob.iter().filter(|event| is_measured(event)).count() >= 2
        })
        .await?;
        self.pass(MOMENT).await?;
        self.does(true, "call bob", ClientCommand::Dial(self.bob.number)).await?;
        self.until("it rings at both", |seen| {
            call_is(&seen.alice, |event| *event == CallEvent::Ringing)
                && call_is(&seen.bob, |event| matches!(event, CallEvent::Incoming(_)))
        })
        .await?;
        let call = self.bob.call.context("it rings")?;
        self.does(false, "answer", ClientCommand::Answer(call)).await?;
        let is_answered = |event: &CallEvent| *event == CallEvent::Answered;
        self.until("the call is answered", |seen| {
            call_is(&seen.alice, is_answered) && call_is(&seen.bob, is_answered)
        })
        .await?;
        self.says(self.alice.who, "talk")?;
        self.pass(time).await?;
        let call = self.alice.call.context("they talk")?;
        self.does(true, "hang up", ClientCommand::HangUp(call)).await?;
        let is_over = |event: &CallEvent| matches!(event, CallEvent::Ended { .. });
        self.until("the call is over", |seen| {
            call_is(&seen.alice, is_over) && call_is(&seen.bob, is_over)
        })
        .await
    }

    /// Says what has come of it, if it is what must.
    pub(super) fn summary(&self) -> Result<Told> {
        let texts: Vec<_> =
            self.seen.received().iter().filter_map(|text| text.text.as_deref()).collect();
        ensure!(texts == [HELLO, AWAY], "bob has other texts than alice has sent: {texts:?}");
        let heard = self.seen.heard().context("bob has no report of the call")?;
        let loudest = self.seen.levels.iter().max().copied().unwrap_or_default();
        ensure!(
            heard.played > 0 && loudest.is_tone(),
            "bob has not heard the tone, but {}",
            loudest.bar()
        );
        let words = format!(
            "held: both registered, and saw each other marked\n\
             held: {} texts came, each once and in order, one after it had waited\n\
             held: {} frames of speech came, {} lost; the tone with {}",
            texts.len(),
            heard.played,
            heard.lost,
            loudest.bar()
        );
        let json = json!({
            "event": "summary", "texts": texts.len(), "played": heard.played, "lost": heard.lost,
            "level": loudest.json(),
        });
        Ok(Told::new("summary", &words, json))
    }
}
