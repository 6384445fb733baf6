//! The platforms of a world, and where what they say goes.

use super::cards::{Cards, OpenCard};
use super::config::{IssuanceConfig, IssuanceLinks, IssuanceNode};
use super::customer::Customer;
use super::message::{Asked, IssuanceMessage, Provision};
use super::streams::Streams;
use super::tell::Told;
use super::texts::{Inbox, Sent};
use super::tool::Desk;
use super::truth::Truth;
use crate::durable::Durable;
use crate::links::Links;
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use polysim_base::{Imei, Imsi, Instant, Machine, Msisdn, Stream};
use polysim_issuance::business::{Business, BusinessInput, BusinessOutput};
use polysim_issuance::platform::{
    BindingRow, CardState, Network, Platform, PlatformInput, PlatformOutput,
};
use polysim_issuance::wire::{BusinessRequest, RequestId, RequestKind};
use polysim_kernel::{Context, NodeId, Transit};
use polysim_radio::Directory;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) type Ctx<'a> = Context<'a, Message>;

/// The upper bits of a request's number say which business platform it is of, as the machine
/// itself does not know of others.
const BUSINESS_BITS: u32 = 48;

/// What opens the cards of a world.
#[derive(Debug)]
pub(crate) struct Issuance {
    pub(crate) config: IssuanceConfig,
    pub(crate) seed: u64,
    /// The wall clock at virtual time zero, seconds since the Unix epoch.
    pub(crate) start_unix_s: u64,
    pub(crate) directory: Arc<Directory>,
    /// The networks of the operators, as platforms know them.
    pub(crate) networks: Vec<Network>,
    pub(crate) cards: Cards,
    /// The phone of each device.
    pub(crate) devices: BTreeMap<Imei, u32>,
    /// The device of each phone.
    pub(crate) imeis: Vec<Imei>,
    /// The platform that wants to hear when a subscription registers.
    pub(crate) awaited: BTreeMap<Imsi, usize>,
    /// The platform of each number.
    pub(crate) numbers: BTreeMap<Msisdn, usize>,
    pub(crate) links: Links<IssuanceLinks>,
    pub(crate) platforms: Vec<Durable<Platform>>,
    pub(crate) businesses: Vec<Durable<Business>>,
    /// The customer of each business platform.
    pub(crate) customers: Vec<Customer>,
    pub(crate) inboxes: Vec<Inbox>,
    pub(crate) sent: Sent,
    pub(crate) streams: Streams,
    pub(crate) desk: Desk,
    /// How many batches the world has numbered itself.
    pub(crate) own_batches: u32,
    pub(crate) told: Told,
    pub(crate) truth: Truth,
    /// How long disks take.
    pub(crate) disks: Stream,
}

impl Issuance {
    /// Platforms hear at first of the cards that were made for them.
    pub(crate) fn begin(&mut self, ctx: &mut Ctx<'_>, mut observer: Option<&mut Observer>) {
        let rows: Vec<_> = self.cards.iter().map(|card| self.row(card)).collect();
        for (node, row) in rows {
            self.platform(ctx, observer.as_deref_mut(), node, |machine, now| {
                machine.handle(now, PlatformInput::Import(row));
            });
        }
    }

    /// Returns what the platform of a card knows of it at first. A card without the applet cannot
    /// say which device it is in.
    fn row(&self, card: &OpenCard) -> (usize, BindingRow) {
        let phone = self.cards.phone_of(&card.eid);
        let imei = phone.and_then(|phone| self.imeis.get(phone as usize)).copied();
        let row = BindingRow {
            eid: card.eid,
            imei: imei.filter(|_| !card.config.applet),
            iccid: Some(card.iccid),
            msisdn: card.seed.and_then(|imsi| self.truth.number_of(&imsi)),
            state: CardState::Settled { imsi: card.seed },
        };
        (card.config.platform, row)
    }

