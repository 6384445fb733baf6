//! Packet contexts: addresses, and rates by technology and load (TS 24.008, 6.1; TS 24.301, 6).

use crate::{
    air::{CellId, Downlink, PacketAnswer, PacketRequest, RadioId, Rat},
    deadlines::Deadline,
    event::NetworkEvent,
    ids::OperatorId,
    message::{Ask, CallMessage, Charge, CoreMessage, Grant},
    network::{Core, CoreTimer, QUESTION_TIMEOUT, Visitor},
    tariff::Usage,
};
use alloc::collections::{BTreeMap, BTreeSet};
use polysim_base::{Imsi, Instant};

/// Contexts are numbered 1 to 15.
const CONTEXTS: core::ops::RangeInclusive<u8> = 1..=15;
/// SM cause 26, insufficient resources.
const INSUFFICIENT: u8 = 26;
/// Addresses are taken from 10.0.0.0/8.
const NETWORK: u32 = 10 << 24;
const HOSTS: u32 = 1 << 24;
/// What is left of the rate when nothing throttles it.
const FULL: u32 = 1_000;

/// The packet contexts of a serving core.
#[derive(Clone, Debug)]
pub(crate) struct Contexts {
    active: BTreeMap<(RadioId, u8), Context>,
    asked: BTreeMap<(RadioId, u8), Asked>,
    /// How many contexts share a cell.
    sharing: BTreeMap<CellId, u32>,
    addresses: BTreeSet<u32>,
    last_host: u32,
    permille: u32,
}

#[derive(Clone, Copy, Debug)]
struct Context {
    imsi: Imsi,
    home: OperatorId,
    cell: CellId,
    rat: Rat,
    address: u32,
    since: Instant,
    /// Octets of its streams, both ways.
    octets: u64,
    /// The end of the money, where it sets a limit.
    limit: Option<Deadline>,
}

/// A context whose home network is asked.
#[derive(Clone, Copy, Debug)]
struct Asked {
    serial: u32,
    deadline: Deadline,
}

/// Rates in kbit/s.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Rate {
    down_kbps: u32,
    up_kbps: u32,
}

impl Default for Contexts {
    fn default() -> Self {
        Self {
            active: BTreeMap::new(),
            asked: BTreeMap::new(),
            sharing: BTreeMap::new(),
            addresses: BTreeSet::new(),
            last_host: 0,
            permille: FULL,
        }
    }
}

/// What one device gets at most, and what a cell has for all its devices.
fn capacity(rat: Rat) -> (Rate, Rate) {
    let rate = |down_kbps, up_kbps| Rate { down_kbps, up_kbps };
    match rat {
        Rat::Gsm => (rate(236, 118), rate(944, 472)),
        Rat::Umts => (rate(21_096, 5_760), rate(42_192, 11_520)),
        Rat::Lte => (rate(150_752, 51_024), rate(301_504, 102_048)),
        Rat::Nr => (rate(900_000, 100_000), rate(1_800_000, 200_000)),
    }
}

impl Contexts {
    fn rate(&self, context: &Context) -> Rate {
        let (most, shared) = capacity(context.rat);
        let sharing = self.sharing.get(&context.cell).copied().unwrap_or(1).max(1);
        let of = |most: u32, shared: u32| {
            let fair = u64::from(most.min(shared / sharing));
            let throttled = fair * u64::from(self.permille) / u64::from(FULL);
            u32::try_from(throttled).unwrap_or(u32::MAX).max(1)
        };
        Rate {
            down_kbps: of(most.down_kbps, shared.down_kbps),
            up_kbps: of(most.up_kbps, shared.up_kbps),
        }
    }

    fn join(&mut self, cell: CellId) {
        let sharing = self.sharing.entry(cell).or_default();
        *sharing = sharing.saturating_add(1);
    }

    fn part(&mut self, cell: CellId) {
        if let Some(sharing) = self.sharing.get_mut(&cell) {
            *sharing = sharing.saturating_sub(1);
            if *sharing == 0 {
                self.sharing.remove(&cell);
            }
        }
    }

