//! The files that make a card a subscriber: an IMSI together with all that depends on it.

use alloc::vec::Vec;

use polysim_apdu::ef::{
    AccessClasses, Adn, CipherKeys, Contents, EfError, EpsLoci, EpsSecurity, FiveGsLoci,
    FiveGsSecurity, GsmKey, Loci, Number, PlmnList, PsLoci, Smsp,
};
use polysim_apdu::{CommandApdu, Header};
use polysim_base::{Imsi, Msisdn};
use polysim_ota::script::CompactScript;

use crate::{FileSizes, FileWrite, Place, Subscription};

/// In a path: the application of the subscription.
const APPLICATION: u16 = 0x7FFF;
/// DF.5GS.
const DF_5GS: u16 = 0x5FC0;
/// DF.GSM-ACCESS.
const DF_GSM: u16 = 0x5F3B;
/// The AID of the USIM of any card, as far as it is the same on all (TS 101.220, annex E).
const USIM_AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
/// EF.IMSI.
const IMSI: u16 = 0x6F07;
/// EF.AD.
const AD: u16 = 0x6FAD;
/// EF.EHPLMN: a list in it counts in place of the network of the IMSI (TS 31.102, 4.2.84).
const EHPLMN: u16 = 0x6FD9;
/// EF.MSISDN.
const MSISDN: u16 = 0x6F40;
/// EF.SMSP.
const SMSP: u16 = 0x6F42;
/// Where the length of the mobile network code stands in EF.AD.
const AD_MNC_LEN: u16 = 3;
/// The record that the number and the service centre stand in.
const FIRST: Place = Place::Record(1);
const START: Place = Place::Offset(0);

/// Up to which generation of the access network a card has files. A script ends at a file that is
/// not there, so it must not name any such.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Generation {
    /// UTRAN.
    Utran,
    /// E-UTRAN.
    #[default]
    EUtran,
    /// NG-RAN.
    NgRan,
}

/// Which application of the card a script is for: it decides what is selected when it begins.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ScriptBase {
    /// [`polysim_ota::Tar::USIM_FILES`]: the USIM is.
    Usim,
    /// [`polysim_ota::Tar::UICC_FILES`]: the MF is, and the USIM is selected first.
    Uicc,
}

/// One file, with the generation from which on a script may name it; none where its size differs
/// from card to card, or cards of that generation may do without it.
type Entry = (Option<Generation>, FileWrite);

impl Subscription {
    /// Returns what is to be written. EF.IMSI is the last.
    #[must_use]
    pub fn files(&self, sizes: &FileSizes) -> Vec<FileWrite> {
        self.entries(sizes).into_iter().map(|(_, write)| write).collect()
    }

    /// Returns the same as a script in the compact format for remote file management. EF.IMSI is
    /// the last: a card that loses power between two commands has its old subscription, with
    /// locations and keys that its terminal makes anew.
    ///
    /// The subscription key is none of it.
    #[must_use]
    pub fn script(&self, sizes: &FileSizes, base: ScriptBase, newest: Generation) -> CompactScript {
        let mut script = CompactScript::new();
        if base == ScriptBase::Uicc {
            push(&mut script, Header::new(0x00, 0xA4, 0x04, 0x0C), &USIM_AID);
        }
        for (from, write) in self.entries(sizes) {
            if from.is_some_and(|from| from <= newest) {
                push_write(&mut script, &write);
            }
        }
        script
    }

    fn entries(&self, sizes: &FileSizes) -> Vec<Entry> {
        let mut entries = volatile();
        let mut put = |write: Option<FileWrite>| {
            entries.extend(write.map(|write| (Some(Generation::Utran), write)));
        };
        let forbidden = usize::from(sizes.forbidden);
        put(file(&[0x6F7B], START, PlmnList(Vec::new()).emit(forbidden)));
        put(file(&[0x6F78], START, AccessClasses::of_imsi(&self.imsi).emit(2)));
        put(file(&[AD], Place::Offset(AD_MNC_LEN), Ok([self.mnc_len].to_vec())));
        if let Some(home) = self.imsi.home(self.mnc_len) {
            put(file(&[EHPLMN], START, Ok(home.wire().to_vec())));
        }
        let number = Adn { number: self.msisdn.map(number_of), ..Adn::default() };
        put(file(&[MSISDN], FIRST, number.emit(usize::from(sizes.msisdn_record))));
        if let Some(centre) = self.centre {
            let parameters = Smsp { service_centre: Some(number_of(centre)), ..Smsp::default() };
            put(file(&[SMSP], FIRST, parameters.emit(usize::from(sizes.smsp_record))));
        }
        put(file(&[IMSI], START, self.imsi.emit(9)));
        entries
    }
}

