//! The profile assistant, and what it is told to do.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt::Debug;

use polysim_base::{Iccid, Instant, Machine, Out};
use polysim_lpa::{
    CommandId, Lpa, LpaCommand, LpaDone, LpaError, LpaEvent, LpaInput, LpaOutput, LpaRecord,
    LpaTimer, NotificationReport, Taken,
};
use polysim_rsp::data::{ExtCardResource, ProfileIdentifier, ProfileInfo, ProfileState};

use super::episode::Phase;
use super::machine::Agent;
use super::memory::Change;
use super::{AgentOutput, Reason};
use crate::wire::RequestNumber;

/// A profile assistant: [`polysim_lpa::Lpa`], or what stands for it.
pub trait Assistant:
    Machine<Input = LpaInput, Output = LpaOutput, Record = LpaRecord, Timer = LpaTimer> + Debug
{
    /// Returns the records that a journal needs in place of all before.
    fn checkpoint(&self) -> Vec<LpaRecord>;
}

impl Assistant for Lpa {
    fn checkpoint(&self) -> Vec<LpaRecord> {
        Self::checkpoint(self)
    }
}

/// What the assistant was told to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Command {
    /// Which profiles there are.
    List,
    /// How much memory there is.
    Info,
    Download,
    Enable,
    Delete(Iccid),
}

/// Commands that need no number of a request are numbered behind those that have one.
const UNREQUESTED: u64 = 1 << 32;

impl<A: Assistant> Agent<A> {
    fn command(&mut self, now: Instant, id: CommandId, which: Command, command: LpaCommand) {
        if let Some(flight) = &mut self.flight {
            flight.command = Some((id, which));
            self.assistant.handle(now, LpaInput::Command { id, command: Box::new(command) });
        }
    }

    fn next_command(&mut self) -> CommandId {
        self.session.commands = self.session.commands.saturating_add(1);
        CommandId(UNREQUESTED | u64::from(self.session.commands))
    }

    pub(super) fn read_profiles(&mut self, now: Instant) {
        let id = self.next_command();
        self.command(now, id, Command::List, LpaCommand::List);
    }

    pub(super) fn read_memory(&mut self, now: Instant) {
        let id = self.next_command();
        self.command(now, id, Command::Info, LpaCommand::Info);
    }

    pub(super) fn command_enable(&mut self, now: Instant, iccid: Iccid) {
        let id = self.next_command();
        let profile = ProfileIdentifier::Iccid((&iccid).into());
        self.command(now, id, Command::Enable, LpaCommand::Enable { profile, refresh: false });
    }

    pub(super) fn command_delete(&mut self, now: Instant, iccid: Iccid) {
        let id = self.next_command();
        let profile = ProfileIdentifier::Iccid((&iccid).into());
        self.command(now, id, Command::Delete(iccid), LpaCommand::Delete(profile));
    }

    pub(super) fn command_download(
        &mut self,
        now: Instant,
        request: RequestNumber,
        download: polysim_lpa::Download,
    ) {
        let command = LpaCommand::Download(Box::new(download));
        self.command(now, download_id(request), Command::Download, command);
    }

    /// Carries out what the assistant wants, until it wants nothing.
    pub(super) fn assist(&mut self, now: Instant) {
        while let Some(out) = self.assistant.poll_output() {
            match out {
                Out::Record(record) => self.keep(Change::Assistant(record)),
                Out::Do(LpaOutput::Card { number, function }) => {
                    self.act(AgentOutput::Card { number, function });
                }
                Out::Do(LpaOutput::ResetCard) => self.act(AgentOutput::Restart),
                Out::Do(LpaOutput::Server { number, address, request }) => {
                    self.act(AgentOutput::Server { number, address, request });
                }
                Out::Do(LpaOutput::Event(event)) => self.assistant_told(now, *event),
            }
        }
    }

    fn assistant_told(&mut self, now: Instant, event: LpaEvent) {
        match event {
            LpaEvent::Finished { id, result } => self.finished(now, id, result),
            LpaEvent::Notified(NotificationReport { taken, .. }) => {
                let told = taken == Taken::Yes;
                if let Some(flight) = &mut self.flight {
                    flight.notified |= told;
                }
                self.settle(now);
            }
            // Nobody is there to be asked: downloads are unattended.
            LpaEvent::Progressed { .. } | LpaEvent::Asked { .. } => {}
        }
    }

    fn finished(&mut self, now: Instant, id: CommandId, result: Result<LpaDone, LpaError>) {
        let asked = self.flight.as_mut().and_then(|flight| flight.command.take_if(|it| it.0 == id));
        let Some((_, command)) = asked else { return self.resumed_download(now, id, result) };
        match command {
            Command::List => match result {
                Ok(LpaDone::Listed(profiles)) => self.profiles_read(now, &profiles),
                _ => self.profiles_unread(now),
            },
            Command::Info => {
                if let (Some(flight), Ok(LpaDone::Info(status))) = (&mut self.flight, result) {
                    let resources = ExtCardResource::read(&status.info2.ext_card_resource);
                    flight.memory_free = Some(resources.free_non_volatile);
                }
                self.memory_read(now);
            }
            Command::Download => self.download_finished(now, result),
            Command::Enable => self.enable_finished(now, result),
            Command::Delete(iccid) => self.delete_finished(now, iccid, &result),
        }
    }

    /// A download has gone on by itself after a crash, and is over.
    fn resumed_download(&mut self, now: Instant, id: CommandId, result: Result<LpaDone, LpaError>) {
        if let Some(Phase::Fetching { request, .. }) = self.phase()
            && download_id(request) == id
        {
            self.download_finished(now, result);
        }
    }

    fn profiles_read(&mut self, now: Instant, profiles: &[ProfileInfo]) {
        let Some(flight) = &mut self.flight else { return };
        let known = |profile: &ProfileInfo| profile.iccid?.digits().ok();
        flight.profiles = profiles.iter().filter_map(known).collect::<Vec<_>>();
        let enabled = |profile: &&ProfileInfo| profile.profile_state == Some(ProfileState::Enabled);
        flight.enabled = profiles.iter().find(enabled).and_then(known);
        match flight.beginning.take() {
            Some(reason) => self.began(now, reason),
            None => self.resume(now),
        }
    }

    fn began(&mut self, now: Instant, reason: Reason) {
        let enabled = self.flight.as_ref().and_then(|flight| flight.enabled);
        let original = self.identity.original;
        let from = enabled.unwrap_or(original);
        let back = match reason {
            Reason::HomeVisible => from,
            Reason::Roaming | Reason::NoService => original,
        };
        self.keep(Change::Began { reason, from, back });
        self.tell(super::AgentEvent::EpisodeBegan { reason });
        match reason {
            Reason::HomeVisible => self.go_home(now),
            Reason::Roaming | Reason::NoService => self.resume(now),
        }
    }

    /// The eUICC does not answer. An episode that is under way waits for it; one that has not begun
    /// begins later.
    fn profiles_unread(&mut self, now: Instant) {
        if self.memory.episode.is_none() {
            return self.rest(now);
        }
        let before = self.count_try();
        let pause = super::machine::backoff(&self.config.retry, before);
        self.wait(Some((now.plus(pause), super::AgentTimer::Enable)));
    }
}

fn download_id(request: RequestNumber) -> CommandId {
    CommandId(u64::from(request.0))
}
