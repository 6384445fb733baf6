//! Packet contexts (TS 27.007, 10; TS 24.301, 6).

use crate::core::Core;
use crate::effects::Effects;
use crate::port::Done;
use crate::urc::Notice;
use polysim_at::{CgevUrc, CmeError, FinalResult, PdpType};
use polysim_base::{Duration, Instant};
use polysim_radio::air::{PacketAnswer, PacketRequest, Uplink};
use std::collections::BTreeMap;

/// How long the network may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The highest number of a context.
pub(crate) const CONTEXT_MAX: u8 = 15;

/// A context.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// As `+CGDCONT` defined it; `None` for one that a dial command made up.
    pub(crate) defined: Option<Definition>,
    pub(crate) state: ContextState,
    /// What the command that waits wants.
    pending: Option<Pending>,
}

/// What `+CGDCONT` says of a context.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Definition {
    pub(crate) kind: PdpType,
    pub(crate) access_point: Box<str>,
}

/// State of a context.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum ContextState {
    #[default]
    Inactive,
    Active {
        address: [u8; 4],
    },
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    port: u8,
    until: Instant,
    /// The port goes to data when the context is up.
    data: bool,
}

/// All contexts.
#[derive(Debug, Default)]
pub(crate) struct Packet {
    pub(crate) contexts: BTreeMap<u8, Context>,
    /// The port in data mode, or gone back to commands from it, and its context.
    pub(crate) data: Option<(u8, u8)>,
}

impl Packet {
    pub(crate) fn is_empty(&self) -> bool {
        self.contexts.is_empty() && self.data.is_none()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.contexts.values().filter_map(|c| Some(c.pending?.until)).min()
    }

    pub(crate) fn context(&mut self, id: u8) -> &mut Context {
        self.contexts.entry(id).or_default()
    }

    fn waits(&self, port: u8) -> bool {
        self.contexts.values().any(|c| c.pending.is_some_and(|p| p.port == port))
    }

    /// Drops contexts that are nothing any more.
    fn sweep(&mut self) {
        self.contexts.retain(|_, context| {
            context.defined.is_some()
                || context.pending.is_some()
                || context.state != ContextState::Inactive
        });
    }
}

impl Core {
    /// Activates contexts for a command. Returns whether it has to wait.
    pub(crate) fn activate_contexts(
        &mut self,
        fx: &mut Effects,
        port: u8,
        ids: &[u8],
        data: bool,
    ) -> Result<bool, CmeError> {
        if !self.radio.registered || !self.radio.packet {
            return Err(CmeError::NoNetworkService);
        }
        if ids.iter().any(|id| self.is_channel_context(*id)) {
            return Err(CmeError::OperationNotAllowed);
        }
        let until = fx.now.plus(PATIENCE);
        let packet = &mut self.rare().packet;
        let mut waits = false;
        for id in ids {
            let context = packet.context(*id);
            if context.state != ContextState::Inactive {
                continue;
            }
            if context.pending.is_some() {
                return Err(CmeError::OperationNotAllowed);
            }
            context.pending = Some(Pending { port, until, data });
            waits = true;
            let apn = context.defined.as_ref().map(|d| d.access_point.to_string());
            fx.air(Uplink::Packet {
                context: *id,
                request: PacketRequest::Activate { apn: apn.unwrap_or_default() },
            });
        }
        if data && !waits {
            packet.data = ids.first().map(|id| (port, *id));
        }
        Ok(waits)
    }

    /// Deactivates contexts for a command. Returns whether it has to wait.
    pub(crate) fn deactivate_contexts(&mut self, fx: &mut Effects, port: u8, ids: &[u8]) -> bool {
        let until = fx.now.plus(PATIENCE);
        let Some(rare) = &mut self.rare else {
            return false;
        };
        let mut waits = false;
        for id in ids {
            let Some(context) = rare.packet.contexts.get_mut(id) else {
                continue;
            };
            if context.state != ContextState::Inactive && context.pending.is_none() {
                let data = false;
                context.pending = Some(Pending { port, until, data });
                waits = true;
                request_end(fx, *id);
            }
        }
        waits
    }

