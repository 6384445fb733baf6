//! What travels between servers, platforms, operators and the connections of devices.

use polysim_aka::Milenage;
use polysim_base::{Iccid, Imsi, Msisdn};
use polysim_card::frame::{self, Said};
use polysim_kernel::Digest;
use polysim_rsp::{es2, es9, es12};
use polysim_smdp::{OutboxId, RequestId};
use polysim_steering::advisor::{CallNumber, Path};

/// A message to a node.
#[derive(Clone, Debug)]
pub(crate) enum SteeringMessage {
    /// To a service.
    Service(ToService),
    /// To an operator.
    Operator(ToOperator),
    /// To a node: the disk is done with what was begun in this life.
    Written(u32),
    /// To a phone: the agent on its host has something to do.
    Agent(ToAgent),
}

/// What reaches a server or a platform.
#[derive(Clone, Debug)]
pub(crate) enum ToService {
    /// ES9+ or ES11 of a device.
    Es9 { from: RequestId, request: es9::Request },
    /// ES2+ of a platform, on behalf of an operator.
    Es2 { from: RequestId, request: es2::Request },
    /// ES12 of an SM-DP+.
    Es12 { from: RequestId, request: es12::Request },
    /// An answer to ES12.
    Es12Answer { id: OutboxId, answer: es12::Answer },
    /// An answer to ES2+.
    Es2Answer { call: CallNumber, answer: Result<es2::Answer, es9::Failure> },
    /// An operator has a subscription.
    Provisioned { iccid: Iccid },
    /// An operator has taken a word of progress.
    ProgressTaken { id: OutboxId },
    /// A frame of a device.
    Frame { path: Path, frame: Vec<u8> },
}

/// What reaches an operator.
#[derive(Clone, Debug)]
pub(crate) enum ToOperator {
    /// Have a subscription ready, for an SM-DP+.
    Provision { service: usize, iccid: Iccid, imsi: Imsi, keys: Milenage },
    /// What became of a profile, from an SM-DP+.
    Progress { service: usize, id: OutboxId, progress: Box<es2::Progress> },
    /// An answer for a device's connection.
    Answer { to: RequestId, said: Box<Said> },
    /// A frame for a device's connection.
    Frame { connection: u64, frame: Vec<u8> },
    /// A frame for a device, as a text from a platform.
    Text { service: usize, to: Msisdn, frame: Vec<u8> },
}

/// What reaches the agent on a host.
#[derive(Clone, Debug)]
pub(crate) enum ToAgent {
    /// The answer to a request.
    Answer { life: u32, number: u64, said: Box<Said> },
    /// A frame from the platform.
    Frame { life: u32, frame: Vec<u8> },
}

impl SteeringMessage {
    /// Adds what it says to a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        let digest = digest.with_bytes(self.kind().as_bytes());
        match self {
            Self::Service(ToService::Frame { frame, .. })
            | Self::Operator(ToOperator::Frame { frame, .. } | ToOperator::Text { frame, .. })
            | Self::Agent(ToAgent::Frame { frame, .. }) => digest.with_bytes(frame),
            Self::Service(ToService::Es9 { from, request }) => {
                digest.with(from.0).with_bytes(&frame::put_request(from.0, request))
            }
            Self::Operator(ToOperator::Answer { to, said }) => {
                digest.with(to.0).with_bytes(&frame::put_answer(to.0, said))
            }
            Self::Service(_) | Self::Operator(_) | Self::Written(_) | Self::Agent(_) => {
                crate::message::text(digest, self)
            }
        }
    }

    /// Returns what traces call it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Service(ToService::Es9 { .. }) => "es9",
            Self::Service(ToService::Es2 { .. } | ToService::Es2Answer { .. }) => "es2",
            Self::Service(ToService::Es12 { .. } | ToService::Es12Answer { .. }) => "es12",
            Self::Service(_) => "service",
            Self::Operator(_) => "operator",
            Self::Written(_) => "disk",
            Self::Agent(_) => "agent",
        }
    }
}
