//! How inputs reach machines, and where what they say goes.

use super::host::Turn;
use super::modem::{Air, Modem, Says};
use super::names::{Node, user_of};
use super::network::Message;
use super::world::{Event, Local, World};
use polysim_base::Duration;
use polysim_fleet::site::{SiteInput, SiteOutput};
use polysim_fleet::terminal::{TerminalInput, TerminalOutput};
use polysim_fleet::wire::{CardReply, CardSignal, Input, Output, Record};
use polysim_fleet::{ModemId, ServerId, SiteId, SlotId, TerminalId, UserId};

const LINE: Duration = Duration::from_micros(800);
const CARD: Duration = Duration::from_millis(3);
const AIR: Duration = Duration::from_millis(200);
/// A machine that crashes in the middle of something is back after so long.
pub(crate) const BACK_AFTER: Duration = Duration::from_secs(1);

impl World {
    pub(crate) fn deliver(&mut self, from: Node, to: Node, message: Message) {
        match (to, from, message) {
            (Node::Server(n), Node::Site(site), Message::Report(report)) => {
                self.server_turn(n, Some(Input::Site(SiteId(site), report)));
            }
            (Node::Server(n), Node::Terminal(terminal), Message::Request(request)) => {
                self.server_turn(n, Some(Input::User(user_of(terminal), request)));
            }
            (Node::Site(n), Node::Server(server), Message::Directive(directive)) => {
                if self.sites[usize::from(n)].up {
                    self.check.directed(self.now, n, &directive);
                }
                self.give_site(n, SiteInput::Server(ServerId(server), directive));
            }
            (Node::Site(n), Node::Terminal(terminal), Message::ToModem(to)) => {
                let (user, terminal) = (user_of(terminal), TerminalId(terminal));
                self.give_site(n, SiteInput::Terminal(user, terminal, to));
            }
            (Node::Site(n), Node::Site(other), Message::Relay(relay)) => {
                self.give_site(n, SiteInput::Site(SiteId(other), relay));
            }
            (Node::Terminal(n), Node::Server(server), Message::Answer(request, answer)) => {
                self.give_terminal(n, TerminalInput::Answer(ServerId(server), request, answer));
            }
            (Node::Terminal(n), Node::Server(server), Message::Mail(mail)) => {
                self.give_terminal(n, TerminalInput::Mail(ServerId(server), mail));
            }
            (Node::Terminal(n), Node::Site(site), Message::FromModem(says)) => {
                self.give_terminal(n, TerminalInput::Modem(SiteId(site), says));
            }
            (to, from, message) => unreachable!("{from} says to {to}: {message:?}"),
        }
    }

    /// Gives a server an input, or lets it serve its deadlines.
    pub(crate) fn server_turn(&mut self, n: u8, input: Option<Input>) {
        let Self { servers, read, log, check, now, story, .. } = self;
        let host = &mut servers[usize::from(n)];
        if !host.up {
            return;
        }
        check.asked(*now, input.as_ref());
        host.give(*now, input);
        let read = &mut read[usize::from(n)];
        let mut deposed = false;
        // Compare and append: whoever has not read the whole log may not write.
        let Turn { said, crashed } = host.drain(|record| {
            deposed = *read != log.len();
            if !deposed {
                log.push(record.clone());
                *read += 1;
                check.recorded(*now, record);
                if let Some(story) = story {
                    let Record { cause, change, .. } = record;
                    story.push(format!("{now}   record by {n}: {cause:?}: {change:?}"));
                }
            }
            !deposed
        });
        said.into_iter().for_each(|output| self.server_said(n, output));
        if deposed {
            self.tell(|| format!("server {n} learns that another one leads"));
            self.read_log(n);
        } else if crashed {
            self.crash(Node::Server(n), BACK_AFTER);
        }
    }

    fn server_said(&mut self, n: u8, output: Output) {
        // One that has not read the whole log knows no better; what it says fails elsewhere.
        if n == self.leader && self.read[usize::from(n)] == self.log.len() {
            self.check.said(&output);
        }
        let from = Node::Server(n);
        match output {
            Output::ToSite(site, directive) => {
                self.send(from, Node::Site(site.0), &Message::Directive(directive));
            }
            Output::ToUser { user, request, answer } => {
                let TerminalId(terminal) = request.terminal();
                if terminal < self.size.terminals && user_of(terminal) == user {
                    let to = Node::Terminal(terminal);
                    self.send(from, to, &Message::Answer(request, answer));
                }
            }
            Output::Mail(user, mail) => self.tell_terminals(from, user, &Message::Mail(mail)),
        }
    }

