//! Reading sysfs: short attributes, links, and directories in an order that does not change.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The longest attribute that is read; names of USB devices have at most 126 characters.
const ATTRIBUTE_LEN_MAX: u64 = 512;
/// The most entries of a directory that are looked at.
const ENTRIES_MAX: usize = 8_192;

/// Where sysfs and the device nodes are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SysRoot {
    sys: PathBuf,
    dev: PathBuf,
}

impl Default for SysRoot {
    fn default() -> Self {
        Self::new("/sys", "/dev")
    }
}

impl SysRoot {
    /// Returns the roots of another tree, such as one made up for a test.
    #[must_use]
    pub fn new(sys: impl Into<PathBuf>, dev: impl Into<PathBuf>) -> Self {
        Self { sys: sys.into(), dev: dev.into() }
    }

    /// Returns where sysfs is: `/sys`.
    #[must_use]
    pub fn sys(&self) -> &Path {
        &self.sys
    }

    /// Returns where device nodes are: `/dev`.
    #[must_use]
    pub fn dev(&self) -> &Path {
        &self.dev
    }
}

/// Returns an attribute without its line end, or nothing when it is not there.
///
/// What a device says of itself is shown to people, so control characters are left out.
pub(crate) fn attribute(directory: &Path, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(directory.join(name)).ok()?.take(ATTRIBUTE_LEN_MAX).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.trim().chars().filter(|character| !character.is_control()).collect())
}

/// Returns an attribute that is a hexadecimal number.
pub(crate) fn hexadecimal(directory: &Path, name: &str) -> Option<u16> {
    u16::from_str_radix(&attribute(directory, name)?, 16).ok()
}

/// Returns an attribute that is a hexadecimal octet.
pub(crate) fn octet(directory: &Path, name: &str) -> Option<u8> {
    u8::from_str_radix(&attribute(directory, name)?, 16).ok()
}

/// Returns the name of the driver that is bound to a device.
pub(crate) fn driver(directory: &Path) -> Option<String> {
    let link = fs::read_link(directory.join("driver")).ok()?;
    Some(link.file_name()?.to_string_lossy().into_owned())
}

/// Returns the names in a directory, numbers in them counted: `ttyUSB2` before `ttyUSB10`.
pub(crate) fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names: Vec<_> = fs::read_dir(directory)?
        .take(ENTRIES_MAX)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_by_cached_key(|name| natural(name));
    Ok(names)
}

/// Returns a key that sorts by the text before the last number, and then by that number.
pub(crate) fn natural(name: &str) -> (String, u64, String) {
    let stem = name.trim_end_matches(|character: char| character.is_ascii_digit());
    let number = name.strip_prefix(stem).and_then(|digits| digits.parse().ok());
    (stem.to_owned(), number.unwrap_or_default(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn names_are_in_the_order_of_their_numbers() {
        let folder = Folder::new();
        for name in ["ttyUSB10", "ttyS3", "ttyUSB2"] {
            folder.write(name, "");
        }
        assert_eq!(names(folder.path()).unwrap(), ["ttyS3", "ttyUSB2", "ttyUSB10"]);
    }

    #[test]
    fn what_a_device_says_of_itself_cannot_draw_on_the_terminal() {
        let folder = Folder::new();
        folder.write("product", "\u{1b}[2JModem\u{7}\n");
        assert_eq!(attribute(folder.path(), "product").unwrap(), "[2JModem");
        folder.write("product", &"x".repeat(100_000));
        assert_eq!(attribute(folder.path(), "product").unwrap().len(), 512);
        assert_eq!(attribute(folder.path(), "nothing"), None);
    }
}
