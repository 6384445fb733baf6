//! Tables as CSV: bindings, keys, numbers.
//!
//! The first line names the columns, in any order; a column may be missing where its cells may be
//! empty. A mistake is told with its line and column, and nothing of the file is taken then.
//!
//! | table | columns; those in parentheses may be missing or empty |
//! |---|---|
//! | bindings | `eid`, (`imei`), (`iccid`), (`imsi`), (`msisdn`), (`new_imsi`), (`proved`) |
//! | card keys | `eid`, `version`, `kic`, `kid`, (`uplink_version`), `uplink_kic`, `uplink_kid`, (`preloaded`) |
//! | subscription keys | `imsi`, `k`, `opc` |
//! | numbers | `operator`, `imsi`, `msisdn` |
//!
//! An IMEI has 14 digits, or 15 with a check digit that is verified. Keys are hexadecimal, of AES by
//! their length; `preloaded` is `index:imsi` for each key that the card was made with, with blanks
//! between. `new_imsi` and `proved` are of a write that is under way, which can be exported only.

use polysim_aka::{Key as SubscriberKey, Milenage, Opc};
use polysim_base::{Eid, Imsi, parse_hex};
use polysim_issuance::business::Pooled;
use polysim_issuance::keys::{CardKeys, Origin};
use polysim_issuance::platform::{BindingRow, CardState};
use polysim_issuance::{KeyIndex, SubscriptionKey};
use polysim_ota::{Algorithm, Key, KeySet, KeyVersion};
use std::fmt::Display;
use std::io::{Read, Write};
use std::str::FromStr;
use zeroize::Zeroizing;

/// The most rows of a table.
pub const ROWS_MAX: usize = 4_000_000;
const BINDINGS: [&str; 7] = ["eid", "imei", "iccid", "imsi", "msisdn", "new_imsi", "proved"];
const CARD_KEYS: [&str; 8] =
    ["eid", "version", "kic", "kid", "uplink_version", "uplink_kic", "uplink_kid", "preloaded"];
const SUBSCRIPTION_KEYS: [&str; 3] = ["imsi", "k", "opc"];
const NUMBERS: [&str; 3] = ["operator", "imsi", "msisdn"];
/// The longest name of a column that an error repeats: a key is longer.
const NAME_LEN_MAX: usize = 20;

/// Why a table cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// A cell.
    #[error("line {line}, column {column:?}: {why}")]
    Cell {
        /// In which line, the first being 1.
        line: u64,
        /// In which column.
        column: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The first line names a column that no such table has.
    #[error("line 1: there is no column {name:?}; the columns are {}", columns.join(", "))]
    Column {
        /// Which column.
        name: String,
        /// Those there are.
        columns: &'static [&'static str],
    },
    /// The first line is none of names. It may hold a secret, so it is not shown.
    #[error("line 1 does not name the columns; they are, with commas between, {}", columns.join(", "))]
    NoHeads {
        /// Those there are.
        columns: &'static [&'static str],
    },
    /// A column is missing whose cells must not be empty.
    #[error("line 1: the column {name:?} is missing")]
    Missing {
        /// Which column.
        name: &'static str,
    },
    /// A column is there twice.
    #[error("line 1: the column {name:?} is there twice")]
    Twice {
        /// Which column.
        name: String,
    },
    /// Too many lines.
    #[error("line {line}: a table has at most {ROWS_MAX} rows")]
    TooLong {
        /// The first line that is too many.
        line: u64,
    },
    /// It is no CSV, or cannot be read or written.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// Reads bindings.
///
/// # Errors
/// [`TableError`].
pub fn read_bindings(from: impl Read) -> Result<Vec<BindingRow>, TableError> {
    read(from, &BINDINGS, &["eid"], |row| {
        let imsi = row.may("imsi")?;
        let state = match row.may("new_imsi")? {
            Some(new) => {
                let proved = row.may("proved")?.unwrap_or(false);
                CardState::Pending { old: imsi, new, proved }
            }
            None => CardState::Settled { imsi },
        };
        Ok(BindingRow {
            eid: row.must("eid")?,
            imei: row.may("imei")?,
            iccid: row.may("iccid")?,
            msisdn: row.may("msisdn")?,
            state,
        })
    })
}

