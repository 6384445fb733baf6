//! What a master tells, in words.

use super::super::modem::Registered;
use super::super::say::{digits, short};
use super::super::sim::OPERATOR;
use super::{Master, Question};
use anyhow::Result;
use polysim::share::MasterTold;
use polysim_base::{Duration, Hex};
use polysim_share::link::LinkEnd;
use polysim_share::master::{Ended, Holder, How, MasterEvent, PairRefusal, PickRefusal, SlaveId};
use serde_json::json;

impl Master {
    pub(super) async fn told(&mut self, told: MasterTold) -> Result<()> {
        match told {
            MasterTold::Event(event) => self.event(event).await,
            MasterTold::Compare { connection, number, peer, name } => {
                let (shown, key) = (digits(number), short(&peer));
                self.say.event(
                    "compare",
                    &format!(
                        "{name} (key {key}) wants to pair. Both must show {shown}. Is it equal, and may \
                         it use {}? [y/N]",
                        self.sim
                    ),
                    json!({
                        "number": number.to_string(), "name": name.as_str(),
                        "key": Hex(&peer.0).to_string(),
                    }),
                )?;
                self.ask(Question::Compare(connection)).await
            }
            MasterTold::Pairing(on) => {
                let words = if on { "on, for one attempt" } else { "off" };
                self.say.event("pairing", words, json!({ "on": on }))
            }
            MasterTold::NotConnected { connection, why } => {
                let is_it = |question: &Question| matches!(question, Question::Compare(asked) if *asked == connection);
                self.console.forget(is_it);
                // Whoever comes and goes without a word is no news.
                if matches!(why, LinkEnd::Closed | LinkEnd::HandshakeTimeout | LinkEnd::Handshake) {
                    return Ok(());
                }
                let why = why.to_string();
                self.say.event("not-connected", &why, json!({ "why": why }))
            }
            MasterTold::Crowded => {
                let why = "too many connections have not shown who they are: one was not taken";
                self.say.event("not-connected", why, json!({ "why": why }))
            }
        }
    }

    fn name(&mut self, slave: SlaveId) -> String {
        let slaves = self.desk.status().slaves;
        if let Some(found) = slaves.iter().find(|it| it.id == slave) {
            self.names.insert(slave, found.name.as_str().to_owned());
        }
        self.names.get(&slave).cloned().unwrap_or_else(|| format!("device {}", slave.0))
    }

    fn holder(&mut self, holder: Holder) -> String {
        match holder {
            Holder::Own => "own".to_owned(),
            Holder::Slave(slave) => self.name(slave),
        }
    }

    async fn event(&mut self, event: MasterEvent) -> Result<()> {
        match event {
            MasterEvent::Paired(slave) => self.of_slave("paired", slave, ""),
            MasterEvent::PairRefused { key, why } => {
                let why = not_paired(why);
                let words = format!("the device with key {} is not paired: {why}", short(&key));
                self.say.event("refused", &words, json!({ "why": why }))
            }
            MasterEvent::Unpaired(slave) => {
                self.console.forget(of(slave));
                self.of_slave("unpaired", slave, "")
            }
            MasterEvent::Connected(slave) => self.of_slave("connected", slave, ""),
            MasterEvent::Lost(slave) => {
                self.console.forget(of(slave));
                self.of_slave("lost", slave, ": its link is down")
            }
            MasterEvent::Busy { slave, holder } => {
                let (name, by) = (self.name(slave), self.holder(holder));
                let words = format!("{name} is told that {by} has the SIM, and waits");
                self.say.event("busy", &words, json!({ "device": name, "by": by }))
            }
            MasterEvent::Asks(slave) => {
                let name = self.name(slave);
                let words = format!("may {name} use {} now? [y/N]", self.sim);
                self.say.event("asks", &words, json!({ "device": name }))?;
                self.ask(Question::Consent(slave)).await
            }
            MasterEvent::Granted { holder, epoch, how } => {
                let (name, lease) = (self.holder(holder), epoch.count());
                let (how, words) = in_words(how);
                self.say.event(
                    "granted",
                    &format!("lease {lease} to {name}: {words}"),
                    json!({ "device": name, "lease": lease, "how": how }),
                )
            }
            MasterEvent::Active(holder) => self.of_holder("active", holder, " goes to its network"),
            MasterEvent::Resumed(slave) => {
                self.of_slave("resumed", slave, " is back in time, and keeps the SIM")
            }
            MasterEvent::Revoked(holder) => {
                self.of_holder("revoked", holder, " is to leave its network")
            }
            MasterEvent::InDoubt { holder, guard } => self.in_doubt(holder, guard),
            MasterEvent::Free { holder, ended } => self.free(holder, ended),
            MasterEvent::PickRefused { holder, why } => {
                let (name, why) = (self.holder(holder), not_picked(why));
                let object = json!({ "device": name, "why": why });
                self.say.event("refused", &format!("{name} {why}"), object)
            }
        }
    }

    fn in_doubt(&mut self, holder: Holder, guard: Duration) -> Result<()> {
        let (name, seconds) = (self.holder(holder), guard.as_secs());
        let words = format!("{name} is not heard; it has surely left its network in {seconds} s");
        self.say.event("in-doubt", &words, json!({ "device": name, "guard_s": seconds }))
    }

    fn free(&mut self, holder: Holder, ended: Ended) -> Result<()> {
        let name = self.holder(holder);
        let (how, words) = match ended {
            Ended::Confirmed => ("confirmed", "it has left its network"),
            Ended::Guard => ("guard", "its timer and the margin have passed"),
        };
        let object = json!({ "device": name, "how": how });
        self.say.event("free", &format!("{name} has the SIM no more: {words}"), object)
    }

    fn of_slave(&mut self, what: &str, slave: SlaveId, words: &str) -> Result<()> {
        self.of_holder(what, Holder::Slave(slave), words)
    }

    fn of_holder(&mut self, what: &str, holder: Holder, words: &str) -> Result<()> {
        let name = self.holder(holder);
        self.say.event(what, &format!("{name}{words}"), json!({ "device": name }))
    }

    pub(super) fn registered(&self, now: &Registered) -> Result<()> {
        let Registered::With { imsi } = now else { return Ok(()) };
        let imsi = imsi.map(|imsi| imsi.masked());
        let shown = imsi.as_deref().unwrap_or("an IMSI that the modem does not tell");
        let words = format!("own modem with {OPERATOR} as {shown}");
        self.say.event("registered", &words, json!({ "operator": OPERATOR, "imsi": imsi }))
    }
}

fn of(slave: SlaveId) -> impl Fn(&Question) -> bool {
    move |question| matches!(question, Question::Consent(asked) if *asked == slave)
}

const fn not_paired(why: PairRefusal) -> &'static str {
    match why {
        PairRefusal::Full => "there are too many devices: unpair one",
        PairRefusal::NotWiped => {
            "it was unpaired and has not erased what it had: connect it, then pair it anew"
        }
    }
}

const fn not_picked(why: PickRefusal) -> &'static str {
    match why {
        PickRefusal::NotPaired => "is not paired",
        PickRefusal::NotConnected => "is not connected",
        PickRefusal::Already => "has the SIM",
    }
}

fn in_words(how: How) -> (&'static str, &'static str) {
    match how {
        How::Pushed => ("pushed", "the parameters are sent"),
        How::Different => ("different", "it has others; the parameters are sent"),
        How::None => ("none", "it has none; the parameters are sent"),
        How::Equal => ("equal", "it has the parameters; only the command is sent"),
        How::Lent => ("lent", "the card stays here, and its commands travel"),
        How::Own => ("own", "the modem here"),
    }
}
