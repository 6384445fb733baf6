//! Objects of JSON, written and read field by field.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use rasn::Decode;
use serde_json::{Map, Value};

use super::{decode_base64, encode_base64};
use crate::data::decode;
use crate::es9::Status;

const EXECUTED: &str = "Executed-Success";
const EXECUTED_WITH_WARNING: &str = "Executed-WithWarning";
const FAILED: &str = "Failed";

/// Why a body is not the one that was expected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Longer than any may be.
    #[error("a body of {length} octets; {max} is the most that is read")]
    TooLong {
        /// Its length.
        length: usize,
        /// The most.
        max: usize,
    },
    /// No object of JSON.
    #[error("the body is no JSON object; is this the address of an RSP server?")]
    NotJson,
    /// A field is not there.
    #[error("the field {field} is missing")]
    Missing {
        /// Its name.
        field: &'static str,
    },
    /// A field has another value than it may have.
    #[error("the field {field} is wrong: {reason}")]
    Wrong {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// An object that is written.
#[derive(Debug, Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// Begins an answer that tells of a success.
    pub(crate) fn success() -> Self {
        let mut object = Self::default();
        let mut header = Self::default();
        header.put("functionExecutionStatus", &Self::execution(&Ok(())));
        object.put("header", &header);
        object
    }

    /// Makes an answer that tells of a refusal.
    pub(crate) fn failure(status: &Status) -> Self {
        let mut object = Self::default();
        let mut header = Self::default();
        header.put("functionExecutionStatus", &Self::execution(&Err(status.clone())));
        object.put("header", &header);
        object
    }

    /// Makes a function execution status (SGP.22, 6.5.1.4).
    pub(crate) fn execution(result: &Result<(), Status>) -> Self {
        let mut object = Self::default();
        match result {
            Ok(()) => object.text("status", EXECUTED),
            Err(status) => {
                object.text("status", FAILED);
                let mut data = Self::default();
                data.text("subjectCode", &status.subject);
                data.text("reasonCode", &status.reason);
                if let Some(message) = &status.message {
                    data.text("message", message);
                }
                object.put("statusCodeData", &data);
            }
        }
        object
    }

    pub(crate) fn put(&mut self, field: &str, value: &Self) {
        self.0.insert(field.to_owned(), Value::Object(value.0.clone()));
    }

    pub(crate) fn list(&mut self, field: &str, values: impl Iterator<Item = Self>) {
        let values = values.map(|value| Value::Object(value.0)).collect();
        self.0.insert(field.to_owned(), Value::Array(values));
    }

    pub(crate) fn text(&mut self, field: &str, value: &str) {
        self.0.insert(field.to_owned(), Value::String(value.to_owned()));
    }

    pub(crate) fn flag(&mut self, field: &str, value: bool) {
        self.0.insert(field.to_owned(), Value::Bool(value));
    }

    pub(crate) fn number(&mut self, field: &str, value: u16) {
        self.0.insert(field.to_owned(), Value::from(value));
    }

    /// Puts octets as base64.
    pub(crate) fn octets(&mut self, field: &str, value: &[u8]) {
        self.text(field, &encode_base64(value));
    }

    /// Puts octets as hexadecimal digits.
    pub(crate) fn hex(&mut self, field: &str, value: &[u8]) {
        self.text(field, &polysim_base::Hex(value).to_string());
    }

    /// Returns the text.
    pub(crate) fn body(self) -> Vec<u8> {
        Value::Object(self.0).to_string().into_bytes()
    }
}

/// An object that is read.
#[derive(Debug)]
pub(crate) struct Reader(Map<String, Value>);

