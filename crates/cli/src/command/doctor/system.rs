//! Where the checks look: the computer, or a tree that a test has made up.

use super::places::{group_name, members};
use polysim_hal_serial::SysRoot;
use rustix::fs::{Access, access};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The most processes that are looked at.
const PROCESSES_MAX: usize = 32_768;
/// The most open files of a process that are looked at.
const FILES_MAX: usize = 4_096;
/// Programs of the system are there even when they are not in the path of a user.
const SYSTEM_PATH: [&str; 3] = ["usr/local/sbin", "usr/sbin", "sbin"];

/// A computer.
#[derive(Debug)]
pub(crate) struct System {
    top: PathBuf,
    path: Vec<PathBuf>,
    user: String,
}

/// A process.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) id: u32,
}

/// Why a device node cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Denied {
    /// There is no such node.
    NoNode,
    /// Its group may use it, and the user is not in the group.
    Group(String),
    /// Its group may use it, and the user has been put into the group after logging in.
    LogInAgain(String),
    /// Only its owner may use it.
    Owner,
}

impl System {
    /// Returns this computer.
    pub(crate) fn real() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut path: Vec<_> = std::env::split_paths(&path).collect();
        path.extend(SYSTEM_PATH.iter().map(|folder| Path::new("/").join(folder)));
        let user = std::env::var("USER").unwrap_or_default();
        Self { top: PathBuf::from("/"), path, user }
    }

    /// Returns the computer whose file system is below `top`.
    #[cfg(test)]
    pub(crate) fn below(top: &Path) -> Self {
        let path = vec![top.join("usr/bin")];
        Self { top: top.to_owned(), path, user: "somebody".to_owned() }
    }

    pub(crate) fn place(&self, path: &str) -> PathBuf {
        self.top.join(path)
    }

    pub(crate) fn root(&self) -> SysRoot {
        SysRoot::new(self.place("sys"), self.place("dev"))
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.place(path).exists()
    }

    /// Returns a file of the system as text; what cannot be read is empty.
    pub(crate) fn read(&self, path: &str) -> String {
        let bytes = fs::read(self.place(path)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns where a program is.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        self.path.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// Returns the first process of that name.
    pub(crate) fn process(&self, name: &str) -> Option<Process> {
        self.processes().into_iter().find(|process| process.name == name)
    }

    /// Returns a process that has a file open, as far as this user may know.
    pub(crate) fn holder(&self, file: &Path) -> Option<Process> {
        let file = fs::canonicalize(file).ok()?;
        self.processes().into_iter().find(|process| {
            let open = self.place(&format!("proc/{}/fd", process.id));
            let Ok(open) = fs::read_dir(open) else {
                return false;
            };
            open.take(FILES_MAX)
                .flatten()
                .any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == file))
        })
    }

    fn processes(&self) -> Vec<Process> {
        let Ok(entries) = fs::read_dir(self.place("proc")) else {
            return Vec::new();
        };
        let mut ids: Vec<u32> = entries
            .take(PROCESSES_MAX)
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        ids.sort_unstable();
        let named = |id| {
            let name = self.read(&format!("proc/{id}/comm"));
            Process { name: name.chars().filter(|char| !char.is_control()).collect(), id }
        };
        ids.into_iter().map(named).collect()
    }

    /// Says whether this user may read and write a device node. It is not opened: that would raise
    /// the lines of a serial port.
    pub(crate) fn may_use(&self, node: &Path) -> Result<(), Denied> {
        if access(node, Access::READ_OK | Access::WRITE_OK).is_ok() {
            return Ok(());
        }
        let Ok(metadata) = fs::metadata(node) else {
            return Err(Denied::NoNode);
        };
        Err(self.why_denied(metadata.mode(), metadata.gid()))
    }

    pub(crate) fn why_denied(&self, mode: u32, group: u32) -> Denied {
        const GROUP_MAY: u32 = 0o060;
        const ROOT: u32 = 0;
        let groups = self.read("etc/group");
        match group_name(&groups, group) {
            Some(name) if mode & GROUP_MAY == GROUP_MAY && group != ROOT => {
                if members(&groups, group).any(|member| member == self.user) {
                    Denied::LogInAgain(name.to_owned())
                } else {
                    Denied::Group(name.to_owned())
                }
            }
            Some(_) | None => Denied::Owner,
        }
    }
}
