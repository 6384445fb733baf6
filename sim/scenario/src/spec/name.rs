use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::ops::Range;

/// A text of a file that remembers its place, so that a mistake in it can be shown there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Name {
    /// What the file says.
    pub text: String,
    /// Where, in bytes of the file.
    pub span: Range<usize>,
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self::from(&spanned))
    }
}

/// For names that are keys of a table, or beside one.
impl From<&Spanned<String>> for Name {
    fn from(spanned: &Spanned<String>) -> Self {
        Self { text: spanned.get_ref().clone(), span: spanned.span() }
    }
}

impl JsonSchema for Name {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
