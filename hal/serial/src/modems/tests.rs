use super::*;
use crate::testing::{Device, EC25, Tree};
use crate::usb::usb_devices;

fn kinds(modem: &FoundModem) -> Vec<(&str, TtyKind)> {
    modem.ports.iter().map(|port| (port.name.as_str(), port.kind)).collect()
}

#[test]
fn a_modem_with_several_ports_is_one_modem_and_its_ports_are_known() {
    let tree = Tree::new();
    tree.plug(
        &EC25,
        &[(3, "ttyUSB3", None), (2, "ttyUSB10", None), (1, "ttyUSB1", None), (0, "ttyUSB0", None)],
    );
    let [modem] = &find_modems(&tree.root())[..] else { panic!("one modem") };
    assert_eq!(modem.usb_path, "1-1.4");
    assert_eq!(modem.title(), "Quectel EC25-E");
    assert!(modem.is_known());
    assert_eq!(
        kinds(modem),
        [
            ("ttyUSB0", TtyKind::Diagnostics),
            ("ttyUSB1", TtyKind::Nmea),
            ("ttyUSB10", TtyKind::At),
            ("ttyUSB3", TtyKind::Modem),
        ]
    );
    let at: Vec<_> = modem.at_ports().iter().map(|port| port.name.as_str()).collect();
    assert_eq!(at, ["ttyUSB10", "ttyUSB3"]);
    assert_eq!(modem.speech_port().unwrap().name, "ttyUSB1");
    assert_eq!(modem.ports[0].driver.as_deref(), Some("option"));
    assert_eq!(terminal_at(&tree.root(), "1-1.4", 2).as_deref(), Some("ttyUSB10"));
    assert_eq!(terminal_at(&tree.root(), "1-1.4", 9), None);
    assert_eq!(terminal_at(&tree.root(), "1-1", 2), None);
}

#[test]
fn every_port_of_an_unknown_modem_is_a_candidate() {
    let tree = Tree::new();
    let device = Device { ids: (0xdead, 0xbeef), path: "2-3", ..EC25 };
    tree.plug(&device, &[(0, "ttyUSB0", None), (2, "ttyUSB1", None)]);
    let modems = find_modems(&tree.root());
    assert!(!modems[0].is_known());
    assert_eq!(modems[0].at_ports().len(), 2);
    assert_eq!(modems[0].speech_port(), None);
}

#[test]
fn ports_of_a_huawei_modem_are_told_by_their_protocol() {
    let tree = Tree::new();
    let device = Device { ids: (0x12d1, 0x1506), maker: "HUAWEI", name: "E3131", ..EC25 };
    // The protocol is the number of the interface here.
    tree.plug(&device, &[(1, "ttyUSB0", None), (2, "ttyUSB1", None), (4, "ttyUSB2", None)]);
    let modems = find_modems(&tree.root());
    assert_eq!(
        kinds(&modems[0]),
        [("ttyUSB0", TtyKind::Modem), ("ttyUSB1", TtyKind::At), ("ttyUSB2", TtyKind::Unknown),]
    );
}

#[test]
fn two_modems_of_one_model_are_two_in_the_order_of_their_sockets() {
    let tree = Tree::new();
    for (path, name) in [("1-10", "ttyUSB0"), ("1-9", "ttyUSB4")] {
        let device = Device { path, ..EC25 };
        tree.plug(&device, &[(2, name, None)]);
    }
    let modems = find_modems(&tree.root());
    let places: Vec<_> = modems.iter().map(|modem| modem.usb_path.as_str()).collect();
    assert_eq!(places, ["1-9", "1-10"]);
}

fn uart(tree: &Tree, name: &str, kind: &str, device: &str, driver: &str) {
    let folder = tree.folder();
    let device = format!("sys/devices/{device}");
    folder.write(&format!("{device}/uevent"), "");
    folder.link(&format!("{device}/driver"), &Path::new("drivers").join(driver));
    folder.write(&format!("{device}/tty/{name}/type"), kind);
    folder.link(&format!("{device}/tty/{name}/device"), &folder.path().join(&device));
    let class = folder.path().join(&device).join("tty").join(name);
    folder.link(&format!("sys/class/tty/{name}"), &class);
}

#[test]
fn serial_ports_are_listed_where_there_is_a_uart_that_is_not_the_console() {
    let tree = Tree::new();
    uart(&tree, "ttyS0", "4", "pnp0/00:00", "serial");
    uart(&tree, "ttyS1", "4", "pnp0/00:01", "serial");
    uart(&tree, "ttyS2", "0", "platform/serial8250.2", "serial8250");
    uart(&tree, "ttyS3", "4", "platform/serial8250.3", "serial8250");
    uart(&tree, "rfcomm0", "4", "bluetooth", "rfcomm");
    tree.folder().write("sys/class/tty/console/active", "tty0 ttyS0\n");
    tree.folder().write("sys/class/tty/tty7/dev", "4:7");
    let modems = find_modems(&tree.root());
    let names: Vec<_> = modems.iter().map(|modem| modem.ports[0].name.as_str()).collect();
    assert_eq!(names, ["ttyS1"]);
    assert!(modems[0].usb_path.ends_with("/dev/ttyS1"));
    assert_eq!(modems[0].ports[0].driver.as_deref(), Some("serial"));
}

#[test]
fn a_uart_is_found_behind_the_devices_that_the_kernel_puts_in_between() {
    let tree = Tree::new();
    uart(&tree, "ttyS1", "4", "pnp0/00:01/00:01:0/00:01:0.0", "port");
    tree.folder().link("sys/devices/pnp0/00:01/00:01:0/driver", Path::new("drivers/ctrl"));
    assert_eq!(find_modems(&tree.root()), []);
    tree.folder().link("sys/devices/pnp0/00:01/driver", Path::new("drivers/serial"));
    assert_eq!(find_modems(&tree.root()).len(), 1);
}

#[test]
fn devices_on_usb_are_listed_with_their_interfaces() {
    let tree = Tree::new();
    tree.plug(&EC25, &[(2, "ttyUSB0", None)]);
    let devices = usb_devices(&tree.root());
    assert_eq!(devices.len(), 1);
    assert_eq!((devices[0].vendor, devices[0].product), (0x2c7c, 0x0125));
    assert_eq!(devices[0].interfaces[0].number, 2);
    assert_eq!(devices[0].interfaces[0].class, 0xff);
    assert_eq!(usb_devices(&SysRoot::new("/nowhere", "/nowhere")), []);
    assert_eq!(find_modems(&SysRoot::new("/nowhere", "/nowhere")), []);
}
