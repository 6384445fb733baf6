//! Which numbers are registered, with the version of each change.

use alloc::collections::BTreeMap;

use crate::{ContactKey, MarkVersion};

/// How many numbers that are registered no more are remembered with the version of that. Whoever asks
/// for changes since a time from which some are forgotten is told of all that are not registered.
const GONE_MAX: usize = 100_000;

/// The marks of all numbers, by how devices tell them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::server) struct Marks {
    version: MarkVersion,
    of: BTreeMap<ContactKey, Mark>,
    gone: BTreeMap<MarkVersion, ContactKey>,
    /// Of what was gone up to this version, not all is remembered.
    forgotten: MarkVersion,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Mark {
    /// When it has changed last.
    version: MarkVersion,
    /// How many numbers are told so: a digest may be that of two.
    numbers: u32,
}

/// What has become of a mark since somebody asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    On,
    Off,
    /// It has not changed, and this it is.
    Same {
        on: bool,
    },
}

/// Since when somebody asks for changes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Since {
    /// Nothing is known there.
    Nothing,
    /// What was told as of this version.
    Version(MarkVersion),
    /// Something of which not all changes are remembered.
    Unsure,
}

impl Marks {
    /// Returns the version of the last change.
    pub(in crate::server) const fn version(&self) -> MarkVersion {
        self.version
    }

    pub(super) fn marked(&self, key: &ContactKey) -> MarkVersion {
        self.of.get(key).map_or(MarkVersion(0), |mark| mark.version)
    }

    /// A number is registered.
    pub(super) fn on(&mut self, key: ContactKey) {
        let version = self.next();
        self.put(key, version);
    }

    fn put(&mut self, key: ContactKey, version: MarkVersion) {
        let mark = self.of.entry(key).or_insert(Mark { version, numbers: 0 });
        if mark.numbers == 0 {
            self.gone.remove(&mark.version);
        }
        mark.numbers += 1;
        mark.version = version;
    }

    /// A number is not registered any more.
    pub(super) fn off(&mut self, key: ContactKey) {
        let version = self.next();
        let Some(mark) = self.of.get_mut(&key) else { return };
        mark.numbers = mark.numbers.saturating_sub(1);
        if mark.numbers > 0 {
            return;
        }
        mark.version = version;
        self.gone.insert(version, key);
        if self.gone.len() > GONE_MAX
            && let Some((version, key)) = self.gone.pop_first()
        {
            self.of.remove(&key);
            self.forgotten = version;
        }
    }

    fn next(&mut self) -> MarkVersion {
        self.version = MarkVersion(self.version.0.saturating_add(1));
        self.version
    }

    /// Returns since when to tell changes.
    pub(super) fn since(&self, version: MarkVersion) -> Since {
        match version {
            MarkVersion(0) => Since::Nothing,
            version if version < self.forgotten || version > self.version => Since::Unsure,
            version => Since::Version(version),
        }
    }

    /// Returns what has become of a mark.
    pub(super) fn change(&self, key: &ContactKey, since: Since) -> Change {
        let mark = self.of.get(key);
        let on = mark.is_some_and(|mark| mark.numbers > 0);
        let changed = match since {
            Since::Nothing => on,
            Since::Unsure => true,
            Since::Version(since) => mark.is_some_and(|mark| mark.version > since),
        };
        match (changed, on) {
            (true, true) => Change::On,
            (true, false) => Change::Off,
            (false, on) => Change::Same { on },
        }
    }

    /// Goes on from a checkpoint, in which there is nothing of what is gone.
    pub(in crate::server) fn restore_version(&mut self, version: MarkVersion) {
        self.version = version;
        self.forgotten = version;
    }

    pub(super) fn restore(&mut self, key: ContactKey, version: MarkVersion) {
        let version = version.max(self.marked(&key));
        self.put(key, version);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> ContactKey {
        let [a, b, c, d] = n.to_be_bytes();
        ContactKey::Digest([0, 0, 0, 0, a, b, c, d])
    }

    #[test]
    fn changes_are_told_since_a_version() {
        let mut marks = Marks::default();
        marks.on(key(1));
        marks.on(key(2));
        let before = marks.since(marks.version());
        marks.off(key(1));
        marks.on(key(3));
        assert_eq!(marks.change(&key(1), before), Change::Off);
        assert_eq!(marks.change(&key(2), before), Change::Same { on: true });
        assert_eq!(marks.change(&key(3), before), Change::On);
        assert_eq!(marks.change(&key(4), before), Change::Same { on: false });
        assert_eq!(marks.change(&key(1), Since::Nothing), Change::Same { on: false });
        assert_eq!(marks.change(&key(2), Since::Nothing), Change::On);
    }

    #[test]
    fn a_digest_of_two_numbers_is_off_when_both_are_gone() {
        let mut marks = Marks::default();
        marks.on(key(1));
        marks.on(key(1));
        let before = marks.since(marks.version());
        marks.off(key(1));
        assert_eq!(marks.change(&key(1), before), Change::Same { on: true });
        marks.off(key(1));
        assert_eq!(marks.change(&key(1), before), Change::Off);
    }

    #[test]
    fn whoever_has_missed_what_is_forgotten_is_told_all_that_is_off() {
        let mut marks = Marks::default();
        marks.on(key(0));
        let old = marks.version();
        for n in 1..=200_000 {
            marks.on(key(n));
            marks.off(key(n));
        }
        assert_eq!(marks.since(old), Since::Unsure);
        assert_eq!(marks.change(&key(7), Since::Unsure), Change::Off);
        assert_eq!(marks.change(&key(0), Since::Unsure), Change::On);
        assert_eq!(marks.of.len(), GONE_MAX + 1);
        assert_eq!(marks.since(MarkVersion(u64::MAX)), Since::Unsure);
    }
}
