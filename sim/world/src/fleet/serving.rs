//! What servers say and write, and which of them leads.

use super::config::{FleetConfig, FleetNode};
use super::ledger::Desk;
use super::message::{FleetMessage, recoded};
use super::server::{self, Appended};
use super::system::{Ctx, Fleet, index, node_of};
use crate::message::Message;
use crate::observer::Observer;
use polysim_base::{Duration, Instant};
use polysim_fleet::site::SiteInput;
use polysim_fleet::terminal::TerminalInput;
use polysim_fleet::wire::Output;
use polysim_fleet::{Exchange, TerminalId, UserId};

/// After how long a server tries again to reach a log that it cannot reach.
const LOG_RETRY: Duration = Duration::from_millis(500);

impl Fleet {
    /// Lets a server do something, and carries out what it says.
    pub(crate) fn server(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        give: impl FnOnce(&mut Exchange, Instant),
    ) {
        let now = ctx.now();
        let Some(server) = self.servers.get_mut(node) else { return };
        let did = server.give(now, give);
        self.server_did(ctx, observer, node, did);
    }

    pub(crate) fn server_did(
        &mut self,
        ctx: &mut Ctx<'_>,
        _observer: &mut Observer,
        node: usize,
        did: server::Did,
    ) {
        let Some(server) = self.servers.get_mut(node) else { return };
        let life = server.life;
        if did.writes {
            self.write(ctx, FleetNode::Server(node), life);
        }
        did.now.into_iter().for_each(|output| self.server_says(ctx, node, output));
        self.arm_server(ctx, node);
    }

    pub(crate) fn arm_server(&mut self, ctx: &mut Ctx<'_>, node: usize) {
        if let Some(server) = self.servers.get_mut(node) {
            let deadline = server.deadline();
            server.armed.arm(ctx, node_of(FleetNode::Server(node)), deadline);
        }
    }

    fn server_says(&mut self, ctx: &mut Ctx<'_>, node: usize, output: Output) {
        let own = FleetConfig::server_id(node);
        let from = FleetNode::Server(node);
        match output {
            Output::ToSite(site, directive) => {
                let ledger = &self.ledger;
                self.truth.ordered(&directive.order, |iccid| ledger.epoch(&self.names, iccid));
                let to = FleetNode::Site(usize::from(site.0));
                self.over(ctx, (from, to), directive, |directive| {
                    FleetMessage::Site(SiteInput::Server(own, directive))
                });
            }
            Output::ToUser { user, request, answer } => {
                let Some(to) = self.terminal_of(user, request.terminal()) else { return };
                self.over(ctx, (from, FleetNode::Terminal(to)), answer, |answer| {
                    FleetMessage::Terminal(TerminalInput::Answer(own, request, answer))
                });
            }
            Output::Mail(user, mail) => {
                for to in self.terminals_of(user) {
                    let to = FleetNode::Terminal(to);
                    self.over(ctx, (from, to), mail, |mail| {
                        FleetMessage::Terminal(TerminalInput::Mail(own, mail))
                    });
                }
            }
        }
    }

    fn terminal_of(&self, user: UserId, terminal: TerminalId) -> Option<usize> {
        let own = self.terminals_of.get(usize::try_from(user.0).ok()?)?;
        let terminal = usize::try_from(terminal.0).ok()?;
        own.contains(&terminal).then_some(terminal)
    }

    pub(super) fn terminals_of(&self, user: UserId) -> Vec<usize> {
        let user = usize::try_from(user.0).ok();
        user.and_then(|user| self.terminals_of.get(user)).cloned().unwrap_or_default()
    }