    fn tell_terminals(&mut self, from: Node, user: UserId, message: &Message) {
        for terminal in (0..self.size.terminals).filter(|n| user_of(*n) == user) {
            self.send(from, Node::Terminal(terminal), message);
        }
    }

    pub(crate) fn give_site(&mut self, n: u16, input: SiteInput) {
        self.site_turn(n, Some(input));
    }

    pub(crate) fn site_turn(&mut self, n: u16, input: Option<SiteInput>) {
        let host = &mut self.sites[usize::from(n)];
        if !host.up {
            return;
        }
        let Turn { said, crashed } = host.turn(self.now, input);
        said.into_iter().for_each(|output| self.site_said(n, output));
        if crashed {
            self.crash(Node::Site(n), BACK_AFTER);
        }
    }

    fn site_said(&mut self, n: u16, output: SiteOutput) {
        let from = Node::Site(n);
        match output {
            SiteOutput::Server(server, report) => {
                self.send(from, Node::Server(server.0), &Message::Report(report));
            }
            SiteOutput::Terminal(_, terminal, says) => {
                self.send(from, Node::Terminal(terminal.0), &Message::FromModem(says));
            }
            SiteOutput::User(user, says) => {
                self.tell_terminals(from, user, &Message::FromModem(says));
            }
            SiteOutput::Site(site, relay) => {
                self.send(from, Node::Site(site.0), &Message::Relay(relay));
            }
            SiteOutput::Modem(number, input) => {
                self.local(LINE, n, Local::ToDriver(number, input));
            }
            SiteOutput::ModemCard(number, reply) => {
                self.local(LINE, n, Local::ToSlot(number, reply));
            }
            SiteOutput::ModemSpeech(..) => {}
            SiteOutput::Card { bank, slot, signal } => {
                let slot = SlotId { site: SiteId(n), bank, slot };
                self.local(LINE, n, Local::ToCard(slot, signal));
            }
        }
    }

    pub(crate) fn happens_at(&mut self, site: u16, what: Local) {
        let now = self.now;
        let id = |number| ModemId { site: SiteId(site), number };
        match what {
            Local::ToDriver(number, input) => {
                self.tell(|| format!("    to modem {site}/{number}: {input:?}"));
                if let Some(modem) = self.modems.get(&id(number)) {
                    self.check.commanded(now, modem, &input);
                    self.with_modem(id(number), |modem| modem.driver(now, input));
                }
            }
            Local::ToSlot(number, reply) => {
                self.tell(|| format!("    to slot of {site}/{number}: {reply:?}"));
                if let Some(modem) = self.modems.get(&id(number)) {
                    self.check.contacts(now, modem, &reply);
                }
                let inserted = reply == CardReply::Inserted;
                self.with_modem(id(number), |modem| modem.slot(now, reply));
                if inserted {
                    self.session_begins(id(number));
                }
            }
            Local::FromDriver(number, output) => {
                self.tell(|| format!("    from modem {site}/{number}: {output:?}"));
                self.give_site(site, SiteInput::Modem(number, output));
            }
            Local::FromSlot(number, signal) => {
                self.give_site(site, SiteInput::ModemCard(number, signal));
            }
            Local::ToCard(slot, signal) => self.reach_card(slot, signal),
            Local::FromCard(SlotId { bank, slot, .. }, reply) => {
                self.give_site(site, SiteInput::Card { bank, slot, reply });
            }
        }
    }

    /// A modem gets a card: by which lease, its site knows.
    fn session_begins(&mut self, id: ModemId) {
        let view = self.sites[usize::from(id.site.0)].machine.modem(id.number);
        if let (Some(claim), Some(modem)) = (view.and_then(|view| view.lease), self.modems.get(&id))
        {
            self.check.session(id, modem.session, claim);
        }
    }