/// Writes bindings.
///
/// # Errors
/// [`TableError::Csv`].
pub fn write_bindings(
    rows: impl IntoIterator<Item = BindingRow>,
    to: impl Write,
) -> Result<(), TableError> {
    let mut table = csv::Writer::from_writer(to);
    table.write_record(BINDINGS)?;
    for BindingRow { eid, imei, iccid, msisdn, state } in rows {
        let (imsi, new, proved) = match state {
            CardState::Settled { imsi } => (imsi, None, None),
            CardState::Pending { old, new, proved } => (old, Some(new), Some(proved)),
        };
        table.write_record([
            eid.to_string(),
            text(imei),
            text(iccid),
            text(imsi),
            text(msisdn),
            text(new),
            text(proved),
        ])?;
    }
    Ok(table.flush().map_err(csv::Error::from)?)
}

/// Reads keys of cards, which belong to that kind of cards.
///
/// # Errors
/// [`TableError`].
pub fn read_card_keys(from: impl Read, origin: Origin) -> Result<Vec<(Eid, CardKeys)>, TableError> {
    let needed = ["eid", "version", "kic", "kid", "uplink_kic", "uplink_kid"];
    read(from, &CARD_KEYS, &needed, |row| {
        let version = row.version("version")?;
        let uplink = row.version("uplink_version")?.or(version);
        let version = version.ok_or_else(|| row.wrong("version", "it must not be empty"))?;
        let keys = CardKeys {
            origin,
            downlink: KeySet::new(version, row.key("kic")?, row.key("kid")?),
            uplink: KeySet::new(
                uplink.unwrap_or(version),
                row.key("uplink_kic")?,
                row.key("uplink_kid")?,
            ),
            preloaded: row.preloaded()?,
        };
        Ok((row.must("eid")?, keys))
    })
}

/// Reads keys of subscriptions.
///
/// # Errors
/// [`TableError`].
pub fn read_subscription_keys(from: impl Read) -> Result<Vec<(Imsi, SubscriptionKey)>, TableError> {
    read(from, &SUBSCRIPTION_KEYS, &SUBSCRIPTION_KEYS, |row| {
        let (k, opc) = (row.block("k")?, row.block("opc")?);
        let keys = Milenage::new(SubscriberKey::from(*k), Opc::from(*opc));
        Ok((row.must("imsi")?, SubscriptionKey::Milenage(keys)))
    })
}

/// Reads numbers for a pool.
///
/// # Errors
/// [`TableError`].
pub fn read_numbers(from: impl Read) -> Result<Vec<Pooled>, TableError> {
    read(from, &NUMBERS, &NUMBERS, |row| {
        Ok(Pooled {
            operator: row.must("operator")?,
            imsi: row.must("imsi")?,
            msisdn: row.must("msisdn")?,
        })
    })
}

