//! What there is, which operators suit, and in which order they are tried.

use alloc::vec::Vec;

use polysim_base::{Iccid, Instant};

use super::assistant::Assistant;
use super::episode::{Candidate, Phase};
use super::machine::{Agent, LOCATE_WAIT, backoff};
use super::memory::{Change, End};
use super::{AgentEvent, AgentOutput, AgentTimer, Bearers, ListSource, Reason};
use crate::Location;
use crate::wire::{
    ListAnswer, ListEntry, ListRequest, Order, PresentProfile, RequestNumber, Uplink,
};

impl<A: Assistant> Agent<A> {
    /// Goes on with an episode, where it is known which profiles there are.
    pub(super) fn resume(&mut self, now: Instant) {
        match self.phase() {
            Some(Phase::Gathering) => self.gather(now),
            Some(Phase::Choosing) => self.choose(now),
            Some(Phase::Fetching { request, granted }) => self.fetch_again(now, request, granted),
            Some(Phase::Settling { .. }) => self.settle_or_wait(now),
            Some(Phase::Enabling | Phase::Returning) => self.enable(now),
            Some(Phase::Trial { since } | Phase::Recovering { since }) => self.watch_on(now, since),
            None => self.rest(now),
        }
    }

    fn gather(&mut self, now: Instant) {
        if self.episode().is_some_and(|episode| episode.reason == Reason::HomeVisible) {
            return self.go_home(now);
        }
        if self.knows_location() {
            return self.read_memory(now);
        }
        if self.session.locating.is_none() {
            self.session.locating = Some(now.plus(LOCATE_WAIT));
            self.act(AgentOutput::Locate { visible: true });
        }
    }

    pub(super) fn gather_location(&mut self, now: Instant, location: Location) {
        // A device that has roamed and restarts is not registered yet.
        let roamed = self.episode().is_some_and(|episode| episode.reason == Reason::Roaming);
        if roamed && !location.registration.is_registered() {
            let before = self.count_try();
            if before < self.config.retry.tries {
                let again = now.plus(backoff(&self.config.retry, before));
                return self.wait(Some((again, AgentTimer::Ask)));
            }
        }
        let Some(flight) = &mut self.flight else { return };
        let is_first = flight.location.replace(location).is_none();
        if is_first && flight.command.is_none() {
            self.read_memory(now);
        }
    }

    pub(super) fn memory_read(&mut self, now: Instant) {
        match self.phase() {
            Some(Phase::Gathering) => {
                self.reset_tries();
                self.ask(now);
            }
            Some(Phase::Fetching { request, .. }) => self.order(now, request),
            Some(
                Phase::Choosing
                | Phase::Settling { .. }
                | Phase::Enabling
                | Phase::Trial { .. }
                | Phase::Returning
                | Phase::Recovering { .. },
            )
            | None => {}
        }
    }

    /// Asks the platform for a list.
    fn ask(&mut self, now: Instant) {
        let Some(flight) = &self.flight else { return };
        let registered =
            flight.location.as_ref().is_some_and(|location| location.registration.is_registered());
        let no_way = self.session.bearers == Bearers::default();
        if no_way && !registered || flight.tries >= self.config.retry.tries {
            return self.do_without_platform(now);
        }
        let before = self.count_try();
        self.wait(Some((now.plus(backoff(&self.config.retry, before)), AgentTimer::Ask)));
        if no_way {
            return;
        }
        let known = self.episode().and_then(|episode| episode.request);
        let number = known.unwrap_or_else(|| self.memory.next_request());
        if known.is_none() {
            self.keep(Change::Asked(number));
        }
        if let Some(request) = self.list_request(number) {
            self.post(&Uplink::List(request));
        }
    }

    fn list_request(&self, number: RequestNumber) -> Option<ListRequest> {
        let flight = self.flight.as_ref()?;
        let location = flight.location.as_ref()?;
        let present = |iccid: &Iccid| PresentProfile {
            iccid: *iccid,
            is_enabled: flight.enabled == Some(*iccid),
            is_original: self.identity.original == *iccid,
        };
        let mut request = ListRequest {
            number,
            order: self.config.order,
            registration: location.registration,
            serving: location.serving,
            memory_free: flight.memory_free,
            profiles: flight.profiles.iter().map(present).collect(),
            visible: location.visible.clone(),
        };
        request.fit();
        Some(request)
    }

    /// The platform has not answered, or there is another way to it now.
    pub(super) fn ask_timeout(&mut self, now: Instant) {
        match self.phase() {
            Some(Phase::Gathering) if self.knows_location() => self.ask(now),
            Some(Phase::Gathering) => self.gather(now),
            Some(Phase::Fetching { request, .. }) => self.order(now, request),
            Some(
                Phase::Choosing
                | Phase::Settling { .. }
                | Phase::Enabling
                | Phase::Trial { .. }
                | Phase::Returning
                | Phase::Recovering { .. },
            )
            | None => {}
        }
    }