    /// A message arrives at a node, other than an operator's.
    pub(crate) fn deliver(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        (kind, node): (Kind, u32),
        message: IssuanceMessage,
    ) {
        let node = node as usize;
        match message {
            IssuanceMessage::Platform(input) => {
                self.platform(ctx, observer, node, |machine, now| machine.handle(now, input));
            }
            IssuanceMessage::Business(input) => {
                self.business(ctx, observer, node, |machine, now| machine.handle(now, input));
            }
            IssuanceMessage::Written(life) if kind == Kind::Platform => {
                let held = self.platforms.get_mut(node).map(|node| node.written(life));
                let held = held.into_iter().flatten();
                held.for_each(|said| self.platform_says(ctx, observer.as_deref_mut(), node, said));
            }
            IssuanceMessage::Written(life) => {
                let held = self.businesses.get_mut(node).map(|node| node.written(life));
                let held = held.into_iter().flatten();
                held.for_each(|said| self.business_says(ctx, observer.as_deref_mut(), node, said));
            }
            // The world itself carries these out.
            IssuanceMessage::Operator(..) | IssuanceMessage::Tool(_) => {}
        }
    }

    /// A node is woken.
    pub(crate) fn wake(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        node: IssuanceNode,
    ) {
        let now = ctx.now();
        match node {
            IssuanceNode::Platform(node) => {
                if self.platforms.get_mut(node).is_some_and(|node| node.armed.fired(now)) {
                    self.platform(ctx, observer, node, Platform::handle_timeout);
                }
            }
            IssuanceNode::Business(node) => {
                if self.businesses.get_mut(node).is_some_and(|node| node.armed.fired(now)) {
                    self.business(ctx, observer, node, Business::handle_timeout);
                }
            }
            IssuanceNode::Operator(_) => {}
        }
    }

    /// Sends something over a link.
    pub(crate) fn over(
        &mut self,
        ctx: &mut Ctx<'_>,
        (from, to): (IssuanceNode, IssuanceNode),
        message: IssuanceMessage,
    ) {
        let now = ctx.now();
        let mut send = |at: Instant, message| {
            ctx.send(at.since(now), node_of(to), Message::Issuance(Box::new(message)));
        };
        match self.links.transmit(now, from, to) {
            Transit::Lost => {}
            Transit::Arrives(at) => send(at, message),
            Transit::Twice(first, second) => {
                send(first, message.clone());
                send(second, message);
            }
        }
    }

    fn write(&mut self, ctx: &mut Ctx<'_>, node: IssuanceNode, life: u32) {
        let sync = self.config.sync;
        let delay = self.disks.duration(sync.min, sync.max);
        let message = Message::Issuance(Box::new(IssuanceMessage::Written(life)));
        ctx.send(delay, node_of(node), message);
    }

    // Card-writing platforms.

    /// Lets a platform do something, and carries out what it says.
    pub(crate) fn platform(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        node: usize,
        give: impl FnOnce(&mut Platform, Instant),
    ) {
        let now = ctx.now();
        let Some(platform) = self.platforms.get_mut(node) else { return };
        let (told, mut touched) = (&mut self.told, Vec::new());
        let did = match observer {
            Some(_) => platform.give_watched(now, give, |record| {
                touched.extend(told.touched(node, &record.change));
            }),
            None => platform.give(now, give),
        };
        let life = platform.life;
        if did.writes {
            self.write(ctx, IssuanceNode::Platform(node), life);
        }
        if let Some(observer) = observer.as_deref_mut() {
            self.look_at_records(now, observer, node, touched);
        }
        let said = did.now.into_iter();
        said.for_each(|said| self.platform_says(ctx, observer.as_deref_mut(), node, said));
        self.arm(ctx, IssuanceNode::Platform(node));
    }

    fn platform_says(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        node: usize,
        said: PlatformOutput,
    ) {
        let from = IssuanceNode::Platform(node);
        match said {
            PlatformOutput::Text { message, to, packet, validity } => {
                if observer.is_some() {
                    self.truth.sends(&self.cards, to, &packet);
                }
                let Some(operator) = self.directory.operator_of(&to) else { return };
                let operator = IssuanceNode::Operator(operator.0.into());
                let asked = Asked::Text { message, to, packet, validity };
                self.over(ctx, (from, operator), IssuanceMessage::Operator(node, asked));
            }
            PlatformOutput::Provision { order, imsi, msisdn, eid, key } => {
                let Some(operator) = self.directory.home_of(&imsi) else { return };
                self.awaited.insert(imsi, node);
                let asked = Provision { order, imsi, msisdn, eid, key };
                if observer.is_some() {
                    self.truth.provisions(&self.cards, &asked);
                }
                let operator = IssuanceNode::Operator(operator.0.into());
                let asked = IssuanceMessage::Operator(node, Asked::Provision(asked));
                self.over(ctx, (from, operator), asked);
            }
            PlatformOutput::Stream { stream, octets } => self.stream_says(ctx, stream, octets),
            PlatformOutput::Business { request, answer } => {
                let (business, request) = business_of(request);
                let input = BusinessInput::Answer { request, answer };
                let to = IssuanceNode::Business(business);
                self.over(ctx, (from, to), IssuanceMessage::Business(input));
            }
            PlatformOutput::Alarm(alarm) => {
                if let Some(observer) = observer {
                    self.tell_alarm(ctx.now(), observer, node, &alarm);
                }
            }
            PlatformOutput::Imported { .. } => {}
        }
    }