    fn reach_card(&mut self, slot: SlotId, signal: CardSignal) {
        let Some(card) = self.slots.get_mut(&slot) else { return };
        let reaction = card.handle(self.now, signal);
        let sim = card.sim;
        if let Some(used) = reaction.used {
            let fence = {
                let host = &self.sites[usize::from(slot.site.0)];
                host.machine.fence(host.local(self.now), super::names::iccid(sim))
            };
            self.tell(|| format!("    card {sim} is used by {used:?}"));
            self.check.used(sim, used, fence.map(|fence| fence.highest));
        }
        if let Some(reply) = reaction.reply {
            self.local(CARD, slot.site.0, Local::FromCard(slot, reply));
        }
    }

    /// A bank tells its site of a card by itself.
    pub(crate) fn card_says(&mut self, slot: SlotId, reply: CardReply) {
        self.local(LINE, slot.site.0, Local::FromCard(slot, reply));
    }

    pub(crate) fn with_modem(&mut self, id: ModemId, act: impl FnOnce(&mut Modem)) {
        let Some(modem) = self.modems.get_mut(&id) else { return };
        act(modem);
        let said = modem.take();
        for says in said {
            match says {
                Says::Driver(output) => {
                    self.local(LINE, id.site.0, Local::FromDriver(id.number, output));
                }
                Says::Slot(signal) => {
                    self.local(LINE, id.site.0, Local::FromSlot(id.number, signal));
                }
                Says::Air(air) => self.on_air(id, air),
            }
        }
    }

    fn on_air(&mut self, id: ModemId, air: Air) {
        self.tell(|| format!("    on air, modem {id}: {air:?}"));
        match air {
            Air::Register(imsi) => {
                self.check.registers(self.now, imsi, id, &self.modems);
                if let Some(old) =
                    self.operator.registered.insert(imsi, id).filter(|old| *old != id)
                    && let Some(old) = self.modems.get_mut(&old)
                {
                    old.superseded();
                }
                self.after(AIR, Event::Texts(id));
            }
            Air::Deregister(imsi) => {
                if self.operator.registered.get(&imsi) == Some(&id) {
                    self.operator.registered.remove(&imsi);
                }
            }
            Air::Part { imsi, to, body, part, of, reference, report } => {
                self.operator.submitted(&body, part, of);
                self.check.submitted(self.now, &body, part, &self.operator);
                if report {
                    self.operator.report(self.now, imsi, &to, reference);
                    self.after(AIR, Event::Texts(id));
                }
            }
            Air::Room => self.after(AIR, Event::Texts(id)),
            Air::Dial { imsi, number } => {
                *self.operator.dialled.entry(number.clone()).or_default() += 1;
                self.check.dialled(self.now, imsi, &number);
            }
        }
    }

    /// The operator hands a modem the next text of its SIM.
    pub(crate) fn offer_text(&mut self, id: ModemId) {
        let Some(modem) = self.modems.get(&id) else { return };
        let Some(imsi) = modem.registered.filter(|_| modem.has_room() && !modem.hung) else {
            return;
        };
        let Some(pdu) =
            self.operator.held.get_mut(&imsi).and_then(std::collections::VecDeque::pop_front)
        else {
            return;
        };
        self.tell(|| format!("    modem {id} gets a text from its network"));
        self.with_modem(id, |modem| modem.receive(imsi, pdu));
        self.after(AIR, Event::Texts(id));
    }

    pub(crate) fn give_terminal(&mut self, n: u32, input: TerminalInput) {
        self.terminal_turn(n, Some(input));
    }

    pub(crate) fn terminal_turn(&mut self, n: u32, input: Option<TerminalInput>) {
        let host = &mut self.terminals[usize::try_from(n).unwrap()];
        if !host.up {
            return;
        }
        let Turn { said, crashed } = host.turn(self.now, input);
        for output in said {
            if let Some((to, message)) = Message::of_terminal(&output) {
                self.send(Node::Terminal(n), to, &message);
            } else if let TerminalOutput::Tell(event) = output {
                self.tell(|| format!("terminal {n} tells: {event:?}"));
                self.check.told(self.now, n, &event);
            }
        }
        if crashed {
            self.crash(Node::Terminal(n), BACK_AFTER);
        }
    }
}
