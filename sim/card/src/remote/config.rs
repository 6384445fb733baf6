//! What a card is told about remote management when it is made.

use std::ops::RangeInclusive;

use polysim_apdu::KeyRef;
use polysim_ota::{Counter, KeySet, MinimumSecurity, Tar};

/// Remote management of one card: keys with their counters, and what can be reached.
///
/// `Debug` masks keys.
#[derive(Clone, Debug)]
pub struct OtaConfig {
    /// The key sets, each with the last counter used under it.
    pub keys: Vec<(KeySet, Counter)>,
    /// Where files are managed; where TARs overlap, the last counts.
    pub files: Vec<FileManagement>,
    /// What the applet's TAR asks of a packet, where the card has one.
    pub applet_security: MinimumSecurity,
}

/// A remote file management application (TS 102.226, 7): scripts of commands, carried out on a
/// selection of its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileManagement {
    /// Its toolkit application references.
    pub tars: RangeInclusive<Tar>,
    /// What is selected when a script begins.
    pub start: FilesStart,
    /// What it asks of a packet.
    pub security: MinimumSecurity,
    /// The keys that count as verified while a script runs.
    pub access: Vec<KeyRef>,
}

/// What a script begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FilesStart {
    /// The MF.
    Mf,
    /// ADF.USIM, which is the current application too; the MF on a card without one.
    Usim,
}

impl OtaConfig {
    /// Describes a card that is managed under these keys: files from the MF and from ADF.USIM on.
    #[must_use]
    pub fn new(keys: KeySet, counter: Counter) -> Self {
        Self {
            keys: vec![(keys, counter)],
            files: vec![FileManagement::uicc(), FileManagement::usim()],
            applet_security: MinimumSecurity::FULL,
        }
    }
}

impl FileManagement {
    /// The shared file system of the UICC: `B00000` to `B0000F`.
    #[must_use]
    pub fn uicc() -> Self {
        Self::new(Tar([0xB0, 0x00, 0x00])..=Tar([0xB0, 0x00, 0x0F]), FilesStart::Mf)
    }

    /// The files of the USIM: `B00010` to `B0001F`.
    #[must_use]
    pub fn usim() -> Self {
        Self::new(Tar([0xB0, 0x00, 0x10])..=Tar([0xB0, 0x00, 0x1F]), FilesStart::Usim)
    }

    /// Management with full security, and the rights of PIN 1 and ADM1.
    #[must_use]
    pub fn new(tars: RangeInclusive<Tar>, start: FilesStart) -> Self {
        let access = vec![KeyRef::PIN1, KeyRef::ADM1];
        Self { tars, start, security: MinimumSecurity::FULL, access }
    }
}
