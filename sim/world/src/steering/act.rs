//! What is done about eSIMs that are steered, and what breaks.

use super::action::{SteeringAction, SteeringFault};
use super::build::{fresh_advisor, fresh_smdp, fresh_smds};
use super::message::SteeringMessage;
use super::system::{Ctx, ServiceMachine, Steering};
use crate::durable::Durable;
use crate::node::Kind;
use crate::observer::Observer;
use crate::world::MobileWorld;
use polysim_base::Machine;
use polysim_radio::air::{PacketRequest, Uplink};
use polysim_radio::{CoreInput, RadioMessage};
use polysim_steering::advisor::{AdvisorInput, DeviceRow, Entitlement};
use polysim_steering::wire::OperatorNumber;

/// An access point that no operator has.
const NO_ACCESS_POINT: &str = "none.invalid";

impl MobileWorld {
    /// A message about eSIMs that are steered arrives.
    pub(crate) fn steering_input(
        &mut self,
        ctx: &mut Ctx<'_>,
        (kind, node): (Kind, u32),
        message: SteeringMessage,
    ) {
        match message {
            SteeringMessage::Operator(asked) => self.operator_hears(ctx, node, asked),
            SteeringMessage::Agent(message) => self.host_agent_hears(ctx, node, message),
            SteeringMessage::Written(life) if kind == Kind::Agent => {
                self.host_agent_written(ctx, node, life);
            }
            message @ (SteeringMessage::Service(_) | SteeringMessage::Written(_)) => {
                self.with_steering(|steering, observer| {
                    steering.deliver(ctx, observer, node as usize, message);
                });
            }
        }
    }

    pub(crate) fn wake_service(&mut self, ctx: &mut Ctx<'_>, node: u32) {
        self.with_steering(|steering, observer| steering.wake(ctx, observer, node as usize));
    }

    /// Does something with what steers eSIMs; there is somebody to tell where the world is observed.
    pub(crate) fn with_steering<R>(
        &mut self,
        work: impl FnOnce(&mut Steering, Option<&mut Observer>) -> R,
    ) -> Option<R> {
        let observer = self.observer.as_deref_mut();
        self.steering.as_deref_mut().map(|steering| work(steering, observer))
    }

    pub(crate) fn steering_action(&mut self, ctx: &mut Ctx<'_>, action: &SteeringAction) {
        let SteeringAction::Enrol { service, phone, entitled, downloads_per_month } = action;
        let Ok(phone) = u32::try_from(*phone) else { return };
        self.with_steering(|steering, observer| {
            let Some(mut row) = steering.row(phone, *service) else { return };
            row.entitled = entitlement(entitled.as_deref());
            row.downloads_per_month = *downloads_per_month;
            steering.tell_advisor(ctx, observer, *service, AdvisorInput::Enrol(row));
        });
    }

    pub(crate) fn steering_fault(&mut self, ctx: &mut Ctx<'_>, fault: &SteeringFault, on: bool) {
        self.with_steering(|steering, observer| steering.fault(ctx, observer, fault, on));
    }
}

impl Steering {
    /// Returns what a platform knows of the device of a phone at first.
    pub(crate) fn row(&self, phone: u32, service: usize) -> Option<DeviceRow> {
        let chip = self.chips.in_phone(phone)?;
        let advisor = self.advisor_config(service)?;
        let number = |operator: usize| u16::try_from(operator).map(OperatorNumber).ok();
        let works_with = |operator: &usize| advisor.operators.contains(operator);
        let profiles = chip.presets.iter().filter(|(_, operator)| works_with(operator));
        let profiles = profiles.filter_map(|(iccid, operator)| Some((number(*operator)?, *iccid)));
        let original = Some(chip.operator).filter(works_with).and_then(number);
        let own = original.map(|operator| (operator, chip.original));
        Some(DeviceRow {
            eid: chip.eid,
            original,
            entitled: entitlement(advisor.entitled.as_deref()),
            downloads_per_month: advisor.downloads_per_month,
            profiles: own.into_iter().chain(profiles).collect(),
        })
    }