    fn knows_location(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.location.is_some())
    }

    pub(super) fn ask_again(&mut self, now: Instant, data: bool) {
        let waits =
            |flight: &super::machine::Flight| matches!(flight.due, Some((_, AgentTimer::Ask)));
        if self.flight.as_deref().is_some_and(waits) {
            return self.ask_timeout(now);
        }
        // A download was put off until there is data.
        if data && self.flight.is_none() && self.memory.waits_for_data() {
            self.keep(Change::DataThere);
            self.look(now);
        }
    }

    /// The platform's answer to the request for a list.
    pub(super) fn listed(&mut self, now: Instant, number: RequestNumber, answer: ListAnswer) {
        let awaited = self.episode().and_then(|episode| episode.request);
        if self.phase() != Some(Phase::Gathering) || awaited != Some(number) {
            return;
        }
        match answer {
            ListAnswer::Listed(entries) => {
                self.keep(Change::Listed { at: now, entries: entries.clone() });
                self.take_list(now, &entries, ListSource::Platform);
            }
            ListAnswer::Refused(refusal) => {
                self.tell(AgentEvent::Refused(refusal));
                self.end(now, End::Failed);
            }
        }
    }

    /// There is no answer: what was known before has to do.
    fn do_without_platform(&mut self, now: Instant) {
        self.tell(AgentEvent::PlatformSilent);
        let stored = self.memory.past.as_ref().and_then(|past| past.list.as_ref());
        let fresh = stored.filter(|(at, _)| now.since(*at) <= self.config.list_age_max);
        if let Some((_, entries)) = fresh {
            let entries = entries.clone();
            return self.take_list(now, &entries, ListSource::Stored);
        }
        let presets: Vec<_> = match self.config.presets_alone {
            true => self.identity.presets.clone(),
            false => Vec::new(),
        };
        let candidates = presets.into_iter().map(|preset| Candidate {
            operator: None,
            plmns: preset.plmns,
            iccid: Some(preset.iccid),
            made_room: false,
        });
        let candidates = candidates.collect();
        self.take_candidates(now, candidates, ListSource::Presets, Order::Signal);
    }

    fn take_list(&mut self, now: Instant, entries: &[ListEntry], source: ListSource) {
        let candidate = |entry: &ListEntry| Candidate {
            operator: Some(entry.operator),
            plmns: entry.plmns.clone(),
            iccid: entry.iccid,
            made_room: false,
        };
        let candidates = entries.iter().map(candidate).collect();
        self.take_candidates(now, candidates, source, self.config.order);
    }

    fn take_candidates(
        &mut self,
        now: Instant,
        mut candidates: Vec<Candidate>,
        source: ListSource,
        order: Order,
    ) {
        let operators = u8::try_from(candidates.len()).unwrap_or(u8::MAX);
        self.tell(AgentEvent::Listed { source, operators });
        self.sort(&mut candidates, order);
        let Some(flight) = &self.flight else { return };
        for candidate in &mut candidates {
            // What is not there any more is downloaded anew.
            candidate.iccid = candidate.iccid.filter(|iccid| flight.profiles.contains(iccid));
        }
        // Without the platform nothing can be downloaded.
        candidates.retain(|it| it.iccid.is_some() || source == ListSource::Platform);
        let stays = self.cut_at_current(&mut candidates);
        candidates.truncate(ListEntry::LIST_MAX);
        if stays {
            return self.end(now, End::Stayed);
        }
        self.keep(Change::Chosen(candidates));
        self.choose(now);
    }

    /// What is received goes before what is not; where the signal decides, the strongest first.
    fn sort(&self, candidates: &mut [Candidate], order: Order) {
        let location = self.flight.as_ref().and_then(|flight| flight.location.as_ref());
        let Some(location) = location.filter(|location| !location.visible.is_empty()) else {
            return;
        };
        candidates.sort_by_key(|candidate| {
            let level = location.level_of(&candidate.plmns);
            let strength = level.filter(|_| order == Order::Signal);
            (level.is_none(), core::cmp::Reverse(strength))
        });
    }

    /// What the list has behind the profile that the device has is no better than that; without
    /// service there, it is passed over. Returns whether it is the best of all.
    fn cut_at_current(&self, candidates: &mut Vec<Candidate>) -> bool {
        let Some(episode) = self.episode() else { return false };
        let is_current = |candidate: &Candidate| candidate.iccid == Some(episode.from);
        match episode.reason {
            Reason::NoService => candidates.retain(|candidate| !is_current(candidate)),
            Reason::Roaming | Reason::HomeVisible => {
                if let Some(at) = candidates.iter().position(is_current) {
                    candidates.truncate(at);
                    return at == 0;
                }
            }
        }
        false
    }
}
