//! What breaks: targets and kinds of faults.

use super::Report;
use super::fleet::link_named;
use super::issuance::{self, node_named};
use super::lookup::{Lookup, find};
use super::{courier, share, steering};
use crate::spec::{FaultKind, FaultVerb, Name, Nth, Steps};
use crate::units::SpanRange;
use polysim_base::Duration;
use polysim_radio::air::RejectCause;
use polysim_world::{
    Action, CourierFault, Fault, FleetAction, FleetConfig, FleetFault, FleetNode, IssuanceFault,
    IssuanceNode, LatencyRange, LinkFault, ShareFault, SteeringFault,
};

const PPM: u32 = 1_000_000;
/// PLMN not allowed (TS 24.008, 10.5.3.6).
const CAUSE: u8 = 11;
/// What a server answers that fails.
const HTTP: u16 = 500;

/// The fault begins, and heals where the file says after how long.
pub(super) fn actions(
    spec: &FaultVerb,
    nth: Option<u32>,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<Vec<(Duration, Action)>> {
    let (begins, heals) = Resolve { spec, nth, lookup, report }.fault()?;
    let heals = spec.lasts.map(|span| (span.0, heals));
    Some([(Duration::ZERO, begins)].into_iter().chain(heals).collect())
}

struct Resolve<'a, 'r> {
    spec: &'a FaultVerb,
    /// The place of what the entry is for, where it is for each of many.
    nth: Option<u32>,
    lookup: &'a Lookup,
    report: &'a mut Report<'r>,
}

impl Resolve<'_, '_> {
    /// Returns what begins the fault, and what ends it.
    fn fault(mut self) -> Option<(Action, Action)> {
        let fault = match self.spec.kind {
            FaultKind::Outage => {
                let (_, name) = self.target(&["cell"], "an outage is of a cell")?;
                let (region, cell) = find(&self.lookup.cells, "cell", &name, self.report)?;
                Fault::CellOutage { region, cell }
            }
            FaultKind::RejectAttach => {
                let operator = self.operator()?;
                let cause = self.reject_cause()?;
                Fault::RejectAttach { operator, cause, share_ppm: self.share() }
            }
            FaultKind::TextCongestion => Fault::TextCongestion { operator: self.operator()? },
            FaultKind::TextLoss => {
                Fault::TextLoss { operator: self.operator()?, share_ppm: self.share() }
            }
            FaultKind::TextDuplicate => {
                Fault::TextDuplicate { operator: self.operator()?, share_ppm: self.share() }
            }
            FaultKind::TextDelay => {
                Fault::TextDelay { operator: self.operator()?, by: self.by()?.max }
            }
            FaultKind::TextsRefused => {
                self.courier("the carrier refuses texts of a courier's server")?;
                Fault::Courier(CourierFault::TextsRefused)
            }
            FaultKind::CardBusy => Fault::Issuance(IssuanceFault::CardBusy {
                phone: self.card()?,
                times: self.spec.times,
            }),
            FaultKind::CardPowerCut => Fault::Issuance(IssuanceFault::CardPowerCut {
                phone: self.card()?,
                after: self.steps()?,
            }),
            FaultKind::ModemHang => Fault::ModemHang { phone: self.modem()? },
            FaultKind::ModemReset => Fault::ModemReset { phone: self.modem()? },
            FaultKind::CardPulled => return self.card_pulled(),
            FaultKind::Crash => self.crash()?,
            FaultKind::Battery => Fault::Share(ShareFault::Battery { phone: self.device()? }),
            FaultKind::Mute => Fault::Fleet(FleetFault::CardMute { sim: self.sim()? }),
            FaultKind::Slow if self.is_of_service() => Fault::Steering(self.of_service()?),
            FaultKind::TlsBadCert
            | FaultKind::HttpError
            | FaultKind::WrongAnswer
            | FaultKind::Corrupt => Fault::Steering(self.of_service()?),
            FaultKind::NoData if !self.lookup.couriers.is_empty() => {
                Fault::Courier(CourierFault::NoData { operator: self.operator()? })
            }
            FaultKind::NoData => {
                Fault::Steering(SteeringFault::NoData { operator: self.operator()? })
            }
            FaultKind::Slow => {
                Fault::Fleet(FleetFault::CardSlow { sim: self.sim()?, by: self.by()?.max })
            }
            FaultKind::ClockJump => {
                Fault::Fleet(FleetFault::ClockJump { node: self.node()?, by: self.by()?.max })
            }
            FaultKind::ClockDrift => {
                Fault::Fleet(FleetFault::ClockSkew { node: self.node()?, ppm: self.drift()? })
            }
            FaultKind::Cut
            | FaultKind::CutOneWay
            | FaultKind::Loss
            | FaultKind::Delay
            | FaultKind::Duplicate
            | FaultKind::Reorder => self.of_link()?,
        };
        let heals = Action::Fault { fault: fault.clone(), on: false };
        Some((Action::Fault { fault, on: true }, heals))
    }

    fn is_of_service(&self) -> bool {
        self.spec.target.text.starts_with("service:")
    }

    /// What is wrong with a service that is up.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other kinds do not get here")]
    fn of_service(&mut self) -> Option<SteeringFault> {
        let service = self.service()?;
        Some(match self.spec.kind {
            FaultKind::TlsBadCert => SteeringFault::TlsBadCertificate { service },
            FaultKind::HttpError => {
                SteeringFault::HttpError { service, status: self.spec.status.unwrap_or(HTTP) }
            }
            FaultKind::WrongAnswer => SteeringFault::WrongAnswers { service },
            FaultKind::Corrupt => SteeringFault::Corrupt { service },
            _ => {
                let SpanRange { min, max } = self.by()?;
                SteeringFault::Slow { service, by: LatencyRange { min, max } }
            }
        })
    }

    fn service(&mut self) -> Option<usize> {
        let (_, name) = self.target(&["service"], "this is a service's")?;
        find(&self.lookup.services, "service", &name, self.report)
    }

    fn crash(&mut self) -> Option<Fault> {
        if self.is_of_service() {
            return Some(Fault::Steering(SteeringFault::Crash { service: self.service()? }));
        }
        let text = &self.spec.target.text;
        if text.starts_with("courier:") {
            self.courier("this is the courier's server's")?;
            return Some(Fault::Courier(CourierFault::ServerCrash));
        }
        if text.starts_with("phone:") && self.is_of_courier() {
            let phone = self.card()?;
            let place = self.spec.target.span.clone();
            let phone = courier::user(phone, place, self.lookup, self.report)?;
            return Some(Fault::Courier(CourierFault::DeviceCrash { phone }));
        }
        if text.starts_with("phone:") && !self.lookup.shares.is_empty() {
            return Some(Fault::Share(ShareFault::Crash { phone: self.device()? }));
        }
        if text.starts_with("platform:") || text.starts_with("business:") {
            let (_, name) = self.target(&["platform", "business"], "this is a platform's")?;
            return match node_named(&name, self.lookup, self.report)? {
                IssuanceNode::Platform(platform) => {
                    Some(Fault::Issuance(IssuanceFault::PlatformCrash { platform }))
                }
                IssuanceNode::Business(business) => {
                    Some(Fault::Issuance(IssuanceFault::BusinessCrash { business }))
                }
                IssuanceNode::Operator(_) => {
                    self.report.at(name.span, "operators do not crash");
                    None
                }
            };
        }
        Some(Fault::Fleet(match self.node()? {
            FleetNode::Server(server) => FleetFault::ServerCrash { server },
            FleetNode::Site(site) => FleetFault::SiteCrash { site },
            FleetNode::Terminal(terminal) => FleetFault::TerminalCrash { terminal },
            FleetNode::Log => return None,
        }))
    }

    /// Whether it is the courier that crashes on a phone; where phones share a subscription, too, those
    /// that do not.
    fn is_of_courier(&self) -> bool {
        let name = self.spec.target.text.strip_prefix("phone:").unwrap_or_default();
        let phone = self.lookup.phones.get(name);
        let shares = phone.is_some_and(|phone| self.lookup.members.contains_key(phone));
        !self.lookup.couriers.is_empty() && !shares
    }

    fn courier(&mut self, about: &'static str) -> Option<usize> {
        let (_, name) = self.target(&["courier"], about)?;
        find(&self.lookup.couriers, "courier's server", &name, self.report)
    }

    /// A phone whose card can be opened.
    fn card(&mut self) -> Option<usize> {
        let (_, name) = self.target(&["phone"], "this is a phone's")?;
        find(&self.lookup.phones, "phone", &name, self.report)
    }

    /// A phone that shares a subscription.
    fn device(&mut self) -> Option<usize> {
        let phone = self.card()?;
        share::member(phone, self.spec.target.span.clone(), self.lookup, self.report)?;
        Some(phone)
    }

    fn steps(&mut self) -> Option<u32> {
        match self.spec.after {
            Steps::Count(count) => Some(count),
            Steps::Nth(Nth::Place) => {
                if self.nth.is_none() {
                    let message = "the entry is for nothing that has a place in a pattern";
                    let help = Some("write each = { phone = \"m{1..20}\" }".to_owned());
                    self.report.with(self.spec.target.span.clone(), message, help);
                }
                self.nth
            }
        }
    }

    fn of_link(&mut self) -> Option<Fault> {
        let (_, name) = self.target(&["link"], "this is a link's")?;
        if let Some((from, to)) = issuance::link_named(&name, self.lookup) {
            let fault = self.link_fault()?;
            return Some(Fault::Issuance(IssuanceFault::Link { from, to, fault }));
        }
        if let Some((from, to)) = steering::link_named(&name, self.lookup) {
            let fault = self.link_fault()?;
            return Some(Fault::Steering(SteeringFault::Link { from, to, fault }));
        }
        if let Some(slave) = share::link_named(&name, self.lookup) {
            let fault = self.link_fault()?;
            return Some(Fault::Share(ShareFault::Link { phone: slave, fault }));
        }
        if let Some(phone) = courier::link_named(&name, self.lookup) {
            let fault = self.link_fault()?;
            return Some(Fault::Courier(CourierFault::Link { phone, fault }));
        }
        let (from, to) = link_named(&name, self.lookup, self.report)?;
        let fault = self.link_fault()?;
        Some(Fault::Fleet(FleetFault::Link { from, to, fault }))
    }

    fn link_fault(&mut self) -> Option<LinkFault> {
        let ppm = self.share();
        Some(match self.spec.kind {
            FaultKind::CutOneWay => LinkFault::Cut { both_ways: false },
            FaultKind::Loss => LinkFault::Loss { ppm },
            FaultKind::Duplicate => LinkFault::Duplicate { ppm },
            FaultKind::Reorder => LinkFault::Reorder { ppm },
            FaultKind::Delay => {
                let SpanRange { min, max } = self.by()?;
                LinkFault::Delay { latency: LatencyRange { min, max } }
            }
            FaultKind::Cut
            | FaultKind::Outage
            | FaultKind::RejectAttach
            | FaultKind::TextCongestion
            | FaultKind::TextLoss
            | FaultKind::TextDuplicate
            | FaultKind::TextDelay
            | FaultKind::TextsRefused
            | FaultKind::CardBusy
            | FaultKind::CardPowerCut
            | FaultKind::ModemHang
            | FaultKind::ModemReset
            | FaultKind::CardPulled
            | FaultKind::Crash
            | FaultKind::Battery
            | FaultKind::Mute
            | FaultKind::Slow
            | FaultKind::TlsBadCert
            | FaultKind::HttpError
            | FaultKind::WrongAnswer
            | FaultKind::Corrupt
            | FaultKind::NoData
            | FaultKind::ClockJump
            | FaultKind::ClockDrift => LinkFault::Cut { both_ways: true },
        })
    }

    /// Takes the target apart where it is of one of these kinds.
    fn target(
        &mut self,
        wanted: &[&'static str],
        about: &'static str,
    ) -> Option<(&'static str, Name)> {
        let place = &self.spec.target;
        let split = place.text.split_once(':');
        let found = split.and_then(|(kind, name)| {
            wanted.iter().find(|wanted| **wanted == kind).map(|kind| (*kind, name))
        });
        if let Some((kind, text)) = found {
            return Some((kind, Name { text: text.to_owned(), span: place.span.clone() }));
        }
        let forms = wanted.iter().map(|kind| match *kind {
            "link" => "\"link:ONE-OTHER\"".to_owned(),
            kind => format!("\"{kind}:NAME\""),
        });
        let help = format!("{about}: write {}", forms.collect::<Vec<_>>().join(" or "));
        self.report.with(place.span.clone(), "the target does not fit the kind", Some(help));
        None
    }

    fn operator(&mut self) -> Option<usize> {
        let (_, name) = self.target(&["operator"], "this is an operator's")?;
        find(&self.lookup.operators, "operator", &name, self.report)
    }

    /// A phone, or a modem of the fleet, which stands among the phones of the world.
    fn modem(&mut self) -> Option<usize> {
        if self.lookup.modems.is_empty() {
            let (_, name) = self.target(&["phone"], "this is a phone's")?;
            return find(&self.lookup.phones, "phone", &name, self.report);
        }
        match self.target(&["phone", "modem"], "this is a phone's or a modem's")? {
            ("modem", name) => {
                let place = find(&self.lookup.modems, "modem", &name, self.report)?;
                let modem = self.lookup.modem_index(place);
                Some(FleetConfig::phone_of_modem(self.lookup.phones.len(), modem))
            }
            (_, name) => find(&self.lookup.phones, "phone", &name, self.report),
        }
    }

    fn card_pulled(&mut self) -> Option<(Action, Action)> {
        if !self.lookup.sims.is_empty() && self.spec.target.text.starts_with("sim:") {
            let sim = self.sim()?;
            let pull = Action::Fleet(FleetAction::PullCard { sim });
            return Some((pull, Action::Fleet(FleetAction::InsertCard { sim })));
        }
        let (_, name) = self.target(&["phone"], "this is a phone's")?;
        let phone = find(&self.lookup.phones, "phone", &name, self.report)?;
        let fault = |on| Action::Fault { fault: Fault::CardPulled { phone }, on };
        Some((fault(true), fault(false)))
    }

    fn sim(&mut self) -> Option<usize> {
        let (_, name) = self.target(&["sim"], "this is a SIM's")?;
        find(&self.lookup.sims, "SIM", &name, self.report)
    }

    fn node(&mut self) -> Option<FleetNode> {
        let kinds = ["server", "site", "terminal"];
        let (kind, name) = self.target(&kinds, "this is a server's, site's or terminal's")?;
        let (names, node): (_, fn(usize) -> FleetNode) = match kind {
            "server" => (&self.lookup.servers, FleetNode::Server),
            "site" => (&self.lookup.sites, FleetNode::Site),
            _ => (&self.lookup.terminals, FleetNode::Terminal),
        };
        find(names, kind, &name, self.report).map(node)
    }

    fn share(&self) -> u32 {
        self.spec.share.map_or(PPM, |share| share.0)
    }

    fn by(&mut self) -> Option<SpanRange> {
        if self.spec.by.is_none() {
            self.missing("by", "\"300ms\"");
        }
        self.spec.by
    }

    fn drift(&mut self) -> Option<i32> {
        if self.spec.drift_ppm.is_none() {
            self.missing("drift_ppm", "300");
        }
        self.spec.drift_ppm
    }

    fn missing(&mut self, key: &str, example: &str) {
        let help = Some(format!("write {key} = {example}"));
        let message = format!("this fault needs a \"{key}\"");
        self.report.with(self.spec.target.span.clone(), message, help);
    }

    fn reject_cause(&mut self) -> Option<u8> {
        let cause = self.spec.cause.unwrap_or(CAUSE);
        if RejectCause::from_number(cause).is_none() {
            let known = RejectCause::ALL.map(|c| c.number().to_string()).join(", ");
            let message = format!("no reject cause has the number {cause}");
            let help = Some(format!("known: {known}"));
            self.report.with(self.spec.target.span.clone(), message, help);
            return None;
        }
        Some(cause)
    }
}
