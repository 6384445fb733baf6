//! Somebody with a tool at a phone: reads the stored pair of its card, and brings the card what
//! comes for it.

use super::build::APPLET_AID;
use super::config::IssuanceConfig;
use super::message::IssuanceMessage;
use super::system::{Ctx, Issuance};
use crate::message::Message;
use crate::node::Kind;
use crate::world::MobileWorld;
use polysim_base::procedure::{Procedure, Step, Ticket};
use polysim_base::{Duration, Eid, Instant, Machine as _, Out};
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_card::Card;
use polysim_issuance::business::{BusinessInput, Job};
use polysim_issuance::on_site::{
    Ask, Brought, Delivery, Lane, OnSiteError, Reply, Terminal, bring, read_pair,
};
use polysim_issuance::wire::RequestId;
use polysim_issuance::wire::apdu::StoredPair;
use polysim_modem::{Channel, ModemCommand, ModemError, ModemInput, Reply as ModemReply};
use polysim_sms::{Address, Reference, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Commands of tools have numbers that no user's command reaches.
const COMMANDS: u64 = 1 << 63;
/// Nobody waits longer for a modem than this, once it is time to leave.
const LAST_ANSWER: Duration = Duration::from_secs(300);

/// What waits to be brought to cards, and who is where.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    jobs: BTreeMap<Eid, Vec<(usize, Job)>>,
    visits: BTreeMap<u32, Visit>,
    /// Phones at which something is to be done.
    fresh: Vec<u32>,
    last: u32,
    last_command: u64,
}

/// Somebody at a phone.
#[derive(Debug)]
struct Visit {
    number: u32,
    eid: Eid,
    business: usize,
    /// The card, where it is in a reader.
    reader: Option<Box<Card>>,
    until: Instant,
    work: Option<Work>,
    /// The question that the modem has not answered.
    asked: Option<Ticket>,
    channel: Option<Channel>,
    /// Jobs that came to nothing here.
    failed: BTreeSet<RequestId>,
}

/// What is being done.
#[derive(Debug)]
enum Work {
    Read(Procedure<Ask, Reply, Result<StoredPair, OnSiteError>>),
    Bring(usize, RequestId, Procedure<Ask, Reply, Result<Brought, OnSiteError>>),
}

/// What came of it.
enum Done {
    Read(Result<StoredPair, OnSiteError>),
    Brought(usize, RequestId, Result<Brought, OnSiteError>),
}

/// The next step of what is being done.
enum Next {
    Ask(Ticket, Ask),
    Done(Done),
    Wait(Option<Instant>),
}

impl Work {
    fn next(&mut self) -> Next {
        let (step, due) = match self {
            Self::Read(flow) => {
                let step = flow.poll_output().map(|Out::Do(step)| match step {
                    Step::Ask(ticket, ask) => Next::Ask(ticket, ask),
                    Step::Done(result) => Next::Done(Done::Read(result)),
                });
                (step, flow.poll_timeout())
            }
            Self::Bring(business, request, flow) => {
                let step = flow.poll_output().map(|Out::Do(step)| match step {
                    Step::Ask(ticket, ask) => Next::Ask(ticket, ask),
                    Step::Done(result) => Next::Done(Done::Brought(*business, *request, result)),
                });
                (step, flow.poll_timeout())
            }
        };
        step.unwrap_or_else(|| Next::Wait(due.map(|(at, _)| at)))
    }

    fn answer(&mut self, now: Instant, answer: (Ticket, Reply)) {
        match self {
            Self::Read(flow) => flow.handle(now, answer),
            Self::Bring(_, _, flow) => flow.handle(now, answer),
        }
    }

    fn wake(&mut self, now: Instant) {
        match self {
            Self::Read(flow) => flow.handle_timeout(now),
            Self::Bring(_, _, flow) => flow.handle_timeout(now),
        }
    }
}

impl Desk {
    /// Returns how many things of a business platform wait to be brought.
    pub(crate) fn jobs_of(&self, business: usize) -> usize {
        self.jobs.values().flatten().filter(|(of, _)| *of == business).count()
    }

