//! What agents, platforms and servers do, in the words of the catalogue.

use super::state::index;
use super::system::Steering;
use crate::event::Value;
use crate::observer::Observer;
use polysim_base::{Eid, Iccid, Instant, Plmn};
use polysim_rsp::es2::{NotificationPoint, Progress};
use polysim_smdp::OutboxId;
use polysim_steering::advisor::AdvisorEvent;
use polysim_steering::agent::{AgentEvent, ListSource, Reason};
use polysim_steering::wire::{DownloadFailure, OperatorNumber, Outcome, Refusal};
use std::collections::BTreeSet;

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    services: Vec<OfService>,
    /// Words of progress that operators have heard, by the service and its number of them.
    progress: BTreeSet<(usize, OutboxId)>,
}

/// What was told of a service.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OfService {
    pub(crate) granted: usize,
    pub(crate) installed: usize,
    pub(crate) refused: usize,
    pub(crate) reports: usize,
}

impl Told {
    pub(crate) fn new(services: usize) -> Self {
        Self { services: vec![OfService::default(); services], progress: BTreeSet::new() }
    }

    pub(crate) fn of(&self, service: usize) -> OfService {
        self.services.get(service).copied().unwrap_or_default()
    }

    /// Returns whether an operator has not heard this before.
    pub(crate) fn is_news(&mut self, service: usize, id: OutboxId) -> bool {
        self.progress.insert((service, id))
    }

    fn count(&mut self, service: usize, count: impl FnOnce(&mut OfService)) {
        if let Some(service) = self.services.get_mut(service) {
            count(service);
        }
    }
}

