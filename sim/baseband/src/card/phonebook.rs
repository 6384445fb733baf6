//! Phonebooks on the card: EF.ADN, EF.FDN, EF.MSISDN (TS 31.102, 4.4.2.3; TS 51.011, 10.5.1).

use super::apdu::{
    FileShape, read_records, select_path_records, select_telecom_or_usim, update_record,
};
use super::flow::{CardPort, Change, Outcome};
use crate::charset;
use polysim_at::{
    CharacterSet, CmeError, CnumInfo, CpbfInfo, CpbrInfo, CpbrTest, CpbsInfo, Line, Phonebook, Text,
};
use polysim_base::bcd;
use polysim_sms::{gsm7, ucs2};

/// Abbreviated dialling numbers.
pub(crate) const ADN: u16 = 0x6F3A;
/// Fixed dialling numbers.
pub(crate) const FDN: u16 = 0x6F3B;
/// Own numbers.
pub(crate) const MSISDN: u16 = 0x6F40;

/// Bytes of a record behind the name.
const FIXED: usize = 14;
/// Most digits of a number.
const DIGITS_MAX: u16 = 20;
/// Marks a name in UCS-2 (TS 102.221, annex A).
const UCS2_NAME: u8 = 0x80;

/// An entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    /// Digits, without a plus sign.
    pub(crate) number: String,
    pub(crate) international: bool,
    pub(crate) name: String,
}

impl Entry {
    /// Reads a record; `None` if it is empty.
    fn parse(record: &[u8]) -> Option<Self> {
        let (name, fixed) = record.split_at_checked(record.len().checked_sub(FIXED)?)?;
        let [len, kind, digits @ ..] = fixed.get(..12)? else {
            return None;
        };
        let octets = usize::from(*len).checked_sub(1).filter(|n| *n <= 10)?;
        let number = bcd::unpack_filled(digits.get(..octets)?).ok()?;
        if number.is_empty() {
            return None;
        }
        Some(Self { number, international: kind & 0x70 == 0x10, name: decode_name(name) })
    }

    /// Makes the record.
    fn to_record(&self, length: usize) -> Result<Vec<u8>, CmeError> {
        let room = length.checked_sub(FIXED).ok_or(CmeError::MemoryFailure)?;
        let mut record = encode_name(&self.name);
        if record.len() > room {
            return Err(CmeError::TextStringTooLong);
        }
        record.resize(room, 0xFF);
        let digits =
            bcd::pack(&self.number).map_err(|_| CmeError::InvalidCharactersInDialString)?;
        if self.number.len() > usize::from(DIGITS_MAX) {
            return Err(CmeError::DialStringTooLong);
        }
        record.push(u8::try_from(digits.len() + 1).unwrap_or(0xFF));
        record.push(if self.international { 0x91 } else { 0x81 });
        record.extend_from_slice(&digits);
        record.resize(length, 0xFF);
        Ok(record)
    }

    fn address_type(&self) -> u8 {
        if self.international { 145 } else { 129 }
    }

    /// The number as hosts see it.
    fn dialled(&self) -> String {
        if self.international { format!("+{}", self.number) } else { self.number.clone() }
    }

    fn texts(&self, charset: CharacterSet) -> (Text, Text) {
        let number = Text::new(self.dialled()).unwrap_or_default();
        let name = Text::new(charset::encode(&self.name, charset)).unwrap_or_default();
        (number, name)
    }
}

fn decode_name(name: &[u8]) -> String {
    if let [UCS2_NAME, octets @ ..] = name {
        let (units, _) = octets.as_chunks::<2>();
        let used: Vec<u8> =
            units.iter().take_while(|unit| **unit != [0xFF; 2]).flatten().copied().collect();
        return ucs2::decode(&used).unwrap_or_default();
    }
    let used: Vec<u8> = name.iter().copied().take_while(|b| *b != 0xFF).collect();
    gsm7::decode(&used)
}

fn encode_name(name: &str) -> Vec<u8> {
    gsm7::encode(name).unwrap_or_else(|_| {
        let mut coded = vec![UCS2_NAME];
        coded.extend(ucs2::encode(name));
        coded
    })
}

