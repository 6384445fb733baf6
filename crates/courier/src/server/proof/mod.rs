//! Codes by text: sent within limits, tried within limits, used once.

mod window;

use alloc::collections::BTreeMap;

use polysim_base::{Duration, Instant, Msisdn};

use super::secret::same;
use super::{CodeSent, Connection, Kept, Limits, ServerTimer};
use crate::wire::Refusal;
use crate::{Code, DeviceId, DeviceKey, Registration, RequestId, TenantId};
use window::Windows;

/// For how long a code holds, whatever the configuration says.
const LIFETIME_MAX: Duration = Duration::from_secs(600);

/// How often a code may be tried, whatever the configuration says.
const TRIES_MAX: u8 = 5;

/// Registrations that wait for their codes, and how many codes were sent to whom.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Proofs {
    waiting: BTreeMap<Registration, Waiting>,
    /// The last registration of a number by a device.
    of: BTreeMap<(Msisdn, DeviceKey), Registration>,
    windows: Windows,
    pub(super) last: Registration,
}

/// A registration: there until its code holds no more, so that what is repeated is answered alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Waiting {
    pub(super) sent: CodeSent,
    tried: u8,
    /// The carrier has taken the text. If the server has crashed before it knew that, the text is
    /// perhaps not sent, and whoever asks again gets another code.
    texted: bool,
    /// The code that was tried last and is wrong: to try it again tells nobody anything, and is not
    /// counted.
    wrong: Option<Code>,
    stage: Stage,
    /// In which session it was asked for last: only there its code may be tried.
    asked: Option<(Connection, RequestId)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stage {
    /// The code was sent, and may be used.
    Open,
    /// The carrier has refused the text.
    NotTexted,
    /// The code was used.
    Used(DeviceId),
}

/// What is to be said to somebody who tries a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It is right.
    Right,
    /// It was right before, in this session.
    Again(DeviceId),
    /// It is wrong. The first time that is counted.
    Wrong { first: bool },
    /// It must not be tried.
    No(Refusal),
}

impl Limits {
    /// Returns for how long a code holds.
    pub(super) fn lifetime(&self) -> Duration {
        self.code_lifetime.min(LIFETIME_MAX)
    }

    fn tries(&self) -> u8 {
        self.tries.min(TRIES_MAX)
    }
}

impl Proofs {
    /// Returns the next registration.
    pub(super) const fn next(&self) -> Registration {
        Registration(self.last.0 + 1)
    }

    /// Returns the registration for which somebody has a code already, or what became of it in this
    /// session; it goes on in the session in which it is asked for.
    pub(super) fn ask_again(
        &mut self,
        (number, key): (Msisdn, DeviceKey),
        asked: (Connection, RequestId),
        limits: &Limits,
    ) -> Option<Result<(Registration, Instant), Refusal>> {
        let registration = *self.of.get(&(number, key))?;
        let waiting = self.waiting.get_mut(&registration)?;
        let in_doubt = !waiting.texted && waiting.asked.is_none();
        match waiting.stage {
            Stage::Open if waiting.tried < limits.tries() && !in_doubt => {
                waiting.asked = Some(asked);
                Some(Ok((registration, waiting.sent.at.plus(limits.lifetime()))))
            }
            Stage::NotTexted if waiting.asked == Some(asked) => Some(Err(Refusal::Carrier)),
            Stage::Open | Stage::NotTexted | Stage::Used(_) => None,
        }
    }

    /// Returns why no code may be sent now.
    pub(super) fn refusal(
        &mut self,
        now: Instant,
        number: &Msisdn,
        tenant: TenantId,
        limits: &Limits,
    ) -> Option<Refusal> {
        self.windows.forget(now, &limits.countries);
        self.windows.refusal(now, number, tenant, limits)
    }

    /// A code is sent.
    pub(super) fn sent(&mut self, sent: CodeSent, limits: &Limits) {
        self.windows.count(sent.at, sent.number, sent.tenant, &limits.countries);
        self.wait(sent, 0, false);
    }

    fn wait(&mut self, sent: CodeSent, tried: u8, texted: bool) {
        let registration = sent.registration;
        self.last = self.last.max(registration);
        self.of.insert((sent.number, sent.key), registration);
        let waiting = Waiting { sent, tried, texted, wrong: None, stage: Stage::Open, asked: None };
        self.waiting.insert(registration, waiting);
    }

    /// Somebody waits in a session for what becomes of a registration.
    pub(super) fn asked(&mut self, registration: Registration, asked: (Connection, RequestId)) {
        if let Some(waiting) = self.waiting.get_mut(&registration) {
            waiting.asked = Some(asked);
        }
    }