impl Reader {
    /// Reads a body.
    pub(crate) fn body(body: &[u8], max: usize) -> Result<Self, BodyError> {
        if body.len() > max {
            return Err(BodyError::TooLong { length: body.len(), max });
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) | Err(_) => Err(BodyError::NotJson),
        }
    }

    /// Reads what the header of an answer says of the execution. Without a header it is a success:
    /// the fields will be there, or missed.
    pub(crate) fn execution(&self) -> Result<(), Status> {
        let header = self.0.get("header").and_then(Value::as_object);
        let status = header.and_then(|header| header.get("functionExecutionStatus"));
        status.and_then(Value::as_object).map_or(Ok(()), execution_of)
    }

    /// Reads a function execution status from a field.
    pub(crate) fn result(&self, field: &'static str) -> Result<Result<(), Status>, BodyError> {
        self.object(field).map(|object| execution_of(&object.0))
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.get(field).is_some_and(|value| !value.is_null())
    }

    pub(crate) fn object(&self, field: &'static str) -> Result<Self, BodyError> {
        match self.0.get(field) {
            Some(Value::Object(object)) => Ok(Self(object.clone())),
            Some(_) => Err(wrong(field, "no object")),
            None => Err(BodyError::Missing { field }),
        }
    }

    pub(crate) fn list(&self, field: &'static str, max: usize) -> Result<Vec<Self>, BodyError> {
        let values = self.0.get(field).ok_or(BodyError::Missing { field })?;
        let values = values.as_array().ok_or_else(|| wrong(field, "no list"))?;
        if values.len() > max {
            return Err(wrong(field, "too long a list"));
        }
        let object = |value: &Value| value.as_object().cloned().map(Self);
        values.iter().map(object).collect::<Option<_>>().ok_or_else(|| wrong(field, "no objects"))
    }

    pub(crate) fn text(&self, field: &'static str) -> Result<&str, BodyError> {
        let value = self.0.get(field).ok_or(BodyError::Missing { field })?;
        value.as_str().ok_or_else(|| wrong(field, "no text"))
    }

    /// Reads a text by its own rules.
    pub(crate) fn parsed<T, E: ToString>(
        &self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, BodyError> {
        parse(self.text(field)?).map_err(|error| wrong(field, &error.to_string()))
    }

    /// Reads a text by its own rules, or nothing where there is none.
    pub(crate) fn opt_parsed<T, E: ToString>(
        &self,
        field: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, BodyError> {
        if self.has(field) { self.parsed(field, parse).map(Some) } else { Ok(None) }
    }

    /// Reads a flag, which some peers write as a text.
    pub(crate) fn flag(&self, field: &'static str) -> Result<bool, BodyError> {
        match self.0.get(field) {
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(_) => Err(wrong(field, "neither true nor false")),
            None => Err(BodyError::Missing { field }),
        }
    }

    /// Reads a number, which some peers write as a text.
    pub(crate) fn number(&self, field: &'static str) -> Result<u16, BodyError> {
        let value = self.0.get(field).ok_or(BodyError::Missing { field })?;
        let number = match value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        number.ok_or_else(|| wrong(field, "no number below 65536"))
    }

    /// Reads octets from base64.
    pub(crate) fn octets(&self, field: &'static str) -> Result<Vec<u8>, BodyError> {
        decode_base64(self.text(field)?).ok_or_else(|| wrong(field, "no base64"))
    }

    /// Reads octets of a certain number from base64. Where `head` stands before them it is taken
    /// off: some peers send the whole data object, some its value alone.
    pub(crate) fn exactly<const N: usize>(
        &self,
        field: &'static str,
        head: &[u8],
    ) -> Result<[u8; N], BodyError> {
        let octets = self.octets(field)?;
        let value = match octets.strip_prefix(head) {
            Some(value) if value.len() == N => value,
            Some(_) | None => &octets,
        };
        value.try_into().map_err(|_| wrong(field, &alloc::format!("not {N} octets")))
    }

    /// Reads 1 to `max` octets from hexadecimal digits.
    pub(crate) fn hex(&self, field: &'static str, max: usize) -> Result<Vec<u8>, BodyError> {
        let octets = self.parsed(field, |text| polysim_base::parse_hex(text.as_bytes()))?;
        match octets.len() {
            0 => Err(wrong(field, "empty")),
            length if length > max => Err(wrong(field, &alloc::format!("more than {max} octets"))),
            _ => Ok(octets),
        }
    }

    /// Reads a data object of ASN.1 from base64.
    pub(crate) fn asn1<T: Decode>(&self, field: &'static str) -> Result<T, BodyError> {
        decode(field, &self.octets(field)?).map_err(|error| wrong(field, &error.to_string()))
    }
}

fn execution_of(status: &Map<String, Value>) -> Result<(), Status> {
    let text = |object: &Map<String, Value>, field: &str| {
        object.get(field).and_then(Value::as_str).map(ToOwned::to_owned)
    };
    let state = text(status, "status");
    if let Some(EXECUTED | EXECUTED_WITH_WARNING) = state.as_deref() {
        return Ok(());
    }
    let data = status.get("statusCodeData").and_then(Value::as_object);
    let field = |field: &str| data.and_then(|data| text(data, field));
    Err(Status {
        subject: field("subjectCode").unwrap_or_default().into(),
        reason: field("reasonCode").unwrap_or_default().into(),
        // The word for every failure says nothing more.
        message: field("message").or_else(|| state.filter(|state| state != FAILED)),
    })
}

pub(crate) fn wrong(field: &'static str, reason: &str) -> BodyError {
    BodyError::Wrong { field, reason: reason.to_owned() }
}
