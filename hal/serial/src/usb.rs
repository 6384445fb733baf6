//! What is plugged into USB.

use crate::sysfs::{SysRoot, attribute, driver, hexadecimal, names, octet};
use std::path::Path;

/// A device on USB, as it describes itself (USB 2.0, 9.6.1).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UsbDevice {
    /// Bus and chain of ports: `1-1.4`. It stays while the device is plugged in there.
    pub path: String,
    /// The number that the bus gave it; another one after each time it was plugged in.
    pub number: Option<u32>,
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// What its maker is called, where the device says it.
    pub maker: Option<String>,
    /// What it calls itself.
    pub name: Option<String>,
    /// Its serial number; many modems have none, or all the same.
    pub serial: Option<String>,
    /// Its interfaces, by number.
    pub interfaces: Vec<UsbInterface>,
}

/// One interface of a device (USB 2.0, 9.6.5).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UsbInterface {
    /// `bInterfaceNumber`.
    pub number: u8,
    /// `bInterfaceClass`: 0x02 communications, 0x08 mass storage, 0xFF the vendor's own.
    pub class: u8,
    /// `bInterfaceSubClass`.
    pub subclass: u8,
    /// `bInterfaceProtocol`.
    pub protocol: u8,
    /// The driver that holds it, such as `option`.
    pub driver: Option<String>,
}

impl UsbDevice {
    /// Reads the device whose directory is `directory`; nothing when it is no USB device.
    pub(crate) fn read(directory: &Path) -> Option<Self> {
        let path = directory.file_name()?.to_str()?.to_owned();
        let of_this = format!("{path}:");
        let mut interfaces: Vec<_> = names(directory)
            .ok()?
            .iter()
            .filter(|name| name.starts_with(&of_this))
            .filter_map(|name| UsbInterface::read(&directory.join(name)))
            .collect();
        interfaces.sort_by_key(|interface| interface.number);
        let named = |name| attribute(directory, name).filter(|text| !text.is_empty());
        Some(Self {
            path,
            number: attribute(directory, "devnum").and_then(|number| number.parse().ok()),
            vendor: hexadecimal(directory, "idVendor")?,
            product: hexadecimal(directory, "idProduct")?,
            maker: named("manufacturer"),
            name: named("product"),
            serial: named("serial"),
            interfaces,
        })
    }
}

impl UsbInterface {
    pub(crate) fn read(directory: &Path) -> Option<Self> {
        Some(Self {
            number: octet(directory, "bInterfaceNumber")?,
            class: octet(directory, "bInterfaceClass").unwrap_or_default(),
            subclass: octet(directory, "bInterfaceSubClass").unwrap_or_default(),
            protocol: octet(directory, "bInterfaceProtocol").unwrap_or_default(),
            driver: driver(directory),
        })
    }
}

/// Returns every device on USB, hubs as well; none where there is no USB.
#[must_use]
pub fn usb_devices(root: &SysRoot) -> Vec<UsbDevice> {
    let bus = root.sys().join("bus/usb/devices");
    names(&bus)
        .unwrap_or_default()
        .iter()
        .filter(|name| !name.contains(':'))
        .filter_map(|name| UsbDevice::read(&bus.join(name)))
        .collect()
}