    /// Takes something to be brought; the newest of a request counts, and the newest answer to what
    /// a tool has read.
    fn take(&mut self, business: usize, job: Job) {
        let jobs = self.jobs.entry(job.write.eid).or_default();
        let answers = |job: &Job| job.write.order.is_none();
        jobs.retain(|(of, other)| {
            let newer = other.request == job.request || answers(other) && answers(&job);
            !(*of == business && newer)
        });
        jobs.push((business, job));
    }

    fn done(&mut self, eid: &Eid, business: usize, request: RequestId) {
        if let Some(jobs) = self.jobs.get_mut(eid) {
            jobs.retain(|(of, job)| (*of, job.request) != (business, request));
            if jobs.is_empty() {
                self.jobs.remove(eid);
            }
        }
    }
}

impl Issuance {
    /// A business platform has something for a tool.
    pub(crate) fn job(&mut self, business: usize, job: Job) {
        let phone = self.cards.phone_of(&job.write.eid);
        self.desk.take(business, job);
        self.desk.fresh.extend(phone.filter(|phone| self.desk.visits.contains_key(phone)));
    }

    /// Begins with what waits for a card, other than what came to nothing before.
    fn next_job(&self, now: Instant, visit: &Visit) -> Option<Work> {
        let jobs = self.desk.jobs.get(&visit.eid)?;
        let (business, job) =
            jobs.iter().find(|(_, job)| !visit.failed.contains(&job.request))?.clone();
        let card = self.cards.with(&visit.eid).and_then(|card| self.cards.get(card))?;
        let unix_s = self.start_unix_s.saturating_add(now.as_micros() / 1_000_000);
        let [.., reference] = job.request.0.to_be_bytes();
        let delivery = Delivery {
            packet: job.write.packet,
            from: Address::from(IssuanceConfig::number(card.config.platform)?),
            at: Timestamp::from_unix(unix_s, 0).ok()?,
            reference: Reference::Eight(reference),
        };
        let terminal = visit.terminal();
        let flow = Procedure::start(now, |port| bring(port, delivery, terminal));
        Some(Work::Bring(business, job.request, flow))
    }
}

impl Visit {
    const fn terminal(&self) -> Terminal {
        if self.reader.is_some() { Terminal::Tool } else { Terminal::Modem }
    }
}

impl MobileWorld {
    pub(crate) fn begin_visit(
        &mut self,
        ctx: &mut Ctx<'_>,
        phone: usize,
        (business, in_reader): (usize, bool),
        stay: Duration,
    ) {
        let Ok(index) = u32::try_from(phone) else { return };
        let now = ctx.now();
        let Some(issuance) = &mut self.issuance else { return };
        let card = issuance.cards.in_phone(index).and_then(|card| issuance.cards.get(card));
        let Some(eid) = card.map(|card| card.eid) else { return };
        if issuance.desk.visits.contains_key(&index) {
            return;
        }
        issuance.desk.last = issuance.desk.last.wrapping_add(1);
        let number = issuance.desk.last;
        let mut reader = None;
        if in_reader {
            let Some(mut card) = self.phone_mut(index).and_then(|phone| phone.card.take()) else {
                return;
            };
            card.power_on();
            reader = Some(Box::new(card));
            self.baseband(ctx, index, BasebandInput::Card(CardToTerminal::Removed));
        }
        let mut visit = Visit {
            number,
            eid,
            business,
            reader,
            until: now.plus(stay),
            work: None,
            asked: None,
            channel: None,
            failed: BTreeSet::new(),
        };
        let terminal = visit.terminal();
        let aid = APPLET_AID.to_vec();
        let flow = Procedure::start(now, |port| read_pair(port, aid, terminal));
        visit.work = Some(Work::Read(flow));
        wake_tool(ctx, index, number, stay);
        wake_tool(ctx, index, number, stay.plus(LAST_ANSWER));
        if let Some(issuance) = &mut self.issuance {
            issuance.desk.visits.insert(index, visit);
            issuance.desk.fresh.push(index);
        }
        self.serve_tools(ctx);
    }

