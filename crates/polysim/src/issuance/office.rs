//! Both platforms in one place, with their journals.

use crate::journal::{FileJournal, Journal, JournalError};
use polysim_base::{Eid, Imei, Imsi, Instant, Machine, Out};
use polysim_hal::Clock;
use polysim_issuance::business::{
    BatchId, BindingResult, Business, BusinessConfig, BusinessInput, BusinessOutput,
    BusinessRecord, CustomerOrder, DeviceResult, Job, NotTaken,
};
use polysim_issuance::keys::KeyStore;
use polysim_issuance::platform::{
    Alarm, BindingRow, Fate, ImportConflict, Platform, PlatformConfig, PlatformInput,
    PlatformOutput, PlatformRecord,
};
use polysim_issuance::wire::{RequestId, UplinkFrame};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Most jobs that are kept for tools. More are told again later.
pub const JOBS_MAX: usize = 10_000;
/// The journal of the card-writing platform.
const PLATFORM_JOURNAL: &str = "platform.journal";
/// The journal of the business platform.
const BUSINESS_JOURNAL: &str = "business.journal";

/// Why an office cannot go on. Open it anew: nothing that was told is lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfficeError {
    /// What it remembers.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What an office tells.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum News {
    /// What became of a device of a batch.
    Result {
        /// Which batch.
        batch: BatchId,
        /// Which device.
        imei: Imei,
        /// What became of it.
        result: DeviceResult,
    },
    /// A batch is not taken.
    NotTaken {
        /// Which.
        batch: BatchId,
        /// Why.
        why: NotTaken,
    },
    /// What became of a binding request that needs no answer at the card.
    Binding {
        /// The card.
        eid: Eid,
        /// What became of it.
        result: BindingResult,
    },
    /// What became of a row that was imported.
    Imported {
        /// The card.
        eid: Eid,
        /// What became of it.
        result: Result<(), ImportConflict>,
    },
    /// Something that people should know.
    Alarm(Alarm),
}

/// A card-writing platform and a business platform that share a folder and a clock.
///
/// There is no radio here, so nothing goes over the air, and no operator is asked: a number is given
/// to a card only when it is known to be ready.
pub struct Office {
    platform: Kept<Platform>,
    business: Kept<Business>,
    clock: Arc<dyn Clock>,
    jobs: BTreeMap<RequestId, Job>,
    news: Vec<News>,
}

enum Step {
    Platform(PlatformInput),
    Business(BusinessInput),
}

impl Office {
    /// Opens the journals in a folder, or begins them. The clock tells Unix time.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn open(
        folder: &Path,
        keys: KeyStore,
        platform: PlatformConfig,
        business: BusinessConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OfficeError> {
        let journal = FileJournal::<PlatformRecord>::open(folder.join(PLATFORM_JOURNAL)).await?;
        let platform = Kept::open(Platform::new(platform, keys), Box::new(journal)).await?;
        let patience = business.patience;
        let journal = FileJournal::<BusinessRecord>::open(folder.join(BUSINESS_JOURNAL)).await?;
        let business = Kept::open(Business::new(business), Box::new(journal)).await?;
        let (jobs, news) = (BTreeMap::new(), Vec::new());
        let mut office = Self { platform, business, clock, jobs, news };
        office.wake().await?;
        // What is under way is asked at once: jobs are known to nobody else.
        let soon = office.clock.now().plus(patience);
        let outputs = office.business.wake(soon).await?;
        office.follow(outputs).await?;
        Ok(office)
    }

    /// Returns the card-writing platform.
    #[must_use]
    pub const fn platform(&self) -> &Platform {
        &self.platform.machine
    }

    /// Returns the business platform.
    #[must_use]
    pub const fn business(&self) -> &Business {
        &self.business.machine
    }

    /// Returns what tools have to bring to a card.
    pub fn jobs(&self, eid: Eid) -> impl Iterator<Item = &Job> {
        self.jobs.values().filter(move |job| job.write.eid == eid)
    }

    /// Takes what has happened since.
    pub fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Takes what became of the binding request of a card, if that has been told.
    pub(super) fn take_binding(&mut self, card: Eid) -> Option<BindingResult> {
        let of_card = |news: &News| match news {
            News::Binding { eid, result } => Some(*result).filter(|_| *eid == card),
            News::Result { .. }
            | News::NotTaken { .. }
            | News::Imported { .. }
            | News::Alarm(_) => None,
        };
        let result = self.news.iter().rev().find_map(of_card)?;
        self.news.retain(|news| of_card(news).is_none());
        Some(result)
    }