/// Selects a phonebook file, wherever it is.
async fn select(port: &mut CardPort, file: u16) -> Result<FileShape, CmeError> {
    if file != ADN {
        return select_telecom_or_usim(port, file).await;
    }
    for path in [&[0x7F10, ADN][..], &[0x7F10, 0x5F3A, 0x4F3A], &[0x7FFF, 0x5F3A, 0x4F3A]] {
        if let Ok(shape) = select_path_records(port, path).await {
            return Ok(shape);
        }
    }
    Err(CmeError::NotFound)
}

async fn entries(
    port: &mut CardPort,
    file: u16,
    first: u16,
    last: u16,
) -> Result<(FileShape, Vec<(u8, Entry)>), CmeError> {
    let shape = select(port, file).await?;
    let limit = |index: u16| u8::try_from(index).unwrap_or(u8::MAX);
    let records = read_records(port, shape, limit(first), limit(last)).await?;
    let entries = records
        .into_iter()
        .filter_map(|(number, record)| Some((number, Entry::parse(&record)?)))
        .collect();
    Ok((shape, entries))
}

/// `+CPBR=?`.
pub(crate) async fn test(mut port: CardPort, file: u16) -> Outcome {
    let shape = match select(&mut port, file).await {
        Ok(shape) => shape,
        Err(error) => return Outcome::refused(error),
    };
    let mut lines = Vec::new();
    let name_len = u16::from(shape.record).saturating_sub(14);
    CpbrTest {
        first: 1,
        last: shape.count.into(),
        number_len_max: Some(DIGITS_MAX),
        name_len_max: Some(name_len),
    }
    .encode(&mut lines);
    Outcome::with_lines(lines)
}

/// `+CPBS?`.
pub(crate) async fn usage(mut port: CardPort, file: u16, storage: Phonebook) -> Outcome {
    match entries(&mut port, file, 1, u16::MAX).await {
        Ok((shape, entries)) => {
            let mut lines = Vec::new();
            CpbsInfo {
                storage,
                used: Some(u16::try_from(entries.len()).unwrap_or(u16::MAX)),
                total: Some(shape.count.into()),
            }
            .encode(&mut lines);
            Outcome::with_lines(lines)
        }
        Err(error) => Outcome::refused(error),
    }
}

/// `+CPBR=<first>[,<last>]`.
pub(crate) async fn read(
    mut port: CardPort,
    file: u16,
    first: u16,
    last: u16,
    charset: CharacterSet,
    single: bool,
) -> Outcome {
    let (shape, entries) = match entries(&mut port, file, first, last).await {
        Ok(found) => found,
        Err(error) => return Outcome::refused(error),
    };
    if first == 0 || first > u16::from(shape.count) || last < first {
        return Outcome::refused(CmeError::InvalidIndex);
    }
    if single && entries.is_empty() {
        return Outcome::refused(CmeError::NotFound);
    }
    let mut lines = Vec::new();
    for (index, entry) in entries {
        let (number, name) = entry.texts(charset);
        let address_type = entry.address_type();
        CpbrInfo { index: index.into(), number, address_type, name }.encode(&mut lines);
        lines.push(b'\n');
    }
    Outcome::with_lines(lines)
}

/// `+CPBF`.
pub(crate) async fn find(
    mut port: CardPort,
    file: u16,
    text: String,
    charset: CharacterSet,
) -> Outcome {
    let entries = match entries(&mut port, file, 1, u16::MAX).await {
        Ok((_, entries)) => entries,
        Err(error) => return Outcome::refused(error),
    };
    let mut lines = Vec::new();
    for (index, entry) in entries {
        if entry.name.to_lowercase().starts_with(&text.to_lowercase()) {
            let (number, name) = entry.texts(charset);
            let address_type = entry.address_type();
            CpbfInfo { index: index.into(), number, address_type, name }.encode(&mut lines);
            lines.push(b'\n');
        }
    }
    if lines.is_empty() { Outcome::refused(CmeError::NotFound) } else { Outcome::with_lines(lines) }
}

