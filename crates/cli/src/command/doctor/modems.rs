//! Checks of modems: their ports, their drivers, and who else wants them.

use super::finding::Finding;
use super::system::{Denied, System};
use polysim_hal_serial::{FoundModem, TtyInterface, UsbDevice, find_modems, model_of, usb_devices};
use std::fs;

/// Makers of modems that first show themselves as a disc with drivers.
const MODEM_MAKERS: [u16; 10] = [
    0x12d1, // Huawei
    0x19d2, // ZTE
    0x1bbb, // Alcatel
    0x0af0, // Option
    0x1199, // Sierra Wireless
    0x1410, // Novatel
    0x1e0e, // SIMCom and others
    0x05c6, // Qualcomm
    0x1c9e, // Longcheer
    0x2c7c, // Quectel
];
const HUAWEI: u16 = 0x12d1;
const MASS_STORAGE: u8 = 0x08;
const MODEM_MANAGER: &str = "ModemManager";

/// One finding for each modem, or what to do without any.
pub(crate) fn modems(system: &System) -> Vec<Finding> {
    let found = find_modems(&system.root());
    if found.is_empty() {
        let nothing = Finding::hint(
            "modems",
            "none is plugged in; a simulated one works as well, for this and for other programs",
        );
        return vec![nothing.fixed_by("polysim expose WORLD.toml")];
    }
    found.iter().map(|modem| one(system, modem)).collect()
}

fn one(system: &System, modem: &FoundModem) -> Finding {
    let what = if modem.usb.is_some() { "modem" } else { "port" };
    let name = format!("{what} {}", modem.usb_path);
    let title = modem.title();
    for port in &modem.ports {
        if let Err(denied) = system.may_use(&port.path) {
            return refused(name, &title, port, &denied);
        }
    }
    if let Some((port, holder)) =
        modem.ports.iter().find_map(|port| system.holder(&port.path).map(|holder| (port, holder)))
    {
        let path = port.path.display();
        let detail = format!("{title}: {path} is in use by {} ({})", holder.name, holder.id);
        let line = match holder.name.as_str() {
            MODEM_MANAGER => "sudo systemctl stop ModemManager".to_owned(),
            _ => format!("kill {}", holder.id),
        };
        return Finding::hint(name, detail).fixed_by(line);
    }
    let Some(best) = modem.at_ports().first().map(|port| port.path.display().to_string()) else {
        return Finding::hint(name, format!("{title}: none of its ports takes AT commands"));
    };
    if modem.is_known() {
        Finding::ok(name, format!("{title}: AT at {best}"))
            .fixed_by(format!("polysim modem {best} info"))
    } else {
        Finding::hint(name, format!("{title}: there may be a modem behind it; ask it"))
            .fixed_by(format!("polysim modem {best} info"))
    }
}

/// A port that this user may not use.
pub(super) fn refused(name: String, title: &str, port: &TtyInterface, denied: &Denied) -> Finding {
    let path = port.path.display();
    let (detail, line) = match denied {
        Denied::NoNode => (
            format!("{title}: {path} is not there; a container must be given it"),
            format!("docker run --device={path} …"),
        ),
        Denied::Group(group) => (
            format!("{title}: {path} is for the group {group}; log in again afterwards"),
            format!("sudo usermod -aG {group} $USER"),
        ),
        Denied::LogInAgain(group) => (
            format!("{title}: {path} is for the group {group}; you are in it from the next login"),
            format!("newgrp {group}"),
        ),
        Denied::Owner => (
            format!("{title}: {path} is for its owner only"),
            udev_rule(
                "70-polysim-dialout.rules",
                &format!(
                    "SUBSYSTEM==\"tty\", KERNEL==\"{}\", GROUP=\"dialout\", MODE=\"0660\"",
                    port.name
                ),
            ) + " && sudo usermod -aG dialout $USER",
        ),
    };
    Finding::missing(name, detail).fixed_by(line)
}

/// Modems that no driver has made terminals for.
pub(crate) fn drivers(system: &System) -> Vec<Finding> {
    let served = find_modems(&system.root());
    let is_served = |usb: &UsbDevice| served.iter().any(|modem| modem.usb_path == usb.path);
    let lacks_driver = |usb: &UsbDevice| {
        model_of(usb.vendor, usb.product).is_some() && !is_disc(usb) && !is_served(usb)
    };
    let explain = |usb: UsbDevice| {
        let (vendor, product) = (usb.vendor, usb.product);
        let model = model_of(vendor, product).unwrap_or_default();
        Finding::missing(format!("modem {}", usb.path), format!("{model}: it has no terminals yet"))
            .fixed_by(format!(
                "sudo modprobe option && echo '{vendor:04x} {product:04x}' | \
                 sudo tee /sys/bus/usb-serial/drivers/option1/new_id"
            ))
    };
    usb_devices(&system.root()).into_iter().filter(lacks_driver).map(explain).collect()
}