type Fields = Vec<(&'static str, Value)>;

impl Steering {
    fn operator(&self, observer: &Observer, iccid: &Iccid) -> Value {
        let operator = self.truth.operator_of(iccid);
        operator.map_or("", |it| observer.names.operator_name(index(it))).into()
    }

    fn phone(&self, observer: &Observer, eid: &Eid) -> Value {
        self.chips.with(eid).map_or("", |chip| observer.names.phone(chip.phone)).into()
    }

    /// Tells what an agent tells.
    pub(crate) fn tell_agent(
        &self,
        now: Instant,
        observer: &mut Observer,
        (phone, serving): (u32, Option<Plmn>),
        event: &AgentEvent,
    ) {
        if let Some((name, fields)) = self.of_agent(observer, serving, event) {
            let first = ("phone", Value::from(observer.names.phone(phone)));
            observer.note(now, name, [first].into_iter().chain(fields).collect());
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open")]
    fn of_agent(
        &self,
        observer: &Observer,
        serving: Option<Plmn>,
        event: &AgentEvent,
    ) -> Option<(&'static str, Fields)> {
        let network = |plmn: Option<Plmn>| -> Value {
            plmn.map_or_else(String::new, |plmn| observer.names.operator(plmn)).into()
        };
        let profile = |iccid: &Iccid| ("profile", self.operator(observer, iccid));
        Some(match event {
            AgentEvent::EpisodeBegan { reason: Reason::Roaming } => {
                ("roaming.detected", vec![("operator", network(serving))])
            }
            AgentEvent::EpisodeBegan { reason: Reason::NoService } => {
                ("service.missed", Vec::new())
            }
            AgentEvent::EpisodeBegan { reason: Reason::HomeVisible } => {
                ("home.visible", Vec::new())
            }
            AgentEvent::Listed { source, operators } => {
                let fields = vec![
                    ("source", source_word(*source).into()),
                    ("operators", (*operators).into()),
                ];
                ("list.received", fields)
            }
            AgentEvent::Attached { iccid, serving } => {
                ("profile.attached", vec![profile(iccid), ("operator", network(*serving))])
            }
            AgentEvent::AttachFailed { iccid, cause } => {
                let cause = ("cause", cause.unwrap_or(0).into());
                ("attach.rejected", vec![profile(iccid), cause])
            }
            AgentEvent::EnableFailed { iccid } => ("enable.failed", vec![profile(iccid)]),
            AgentEvent::Refused(refusal) => {
                ("agent.refused", vec![("why", refusal_word(refusal).into())])
            }
            AgentEvent::DownloadFailed { operator, failure } => {
                let operator = observer.names.operator_name(operator.0.into()).into();
                let why = ("why", failure_word(*failure).into());
                ("download.failed", vec![("profile", operator), why])
            }
            AgentEvent::DownloadPostponed { operator } => {
                let operator = observer.names.operator_name(operator.0.into()).into();
                ("download.postponed", vec![("profile", operator)])
            }
            AgentEvent::DownloadsUsedUp { operator } => {
                let operator = observer.names.operator_name(operator.0.into()).into();
                ("downloads.used-up", vec![("profile", operator)])
            }
            AgentEvent::PlatformSilent => ("platform.silent", Vec::new()),
            AgentEvent::Ended(outcome) => self.of_end(observer, outcome)?,
            AgentEvent::Stayed => ("agent.stayed", Vec::new()),
            AgentEvent::NotAuthentic => ("agent.not-authentic", Vec::new()),
            // What else it tells, the eUICC itself shows.
            _ => return None,
        })
    }

    fn of_end(&self, observer: &Observer, outcome: &Outcome) -> Option<(&'static str, Fields)> {
        Some(match outcome {
            Outcome::Switched { iccid, serving } => {
                let network = serving.map_or_else(String::new, |it| observer.names.operator(it));
                let profile = ("profile", self.operator(observer, iccid));
                ("switch.succeeded", vec![profile, ("operator", network.into())])
            }
            Outcome::NoneWorked { tried } => ("switch.failed", vec![("tried", (*tried).into())]),
            Outcome::Home => ("home.again", Vec::new()),
            Outcome::HomeFailed => ("home.failed", Vec::new()),
            Outcome::Downloaded { .. } | Outcome::DownloadFailed { .. } => return None,
        })
    }

    /// Tells what a platform tells.
    pub(crate) fn tell_advised(
        &mut self,
        now: Instant,
        observer: &mut Observer,
        node: usize,
        event: &AdvisorEvent,
    ) {
        let operator =
            |number: &OperatorNumber| Value::from(observer.names.operator_name(number.0.into()));
        let (name, eid, fields) = match event {
            AdvisorEvent::Listed { eid, operators } => {
                ("advisor.listed", eid, vec![("operators", (*operators).into())])
            }
            AdvisorEvent::Reported { eid, outcome, merged } => {
                self.told.count(node, |it| it.reports += 1);
                let (what, profile) = self.reported(observer, outcome);
                let fields = vec![
                    ("outcome", what.into()),
                    ("profile", profile),
                    ("merged", i64::from(*merged).into()),
                ];
                ("advisor.report", eid, fields)
            }
            AdvisorEvent::Granted { eid, operator: of, .. } => {
                self.told.count(node, |it| it.granted += 1);
                ("advisor.granted", eid, vec![("profile", operator(of))])
            }
            AdvisorEvent::Refused { eid, refusal } => {
                self.told.count(node, |it| it.refused += 1);
                ("advisor.refused", eid, vec![("why", refusal_word(refusal).into())])
            }
            AdvisorEvent::Cancelled { eid, operator: of } => {
                ("advisor.cancelled", eid, vec![("profile", operator(of))])
            }
            AdvisorEvent::NotAuthentic { eid } => ("advisor.not-authentic", eid, Vec::new()),
            _ => return,
        };
        let service = ("service", Value::from(observer.names.service(node)));
        let phone = ("phone", self.phone(observer, eid));
        observer.note(now, name, [service, phone].into_iter().chain(fields).collect());
    }

    /// Returns a report in a word, and whose profile it is about.
    fn reported(&self, observer: &Observer, outcome: &Outcome) -> (&'static str, Value) {
        let none = || Value::from("");
        match outcome {
            Outcome::Downloaded { iccid, .. } => ("downloaded", self.operator(observer, iccid)),
            Outcome::DownloadFailed { operator, .. } => {
                ("download-failed", observer.names.operator_name(operator.0.into()).into())
            }
            Outcome::Switched { iccid, .. } => ("switched", self.operator(observer, iccid)),
            Outcome::NoneWorked { .. } => ("none-worked", none()),
            Outcome::Home => ("home", none()),
            Outcome::HomeFailed => ("home-failed", none()),
        }
    }

    /// Tells what an operator hears of an SM-DP+.
    pub(crate) fn tell_progress(
        &mut self,
        now: Instant,
        observer: &mut Observer,
        (service, operator): (usize, u32),
        progress: &Progress,
    ) {
        let point = match progress.point {
            NotificationPoint::Eligibility => "eligibility",
            NotificationPoint::ConfirmationFailure => "confirmation-failure",
            NotificationPoint::Download => "download",
            NotificationPoint::Installation => "installation",
            NotificationPoint::Deleted => "deleted",
            NotificationPoint::Enabled => "enabled",
            NotificationPoint::Disabled => "disabled",
            NotificationPoint::Other(_) => "other",
        };
        if progress.point == NotificationPoint::Installation && progress.result.is_ok() {
            self.told.count(service, |it| it.installed += 1);
        }
        let phone = progress.eid.map_or_else(|| "".into(), |eid| self.phone(observer, &eid));
        let fields = vec![
            ("service", observer.names.service(service).into()),
            ("operator", observer.names.operator_name(operator).into()),
            ("phone", phone),
            ("point", point.into()),
            ("ok", progress.result.is_ok().into()),
        ];
        observer.note(now, "operator.told", fields);
    }

    /// Tells that a device begins a session with a server.
    pub(crate) fn tell_session(
        &self,
        now: Instant,
        observer: &mut Observer,
        phone: u32,
        service: usize,
    ) {
        let name = if self.is_smdp(service) { "download.started" } else { "discovery.started" };
        let service = observer.names.service(service).into();
        observer.tell(now, name, phone, [("service", service)]);
    }
}

const fn source_word(source: ListSource) -> &'static str {
    match source {
        ListSource::Platform => "platform",
        ListSource::Stored => "stored",
        ListSource::Presets => "presets",
    }
}

const fn failure_word(failure: DownloadFailure) -> &'static str {
    match failure {
        DownloadFailure::Unreachable => "unreachable",
        DownloadFailure::Server => "server",
        DownloadFailure::Euicc => "euicc",
        DownloadFailure::Memory => "memory",
        DownloadFailure::Vanished => "vanished",
    }
}

const fn refusal_word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownDevice => "unknown-device",
        Refusal::UnknownOperator => "unknown-operator",
        Refusal::NotEntitled => "not-entitled",
        Refusal::MemoryTooSmall { .. } => "memory-too-small",
        Refusal::CapabilityMissing => "capability-missing",
        Refusal::BudgetUsedUp => "budget-used-up",
        Refusal::TooManyOpen => "too-many-open",
        Refusal::OperatorRefused => "operator-refused",
        _ => "other",
    }
}