    /// Judges a code that is tried in a session. `right` makes the right one.
    pub(super) fn judge(
        &self,
        (from, registration, code): (Connection, Registration, Code),
        right: impl Fn(&CodeSent) -> Code,
        limits: &Limits,
    ) -> Verdict {
        let asked_here = |it: &&Waiting| it.asked.is_some_and(|(session, _)| session == from);
        let Some(waiting) = self.waiting.get(&registration).filter(asked_here) else {
            return Verdict::No(Refusal::Expired);
        };
        let is_right = || same(code.digits(), right(&waiting.sent).digits());
        match waiting.stage {
            Stage::NotTexted => Verdict::No(Refusal::Carrier),
            Stage::Used(device) if is_right() => Verdict::Again(device),
            Stage::Used(_) => Verdict::No(Refusal::Expired),
            Stage::Open if waiting.wrong == Some(code) => Verdict::Wrong { first: false },
            Stage::Open if waiting.tried >= limits.tries() => Verdict::No(Refusal::TooManyTries),
            Stage::Open if is_right() => Verdict::Right,
            Stage::Open => Verdict::Wrong { first: true },
        }
    }

    /// A code was tried in vain.
    pub(super) fn tried(&mut self, registration: Registration) {
        if let Some(waiting) = self.waiting.get_mut(&registration) {
            waiting.tried = waiting.tried.saturating_add(1);
        }
    }

    /// That one was it.
    pub(super) fn wrong(&mut self, registration: Registration, code: Code) {
        if let Some(waiting) = self.waiting.get_mut(&registration) {
            waiting.wrong = Some(code);
        }
    }

    /// Returns how often another code may be tried.
    pub(super) fn tries_left(&self, registration: Registration, limits: &Limits) -> u8 {
        let tried = self.waiting.get(&registration).map_or(u8::MAX, |it| it.tried);
        limits.tries().saturating_sub(tried)
    }

    /// Returns a registration whose text may still come, and who waits for it.
    pub(super) fn open(&self, registration: Registration) -> Option<&CodeSent> {
        let waiting = self.waiting.get(&registration)?;
        (waiting.stage == Stage::Open).then_some(&waiting.sent)
    }

    /// Returns who waits for what becomes of a registration.
    pub(super) fn who_asked(&self, registration: Registration) -> Option<(Connection, RequestId)> {
        self.waiting.get(&registration)?.asked
    }

    /// The carrier has taken a text, or not.
    pub(super) fn texted(&mut self, registration: Registration, taken: bool) {
        if let Some(waiting) = self.waiting.get_mut(&registration) {
            waiting.texted |= taken;
            if !taken {
                waiting.stage = Stage::NotTexted;
            }
        }
    }

    /// A code was used; returns what it was for.
    pub(super) fn used(
        &mut self,
        registration: Registration,
        device: DeviceId,
    ) -> Option<CodeSent> {
        let waiting = self.waiting.get_mut(&registration)?;
        waiting.stage = Stage::Used(device);
        Some(waiting.sent.clone())
    }

    /// Forgets registrations whose codes hold no more, and codes that count no more.
    pub(super) fn expire(&mut self, now: Instant, limits: &Limits) {
        self.windows.forget(now, &limits.countries);
        while let Some((registration, waiting)) = self.waiting.first_key_value()
            && waiting.sent.at.plus(limits.lifetime()) <= now
        {
            let (registration, of) = (*registration, (waiting.sent.number, waiting.sent.key));
            self.waiting.pop_first();
            if self.of.get(&of) == Some(&registration) {
                self.of.remove(&of);
            }
        }
    }

    pub(super) fn deadline(&self, limits: &Limits) -> Option<(Instant, ServerTimer)> {
        let (_, oldest) = self.waiting.first_key_value()?;
        Some((oldest.sent.at.plus(limits.lifetime()), ServerTimer::Proof))
    }

    /// Returns what a checkpoint keeps.
    pub(super) fn checkpoint(&self) -> impl Iterator<Item = Kept> {
        let open = self.waiting.values().filter(|it| it.stage == Stage::Open);
        let waiting = |it: &Waiting| {
            let (sent, tried, texted) = (it.sent.clone(), it.tried, it.texted);
            Kept::Waiting { sent, tried, texted }
        };
        self.windows.checkpoint().chain(open.map(waiting))
    }

    pub(super) fn restore_code(
        &mut self,
        (at, number, tenant): (Instant, Msisdn, TenantId),
        limits: &Limits,
    ) {
        self.windows.count(at, number, tenant, &limits.countries);
    }

    pub(super) fn restore_waiting(&mut self, sent: CodeSent, tried: u8, texted: bool) {
        self.wait(sent, tried, texted);
    }
}
