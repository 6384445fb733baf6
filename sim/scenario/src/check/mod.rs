//! Finds every mistake of a file before anything runs.

mod mistake;
mod shape;
mod suggest;

pub use mistake::{Mistake, Mistakes, Source};
pub(crate) use suggest::did_you_mean;

use crate::spec::{FORMAT, Included, Scenario};
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use std::ops::Range;

/// The most a scenario file may hold, in bytes.
pub const FILE_LEN_MAX: usize = 16 << 20;

/// Reads a scenario file.
///
/// # Errors
/// Every mistake of syntax and shape; mistakes in names are found when it is planned.
pub(crate) fn parse(source: &Source) -> Result<Scenario, Vec<Mistake>> {
    read(source)
}

/// Reads an included file.
///
/// # Errors
/// Every mistake of syntax and shape.
pub(crate) fn parse_included(source: &Source) -> Result<Included, Vec<Mistake>> {
    read(source)
}

fn read<T: DeserializeOwned + JsonSchema>(source: &Source) -> Result<T, Vec<Mistake>> {
    let text = &source.text;
    if text.len() > FILE_LEN_MAX {
        let message = format!("the file has {} bytes; {FILE_LEN_MAX} are the most", text.len());
        return Err(vec![source.mistake(0..0, message)]);
    }
    let (table, errors) = toml::de::DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|e| syntax(source, e)).collect());
    }
    let mut mistakes = Vec::new();
    if let Some(found) = unknown_format(&table) {
        let message = format!("this release reads format {FORMAT}");
        return Err(vec![source.mistake(found, message)]);
    }
    let schema = schema_for!(T).to_value();
    shape::check(&schema, &table, &mut |span, message, help| {
        mistakes.push(Mistake { help, ..source.mistake(span, message) });
    });
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|mistake| mistake.span.start);
        return Err(mistakes);
    }
    toml::from_str(text).map_err(|error| vec![syntax(source, &error)])
}

/// Where the file says that it has another format.
fn unknown_format(table: &toml::Spanned<toml::de::DeTable<'_>>) -> Option<Range<usize>> {
    let (_, value) = table.get_ref().iter().find(|(key, _)| key.get_ref() == "format")?;
    let known = value.get_ref().as_integer()?.as_str() == FORMAT.to_string();
    (!known).then(|| value.span())
}

fn syntax(source: &Source, error: &toml::de::Error) -> Mistake {
    source.mistake(error.span().unwrap_or(0..0), error.message().to_owned())
}