    pub(crate) fn packet_answer(&mut self, fx: &mut Effects, id: u8, answer: PacketAnswer) {
        let Some(rare) = &mut self.rare else { return };
        let Some(context) = rare.packet.contexts.get_mut(&id) else {
            return;
        };
        let result = match answer {
            PacketAnswer::Active { address, .. } => {
                context.state = ContextState::Active { address };
                fx.notice(Notice::Packet(CgevUrc::DeviceActivated(id)));
                if context.pending.is_some_and(|pending| pending.data) {
                    FinalResult::Connect { speed: Some(150_000_000) }
                } else {
                    FinalResult::Ok
                }
            }
            PacketAnswer::Refused { cause } => {
                FinalResult::Cme(CmeError::from_number(100 + u16::from(cause)))
            }
            PacketAnswer::Inactive => {
                let asked = context.pending.is_some();
                if core::mem::take(&mut context.state) != ContextState::Inactive {
                    fx.notice(Notice::Packet(if asked {
                        CgevUrc::DeviceDeactivated(id)
                    } else {
                        CgevUrc::NetworkDeactivated(id)
                    }));
                }
                FinalResult::Ok
            }
            PacketAnswer::Rate { .. } => return,
        };
        self.context_over(fx, id, result);
    }

    /// What was asked for a context has come to something.
    fn context_over(&mut self, fx: &mut Effects, id: u8, result: FinalResult) {
        let Some(rare) = &mut self.rare else { return };
        let packet = &mut rare.packet;
        let context = packet.contexts.get_mut(&id);
        let inactive = context.as_ref().is_none_or(|c| c.state == ContextState::Inactive);
        let pending = context.and_then(|context| context.pending.take());
        match packet.data {
            Some((port, data)) if data == id && inactive => {
                packet.data = None;
                fx.online_over = Some(port);
            }
            Some(_) | None => {}
        }
        let Some(pending) = pending else {
            return packet.sweep();
        };
        if pending.data && result.is_ok() {
            packet.data = Some((pending.port, id));
        }
        let failed_data = pending.data && matches!(result, FinalResult::Cme(_));
        let result = if failed_data { FinalResult::NoCarrier } else { result };
        if !result.is_ok() {
            // The command is over; what else it asked for goes on by itself.
            for other in packet.contexts.values_mut() {
                other.pending.take_if(|p| p.port == pending.port);
            }
        }
        if !packet.waits(pending.port) {
            fx.finish(Done::new(pending.port, result));
        }
        packet.sweep();
    }

    pub(crate) fn packet_timeouts(&mut self, fx: &mut Effects) {
        let Some(rare) = &self.rare else { return };
        let contexts = rare.packet.contexts.iter();
        let overdue = contexts.filter(|(_, c)| c.pending.is_some_and(|p| p.until <= fx.now));
        let overdue: Vec<u8> = overdue.map(|(id, _)| *id).collect();
        for id in overdue {
            self.context_over(fx, id, FinalResult::Cme(CmeError::NetworkTimeout));
        }
    }

    /// Contexts end with the registration.
    pub(crate) fn contexts_dropped(&mut self, fx: &mut Effects) {
        self.channels_dropped(fx);
        let Some(rare) = &mut self.rare else { return };
        let contexts = rare.packet.contexts.iter_mut();
        let mut over = Vec::new();
        for (id, context) in contexts {
            let active = core::mem::take(&mut context.state) != ContextState::Inactive;
            if active {
                fx.notice(Notice::Packet(CgevUrc::NetworkDeactivated(*id)));
            }
            if active || context.pending.is_some() {
                over.push(*id);
            }
        }
        for id in over {
            self.context_over(fx, id, FinalResult::Cme(CmeError::NoNetworkService));
        }
    }

    /// A character came while a dial command waited.
    pub(crate) fn abort_packet(&mut self, fx: &mut Effects, port: u8) {
        let Some(rare) = &mut self.rare else { return };
        let mut contexts = rare.packet.contexts.iter();
        let waiting = contexts.find(|(_, c)| c.pending.is_some_and(|p| p.data && p.port == port));
        if let Some(id) = waiting.map(|(id, _)| *id) {
            request_end(fx, id);
            self.context_over(fx, id, FinalResult::NoCarrier);
        }
    }

    /// Ends the data connection of a port, on behalf of no command.
    pub(crate) fn end_data(&mut self, fx: &mut Effects, port: u8) {
        let Some(rare) = &mut self.rare else { return };
        if let Some((_, id)) = rare.packet.data.take_if(|(data, _)| *data == port) {
            request_end(fx, id);
        }
    }
}

fn request_end(fx: &mut Effects, context: u8) {
    fx.air(Uplink::Packet { context, request: PacketRequest::Deactivate });
}