/// Returns the files in which a terminal keeps where it is and under which keys, as a fresh card
/// has them. A terminal that is told of a new subscription may write its old ones once more.
pub(crate) fn blanks() -> Vec<FileWrite> {
    volatile().into_iter().map(|(_, write)| write).collect()
}

/// Returns what a card without subscription holds in the place of one.
pub(crate) fn no_subscription() -> Vec<FileWrite> {
    let mut files = blanks();
    files.extend(file(&[IMSI], START, Ok([0xFF; 9].to_vec())));
    files
}

fn volatile() -> Vec<Entry> {
    use Generation::{EUtran, NgRan, Utran};
    let first = [
        (Some(Utran), file(&[0x6F7E], START, Loci::BLANK.emit(11))),
        (Some(Utran), file(&[0x6F73], START, PsLoci::BLANK.emit(14))),
        (Some(EUtran), file(&[0x6FE3], START, EpsLoci::BLANK.emit(18))),
        (Some(Utran), file(&[0x6F08], START, CipherKeys::BLANK.emit(33))),
        (Some(Utran), file(&[0x6F09], START, CipherKeys::BLANK.emit(33))),
        (Some(EUtran), file(&[0x6FE4], FIRST, EpsSecurity::BLANK.emit(54))),
        (Some(NgRan), file(&[DF_5GS, 0x4F01], START, FiveGsLoci::BLANK.emit(20))),
        (Some(NgRan), file(&[DF_5GS, 0x4F02], START, FiveGsLoci::BLANK.emit(20))),
        (None, file(&[DF_GSM, 0x4F20], START, GsmKey::BLANK.emit(9))),
        (None, file(&[DF_GSM, 0x4F52], START, GsmKey::BLANK.emit(9))),
        (None, file(&[DF_5GS, 0x4F03], FIRST, FiveGsSecurity::BLANK.emit(57))),
        (None, file(&[DF_5GS, 0x4F04], FIRST, FiveGsSecurity::BLANK.emit(57))),
    ];
    first.into_iter().filter_map(|(from, write)| Some((from, write?))).collect()
}

/// Returns a file; nothing where the card's file is too small for such contents.
fn file(below: &[u16], place: Place, data: Result<Vec<u8>, EfError>) -> Option<FileWrite> {
    let path = [&[APPLICATION], below].concat();
    data.ok().map(|data| FileWrite { path, place, data })
}

fn number_of(msisdn: Msisdn) -> Number {
    Number::new(&alloc::format!("{msisdn}"))
}

fn push_write(script: &mut CompactScript, write: &FileWrite) {
    let path: Vec<u8> = write.path.iter().flat_map(|id| id.to_be_bytes()).collect();
    push(script, Header::new(0x00, 0xA4, 0x08, 0x0C), &path);
    let header = match write.place {
        Place::Offset(offset) => {
            let [high, low] = offset.to_be_bytes();
            Header::new(0x00, 0xD6, high, low)
        }
        Place::Record(number) => Header::new(0x00, 0xDC, number, 0x04),
    };
    push(script, header, &write.data);
}

/// All data here is far below what one command carries.
fn push(script: &mut CompactScript, header: Header, data: &[u8]) {
    if let Ok(command) = CommandApdu::new(header, data, None) {
        let fits = script.push(&command).is_ok();
        debug_assert!(fits, "{} octets", data.len());
    }
}

/// What files say of a subscription, as far as they do.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Read {
    pub(crate) imsi: Option<Imsi>,
    pub(crate) mnc_len: Option<u8>,
    /// The number, or that there is none.
    pub(crate) msisdn: Option<Option<Msisdn>>,
    pub(crate) centre: Option<Option<Msisdn>>,
}

impl Read {
    /// Reads whole files and records.
    pub(crate) fn of(files: &[FileWrite]) -> Self {
        let mut read = Self::default();
        for FileWrite { path, place, data } in files {
            let [APPLICATION, id] = path[..] else { continue };
            match (id, place) {
                (IMSI, Place::Offset(0)) => read.imsi = Contents::parse(data).ok(),
                (AD, Place::Offset(0)) => read.mnc_len = data.get(3).copied().filter(mnc_len),
                (AD, Place::Offset(AD_MNC_LEN)) => {
                    read.mnc_len = data.first().copied().filter(mnc_len);
                }
                (MSISDN, Place::Record(1)) => {
                    read.msisdn = Adn::parse(data).ok().map(|record| dialled(record.number));
                }
                (SMSP, Place::Record(1)) => {
                    read.centre =
                        Smsp::parse(data).ok().map(|record| dialled(record.service_centre));
                }
                _ => {}
            }
        }
        read
    }
}

const fn mnc_len(len: &u8) -> bool {
    matches!(len, 2 | 3)
}

fn dialled(number: Option<Number>) -> Option<Msisdn> {
    number.and_then(|number| Msisdn::parse(&number.digits).ok())
}

#[cfg(test)]
mod tests;
