//! A profile is asked for, and downloaded.

use polysim_base::{Duration, Iccid, Instant};
use polysim_lpa::{Download, Installed, LpaDone, LpaError, Source};
use polysim_rsp::activation::ActivationCode;
use polysim_rsp::data::ErrorReason;

use super::assistant::{Assistant, Command};
use super::episode::{Candidate, Phase};
use super::machine::{Agent, backoff};
use super::memory::Change;
use super::{AgentEvent, AgentTimer, Room};
use crate::wire::{
    DownloadAnswer, DownloadFailure, DownloadRequest, Outcome, Refusal, RequestNumber, Uplink,
};

/// How long server and platform are told of an installation before the device leaves the network.
const SETTLE_WAIT: Duration = Duration::from_secs(60);

/// How long a device that has restarted may be without data until a download is put off.
const DATA_WAIT: Duration = Duration::from_secs(120);

impl<A: Assistant> Agent<A> {
    /// The candidate's profile is not on the eUICC.
    pub(super) fn fetch(&mut self, now: Instant) {
        let Some(operator) = self.operator() else { return self.skip(now, false, None) };
        if !self.memory.may_download(&self.config, now) {
            self.tell(AgentEvent::DownloadsUsedUp { operator });
            return self.skip(now, false, None);
        }
        let request = self.memory.next_request();
        self.keep(Change::Ordered { request, made_room: false, report: None });
        self.order(now, request);
    }

    fn operator(&self) -> Option<crate::wire::OperatorNumber> {
        self.episode()?.candidate()?.operator
    }

    pub(super) fn fetch_again(
        &mut self,
        now: Instant,
        request: RequestNumber,
        granted: Option<Iccid>,
    ) {
        let there = granted
            .filter(|iccid| self.flight.as_ref().is_some_and(|it| it.profiles.contains(iccid)));
        let waits = self.flight.as_ref().is_some_and(|flight| flight.due.is_some());
        match there {
            Some(iccid) => self.downloaded(now, request, iccid),
            None if waits => {}
            None => self.order(now, request),
        }
    }

    /// Passes the candidate over.
    pub(super) fn skip(&mut self, now: Instant, postponed: bool, report: Option<Outcome>) {
        self.keep(Change::Skipped { postponed, report });
        self.say_report(now);
        self.choose(now);
    }

    fn is_downloading(&self) -> bool {
        let command = self.flight.as_ref().and_then(|flight| flight.command);
        matches!(command, Some((_, Command::Download | Command::Delete(_))))
    }

    /// Asks the platform for the profile. It takes a data connection, for the download does.
    pub(super) fn order(&mut self, now: Instant, request: RequestNumber) {
        if self.is_downloading() {
            return;
        }
        let Some(operator) = self.operator() else { return self.skip(now, false, None) };
        let before = self.count_try();
        if !self.session.bearers.data && before > 0 {
            self.tell(AgentEvent::DownloadPostponed { operator });
            return self.skip(now, true, None);
        }
        if before >= self.config.retry.tries {
            self.tell(AgentEvent::PlatformSilent);
            return self.skip(now, false, None);
        }
        let data = self.session.bearers.data;
        let patience = if data { backoff(&self.config.retry, before) } else { DATA_WAIT };
        self.wait(Some((now.plus(patience), AgentTimer::Ask)));
        if data {
            let memory_free = self.flight.as_ref().and_then(|flight| flight.memory_free);
            let capabilities = self.config.capabilities;
            let number = request;
            let request = DownloadRequest { number, operator, memory_free, capabilities };
            self.post(&Uplink::Download(request));
        }
    }

    /// The platform's answer to the request for a profile.
    pub(super) fn ordered(&mut self, now: Instant, number: RequestNumber, answer: DownloadAnswer) {
        let Some(Phase::Fetching { request, granted }) = self.phase() else { return };
        if number != request || self.is_downloading() {
            return;
        }
        match answer {
            DownloadAnswer::Pending => {}
            DownloadAnswer::Granted { smdp_address, matching_id, iccid } => {
                if granted.is_none() {
                    self.keep(Change::Granted { at: now, iccid });
                }
                self.wait(None);
                self.reset_tries();
                match ActivationCode::new(&smdp_address, matching_id.as_str()) {
                    Ok(code) => {
                        let source = Source::ActivationCode(alloc::boxed::Box::new(code));
                        let device = self.config.device.clone();
                        self.command_download(now, request, Download::unattended(source, device));
                    }
                    Err(_) => self.download_failed(now, request, DownloadFailure::Server),
                }
            }
            DownloadAnswer::Refused(refusal) => self.refused(now, refusal),
        }
    }

    fn refused(&mut self, now: Instant, refusal: Refusal) {
        self.tell(AgentEvent::Refused(refusal));
        let may = match (refusal, self.config.room) {
            (Refusal::MemoryTooSmall { make_room }, Room::AsPlatformSays) => make_room,
            (Refusal::MemoryTooSmall { .. }, Room::AsNeeded) => true,
            (
                Refusal::MemoryTooSmall { .. }
                | Refusal::UnknownDevice
                | Refusal::UnknownOperator
                | Refusal::NotEntitled
                | Refusal::CapabilityMissing
                | Refusal::BudgetUsedUp
                | Refusal::TooManyOpen
                | Refusal::OperatorRefused,
                Room::Never | Room::AsPlatformSays | Room::AsNeeded,
            ) => false,
        };
        if !(may && self.make_room(now)) {
            self.skip(now, false, None);
        }
    }