    /// Takes a free address; none while all are taken. The first and last are never given.
    fn take_address(&mut self) -> Option<u32> {
        if self.addresses.len() >= usize::try_from(HOSTS - 2).unwrap_or(0) {
            return None;
        }
        loop {
            self.last_host = self.last_host % (HOSTS - 2) + 1;
            let address = NETWORK | self.last_host;
            if self.addresses.insert(address) {
                return Some(address);
            }
        }
    }

    pub(crate) fn is_active(&self, radio: RadioId, context: u8) -> bool {
        self.active.contains_key(&(radio, context))
    }

    /// Counts octets that a context carries.
    pub(crate) fn count(&mut self, radio: RadioId, context: u8, octets: usize) {
        if let Some(context) = self.active.get_mut(&(radio, context)) {
            let octets = u64::try_from(octets).unwrap_or(u64::MAX);
            context.octets = context.octets.saturating_add(octets);
        }
    }

    fn of_device(&self, radio: RadioId) -> Vec<u8> {
        let all = (radio, u8::MIN)..=(radio, u8::MAX);
        self.active.range(all).map(|((_, context), _)| *context).collect()
    }
}

#[cfg(test)]
impl Contexts {
    pub(crate) fn is_at_rest(&self) -> bool {
        self.active.is_empty()
            && self.asked.is_empty()
            && self.sharing.is_empty()
            && self.addresses.is_empty()
    }
}

impl Core {
    fn packet_to(&mut self, radio: RadioId, context: u8, answer: PacketAnswer) {
        if let Some(visitor) = self.visitors.get(radio) {
            let downlink = Downlink::Packet { context, answer };
            self.port.tell_device(visitor.region, radio, downlink);
        }
    }

    pub(crate) fn packet_uplink(
        &mut self,
        radio: RadioId,
        visitor: &Visitor,
        context: u8,
        request: &PacketRequest,
    ) {
        match request {
            PacketRequest::Activate { .. } if !CONTEXTS.contains(&context) => {
                let cause = INSUFFICIENT;
                self.packet_to(radio, context, PacketAnswer::Refused { cause });
            }
            PacketRequest::Activate { apn } => {
                self.end_context(radio, context);
                self.serial = self.serial.wrapping_add(1);
                let serial = self.serial;
                let timer = CoreTimer::Packet(radio, context);
                let deadline = self.port.wake_after(QUESTION_TIMEOUT, timer);
                let asked = Asked { serial, deadline };
                if let Some(older) = self.contexts.asked.insert((radio, context), asked) {
                    self.port.cancel(older.deadline);
                }
                let ask = Ask::Packet { radio, context, serial };
                let imsi = visitor.imsi;
                let apn = Some(apn.as_str().into());
                self.port.send(visitor.home, CallMessage::Authorise { ask, imsi, apn });
            }
            PacketRequest::Deactivate => {
                self.forget_asked(radio, context);
                self.end_context(radio, context);
                self.packet_to(radio, context, PacketAnswer::Inactive);
            }
        }
    }

    fn forget_asked(&mut self, radio: RadioId, context: u8) {
        if let Some(asked) = self.contexts.asked.remove(&(radio, context)) {
            self.port.cancel(asked.deadline);
        }
    }

    /// The home network allows or refuses what a device asked for.
    pub(crate) fn authorised(&mut self, ask: Ask, result: Result<Grant, u8>) {
        match ask {
            Ask::Call(call) => self.call_authorised(call, result),
            Ask::Packet { radio, context, serial } => {
                let asked = self.contexts.asked.get(&(radio, context));
                if asked.is_some_and(|asked| asked.serial == serial) {
                    self.forget_asked(radio, context);
                    self.packet_authorised(radio, context, result);
                }
            }
        }
    }

