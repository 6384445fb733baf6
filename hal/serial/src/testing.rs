//! What tests need: folders, made-up sysfs trees with modems in them, pseudo-terminals.

use crate::sysfs::SysRoot;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::unix::AsyncFd;

static FOLDERS: AtomicU32 = AtomicU32::new(0);
static DEVICES: AtomicU32 = AtomicU32::new(1);

/// A folder that is gone when the test is over.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("polysim-hal-serial-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn link(&self, name: &str, target: &Path) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        drop(fs::remove_file(&path));
        symlink(target, path).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A device for the tree.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) path: &'static str,
    pub(crate) ids: (u16, u16),
    pub(crate) maker: &'static str,
    pub(crate) name: &'static str,
    pub(crate) driver: &'static str,
}

pub(crate) const EC25: Device = Device {
    path: "1-1.4",
    ids: (0x2c7c, 0x0125),
    maker: "Quectel",
    name: "EC25-E",
    driver: "option",
};

/// A made-up `/sys` and `/dev`, in the shape that Linux gives them.
#[derive(Debug)]
pub(crate) struct Tree(Folder);

impl Tree {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        fs::create_dir_all(folder.path().join("sys/class/tty")).unwrap();
        fs::create_dir_all(folder.path().join("sys/bus/usb/devices")).unwrap();
        fs::create_dir_all(folder.path().join("dev")).unwrap();
        Self(folder)
    }

    pub(crate) fn root(&self) -> SysRoot {
        SysRoot::new(self.0.path().join("sys"), self.0.path().join("dev"))
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.0
    }

    /// Plugs in a device whose interfaces have these terminals; each may lead to a real one.
    pub(crate) fn plug(&self, device: &Device, ports: &[(u8, &str, Option<&Path>)]) {
        let usb = format!("sys/devices/pci0/usb1/{}", device.path);
        let number = DEVICES.fetch_add(1, Ordering::Relaxed);
        let write = |name: &str, text: &str| self.0.write(&format!("{usb}/{name}"), text);
        write("devnum", &format!("{number}\n"));
        write("idVendor", &format!("{:04x}\n", device.ids.0));
        write("idProduct", &format!("{:04x}\n", device.ids.1));
        write("manufacturer", &format!("{}\n", device.maker));
        write("product", &format!("{}\n", device.name));
        self.0.link(&format!("sys/bus/usb/devices/{}", device.path), &self.0.path().join(&usb));
        for (interface, name, terminal) in ports {
            let at = format!("{}:1.{interface}", device.path);
            write(&format!("{at}/bInterfaceNumber"), &format!("{interface:02x}\n"));
            write(&format!("{at}/bInterfaceClass"), "ff\n");
            write(&format!("{at}/bInterfaceSubClass"), "01\n");
            write(&format!("{at}/bInterfaceProtocol"), &format!("{interface:02x}\n"));
            self.0.link(&format!("{usb}/{at}/driver"), &Path::new("drivers").join(device.driver));
            write(&format!("{at}/{name}/tty/{name}/dev"), "188:0\n");
            let port = self.0.path().join(&usb).join(&at).join(name);
            self.0.link(&format!("{usb}/{at}/{name}/tty/{name}/device"), &port);
            let class = port.join("tty").join(name);
            self.0.link(&format!("sys/class/tty/{name}"), &class);
            match terminal {
                Some(terminal) => self.0.link(&format!("dev/{name}"), terminal),
                None => self.0.write(&format!("dev/{name}"), ""),
            }
        }
    }

    /// Pulls a device out: its directories and the nodes of its terminals go.
    pub(crate) fn unplug(&self, device: &Device) {
        let usb = self.0.path().join("sys/devices/pci0/usb1").join(device.path);
        let class = self.0.path().join("sys/class/tty");
        for entry in fs::read_dir(&class).unwrap().map(Result::unwrap) {
            if fs::read_link(entry.path()).is_ok_and(|target| target.starts_with(&usb)) {
                fs::remove_file(entry.path()).unwrap();
                fs::remove_file(self.0.path().join("dev").join(entry.file_name())).unwrap();
            }
        }
        fs::remove_dir_all(usb).unwrap();
        fs::remove_file(self.0.path().join("sys/bus/usb/devices").join(device.path)).unwrap();
    }
}

/// The modem's side of a pseudo-terminal. It is closed, as a modem is unplugged, by dropping it.
#[derive(Debug)]
pub(crate) struct Master {
    fd: AsyncFd<OwnedFd>,
    path: PathBuf,
    /// Keeps the terminal up while the port is closed for a moment.
    _slave: File,
}

impl Master {
    pub(crate) fn new() -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        rustix::io::ioctl_fionbio(&master, true).unwrap();
        let path: PathBuf = ptsname(&master, Vec::new()).unwrap().into_string().unwrap().into();
        let options = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = File::from(rustix::fs::open(&path, options, Mode::empty()).unwrap());
        #[expect(deprecated, reason = "the new way is unsafe, and this descriptor is owned")]
        let fd = AsyncFd::new(master).unwrap();
        Self { fd, path, _slave: slave }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    pub(crate) async fn send(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let mut ready = self.fd.writable().await.unwrap();
            if let Ok(sent) = ready.try_io(|fd| Ok(rustix::io::write(fd, bytes)?)) {
                bytes = &bytes[sent.unwrap()..];
            }
        }
    }

    pub(crate) async fn receive(&self) -> Vec<u8> {
        let mut buffer = vec![0; 4096];
        loop {
            let mut ready = self.fd.readable().await.unwrap();
            if let Ok(got) = ready.try_io(|fd| Ok(rustix::io::read(fd, &mut buffer)?)) {
                buffer.truncate(got.unwrap());
                return buffer;
            }
        }
    }
}
