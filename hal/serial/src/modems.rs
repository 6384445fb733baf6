//! Which modems are there: terminals of sysfs, gathered by the device that they belong to.

use crate::known::{self, TtyKind};
use crate::sysfs::{SysRoot, attribute, driver, names, natural};
use crate::usb::{UsbDevice, UsbInterface};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Drivers that are there whether or not there is a UART, and what the kernel puts between a UART
/// and its device.
const NO_DEVICE: [&str; 3] = ["serial8250", "port", "ctrl"];
/// `PORT_UNKNOWN`: the driver has a place for a UART, and none was found.
const UART_UNKNOWN: &str = "0";
/// Opening one of these makes a Bluetooth connection; nobody asked for that.
const BLUETOOTH: &str = "rfcomm";

/// A modem, or what may be one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundModem {
    /// Where it is plugged in, such as `1-1.4`; for what is not on USB, the path of its node.
    pub usb_path: String,
    /// How it describes itself, when it is on USB.
    pub usb: Option<UsbDevice>,
    /// Its ports, in the order of the interfaces.
    pub ports: Vec<TtyInterface>,
}

/// One port of a modem.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TtyInterface {
    /// What it is called now: `ttyUSB2`.
    pub name: String,
    /// The path of its node: `/dev/ttyUSB2`.
    pub path: PathBuf,
    /// The number of the USB interface; it stays when the name changes.
    pub interface_number: Option<u8>,
    /// The driver: `option`, `cdc_acm`, `ftdi_sio`.
    pub driver: Option<String>,
    /// What it is for, as far as the model is known.
    pub kind: TtyKind,
}

impl FoundModem {
    /// Returns the ports that take AT commands or might, the likeliest first.
    #[must_use]
    pub fn at_ports(&self) -> Vec<&TtyInterface> {
        let ranked = |port: &TtyInterface| port.kind.at_rank();
        let mut ports: Vec<_> = self.ports.iter().filter(|port| ranked(port).is_some()).collect();
        ports.sort_by_key(|port| ranked(port));
        ports
    }

    /// Returns the port that carries the speech of calls when the modem is told to send it.
    #[must_use]
    pub fn speech_port(&self) -> Option<&TtyInterface> {
        let usb = self.usb.as_ref()?;
        let interface = known::find(usb.vendor, usb.product)?.speech()?;
        self.ports.iter().find(|port| port.interface_number == Some(interface))
    }

    /// Says whether it is of a model whose ports are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.usb.as_ref().is_some_and(|usb| known::find(usb.vendor, usb.product).is_some())
    }

    /// Returns what it calls itself: maker and product, or what is known of the model.
    #[must_use]
    pub fn title(&self) -> String {
        let Some(usb) = &self.usb else {
            return "serial port".to_owned();
        };
        let told: Vec<_> = [&usb.maker, &usb.name].into_iter().flatten().cloned().collect();
        match known::model_of(usb.vendor, usb.product) {
            _ if !told.is_empty() => told.join(" "),
            Some(model) => model.to_owned(),
            None => format!("USB device {:04x}:{:04x}", usb.vendor, usb.product),
        }
    }
}

/// Returns the modems of a computer, and the serial ports and adapters that may have one behind
/// them; none where sysfs has no terminals.
#[must_use]
pub fn find_modems(root: &SysRoot) -> Vec<FoundModem> {
    scan(root).unwrap_or_default()
}

/// As [`find_modems`], and says when sysfs cannot be read at all.
pub(crate) fn scan(root: &SysRoot) -> io::Result<Vec<FoundModem>> {
    let directory = root.sys().join("class/tty");
    let consoles = attribute(&directory.join("console"), "active").unwrap_or_default();
    let mut modems: BTreeMap<(String, u64, String), FoundModem> = BTreeMap::new();
    for name in names(&directory)? {
        let is_console = consoles.split_whitespace().any(|console| console == name);
        if is_console || name.starts_with(BLUETOOTH) {
            continue;
        }
        if let Some((usb, port)) = terminal(root, name) {
            let usb_path = match &usb {
                Some(usb) => usb.path.clone(),
                None => port.path.to_string_lossy().into_owned(),
            };
            modems
                .entry(natural(&usb_path))
                .or_insert_with(|| FoundModem { usb_path, usb, ports: Vec::new() })
                .ports
                .push(port);
        }
    }
    let mut modems: Vec<_> = modems.into_values().collect();
    for modem in &mut modems {
        modem.ports.sort_by_cached_key(|port| (port.interface_number, natural(&port.name)));
    }
    Ok(modems)
}

/// Returns the name of the terminal that an interface of a USB device has now.
pub(crate) fn terminal_at(root: &SysRoot, usb_path: &str, interface: u8) -> Option<String> {
    names(&root.sys().join("class/tty"))
        .ok()?
        .into_iter()
        .find(|name| usb_place(root, name).is_some_and(|at| at == (usb_path.to_owned(), interface)))
}

/// Returns where a terminal is plugged in: the device's path and the number of the interface.
pub(crate) fn usb_place(root: &SysRoot, name: &str) -> Option<(String, u8)> {
    let device = device_of(root, name)?;
    let (usb, interface) = usb_of(&device)?;
    let path = usb.file_name()?.to_str()?.to_owned();
    Some((path, UsbInterface::read(interface)?.number))
}

/// Returns the directory of the device behind a terminal; virtual ones have none.
fn device_of(root: &SysRoot, name: &str) -> Option<PathBuf> {
    fs::canonicalize(root.sys().join("class/tty").join(name).join("device")).ok()
}

/// Returns the directories of the USB device and of the interface that a device belongs to.
fn usb_of(device: &Path) -> Option<(&Path, &Path)> {
    let interface = device.ancestors().find(|at| at.join("bInterfaceNumber").exists())?;
    let usb = interface.ancestors().skip(1).find(|at| at.join("idVendor").exists())?;
    Some((usb, interface))
}

/// Looks at one terminal; nothing when there is no device behind it.
fn terminal(root: &SysRoot, name: String) -> Option<(Option<UsbDevice>, TtyInterface)> {
    let device = device_of(root, &name)?;
    let path = root.dev().join(&name);
    let Some((usb, interface)) = usb_of(&device) else {
        let uart = attribute(&root.sys().join("class/tty").join(&name), "type");
        if uart.as_deref() == Some(UART_UNKNOWN) {
            return None;
        }
        let driver = real_driver(root, &device)?;
        let kind = TtyKind::Unknown;
        let port = TtyInterface { name, path, interface_number: None, driver: Some(driver), kind };
        return Some((None, port));
    };
    let usb = UsbDevice::read(usb)?;
    let interface = UsbInterface::read(interface)?;
    let kind = match known::find(usb.vendor, usb.product) {
        Some(model) => model.kind(&interface),
        None => TtyKind::Unknown,
    };
    let interface_number = Some(interface.number);
    let port = TtyInterface { name, path, interface_number, driver: interface.driver, kind };
    Some((Some(usb), port))
}

/// Returns the driver of what a UART is part of.
fn real_driver(root: &SysRoot, device: &Path) -> Option<String> {
    let top = fs::canonicalize(root.sys()).ok()?;
    device
        .ancestors()
        .take_while(|at| *at != top)
        .filter_map(driver)
        .find(|driver| !NO_DEVICE.contains(&driver.as_str()))
}

#[cfg(test)]
mod tests;
