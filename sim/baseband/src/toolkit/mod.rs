//! The terminal's side of the card application toolkit (TS 102.223; TS 31.111).
//!
//! - `profile`: what this terminal can do.
//! - `session`: proactive commands are fetched, obeyed and answered, one at a time.
//! - `mail`: what the card is told by ENVELOPE, one at a time; `download` are texts for it.
//! - `local`, `heard`, `message`, `call`, `refresh`, `timers`, `poll`, `events`, `channel`: the commands.
//! - `user`: the user is a host that took the toolkit over. Without one nobody sees a text, which
//!   counts as shown, and nobody answers a question: "no response from user".
//!
//! It is one box, which exists while the card has something under way here.

mod call;
mod channel;
mod download;
mod events;
mod heard;
mod local;
mod mail;
mod message;
mod poll;
mod profile;
mod refresh;
mod session;
mod timers;
mod user;

pub(crate) use mail::{Reply, envelope};
pub(crate) use profile::{ALL_FEATURES, FEATURES, FEATURES_WITHOUT_CHANNELS, own_profile};
pub(crate) use session::CardSaid;

use crate::core::Core;
use crate::effects::Effects;
use channel::Channels;
use events::Events;
use mail::Mail;
use poll::Polling;
use polysim_base::Instant;
use session::Session;
use timers::Timers;

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Toolkit {
    session: Session,
    mail: Mail,
    events: Events,
    timers: Timers,
    polling: Option<Polling>,
    channels: Channels,
}

impl Toolkit {
    pub(crate) fn is_idle(&self) -> bool {
        self.session.is_idle()
            && self.mail.is_empty()
            && self.events.is_empty()
            && self.timers.is_empty()
            && self.polling.is_none()
            && self.channels.is_empty()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let polling = self.polling.as_ref().map(|polling| polling.next);
        let session = self.session.deadline();
        let (mail, timers) = (self.mail.deadline(), self.timers.deadline());
        let channels = self.channels.deadline();
        [session, mail, timers, polling, channels].into_iter().flatten().min()
    }
}

impl Core {
    fn toolkit(&mut self) -> &mut Toolkit {
        self.rare().toolkit.get_or_insert_default()
    }

    fn toolkit_now(&self) -> Option<&Toolkit> {
        self.rare.as_ref()?.toolkit.as_deref()
    }

    fn toolkit_mut(&mut self) -> Option<&mut Toolkit> {
        self.rare.as_mut()?.toolkit.as_deref_mut()
    }

    /// The card lost its power or was reset: nothing of its toolkit is left.
    pub(crate) fn toolkit_gone(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.toolkit = None;
        }
    }

    /// Serves the deadlines of the toolkit.
    pub(crate) fn toolkit_timeouts(&mut self, fx: &mut Effects) {
        let now = fx.now;
        let Some(toolkit) = self.toolkit_mut().filter(|t| t.deadline().is_some_and(|at| at <= now))
        else {
            return;
        };
        toolkit.mail.timeout(now);
        for letter in toolkit.timers.expired(now) {
            toolkit.mail.post(letter);
        }
        if let Some(polling) = &mut toolkit.polling {
            polling.timeout(now);
        }
        let unanswered = toolkit.session.timeout(now);
        if unanswered && !self.nothing_heard(fx) {
            self.no_response(fx);
        }
        self.channel_timeouts(fx, now);
        self.serve_card(fx);
    }
}