    /// Platforms hear at first of the devices that are enrolled with them.
    pub(crate) fn begin(&mut self, ctx: &mut Ctx<'_>, mut observer: Option<&mut Observer>) {
        let chips: Vec<_> =
            self.chips.iter().map(|chip| (chip.phone, chip.config.advisor)).collect();
        for (phone, service) in chips {
            if let Some(row) = self.row(phone, service) {
                let input = AdvisorInput::Enrol(row);
                self.tell_advisor(ctx, observer.as_deref_mut(), service, input);
            }
        }
    }

    fn fault(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        fault: &SteeringFault,
        on: bool,
    ) {
        match fault {
            SteeringFault::Crash { service } => self.power(ctx, observer, *service, on),
            SteeringFault::Slow { service, by } => {
                self.with_faults(*service, |faults| faults.slow = on.then_some(*by));
            }
            SteeringFault::TlsBadCertificate { service } => {
                self.with_faults(*service, |faults| faults.tls = on);
            }
            SteeringFault::HttpError { service, status } => {
                self.with_faults(*service, |faults| faults.http = on.then_some(*status));
            }
            SteeringFault::WrongAnswers { service } => {
                self.with_faults(*service, |faults| faults.wrong = on);
            }
            SteeringFault::Corrupt { service } => {
                self.with_faults(*service, |faults| faults.corrupt = on);
            }
            SteeringFault::NoData { operator } => {
                if on {
                    self.no_data.insert(*operator);
                    self.break_connections_in(ctx, *operator);
                } else {
                    self.no_data.remove(operator);
                }
            }
            SteeringFault::Link { from, to, fault } => {
                self.links.fault((*from, *to), *fault, on);
            }
        }
    }

    /// Returns what reaches an operator of what was sent to it: one that carries no data is asked for
    /// an access point that nobody has.
    pub(crate) fn carried(&self, operator: usize, input: CoreInput) -> CoreInput {
        match input {
            CoreInput::Radio {
                region,
                radio,
                message:
                    RadioMessage::Uplink(Uplink::Packet {
                        context,
                        request: PacketRequest::Activate { .. },
                    }),
            } if self.no_data.contains(&operator) => {
                let request = PacketRequest::Activate { apn: NO_ACCESS_POINT.into() };
                let message = RadioMessage::Uplink(Uplink::Packet { context, request });
                CoreInput::Radio { region, radio, message }
            }
            input @ (CoreInput::Radio { .. } | CoreInput::Core { .. } | CoreInput::Command(_)) => {
                input
            }
        }
    }

    fn with_faults(&mut self, service: usize, change: impl FnOnce(&mut super::system::Faults)) {
        if let Some(service) = self.services.get_mut(service) {
            change(&mut service.faults);
        }
    }

    /// A service goes down, or comes back.
    fn power(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        node: usize,
        down: bool,
    ) {
        if down {
            self.break_connections(ctx, node);
        }
        let life = self.services.get(node).map_or(0, super::system::Service::life);
        let up = |it: &Self| !down && it.services.get(node).is_some();
        let smdp = up(self).then(|| fresh_smdp(self, node, life).ok()).flatten();
        let smds = up(self).then(|| fresh_smds(self, node, life).ok()).flatten();
        let advisor = up(self).then(|| fresh_advisor(self, node)).flatten();
        let Some(service) = self.services.get_mut(node) else { return };
        let back = match &mut service.machine {
            ServiceMachine::Smdp(node) => again(node, smdp),
            ServiceMachine::Smds(node) => again(node, smds),
            ServiceMachine::Advisor(node) => again(node, advisor),
        };
        self.arm(ctx, node);
        if back && self.is_platform(node) {
            self.tell_advisor(ctx, observer, node, AdvisorInput::Started);
        }
    }
}

/// Starts a machine anew, or lets it crash where there is none; returns whether it has started.
fn again<M: Machine>(node: &mut Durable<M>, fresh: Option<M>) -> bool
where
    M::Record: Clone,
{
    match fresh {
        Some(fresh) => node.restart(fresh),
        None => {
            node.crash();
            false
        }
    }
}

fn entitlement(operators: Option<&[usize]>) -> Entitlement {
    match operators {
        None => Entitlement::All,
        Some(operators) => {
            let numbers = operators.iter().filter_map(|it| u16::try_from(*it).ok());
            Entitlement::Only(numbers.map(OperatorNumber).collect())
        }
    }
}
