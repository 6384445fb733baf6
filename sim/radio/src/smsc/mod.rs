//! Short messages: the service centre (TS 23.040), and the serving core's part between centre and
//! device (TS 24.011).

mod attempt;
mod command;
mod device;
mod outcome;
mod outside;
mod store;
mod submit;

pub(crate) use device::Deliveries;
pub(crate) use outside::OutsideSender;

use crate::{
    config::SmscConfig,
    deadlines::Deadline,
    network::{CoreCounters, Faults, Port},
};
use alloc::collections::{BTreeMap, VecDeque};
use polysim_base::{Duration, Instant, Msisdn};
use polysim_sms::{Address, Timestamp};

/// RP causes (TS 24.011, table 8.4).
mod rp_cause {
    /// Unassigned number.
    pub(super) const UNASSIGNED: u8 = 1;
    /// Short message transfer rejected: here, a duplicate.
    pub(super) const REJECTED: u8 = 21;
    /// Memory capacity exceeded.
    pub(super) const MEMORY_EXCEEDED: u8 = 22;
    /// Network out of order: here, no such service centre.
    pub(super) const OUT_OF_ORDER: u8 = 38;
    /// Temporary failure.
    pub(super) const TEMPORARY: u8 = 41;
    /// Congestion.
    pub(super) const CONGESTION: u8 = 42;
    /// Requested facility not subscribed.
    pub(super) const NOT_SUBSCRIBED: u8 = 50;
    /// Protocol error, unspecified.
    pub(super) const PROTOCOL: u8 = 111;
}

/// Pauses between attempts that failed for other reasons than absence and full memory; the last
/// one repeats.
const BACK_OFF_S: [u64; 7] = [30, 60, 120, 300, 600, 1_800, 3_600];
/// Somebody absent is tried again after this long even if no alert came.
const WAIT_FOR_ALERT: Duration = Duration::from_secs(30 * 60);
/// How long a serving core has for a delivery: longer than its own timer.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(60);
/// An alert came while an attempt was failing: the pause before the next.
const AFTER_ALERT: Duration = Duration::from_secs(1);

/// A service centre.
#[derive(Clone, Debug)]
pub(crate) struct Smsc {
    config: SmscConfig,
    texts: BTreeMap<u32, Text>,
    recipients: BTreeMap<Msisdn, Recipient>,
    last_id: u32,
    /// For the parts of texts from outside.
    concatenation: u8,
}

/// What the service centre needs of its core.
pub(crate) struct Desk<'a> {
    pub(crate) port: &'a mut Port,
    pub(crate) faults: &'a mut Faults,
    pub(crate) counters: &'a mut CoreCounters,
}

/// A stored message.
#[derive(Clone, Debug)]
struct Text {
    to: Msisdn,
    /// SMS-DELIVER or SMS-STATUS-REPORT.
    tpdu: Vec<u8>,
    kind: Kind,
    /// What a sender outside calls it.
    tag: Option<u64>,
    expiry: Deadline,
    /// Only one attempt is wanted.
    single_shot: bool,
    /// The validity ended during an attempt.
    overdue: bool,
    /// A fault delivers it a second time.
    repeated: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    /// An SMS-DELIVER, with what its SMS-SUBMIT said.
    Text(Submission),
    /// An SMS-STATUS-REPORT.
    Report,
}

/// What is remembered of an SMS-SUBMIT.
#[derive(Clone, Debug)]
struct Submission {
    /// Who gets a status report, and is known by its number to commands; none outside.
    originator: Option<Msisdn>,
    /// TP-MR.
    reference: u8,
    /// TP-DA as the originator wrote it.
    destination: Address,
    /// When the centre got it.
    timestamp: Timestamp,
    /// A status report is wanted.
    report: bool,
}

/// Somebody who has messages coming.
#[derive(Clone, Debug)]
struct Recipient {
    queue: VecDeque<u32>,
    state: RecipientState,
    /// Failed attempts in a row.
    failures: u8,
    /// An alert came during an attempt.
    alerted: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum RecipientState {
    /// The home network is asked.
    Routing(Deadline),
    /// The serving core is delivering the first message.
    Sending(Deadline),
    /// Absent or without memory: an alert will come.
    Waiting(Deadline),
    /// Pausing.
    BackOff(Deadline),
}

/// How long a message is worth delivering.
#[derive(Clone, Copy, Debug)]
struct Validity {
    until: Instant,
    single_shot: bool,
}

impl RecipientState {
    const fn deadline(self) -> Deadline {
        match self {
            Self::Routing(deadline)
            | Self::Sending(deadline)
            | Self::Waiting(deadline)
            | Self::BackOff(deadline) => deadline,
        }
    }

    const fn is_attempt(self) -> bool {
        matches!(self, Self::Routing(_) | Self::Sending(_))
    }
}

impl Smsc {
    pub(crate) const fn new(config: SmscConfig) -> Self {
        Self {
            config,
            texts: BTreeMap::new(),
            recipients: BTreeMap::new(),
            last_id: 0,
            concatenation: 0,
        }
    }

    /// Returns how many messages are stored.
    pub(crate) fn stored(&self) -> usize {
        self.texts.len()
    }
}