/// Modems that still show themselves as a disc with drivers for another system.
pub(crate) fn storage_mode(system: &System) -> Vec<Finding> {
    let install = match system.program("usb_modeswitch") {
        Some(_) => "",
        None => "sudo apt-get install usb-modeswitch && ",
    };
    let explain = |usb: UsbDevice| {
        let how = if usb.vendor == HUAWEI { "-J" } else { "-K" };
        let what = usb.name.as_deref().unwrap_or("it");
        Finding::missing(
            format!("modem {}", usb.path),
            format!("{what} shows itself as a disc; it must be told to be a modem"),
        )
        .fixed_by(format!(
            "{install}sudo usb_modeswitch -v {:04x} -p {:04x} {how}",
            usb.vendor, usb.product
        ))
    };
    usb_devices(&system.root())
        .into_iter()
        .filter(|usb| MODEM_MAKERS.contains(&usb.vendor) && is_disc(usb))
        .map(explain)
        .collect()
}

fn is_disc(usb: &UsbDevice) -> bool {
    let is_storage = |class| class == MASS_STORAGE;
    !usb.interfaces.is_empty() && usb.interfaces.iter().all(|at| is_storage(at.class))
}

/// Whether `ModemManager` would open the ports of the modems.
pub(crate) fn modem_manager(system: &System) -> Finding {
    let Some(process) = system.process(MODEM_MANAGER) else {
        let detail = match system.program(MODEM_MANAGER) {
            Some(_) => "installed; it does not run, so it takes no port",
            None => "not installed, so it takes no port",
        };
        return Finding::ok(MODEM_MANAGER, detail);
    };
    let running = format!("it runs ({})", process.id);
    let rules = udev_rules(system);
    let modems: Vec<_> =
        find_modems(&system.root()).into_iter().filter_map(|modem| modem.usb).collect();
    let is_wanted = |usb: &&UsbDevice| !rules.lines().any(|rule| ignores(rule, usb));
    let Some(usb) = modems.iter().find(is_wanted) else {
        let detail = match modems.len() {
            0 => format!("{running}; it will take a modem as soon as one is plugged in"),
            _ => format!("{running}, and is told to leave the modems here alone"),
        };
        return Finding::ok(MODEM_MANAGER, detail);
    };
    let rule = format!(
        "ATTRS{{idVendor}}==\"{:04x}\", ATTRS{{idProduct}}==\"{:04x}\", \
         ENV{{ID_MM_DEVICE_IGNORE}}=\"1\"",
        usb.vendor, usb.product
    );
    Finding::missing(
        MODEM_MANAGER,
        format!(
            "{running} and takes the ports of {}; to stop it for all: sudo systemctl stop \
             ModemManager; to make it leave this model alone:",
            usb.path
        ),
    )
    .fixed_by(
        udev_rule("78-polysim-ignore.rules", &rule) + " && sudo systemctl restart ModemManager",
    )
}

/// Returns every rule that the administrator has written.
fn udev_rules(system: &System) -> String {
    let Ok(files) = fs::read_dir(system.place("etc/udev/rules.d")) else {
        return String::new();
    };
    let texts = files.flatten().filter_map(|file| fs::read_to_string(file.path()).ok());
    texts.collect::<Vec<_>>().join("\n")
}

fn ignores(rule: &str, usb: &UsbDevice) -> bool {
    let says = |what: String| rule.contains(&what);
    !rule.trim_start().starts_with('#')
        && rule.contains("ID_MM_DEVICE_IGNORE")
        && says(format!("idVendor}}==\"{:04x}\"", usb.vendor))
        && (!rule.contains("idProduct") || says(format!("idProduct}}==\"{:04x}\"", usb.product)))
}

/// Returns the line that adds a rule and applies it.
fn udev_rule(file: &str, rule: &str) -> String {
    format!(
        "echo '{rule}' | sudo tee -a /etc/udev/rules.d/{file} && \
         sudo udevadm control --reload && sudo udevadm trigger"
    )
}