    fn packet_authorised(&mut self, radio: RadioId, number: u8, result: Result<Grant, u8>) {
        let Some(visitor) = self.visitors.get(radio).copied() else {
            return;
        };
        let grant = match result {
            Ok(grant) => grant,
            Err(cause) => {
                return self.packet_to(radio, number, PacketAnswer::Refused { cause });
            }
        };
        let Some(address) = self.contexts.take_address() else {
            let cause = INSUFFICIENT;
            return self.packet_to(radio, number, PacketAnswer::Refused { cause });
        };
        let timer = CoreTimer::Packet(radio, number);
        let limit = grant.longest.map(|longest| self.port.wake_after(longest, timer));
        let context = Context {
            imsi: visitor.imsi,
            home: visitor.home,
            cell: visitor.cell,
            rat: visitor.rat,
            address,
            since: self.port.now,
            octets: 0,
            limit,
        };
        self.contexts.join(context.cell);
        self.contexts.active.insert((radio, number), context);
        let Rate { down_kbps, up_kbps } = self.contexts.rate(&context);
        let address = address.to_be_bytes();
        let answer = PacketAnswer::Active { address, down_kbps, up_kbps };
        self.packet_to(radio, number, answer);
        self.port.event(|| NetworkEvent::ContextActive {
            imsi: visitor.imsi,
            radio,
            context: number,
            address,
        });
    }

    /// The home network does not answer, or the money is used up.
    pub(crate) fn packet_overdue(&mut self, radio: RadioId, context: u8) {
        if self.contexts.asked.remove(&(radio, context)).is_some() {
            let cause = INSUFFICIENT;
            self.packet_to(radio, context, PacketAnswer::Refused { cause });
        } else if self.end_context(radio, context) {
            self.packet_to(radio, context, PacketAnswer::Inactive);
        }
    }

    /// Ends a context, and charges for it; returns whether there was one.
    fn end_context(&mut self, radio: RadioId, number: u8) -> bool {
        let Some(context) = self.contexts.active.remove(&(radio, number)) else {
            return false;
        };
        self.port.cancel(context.limit);
        self.end_streams(context.imsi, radio, number);
        self.contexts.part(context.cell);
        self.contexts.addresses.remove(&context.address);
        let imsi = context.imsi;
        let charge = Charge {
            imsi,
            usage: Usage::Packet { octets: context.octets },
            other: None,
            duration: self.port.now.since(context.since),
            serving: self.port.id,
        };
        self.port.send(context.home, CoreMessage::Charge(Box::new(charge)));
        self.port.event(|| NetworkEvent::ContextInactive { imsi, radio, context: number });
        true
    }

    /// A device is out of reach: its contexts are gone.
    pub(crate) fn end_contexts(&mut self, radio: RadioId) {
        for context in CONTEXTS {
            self.forget_asked(radio, context);
        }
        for context in self.contexts.of_device(radio) {
            self.end_context(radio, context);
        }
    }

    fn announce_rate(&mut self, radio: RadioId, number: u8) {
        if let Some(context) = self.contexts.active.get(&(radio, number)) {
            let Rate { down_kbps, up_kbps } = self.contexts.rate(context);
            let answer = PacketAnswer::Rate { down_kbps, up_kbps };
            self.packet_to(radio, number, answer);
        }
    }

    /// A device has moved to another cell: its contexts go with it.
    pub(crate) fn announce_rates(&mut self, radio: RadioId) {
        let Some(visitor) = self.visitors.get(radio).copied() else {
            return;
        };
        for number in self.contexts.of_device(radio) {
            if let Some(context) = self.contexts.active.get_mut(&(radio, number)) {
                let before = core::mem::replace(&mut context.cell, visitor.cell);
                context.rat = visitor.rat;
                self.contexts.part(before);
                self.contexts.join(visitor.cell);
            }
            self.announce_rate(radio, number);
        }
    }

    /// A fault throttles all contexts, or ends.
    pub(crate) fn throttle(&mut self, permille: u32) {
        let permille = permille.min(FULL);
        if self.contexts.permille == permille {
            return;
        }
        self.contexts.permille = permille;
        let all: Vec<(RadioId, u8)> = self.contexts.active.keys().copied().collect();
        for (radio, context) in all {
            self.announce_rate(radio, context);
        }
    }
}