    /// Somebody with a tool has waited.
    pub(crate) fn tool_due(&mut self, ctx: &mut Ctx<'_>, phone: u32, number: u32) {
        let now = ctx.now();
        let Some(issuance) = &mut self.issuance else { return };
        let visit = issuance.desk.visits.get_mut(&phone);
        let Some(visit) = visit.filter(|visit| visit.number == number) else { return };
        if let Some(work) = &mut visit.work {
            work.wake(now);
        }
        issuance.desk.fresh.push(phone);
        self.serve_tools(ctx);
    }

    /// Lets everybody with a tool go on who can.
    pub(crate) fn serve_tools(&mut self, ctx: &mut Ctx<'_>) {
        while let Some(phone) = self.issuance.as_mut().and_then(|it| it.desk.fresh.pop()) {
            let visit = self.issuance.as_mut().and_then(|it| it.desk.visits.remove(&phone));
            let Some(visit) = visit else { continue };
            let Some(visit) = self.go_on(ctx, phone, visit) else { continue };
            if let Some(issuance) = &mut self.issuance {
                issuance.desk.visits.insert(phone, visit);
            }
        }
    }

    /// Goes on with a visit as far as it comes; returns it unless it is over.
    fn go_on(&mut self, ctx: &mut Ctx<'_>, phone: u32, mut visit: Visit) -> Option<Visit> {
        let now = ctx.now();
        if now >= visit.until.plus(LAST_ANSWER) {
            // A phone that was switched off answers nothing.
            self.end_visit(ctx, phone, visit);
            return None;
        }
        loop {
            let Some(work) = &mut visit.work else {
                visit.work = self.issuance.as_ref().and_then(|it| it.next_job(now, &visit));
                if visit.work.is_some() {
                    continue;
                }
                if now >= visit.until {
                    self.end_visit(ctx, phone, visit);
                    return None;
                }
                return Some(visit);
            };
            match work.next() {
                Next::Ask(ticket, ask) => match &mut visit.reader {
                    Some(card) => {
                        let reply = in_reader(card, now, &ask);
                        if let Ask::Transmit { apdu, .. } = &ask {
                            self.saw_in_reader(now, phone, card, apdu, &reply);
                        }
                        work.answer(now, (ticket, reply));
                    }
                    None => match self.ask_modem(ctx, phone, visit.channel, ask) {
                        Some(reply) => work.answer(now, (ticket, reply)),
                        None => {
                            visit.asked = Some(ticket);
                            return Some(visit);
                        }
                    },
                },
                Next::Done(done) => {
                    visit.work = None;
                    self.tool_has(ctx, phone, &mut visit, done);
                }
                Next::Wait(at) => {
                    if let Some(at) = at {
                        wake_tool(ctx, phone, visit.number, at.since(now));
                    }
                    return Some(visit);
                }
            }
        }
    }

    /// Asks the modem; returns the answer where it is known at once.
    fn ask_modem(
        &mut self,
        ctx: &mut Ctx<'_>,
        phone: u32,
        channel: Option<Channel>,
        ask: Ask,
    ) -> Option<Reply> {
        let command = match (ask, channel) {
            (Ask::Open(aid), _) => ModemCommand::OpenChannel { aid: aid.as_slice().into() },
            (Ask::Close, Some(channel)) => ModemCommand::CloseChannel(channel),
            (Ask::Close, None) => return Some(Reply::Done),
            (Ask::Transmit { on: Lane::Basic, apdu }, _) => {
                ModemCommand::TransmitBasic { apdu: apdu.as_slice().into() }
            }
            (Ask::Transmit { on: Lane::Opened, apdu }, Some(channel)) => {
                ModemCommand::Transmit { channel, apdu: apdu.as_slice().into() }
            }
            (Ask::Transmit { on: Lane::Opened, .. } | Ask::Reset, _) => return Some(Reply::Unable),
        };
        let desk = &mut self.issuance.as_mut()?.desk;
        desk.last_command += 1;
        let id = COMMANDS | desk.last_command;
        self.host_input(ctx, phone, ModemInput::Command { id, command });
        None
    }