    /// Orders subscriptions for devices.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn order(&mut self, order: CustomerOrder) -> Result<(), OfficeError> {
        self.carry_out(Step::Business(BusinessInput::Order(order))).await
    }

    /// Gives a device of a batch up.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn cancel(&mut self, batch: BatchId, imei: Imei) -> Result<(), OfficeError> {
        self.carry_out(Step::Business(BusinessInput::Cancel { batch, imei })).await
    }

    /// Takes the binding request that a tool has read.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn read(&mut self, frame: UplinkFrame) -> Result<(), OfficeError> {
        self.carry_out(Step::Business(BusinessInput::Read { frame })).await
    }

    /// Takes the proof of a job that a tool has brought to its card.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn brought(
        &mut self,
        request: RequestId,
        proof: Option<Vec<u8>>,
    ) -> Result<(), OfficeError> {
        self.jobs.remove(&request);
        self.carry_out(Step::Business(BusinessInput::Brought { request, proof })).await?;
        self.wake_business().await
    }

    /// Takes an operator's word that a subscription has registered.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn attached(&mut self, imsi: Imsi) -> Result<(), OfficeError> {
        self.carry_out(Step::Platform(PlatformInput::Attached { imsi })).await
    }

    /// Takes a binding of another platform.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn import(&mut self, row: BindingRow) -> Result<(), OfficeError> {
        self.carry_out(Step::Platform(PlatformInput::Import(row))).await
    }

    /// Serves what is due.
    ///
    /// # Errors
    /// [`OfficeError`].
    pub async fn wake(&mut self) -> Result<(), OfficeError> {
        let now = self.clock.now();
        let steps = self.platform.wake(now).await?.into_iter().filter_map(|it| self.heard(it));
        let steps: Vec<_> = steps.collect();
        for step in steps {
            self.carry_out(step).await?;
        }
        let outputs = self.business.wake(now).await?;
        self.follow(outputs).await
    }

    /// Both are in one place, so a question need not wait for its time.
    async fn wake_business(&mut self) -> Result<(), OfficeError> {
        let due = self.business.machine.poll_timeout().map(|(due, _)| due);
        let outputs = match due {
            Some(due) => self.business.wake(due.max(self.clock.now())).await?,
            None => Vec::new(),
        };
        self.follow(outputs).await
    }

    async fn follow(&mut self, outputs: Vec<BusinessOutput>) -> Result<(), OfficeError> {
        let steps: Vec<_> = outputs.into_iter().filter_map(|it| self.said(it)).collect();
        for step in steps {
            self.carry_out(step).await?;
        }
        Ok(())
    }

    /// Does a step and all that follows from it.
    async fn carry_out(&mut self, step: Step) -> Result<(), OfficeError> {
        let mut steps = VecDeque::from([step]);
        while let Some(step) = steps.pop_front() {
            let now = self.clock.now();
            match step {
                Step::Platform(input) => {
                    let outputs = self.platform.handle(now, input).await?;
                    steps.extend(outputs.into_iter().filter_map(|output| self.heard(output)));
                }
                Step::Business(input) => {
                    let outputs = self.business.handle(now, input).await?;
                    steps.extend(outputs.into_iter().filter_map(|output| self.said(output)));
                }
            }
        }
        Ok(())
    }

    /// Takes what the card-writing platform says, and returns what follows.
    fn heard(&mut self, output: PlatformOutput) -> Option<Step> {
        match output {
            PlatformOutput::Business { request, answer } => {
                Some(Step::Business(BusinessInput::Answer { request, answer }))
            }
            PlatformOutput::Provision { order, .. } => {
                Some(Step::Platform(PlatformInput::Provisioned { order, ready: true }))
            }
            PlatformOutput::Text { message, .. } => {
                Some(Step::Platform(PlatformInput::Sent { message, fate: Fate::NotTaken }))
            }
            PlatformOutput::Stream { .. } => None,
            PlatformOutput::Alarm(alarm) => {
                self.news.push(News::Alarm(alarm));
                None
            }
            PlatformOutput::Imported { eid, result } => {
                self.news.push(News::Imported { eid, result });
                None
            }
        }
    }

    /// Takes what the business platform says, and returns what follows.
    fn said(&mut self, output: BusinessOutput) -> Option<Step> {
        match output {
            BusinessOutput::Ask(request) => {
                return Some(Step::Platform(PlatformInput::Business(request)));
            }
            BusinessOutput::Local(job) => {
                if self.jobs.len() < JOBS_MAX || self.jobs.contains_key(&job.request) {
                    self.jobs.insert(job.request, job);
                }
            }
            BusinessOutput::NotTaken { batch, why } => {
                self.news.push(News::NotTaken { batch, why });
            }
            BusinessOutput::Binding { eid, result } => {
                self.news.push(News::Binding { eid, result });
            }
            BusinessOutput::Result { batch, imei, result } => {
                self.news.push(News::Result { batch, imei, result });
            }
        }
        None
    }
}

/// A machine and where it remembers.
struct Kept<M: Machine> {
    machine: M,
    journal: Box<dyn Journal<M::Record>>,
}

impl<M: Machine<Record: Send> + Send> Kept<M> {
    async fn open(
        mut machine: M,
        mut journal: Box<dyn Journal<M::Record>>,
    ) -> Result<Self, JournalError> {
        journal.replay(&mut |record| machine.restore(record)).await?;
        Ok(Self { machine, journal })
    }

    async fn handle(
        &mut self,
        now: Instant,
        input: M::Input,
    ) -> Result<Vec<M::Output>, JournalError> {
        self.machine.handle(now, input);
        self.drain().await
    }

    async fn wake(&mut self, now: Instant) -> Result<Vec<M::Output>, JournalError> {
        self.machine.handle_timeout(now);
        self.drain().await
    }

    /// Returns what is to take effect, when what it follows from is on the disk.
    async fn drain(&mut self) -> Result<Vec<M::Output>, JournalError> {
        let (mut records, mut outputs) = (Vec::new(), Vec::new());
        while let Some(out) = self.machine.poll_output() {
            match out {
                Out::Record(record) => records.push(record),
                Out::Do(output) => outputs.push(output),
            }
        }
        if !records.is_empty() {
            self.journal.append(records).await?;
        }
        Ok(outputs)
    }
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Office")
            .field("cards", &self.platform().cards())
            .field("jobs", &self.jobs.len())
            .finish_non_exhaustive()
    }
}
