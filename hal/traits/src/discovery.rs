//! Hardware that comes and goes.

use crate::PortError;
use async_trait::async_trait;
use polysim_base::{Iccid, Imei};
use std::fmt;

/// What stays the same of a piece of hardware while names of ports change.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum HardwareId {
    /// A modem: where it is plugged in, and who it is once it was asked.
    Modem {
        /// Bus and chain of ports, such as `1-1.4`; for what is not on USB, the device's path.
        usb_path: String,
        /// Its IMEI, once known.
        imei: Option<Imei>,
    },
    /// A card in a reader.
    Card {
        /// The reader's name.
        reader: String,
        /// The card's ICCID, once known.
        iccid: Option<Iccid>,
    },
}

/// A piece of hardware.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hardware {
    /// What stays the same of it.
    pub id: HardwareId,
    /// What it calls itself: maker and product.
    pub product: String,
    /// Where it can be opened now: paths of ports in the order of the device's interfaces, or the
    /// reader's name.
    pub places: Vec<String>,
}

/// Something was plugged in or out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HardwareEvent {
    /// It is there, or it has changed.
    Added(Hardware),
    /// It is gone.
    Removed(HardwareId),
}

/// Tells what hardware is there: first everything, as added, and then what changes.
#[cfg_attr(any(test, feature = "testkit"), mockall::automock)]
#[async_trait]
pub trait Discovery: Send {
    /// Waits for the next event. Dropping the future loses nothing.
    ///
    /// # Errors
    /// When the system cannot be asked at all.
    async fn next(&mut self) -> Result<HardwareEvent, PortError>;
}

#[async_trait]
impl<D: Discovery + ?Sized> Discovery for Box<D> {
    async fn next(&mut self) -> Result<HardwareEvent, PortError> {
        (**self).next().await
    }
}

impl fmt::Display for HardwareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modem { usb_path, imei: None } => write!(f, "modem at {usb_path}"),
            Self::Modem { usb_path, imei: Some(imei) } => write!(f, "modem {imei} at {usb_path}"),
            Self::Card { reader, iccid: None } => write!(f, "card in {reader}"),
            Self::Card { reader, iccid: Some(iccid) } => write!(f, "card {iccid} in {reader}"),
        }
    }
}
