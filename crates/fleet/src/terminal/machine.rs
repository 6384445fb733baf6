use super::calls::Calls;
use super::dialogues::Dialogues;
use super::follow::Followed;
use super::job::{At, Job};
use super::leader::Leader;
use super::mailbox::Mailbox;
use super::names::Names;
use super::outbox::Outbox;
use super::placements::Placements;
use super::{
    OutgoingText, TerminalConfig, TerminalEvent, TerminalInput, TerminalOutput, TerminalRecord,
    TextOver,
};
use crate::wire::{MailItem, MessageId, ToModem};
use crate::{MailId, RequestId};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use polysim_base::{Instant, Machine, Out, Queue};

/// What a user calls and texts with.
///
/// # Contract
/// It is rebuilt after a crash by `restore` with the same configuration, and then gets
/// [`TerminalInput::Start`]. The numbers of wishes are the user's: two wishes that are open, or two
/// texts, have different ones over all lives. A text that is wished for again by its number is not
/// sent again; it is told what became of it.
///
/// A text ends in exactly one of [`TerminalEvent::Accepted`] and [`TerminalEvent::Failed`]. Where a
/// crash loses what was to be told, [`inbox`](Self::inbox) and [`outbox`](Self::outbox) have it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Terminal {
    pub(super) config: TerminalConfig,
    pub(super) names: Names,
    pub(super) leader: Leader,
    pub(super) mailbox: Mailbox,
    pub(super) outbox: Outbox,
    pub(super) jobs: BTreeMap<RequestId, Job>,
    pub(super) followed: VecDeque<Followed>,
    pub(super) lapsed: VecDeque<Lapsed>,
    pub(super) placements: Placements,
    pub(super) calls: Calls,
    pub(super) dialogues: Dialogues,
    out: Queue<Out<TerminalRecord, TerminalOutput>>,
}

/// A call that was dialled without an answer: the modem may have begun it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Lapsed {
    pub(super) request: RequestId,
    pub(super) at: At,
    pub(super) to: polysim_base::Msisdn,
}

/// Why a terminal wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TerminalTimer {
    /// Nobody has answered a request.
    Request,
    /// It is time to ask for what has come.
    Mail,
    /// A frame is to be played.
    Play,
    /// A call has rung long enough, or its last report is overdue.
    Call,
}

impl Terminal {
    /// Returns a terminal that has seen nothing yet.
    #[must_use]
    pub const fn new(config: TerminalConfig) -> Self {
        Self {
            names: Names::new(config.terminal),
            leader: Leader::new(config.servers),
            mailbox: Mailbox::new(),
            outbox: Outbox::new(),
            jobs: BTreeMap::new(),
            followed: VecDeque::new(),
            lapsed: VecDeque::new(),
            placements: Placements::new(),
            calls: Calls::new(config.codec),
            dialogues: Dialogues::new(),
            out: Queue::new(),
            config,
        }
    }

    /// Returns the newest of what has come, oldest first: 256 items at most.
    pub fn inbox(&self) -> impl ExactSizeIterator<Item = &MailItem> {
        self.mailbox.inbox()
    }

    /// Returns up to where what has come is kept.
    #[must_use]
    pub const fn cursor(&self) -> MailId {
        self.mailbox.cursor()
    }

    /// Returns the texts that are not over, and the 64 newest that are, with what became of them.
    pub fn outbox(&self) -> impl Iterator<Item = (&OutgoingText, Option<TextOver>)> {
        self.outbox.iter().map(|entry| (&entry.text, entry.over))
    }

    /// Returns how many wishes are open.
    #[must_use]
    pub fn open_wishes(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn tell(&mut self, event: TerminalEvent) {
        self.out.push(Out::Do(TerminalOutput::Tell(event)));
    }

    pub(super) fn tell_all(&mut self, events: impl IntoIterator<Item = TerminalEvent>) {
        events.into_iter().for_each(|event| self.tell(event));
    }

    pub(super) fn record(&mut self, record: TerminalRecord) {
        self.restore(record.clone());
        self.out.push(Out::Record(record));
    }

    pub(super) fn send(&mut self, output: TerminalOutput) {
        self.out.push(Out::Do(output));
    }

    /// Returns a name that no request had.
    pub(super) fn name(&mut self) -> RequestId {
        let (request, record) = self.names.take();
        if let Some(record) = record {
            self.out.push(Out::Record(record));
        }
        request
    }

    pub(super) const fn message(&self, number: u64) -> MessageId {
        MessageId { user: self.config.user, terminal: self.config.terminal, number }
    }

    fn start(&mut self, now: Instant) {
        self.ask_for_mail(now);
        let open = self.outbox.iter().filter(|entry| entry.over.is_none());
        let texts: Vec<_> = open.map(|entry| entry.text.clone()).collect();
        for text in texts {
            if !self.has_job(text.wish) {
                self.begin_text(now, text);
            }
        }
    }

    fn microphone(&mut self, frame: &crate::speech::Frame) {
        if let Some((site, call, packet)) = self.calls.microphone(frame) {
            self.send(TerminalOutput::Site(site, ToModem::Speech(call, packet)));
        }
    }
}

impl Machine for Terminal {
    type Input = TerminalInput;
    type Output = TerminalOutput;
    type Record = TerminalRecord;
    type Timer = TerminalTimer;

    fn handle(&mut self, now: Instant, input: TerminalInput) {
        match input {
            TerminalInput::Start => self.start(now),
            TerminalInput::Wish(number, wish) => self.wish(now, number, wish),
            TerminalInput::Microphone(frame) => self.microphone(&frame),
            TerminalInput::Answer(server, request, answer) => {
                self.answer(now, server, request, answer);
            }
            TerminalInput::Mail(_, upto) => {
                if self.mailbox.hint(upto) {
                    self.ask_for_mail(now);
                }
            }
            TerminalInput::Modem(site, said) => self.modem(now, site, said),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        let due = |job: &Job| job.due <= now;
        let overdue: Vec<_> =
            self.jobs.iter().filter(|(_, job)| due(job)).map(|(id, _)| *id).collect();
        overdue.into_iter().for_each(|id| self.overdue(now, id));
        if self.mailbox.due.is_some_and(|due| due <= now) {
            self.mail_overdue(now);
        }
        self.follow_up(now);
        for frame in self.calls.play(now) {
            self.send(TerminalOutput::Speaker(frame));
        }
        let expired = self.calls.expire(now);
        self.tell_all(expired);
    }

    fn poll_output(&mut self) -> Option<Out<TerminalRecord, TerminalOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, TerminalTimer)> {
        let request = self.jobs.values().map(|job| (job.due, TerminalTimer::Request));
        let mail = self.mailbox.due.map(|due| (due, TerminalTimer::Mail));
        let followed = self.followed.iter().filter_map(|followed| followed.due);
        let followed = followed.map(|due| (due, TerminalTimer::Request));
        request.chain(followed).chain(mail).chain(self.calls.deadline()).min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: TerminalRecord) {
        match record {
            TerminalRecord::Requests(end) => self.names.restore(end),
            TerminalRecord::Mail(item) => self.mailbox.keep(item),
            TerminalRecord::Text(text) => self.outbox.keep(text),
            TerminalRecord::Aimed { number, modem, iccid, epoch } => {
                self.outbox.aim(number, At { modem, iccid, epoch });
            }
            TerminalRecord::Over { number, over } => self.outbox.over(number, over),
        }
    }
}