    /// A server gets what it has recorded into the log, or finds that it leads no more.
    pub(super) fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        life: u32,
    ) {
        let exchange = self.names.config.exchange;
        if self.links.is_cut(FleetNode::Server(node), FleetNode::Log) {
            let again = Message::Fleet(Box::new(FleetMessage::Written(life)));
            return ctx.send(LOG_RETRY, node_of(FleetNode::Server(node)), again);
        }
        let Some(server) = self.servers.get_mut(node) else { return };
        match server.append(life, &mut self.log, exchange) {
            Appended::Nothing => {}
            Appended::Done(held) => {
                self.fold(ctx.now(), observer, node);
                held.into_iter().for_each(|output| self.server_says(ctx, node, output));
                self.serve_operator(ctx, observer);
            }
            Appended::Refused(said, leads) => {
                said.into_iter().rev().for_each(|said| self.operator.push_front(said));
                if leads {
                    self.lead(ctx, observer, node);
                } else {
                    self.follows(ctx.now(), observer, node);
                    self.serve_operator(ctx, observer);
                }
            }
        }
    }

    /// Looks at what is new in the log.
    pub(crate) fn fold(&mut self, now: Instant, observer: &mut Observer, writer: usize) {
        let Self { log, ledger, truth, names, encode, cuts, .. } = self;
        let mut leads = None;
        while let Some((record, fold)) = log.fold_next() {
            if *encode && recoded(record.clone(), cuts).is_none() {
                truth.found("wire-types-round-trip", "a record".into());
            }
            if let polysim_fleet::wire::Change::Lead(term) = record.change {
                leads = Some(term);
            }
            let mut desk = Desk { at: now, names, observer };
            ledger.take(&record, fold, &mut desk);
            truth.record(now, &record);
        }
        if let Some(term) = leads {
            log.leader = Some(writer);
            log.refreshed = now;
            let fields = vec![("server", names.server(writer).into()), ("term", term.0.into())];
            observer.note(now, "server.leads", fields);
        }
    }

    pub(crate) fn follows(&self, now: Instant, observer: &mut Observer, node: usize) {
        observer.note(now, "server.follows", vec![("server", self.names.server(node).into())]);
    }

    /// A server takes over.
    pub(crate) fn lead(&mut self, ctx: &mut Ctx<'_>, observer: &mut Observer, node: usize) {
        let now = ctx.now();
        let Some(server) = self.servers.get_mut(node) else { return };
        let did = server.lead(now, &self.log);
        self.server_did(ctx, observer, node, did);
    }

    /// Gives what the operator says to the server that leads.
    pub(crate) fn serve_operator(&mut self, ctx: &mut Ctx<'_>, observer: &mut Observer) {
        let Some(leader) = self.log.leader else { return };
        while let Some(said) = self.operator.pop_front() {
            let server = self.servers.get_mut(leader).filter(|server| server.leads());
            let Some(server) = server else { return self.operator.push_front(said) };
            let did = server.hear(ctx.now(), said);
            self.server_did(ctx, observer, leader, did);
        }
    }

    /// A leader shows that it is there; the others see whether there is one.
    pub(super) fn tick(&mut self, ctx: &mut Ctx<'_>, observer: &mut Observer, node: usize) {
        let succession = self.names.config.succession;
        let tick = Message::Fleet(Box::new(FleetMessage::Tick));
        ctx.send(succession.refresh_every, node_of(FleetNode::Server(node)), tick);
        let now = ctx.now();
        let reaches = !self.links.is_cut(FleetNode::Server(node), FleetNode::Log);
        let Some(server) = self.servers.get_mut(node).filter(|server| reaches && server.is_up())
        else {
            return;
        };
        let own = self.log.leader == Some(node);
        if server.leads() && own {
            self.log.refreshed = now;
        } else if server.leads() && server.is_settled() {
            let said = server.follow(self.names.config.exchange);
            said.into_iter().rev().for_each(|said| self.operator.push_front(said));
            self.follows(now, observer, node);
        } else if !server.leads() {
            let turn = u64::from(index(node));
            let wait = succession.refresh_every.as_micros().saturating_mul(turn);
            let wait = succession.silence.plus(Duration::from_micros(wait));
            // Who led before it fell goes on.
            if own || now.since(self.log.refreshed) > wait {
                self.lead(ctx, observer, node);
            }
        }
        self.serve_operator(ctx, observer);
    }
}
