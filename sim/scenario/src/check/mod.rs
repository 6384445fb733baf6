//! Finds every mistake of a file before anything runs.

mod mistake;
mod shape;
mod suggest;

pub use mistake::{Mistake, Mistakes, Source};
pub use suggest::did_you_mean;

use crate::spec::{FORMAT, Included, Scenario, Spoken};
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The most a scenario file may hold, in bytes.
pub const FILE_LEN_MAX: usize = 16 << 20;

/// What a file holds, and what is wrong with it.
pub(crate) struct Checked<T> {
    /// The file without the entries that have mistakes; `None` where even that makes no sense.
    pub(crate) sound: Option<T>,
    /// The mistakes of syntax and shape, in order of places.
    pub(crate) mistakes: Vec<Mistake>,
}

/// Reads a scenario file. Mistakes in names are found when it is planned.
pub(crate) fn parse(source: &Source) -> Checked<Scenario> {
    read(source)
}

/// Reads an included file.
pub(crate) fn parse_included(source: &Source) -> Checked<Included> {
    read(source)
}

/// Reads verbs outside a file.
pub(crate) fn parse_verbs(source: &Source) -> Checked<Spoken> {
    read(source)
}

/// Reads another file than a scenario, such as one that goes with it.
///
/// # Errors
/// Every mistake of syntax and shape, in order of places.
pub fn read_strictly<T: DeserializeOwned + JsonSchema>(source: &Source) -> Result<T, Mistakes> {
    let Checked { sound, mistakes } = read(source);
    sound.filter(|_| mistakes.is_empty()).ok_or(Mistakes(mistakes))
}

fn read<T: DeserializeOwned + JsonSchema>(source: &Source) -> Checked<T> {
    let text = &source.text;
    let fatal = |mistakes| Checked { sound: None, mistakes };
    if text.len() > FILE_LEN_MAX {
        let message = format!("the file has {} bytes; {FILE_LEN_MAX} are the most", text.len());
        return fatal(vec![source.mistake(0..0, message)]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return fatal(errors.iter().map(|e| syntax(source, e)).collect());
    }
    if let Some(found) = unknown_format(&table) {
        let message = format!("this release reads format {FORMAT}");
        return fatal(vec![source.mistake(found, message)]);
    }
    let mut mistakes = Vec::new();
    let schema = schema_for!(T).to_value();
    shape::check(&schema, &table, &mut |span, message, help| {
        mistakes.push(source.mistake(span, message).with_help(help));
    });
    mistakes.sort_by_key(|mistake| mistake.span.start);
    let clean = mistakes.is_empty();
    match T::deserialize(toml::de::Deserializer::from(without(table, &mistakes))) {
        Ok(sound) => Checked { sound: Some(sound), mistakes },
        Err(error) => {
            if clean {
                mistakes.push(syntax(source, &error));
            }
            fatal(mistakes)
        }
    }
}

/// Leaves out the entries of lists, and the keys, that have mistakes.
fn without<'i>(table: Spanned<DeTable<'i>>, mistakes: &[Mistake]) -> Spanned<DeTable<'i>> {
    let span = table.span();
    let mut kept = DeTable::new();
    for (key, mut node) in table.into_inner() {
        if holds(&key.span(), mistakes) {
            continue;
        }
        if let DeValue::Array(items) = node.get_mut() {
            let all = core::mem::replace(items, DeArray::new());
            let sound = all.into_iter().filter(|item| !is_wrong(item, mistakes));
            sound.for_each(|item| items.push(item));
        } else if is_wrong(&node, mistakes) {
            continue;
        }
        kept.insert(key, node);
    }
    Spanned::new(span, kept)
}

/// Whether a mistake lies in a value. The span of a table that follows its header holds the header
/// only, so that its contents are looked at one by one.
fn is_wrong(node: &Spanned<DeValue<'_>>, mistakes: &[Mistake]) -> bool {
    holds(&node.span(), mistakes)
        || match node.get_ref() {
            DeValue::Array(items) => items.iter().any(|item| is_wrong(item, mistakes)),
            DeValue::Table(table) => table
                .iter()
                .any(|(key, value)| holds(&key.span(), mistakes) || is_wrong(value, mistakes)),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => false,
        }
}

fn holds(span: &Range<usize>, mistakes: &[Mistake]) -> bool {
    mistakes.iter().any(|m| span.start <= m.span.start && m.span.end <= span.end)
}

/// Where the file says that it has another format.
fn unknown_format(table: &Spanned<DeTable<'_>>) -> Option<Range<usize>> {
    let (_, value) = table.get_ref().iter().find(|(key, _)| key.get_ref() == "format")?;
    let known = value.get_ref().as_integer()?.as_str() == FORMAT.to_string();
    (!known).then(|| value.span())
}

fn syntax(source: &Source, error: &toml::de::Error) -> Mistake {
    source.mistake(error.span().unwrap_or(0..0), error.message().to_owned())
}