    // Business platforms.

    /// Lets a business platform do something, and carries out what it says.
    pub(crate) fn business(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        node: usize,
        give: impl FnOnce(&mut Business, Instant),
    ) {
        let now = ctx.now();
        let Some(business) = self.businesses.get_mut(node) else { return };
        let did = business.give(now, give);
        let life = business.life;
        if did.writes {
            self.write(ctx, IssuanceNode::Business(node), life);
        }
        let said = did.now.into_iter();
        said.for_each(|said| self.business_says(ctx, observer.as_deref_mut(), node, said));
        self.arm(ctx, IssuanceNode::Business(node));
    }

    fn business_says(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        node: usize,
        said: BusinessOutput,
    ) {
        match said {
            BusinessOutput::Ask(request) => {
                let to = self.config.businesses.get(node).map_or(0, |config| config.platform);
                let input = PlatformInput::Business(request_of(node, request));
                let ends = (IssuanceNode::Business(node), IssuanceNode::Platform(to));
                self.over(ctx, ends, IssuanceMessage::Platform(input));
            }
            BusinessOutput::Local(job) => self.job(node, job),
            said @ (BusinessOutput::NotTaken { .. }
            | BusinessOutput::Binding { .. }
            | BusinessOutput::Result { .. }) => {
                let customer = self.customers.get_mut(node);
                let is_news = customer.is_some_and(|customer| customer.hears(&said));
                if let Some(observer) = observer.filter(|_| is_news) {
                    self.tell_business(ctx.now(), observer, node, said);
                }
            }
        }
    }

    pub(crate) fn arm(&mut self, ctx: &mut Ctx<'_>, node: IssuanceNode) {
        let id = node_of(node);
        match node {
            IssuanceNode::Platform(node) => {
                if let Some(platform) = self.platforms.get_mut(node) {
                    let deadline = platform.deadline();
                    platform.armed.arm(ctx, id, deadline);
                }
            }
            IssuanceNode::Business(node) => {
                if let Some(business) = self.businesses.get_mut(node) {
                    let deadline = business.deadline();
                    business.armed.arm(ctx, id, deadline);
                }
            }
            IssuanceNode::Operator(_) => {}
        }
    }
}

/// Returns the node of the kernel.
pub(crate) fn node_of(node: IssuanceNode) -> NodeId {
    let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    match node {
        IssuanceNode::Platform(node) => Kind::Platform.node(index(node)),
        IssuanceNode::Business(node) => Kind::Business.node(index(node)),
        IssuanceNode::Operator(node) => Kind::Core.node(index(node)),
    }
}

/// Makes the number of a request tell which business platform it is of.
fn request_of(business: usize, request: BusinessRequest) -> BusinessRequest {
    let number = |id: RequestId| RequestId(id.0 | (business as u64) << BUSINESS_BITS);
    let kind = match request.kind {
        RequestKind::Cancel { write } => RequestKind::Cancel { write: number(write) },
        kind @ (RequestKind::Write { .. }
        | RequestKind::Bind { .. }
        | RequestKind::Proved { .. }) => kind,
    };
    BusinessRequest { id: number(request.id), kind }
}

/// Returns the business platform that a request is of, and its own number of it.
fn business_of(request: RequestId) -> (usize, RequestId) {
    let business = usize::try_from(request.0 >> BUSINESS_BITS).unwrap_or(usize::MAX);
    (business, RequestId(request.0 & ((1 << BUSINESS_BITS) - 1)))
}