fn text(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn read<T>(
    from: impl Read,
    columns: &'static [&'static str],
    needed: &[&'static str],
    take: impl Fn(&Row<'_>) -> Result<T, TableError>,
) -> Result<Vec<T>, TableError> {
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(from);
    let heads = table.headers()?.clone();
    check_heads(&heads, columns, needed)?;
    let (mut record, mut rows) = (csv::StringRecord::new(), Vec::new());
    while table.read_record(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        if rows.len() >= ROWS_MAX {
            return Err(TableError::TooLong { line });
        }
        rows.push(take(&Row { line, heads: &heads, record: &record })?);
    }
    Ok(rows)
}

fn check_heads(
    heads: &csv::StringRecord,
    columns: &'static [&'static str],
    needed: &[&'static str],
) -> Result<(), TableError> {
    let is_name = |head: &str| {
        head.len() <= NAME_LEN_MAX && head.chars().all(|it| it.is_ascii_alphabetic() || it == '_')
    };
    if heads.iter().all(str::is_empty) || !heads.iter().all(is_name) {
        return Err(TableError::NoHeads { columns });
    }
    if let Some(unknown) = heads.iter().find(|head| !columns.contains(head)) {
        return Err(TableError::Column { name: unknown.into(), columns });
    }
    let count = |name: &str| heads.iter().filter(|head| *head == name).count();
    if let Some(twice) = heads.iter().find(|head| count(head) > 1) {
        return Err(TableError::Twice { name: twice.into() });
    }
    match needed.iter().find(|name| count(name) == 0) {
        Some(name) => Err(TableError::Missing { name }),
        None => Ok(()),
    }
}

struct Row<'a> {
    line: u64,
    heads: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn cell(&self, column: &'static str) -> Option<&str> {
        let at = self.heads.iter().position(|head| head == column)?;
        self.record.get(at).filter(|cell| !cell.is_empty())
    }

    fn wrong(&self, column: &'static str, why: impl Display) -> TableError {
        TableError::Cell { line: self.line, column, why: why.to_string() }
    }

    fn may<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>, TableError> {
        let cell = self.cell(column).map(str::parse).transpose();
        cell.map_err(|error| self.wrong(column, error))
    }

    fn must<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, TableError> {
        self.may(column)?.ok_or_else(|| self.wrong(column, "it must not be empty"))
    }

    fn version(&self, column: &'static str) -> Result<Option<KeyVersion>, TableError> {
        let Some(number) = self.may(column)? else { return Ok(None) };
        let version = KeyVersion::new(number);
        version.map(Some).ok_or_else(|| self.wrong(column, "a key set is of version 1 to 15"))
    }

    /// What is wrong with a key is told without the key.
    fn secret(&self, column: &'static str) -> Result<Zeroizing<Vec<u8>>, TableError> {
        let cell = self.cell(column).ok_or_else(|| self.wrong(column, "it must not be empty"))?;
        let octets = parse_hex(cell.as_bytes()).map_err(|error| self.wrong(column, error))?;
        Ok(Zeroizing::new(octets))
    }

    fn key(&self, column: &'static str) -> Result<Key, TableError> {
        let octets = self.secret(column)?;
        let algorithm = match octets.len() {
            16 => Algorithm::Aes128,
            24 => Algorithm::Aes192,
            32 => Algorithm::Aes256,
            got => {
                let why = format!("{got} octets where a key of AES has 16, 24 or 32");
                return Err(self.wrong(column, why));
            }
        };
        Key::new(algorithm, &octets).map_err(|error| self.wrong(column, error))
    }

    fn block(&self, column: &'static str) -> Result<Zeroizing<[u8; 16]>, TableError> {
        let octets = self.secret(column)?;
        let got = octets.len();
        let block = <[u8; 16]>::try_from(octets.as_slice());
        let wrong = |_| self.wrong(column, format!("{got} octets where there should be 16"));
        block.map(Zeroizing::new).map_err(wrong)
    }

    fn preloaded(&self) -> Result<Vec<(KeyIndex, Imsi)>, TableError> {
        const COLUMN: &str = "preloaded";
        // A key in the wrong column must not be shown.
        let entry = |entry: &str| {
            let form = || self.wrong(COLUMN, "an entry is not like 1:001010000000001");
            let (index, imsi) = entry.split_once(':').ok_or_else(form)?;
            let imsi = imsi.parse().map_err(|error| self.wrong(COLUMN, error))?;
            Ok((KeyIndex(index.parse().map_err(|_| form())?), imsi))
        };
        self.cell(COLUMN).unwrap_or_default().split_whitespace().map(entry).collect()
    }
}
