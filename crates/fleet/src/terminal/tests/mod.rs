mod calls;
mod chaos;
mod crashes;
mod mail;
mod texts;
mod uses;

use super::*;
use crate::speech::Codec;
use crate::wire::{
    Act, Answer, Ask, Done, FromModem, Mail, MailItem, MailPage, MessageId, ModemRequest,
    Placement, SimWhy, Target, ToModem, UseRefusal, UserRequest,
};
use crate::{MailId, ModemId, RequestId, ServerId, SiteId, TerminalId, UserId};
use polysim_base::{Duration, Iccid, Instant, Machine as _, Msisdn, Out};
use polysim_lease::{Epoch, Term};
use std::string::{String, ToString as _};
use std::vec::Vec;

const PATIENCE: Duration = Duration::from_secs(2);
const CONFIG: TerminalConfig = TerminalConfig {
    terminal: TerminalId(7),
    user: UserId(1),
    servers: 2,
    patience: PATIENCE,
    tries: 2,
    mail_every: Duration::from_secs(60),
    codec: Codec::Linear,
};
const SITE: SiteId = SiteId(3);
const SERVER: ServerId = ServerId(0);

fn iccid() -> Iccid {
    Iccid::parse("8949000000000000012").unwrap()
}

fn number() -> Msisdn {
    Msisdn::parse("+491700000001").unwrap()
}

fn placement(modem: u16, count: u32) -> Placement {
    let modem = ModemId { site: SITE, number: modem };
    let epoch = Epoch::new(Term(1), count);
    Placement { iccid: iccid(), modem, address: "there".to_string(), epoch }
}

fn at(modem: u16, count: u32) -> Answer {
    Answer::At(placement(modem, count), SimWhy::Fixed)
}

fn secs(secs: u64) -> Instant {
    Instant::ZERO.plus(Duration::from_secs(secs))
}

fn text() -> TerminalWish {
    TerminalWish::Text { sim: SIM(), to: number(), body: "hi".into(), report: false }
}

#[expect(non_snake_case, reason = "a constant but for parsing")]
fn SIM() -> Target {
    Target::Sim(iccid())
}

fn item(id: u64) -> MailItem {
    let mail = Mail::MissedCall { from: None, rang: PATIENCE };
    MailItem { id: MailId(id), iccid: iccid(), at: Instant::ZERO, mail }
}

fn page(after: u64, ids: impl IntoIterator<Item = u64>, more: bool) -> Answer {
    let items = ids.into_iter().map(item).collect();
    Answer::Mail(MailPage { after: MailId(after), items, more })
}

/// A terminal, with what it has recorded, and what it has sent and told since that was looked at.
struct Rig {
    terminal: Terminal,
    now: Instant,
    records: Vec<TerminalRecord>,
    asked: Vec<(ServerId, UserRequest)>,
    to_modem: Vec<ModemRequest>,
    speech: Vec<(SiteId, ToModem)>,
    told: Vec<TerminalEvent>,
    heard: usize,
}

impl Rig {
    fn new() -> Self {
        Self {
            terminal: Terminal::new(CONFIG),
            now: Instant::ZERO,
            records: Vec::new(),
            asked: Vec::new(),
            to_modem: Vec::new(),
            speech: Vec::new(),
            told: Vec::new(),
            heard: 0,
        }
    }

    /// One that knows where the SIM is.
    fn placed() -> Self {
        let mut rig = Self::new();
        rig.wish(0, TerminalWish::Ussd { sim: SIM(), code: "*100#".into() });
        let asked = rig.ask();
        rig.answer(asked.request, at(1, 1));
        let there = rig.request();
        rig.reply(there.request, Ok(Done::Done));
        rig.told();
        rig
    }

    fn give(&mut self, input: TerminalInput) {
        self.terminal.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(out) = self.terminal.poll_output() {
            match out {
                Out::Record(record) => self.records.push(record),
                Out::Do(TerminalOutput::Server(server, asked)) => self.asked.push((server, asked)),
                Out::Do(TerminalOutput::Site(site, ToModem::Request(request))) => {
                    assert_eq!(site, request.modem.site);
                    self.to_modem.push(request);
                }
                Out::Do(TerminalOutput::Site(site, speech)) => self.speech.push((site, speech)),
                Out::Do(TerminalOutput::Speaker(_)) => self.heard += 1,
                Out::Do(TerminalOutput::Tell(event)) => self.told.push(event),
            }
        }
    }

    fn wish(&mut self, number: u64, wish: TerminalWish) {
        self.give(TerminalInput::Wish(number, wish));
    }

    fn answer(&mut self, request: RequestId, answer: Answer) {
        self.give(TerminalInput::Answer(SERVER, request, answer));
    }

    fn reply(&mut self, request: RequestId, outcome: Result<Done, UseRefusal>) {
        self.say(FromModem::Reply { request, outcome });
    }

    fn say(&mut self, said: FromModem) {
        self.give(TerminalInput::Modem(SITE, said));
    }

    /// Lets time pass, and serves what is due.
    fn pass(&mut self, d: Duration) {
        let end = self.now.plus(d);
        while let Some((due, _)) = self.terminal.poll_timeout().filter(|(due, _)| *due <= end) {
            self.now = due;
            self.terminal.handle_timeout(due);
            self.drain();
            let next = self.terminal.poll_timeout();
            assert!(next.is_none_or(|(next, _)| next > due), "{next:?} after {due}");
        }
        self.now = end;
    }

    fn restart(&mut self) {
        let mut fresh = Terminal::new(CONFIG);
        self.records.iter().cloned().for_each(|record| fresh.restore(record));
        self.terminal = fresh;
        self.give(TerminalInput::Start);
    }

    /// The one thing that was asked of a server.
    fn ask(&mut self) -> UserRequest {
        let asked = core::mem::take(&mut self.asked);
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].1
    }

    /// The one thing that was asked of a modem.
    fn request(&mut self) -> ModemRequest {
        let mut asked = core::mem::take(&mut self.to_modem);
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.remove(0)
    }

    fn told(&mut self) -> Vec<TerminalEvent> {
        core::mem::take(&mut self.told)
    }
}