    pub(super) fn download_finished(&mut self, now: Instant, result: Result<LpaDone, LpaError>) {
        let Some(Phase::Fetching { request, .. }) = self.phase() else { return };
        self.wait(None);
        let iccid = match &result {
            Ok(LpaDone::Downloaded(installed)) => installed_iccid(installed),
            _ => None,
        };
        match (iccid, result) {
            (Some(iccid), _) => self.downloaded(now, request, iccid),
            (None, Ok(_)) => self.download_failed(now, request, DownloadFailure::Vanished),
            (None, Err(error)) => self.download_failed(now, request, failure(&error)),
        }
    }

    fn downloaded(&mut self, now: Instant, request: RequestNumber, iccid: Iccid) {
        let Some(operator) = self.operator() else { return self.skip(now, false, None) };
        if let Some(flight) = &mut self.flight
            && !flight.profiles.contains(&iccid)
        {
            flight.profiles.push(iccid);
        }
        let report = Outcome::Downloaded { request, operator, iccid };
        self.keep(Change::Downloaded { at: now, iccid, report });
        self.tell(AgentEvent::Downloaded { iccid });
        self.say_report(now);
        self.settle_or_wait(now);
    }

    fn download_failed(&mut self, now: Instant, request: RequestNumber, failure: DownloadFailure) {
        let Some(operator) = self.operator() else { return self.skip(now, false, None) };
        // Without data no server can be reached: the same is asked again when there is.
        if failure == DownloadFailure::Unreachable && !self.session.bearers.data {
            return self.order(now, request);
        }
        self.tell(AgentEvent::DownloadFailed { operator, failure });
        let report = Outcome::DownloadFailed { request, operator, failure };
        let may = failure == DownloadFailure::Memory && self.config.room == Room::AsNeeded;
        if may && self.make_room(now) {
            if let Some(flight) = &mut self.flight {
                flight.failure = Some(report);
            }
            return;
        }
        self.skip(now, false, Some(report));
    }

    /// Deletes a profile, if one may be: the oldest that the agent has downloaded and that is neither
    /// enabled nor a candidate that is received. Once for each candidate.
    fn make_room(&mut self, now: Instant) -> bool {
        let Some(victim) = self.victim() else { return false };
        self.wait(None);
        self.command_delete(now, victim);
        true
    }

    fn victim(&self) -> Option<Iccid> {
        let (episode, flight) = (self.episode()?, self.flight.as_ref()?);
        if episode.candidate()?.made_room {
            return None;
        }
        let location = flight.location.as_ref();
        let is_received = |candidate: &Candidate| {
            location.is_none_or(|location| location.level_of(&candidate.plmns).is_some())
        };
        let is_spared = |iccid: &Iccid| {
            *iccid == self.identity.original
                || self.identity.presets.iter().any(|preset| preset.iccid == *iccid)
                || flight.enabled == Some(*iccid)
                || [episode.from, episode.back].contains(iccid)
                || episode.candidates.iter().any(|it| it.iccid == Some(*iccid) && is_received(it))
        };
        let downloaded = &self.memory.past.as_ref()?.downloaded;
        let there = downloaded.iter().filter(|iccid| flight.profiles.contains(iccid));
        there.copied().find(|iccid| !is_spared(iccid))
    }

    pub(super) fn delete_finished(
        &mut self,
        now: Instant,
        iccid: Iccid,
        result: &Result<LpaDone, LpaError>,
    ) {
        let report = self.flight.as_mut().and_then(|flight| flight.failure.take());
        if result.is_err() {
            return self.skip(now, false, report);
        }
        self.keep(Change::Deleted(iccid));
        self.tell(AgentEvent::Deleted { iccid });
        if let Some(flight) = &mut self.flight {
            flight.profiles.retain(|it| *it != iccid);
            flight.memory_free = None;
        }
        let request = self.memory.next_request();
        self.keep(Change::Ordered { request, made_room: true, report });
        self.reset_tries();
        self.read_memory(now);
    }

    /// Waits until server and platform know of the installation, but not for ever.
    pub(super) fn settle_or_wait(&mut self, now: Instant) {
        if let Some(Phase::Settling { since }) = self.phase() {
            self.wait(Some((since.plus(SETTLE_WAIT), AgentTimer::Settle)));
            self.settle(now);
        }
    }

    /// Goes on if both know.
    pub(super) fn settle(&mut self, now: Instant) {
        let notified = self.flight.as_ref().is_some_and(|flight| flight.notified);
        let settling = matches!(self.phase(), Some(Phase::Settling { .. }));
        if settling && notified && self.memory.reports().is_empty() {
            self.choose(now);
        }
    }
}

fn installed_iccid(installed: &Installed) -> Option<Iccid> {
    installed.iccid().digits().ok()
}

fn failure(error: &LpaError) -> DownloadFailure {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are of the eUICC")]
    match error {
        LpaError::Server { .. } | LpaError::Interrupted { .. } => DownloadFailure::Unreachable,
        LpaError::Install(result)
            if result.error_reason
                == ErrorReason::InstallFailedDueToInsufficientMemoryForProfile =>
        {
            DownloadFailure::Memory
        }
        LpaError::Refused { .. } | LpaError::WrongServer { .. } | LpaError::Package(_) => {
            DownloadFailure::Server
        }
        _ => DownloadFailure::Euicc,
    }
}