    /// The modem has carried a command out; returns whether it was one of a tool.
    pub(crate) fn tool_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        phone: u32,
        id: u64,
        outcome: &Result<ModemReply, ModemError>,
    ) -> bool {
        let Some(issuance) = self.issuance.as_mut().filter(|_| id & COMMANDS != 0) else {
            return false;
        };
        let number = issuance.desk.visits.get_mut(&phone).and_then(|visit| {
            let ticket = visit.asked.take()?;
            let reply = match outcome {
                Ok(ModemReply::Channel(channel)) => {
                    visit.channel = Some(*channel);
                    Reply::Done
                }
                Ok(ModemReply::Apdu(answer)) => Reply::Response(answer.clone()),
                Ok(_) => Reply::Done,
                Err(ModemError::Refused | ModemError::Cme(_)) => Reply::Unable,
                Err(_) => Reply::Failed,
            };
            visit.work.as_mut()?.answer(ctx.now(), (ticket, reply));
            Some(visit.number)
        });
        if let Some(number) = number {
            // The modem is in the middle of what it says: go on when it is done.
            wake_tool(ctx, phone, number, Duration::ZERO);
        }
        true
    }

    /// Hands in what came of a piece of work.
    fn tool_has(&mut self, ctx: &mut Ctx<'_>, phone: u32, visit: &mut Visit, done: Done) {
        let at = ctx.now();
        let business = visit.business;
        let (name, result, input) = match done {
            Done::Read(Ok(pair)) => {
                let input = BusinessInput::Read { frame: pair.frame };
                ("tool.read", String::new(), Some((business, input)))
            }
            Done::Brought(business, request, Ok(brought)) => {
                if let Some(issuance) = &mut self.issuance {
                    issuance.desk.done(&visit.eid, business, request);
                }
                let input = BusinessInput::Brought { request, proof: brought.proof };
                ("tool.brought", String::new(), Some((business, input)))
            }
            Done::Brought(_, request, Err(error)) => {
                visit.failed.insert(request);
                ("tool.failed", super::tell::word(&error), None)
            }
            Done::Read(Err(error)) => ("tool.failed", super::tell::word(&error), None),
        };
        self.with_issuance(|issuance, mut observer| {
            if let Some(observer) = observer.as_deref_mut() {
                if name == "tool.failed" {
                    observer.tell(at, name, phone, [("why", result.into())]);
                } else {
                    observer.tell(at, name, phone, []);
                }
            }
            if let Some((node, input)) = input {
                issuance.business(ctx, observer, node, |machine, now| machine.handle(now, input));
            }
        });
    }

    /// Whoever is at a phone with a tool leaves at once.
    pub(crate) fn interrupt_visit(&mut self, ctx: &mut Ctx<'_>, phone: u32) {
        let visit = self.issuance.as_mut().and_then(|it| it.desk.visits.remove(&phone));
        if let Some(visit) = visit {
            self.end_visit(ctx, phone, visit);
        }
    }

    /// The card goes back to its device.
    fn end_visit(&mut self, ctx: &mut Ctx<'_>, phone: u32, visit: Visit) {
        let at = ctx.now();
        if let (Some(mut card), Some(place)) = (visit.reader, self.phone_mut(phone)) {
            card.power_off();
            place.card = Some(*card);
            self.baseband(ctx, phone, BasebandInput::Card(CardToTerminal::Inserted));
        }
        if let Some(observer) = &mut self.observer {
            observer.tell(at, "tool.left", phone, []);
        }
    }
}

fn wake_tool(ctx: &mut Ctx<'_>, phone: u32, number: u32, after: Duration) {
    let message = Message::Issuance(Box::new(IssuanceMessage::Tool(number)));
    ctx.send(after, Kind::Host.node(phone), message);
}

/// Answers what is asked of a card in a reader.
fn in_reader(card: &mut Card, now: Instant, ask: &Ask) -> Reply {
    match ask {
        Ask::Open(_) => Reply::Unable,
        Ask::Close => Reply::Done,
        Ask::Reset => card.power_on().map_or(Reply::Failed, |_| Reply::Done),
        Ask::Transmit { apdu, .. } => {
            let mut response = Vec::new();
            card.transmit(now, apdu, &mut response);
            if response.is_empty() { Reply::Failed } else { Reply::Response(response) }
        }
    }
}