/// `+CPBW`.
pub(crate) async fn write(
    mut port: CardPort,
    file: u16,
    index: Option<u16>,
    entry: Option<Entry>,
) -> Outcome {
    match written(&mut port, file, index, entry).await {
        Ok(()) => Outcome::done(),
        Err(error) => Outcome::refused(error),
    }
}

async fn written(
    port: &mut CardPort,
    file: u16,
    index: Option<u16>,
    entry: Option<Entry>,
) -> Result<(), CmeError> {
    let shape = select(port, file).await?;
    let number = match index {
        Some(index) => u8::try_from(index).map_err(|_| CmeError::InvalidIndex)?,
        None => {
            let records = read_records(port, shape, 1, u8::MAX).await?;
            let free = records.iter().find(|(_, record)| Entry::parse(record).is_none());
            free.map(|(number, _)| *number).ok_or(CmeError::MemoryFull)?
        }
    };
    if !(1..=shape.count).contains(&number) {
        return Err(CmeError::InvalidIndex);
    }
    let length = usize::from(shape.record);
    let record = match entry {
        Some(entry) => entry.to_record(length)?,
        None => vec![0xFF; length],
    };
    update_record(port, number, &record).await
}

/// `+CNUM`.
pub(crate) async fn own_numbers(mut port: CardPort, charset: CharacterSet) -> Outcome {
    let entries = match entries(&mut port, MSISDN, 1, u16::MAX).await {
        Ok((_, entries)) => entries,
        // A card without the file knows no number.
        Err(CmeError::NotFound) => return Outcome::done(),
        Err(error) => return Outcome::refused(error),
    };
    let mut lines = Vec::new();
    for (_, entry) in entries {
        let (number, name) = entry.texts(charset);
        let address_type = entry.address_type();
        CnumInfo { name: Some(name), number, address_type, speed: None, service: None }
            .encode(&mut lines);
        lines.push(b'\n');
    }
    Outcome::with_lines(lines)
}

/// `ATD><index>;`.
pub(crate) async fn number_at(mut port: CardPort, file: u16, index: u16) -> Outcome {
    let found = entries(&mut port, file, index, index).await;
    dialled(found.map(|(_, mut entries)| entries.pop().map(|(_, entry)| entry)))
}

/// `ATD>"name";`.
pub(crate) async fn number_of(mut port: CardPort, file: u16, name: String) -> Outcome {
    let found = entries(&mut port, file, 1, u16::MAX).await;
    dialled(found.map(|(_, entries)| {
        entries.into_iter().map(|(_, entry)| entry).find(|entry| entry.name == name)
    }))
}

fn dialled(found: Result<Option<Entry>, CmeError>) -> Outcome {
    match found {
        Ok(Some(entry)) => Outcome::done().changed(Change::Dial(entry.dialled())),
        Ok(None) => Outcome::refused(CmeError::NotFound),
        Err(error) => Outcome::refused(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_round_trip_in_both_alphabets() {
        for name in ["Alice", "Żółw", ""] {
            let entry = Entry {
                number: "4917012345678".to_string(),
                international: true,
                name: name.to_string(),
            };
            let record = entry.to_record(34).unwrap();
            assert_eq!(record.len(), 34);
            assert_eq!(Entry::parse(&record), Some(entry));
        }
        assert_eq!(Entry::parse(&[0xFF; 34]), None);
        assert_eq!(Entry::parse(&[0xFF; 10]), None);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let entry = |number: &str, name: &str| Entry {
            number: number.to_string(),
            international: false,
            name: name.to_string(),
        };
        let long = "12345678901234567890123";
        assert_eq!(
            entry("1", "a name of many letters").to_record(24),
            Err(CmeError::TextStringTooLong)
        );
        assert_eq!(entry(long, "a").to_record(24), Err(CmeError::DialStringTooLong));
        assert_eq!(entry("x", "a").to_record(24), Err(CmeError::InvalidCharactersInDialString));
    }
}
