//! What a business platform must not forget.

use alloc::vec::Vec;
use polysim_base::{Imei, Imsi, Instant, Msisdn};
use serde::{Deserialize, Serialize};

use super::{BatchId, CustomerOrder, DeviceResult};
use crate::wire::{OrderId, RequestId, UplinkFrame};

/// One change of the state of a business platform.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum BusinessRecord {
    /// A customer has ordered.
    Ordered {
        /// When.
        at: Instant,
        /// What.
        order: CustomerOrder,
    },
    /// A write has begun: its number is reserved.
    Begun {
        /// When.
        at: Instant,
        /// The request for it.
        request: RequestId,
        /// Which batch.
        batch: BatchId,
        /// Which device.
        imei: Imei,
        /// The IMSI.
        imsi: Imsi,
        /// Its number.
        msisdn: Msisdn,
    },
    /// A tool has to bring the write of this request.
    Local {
        /// Which request.
        request: RequestId,
        /// The platform's order.
        order: OrderId,
    },
    /// A tool has brought it.
    Brought {
        /// When.
        at: Instant,
        /// Which write.
        write: RequestId,
        /// The request that tells the platform.
        request: RequestId,
        /// The platform's order.
        order: OrderId,
        /// The response packet.
        proof: Option<Vec<u8>>,
    },
    /// A customer has given the device of this write up.
    Cancelled {
        /// When.
        at: Instant,
        /// Which write.
        write: RequestId,
        /// The request that calls it back.
        request: RequestId,
    },
    /// A device has its final result.
    Ended {
        /// When.
        at: Instant,
        /// Which batch.
        batch: BatchId,
        /// Which device.
        imei: Imei,
        /// What became of it.
        result: DeviceResult,
    },
    /// A tool has read the stored pair of a card.
    Read {
        /// When.
        at: Instant,
        /// The request that delivers it.
        request: RequestId,
        /// What was read.
        frame: UplinkFrame,
    },
    /// A request that is no write is over.
    Closed {
        /// Which.
        request: RequestId,
    },
}

/// Why a business platform wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BusinessTimer {
    /// The next write of a batch may begin.
    Begin(BatchId),
    /// A request is not answered for good.
    Repeat(RequestId),
}
