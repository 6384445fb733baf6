//! Walks a file against the JSON Schema made from the types, so that all mistakes of shape are
//! found in one go, each with its place.

use super::suggest::did_you_mean;
use crate::{spec, units};
use serde_json::Value as Json;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

type Report<'a> = &'a mut dyn FnMut(Range<usize>, String, Option<String>);
type Node<'a> = Spanned<DeValue<'a>>;

/// The deepest nesting that is looked into.
const DEPTH_MAX: usize = 32;

/// Checks a whole file against its schema.
pub(super) fn check(schema: &Json, file: &Spanned<DeTable<'_>>, report: Report<'_>) {
    let walk = Walk { root: schema };
    walk.object(schema, 0..0, file.get_ref(), report, 0);
}

struct Walk<'s> {
    root: &'s Json,
}

impl<'s> Walk<'s> {
    fn resolve(&self, schema: &'s Json) -> &'s Json {
        let mut schema = schema;
        for _ in 0..DEPTH_MAX {
            let Some(name) = schema.get("$ref").and_then(Json::as_str) else { break };
            let Some(target) = self.root.pointer(name.trim_start_matches('#')) else { break };
            schema = target;
        }
        schema
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, it does not fit")]
    fn value(&self, schema: &'s Json, node: &Node<'_>, report: Report<'_>, depth: usize) {
        let schema = self.resolve(schema);
        if depth > DEPTH_MAX {
            return report(node.span(), "nested too deeply".into(), None);
        }
        if let Some(variants) = list(schema, "oneOf").or_else(|| list(schema, "anyOf")) {
            return self.variants(variants, node, report, depth);
        }
        match node.get_ref() {
            DeValue::Table(table) if allows(schema, "object") => {
                self.object(schema, node.span(), table, report, depth);
            }
            DeValue::Array(items) if allows(schema, "array") => {
                let Some(item) = schema.get("items") else { return };
                items.iter().for_each(|node| self.value(item, node, report, depth + 1));
            }
            DeValue::String(text) if allows(schema, "string") => {
                check_text(schema, text, node.span(), report);
            }
            DeValue::Integer(number) if allows(schema, "integer") || allows(schema, "number") => {
                check_number(schema, number.as_str(), node.span(), report);
            }
            DeValue::Float(number) if allows(schema, "number") => {
                check_float(schema, number.as_str(), node.span(), report);
            }
            DeValue::Boolean(_) if allows(schema, "boolean") => {}
            _ => report(node.span(), format!("expected {}", expected(schema)), None),
        }
    }

    fn object(
        &self,
        schema: &'s Json,
        span: Range<usize>,
        table: &DeTable<'_>,
        report: Report<'_>,
        depth: usize,
    ) {
        let empty = serde_json::Map::new();
        let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        let others = schema.get("additionalProperties");
        for (key, node) in table.iter() {
            let name: &str = key.get_ref();
            match (properties.get(name), others) {
                (Some(property), _) => self.value(property, node, report, depth + 1),
                (None, Some(Json::Object(_))) => {
                    if let Some(any) = others {
                        self.value(any, node, report, depth + 1);
                    }
                }
                (None, _) => {
                    let hint = did_you_mean(name, properties.keys().map(String::as_str))
                        .or_else(|| known(properties.keys().map(String::as_str)));
                    report(key.span(), format!("unknown key \"{name}\""), hint);
                }
            }
        }
        for required in list(schema, "required").unwrap_or_default().iter().filter_map(Json::as_str)
        {
            if !table.iter().any(|(key, _)| key.get_ref() == required) {
                report(span.clone(), format!("missing key \"{required}\""), None);
            }
        }
    }

    /// One of several: the variant that the value's own key names, else any that fits.
    fn variants(&self, variants: &'s [Json], node: &Node<'_>, report: Report<'_>, depth: usize) {
        let tagged: Vec<_> = variants.iter().filter_map(|v| tag(self.resolve(v))).collect();
        if let (DeValue::Table(table), false) = (node.get_ref(), tagged.is_empty()) {
            return self.tagged(&tagged, node.span(), table, report, depth);
        }
        let names: Vec<_> = variants.iter().filter_map(|v| self.resolve(v).get("const")).collect();
        if let (DeValue::String(text), false) = (node.get_ref(), names.is_empty()) {
            return one_of(names.iter().filter_map(|n| n.as_str()), text, node.span(), report);
        }
        let fits = |variant| {
            let mut mistakes = 0;
            self.value(variant, node, &mut |_, _, _| mistakes += 1, depth + 1);
            mistakes == 0
        };
        if variants.iter().any(fits) {
            return;
        }
        // The mistakes of what it should be say more than "no variant fits": of an optional value,
        // or of the only variant of this kind.
        let real: Vec<_> = variants.iter().filter(|v| !is_null(self.resolve(v))).collect();
        let alike = |variant: &&Json| {
            let variant = self.resolve(variant);
            variant.get("type").is_some() && allows(variant, kind_of(node))
        };
        let alike: Vec<_> = real.iter().copied().filter(alike).collect();
        if let ([only], _) | (_, [only]) = (real.as_slice(), alike.as_slice()) {
            return self.value(only, node, report, depth + 1);
        }
        let forms: Vec<_> = real.iter().map(|v| expected(self.resolve(v))).collect();
        report(node.span(), format!("expected {}", forms.join(" or ")), None);
    }

    fn tagged(
        &self,
        tagged: &[(&'s str, &'s Json)],
        span: Range<usize>,
        table: &DeTable<'_>,
        report: Report<'_>,
        depth: usize,
    ) {
        let names = || tagged.iter().map(|(name, _)| *name);
        if table.len() != 1 {
            let message = format!("expected exactly one of {}", quoted(names()));
            return report(span, message, None);
        }
        for (key, node) in table.iter() {
            let name: &str = key.get_ref();
            match tagged.iter().find(|(tag, _)| *tag == name) {
                Some((_, schema)) => self.value(schema, node, report, depth + 1),
                None => {
                    let hint = did_you_mean(name, names()).or_else(|| known(names()));
                    report(key.span(), format!("unknown verb \"{name}\""), hint);
                }
            }
        }
    }
}

/// The key and contents of a variant that is an object with one required key.
fn tag(variant: &Json) -> Option<(&str, &Json)> {
    let properties = variant.get("properties")?.as_object()?;
    let (name, contents) = properties.iter().next()?;
    (properties.len() == 1 && list(variant, "required")?.len() == 1).then_some((name, contents))
}

fn list<'s>(schema: &'s Json, key: &str) -> Option<&'s [Json]> {
    schema.get(key).and_then(Json::as_array).map(Vec::as_slice)
}

/// The kind of a value, as schemas call it.
fn kind_of(node: &Node<'_>) -> &'static str {
    match node.get_ref() {
        DeValue::Table(_) => "object",
        DeValue::Array(_) => "array",
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "datetime",
    }
}

fn is_null(schema: &Json) -> bool {
    schema.get("type").and_then(Json::as_str) == Some("null")
}

fn allows(schema: &Json, kind: &str) -> bool {
    match schema.get("type") {
        Some(Json::String(only)) => only == kind,
        Some(Json::Array(kinds)) => kinds.iter().any(|k| k == kind),
        _ => true,
    }
}

fn check_text(schema: &Json, text: &str, span: Range<usize>, report: Report<'_>) {
    if let Some(names) = list(schema, "enum") {
        return one_of(names.iter().filter_map(Json::as_str), text, span, report);
    }
    let parsed = match schema.get("format").and_then(Json::as_str) {
        Some("polysim-span") => units::parse_span(text).map(drop),
        Some("polysim-moment") => units::parse_moment(text).map(drop),
        Some("polysim-range") => units::parse_range(text).map(drop),
        Some("polysim-share") => units::parse_share(text).map(drop),
        Some("polysim-speed") => units::parse_speed(text).map(drop),
        Some("polysim-power") => spec::parse_power(text).map(drop),
        _ => Ok(()),
    };
    if let Err(form) = parsed {
        report(span, format!("expected {form}"), None);
    }
}

fn one_of<'a>(
    names: impl Iterator<Item = &'a str> + Clone,
    text: &str,
    span: Range<usize>,
    report: Report<'_>,
) {
    if !names.clone().any(|name| name == text) {
        let hint = did_you_mean(text, names.clone());
        report(span, format!("expected one of {}", quoted(names)), hint);
    }
}

fn check_number(schema: &Json, text: &str, span: Range<usize>, report: Report<'_>) {
    let Ok(number) = text.replace('_', "").parse::<i64>() else { return };
    let bound = |key: &str| schema.get(key).and_then(Json::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "bounds of the format are small numbers")]
    let value = number as f64;
    let low = bound("minimum").is_some_and(|low| value < low);
    let high = bound("maximum").or_else(|| format_maximum(schema)).is_some_and(|high| value > high);
    if low || high {
        report(span, format!("expected {}", expected(schema)), None);
    }
}

fn check_float(schema: &Json, text: &str, span: Range<usize>, report: Report<'_>) {
    let Ok(value) = text.replace('_', "").parse::<f64>() else { return };
    let bound = |key: &str| schema.get(key).and_then(Json::as_f64);
    let legal = bound("minimum").is_none_or(|low| value >= low)
        && bound("maximum").is_none_or(|high| value <= high);
    if !legal {
        report(span, format!("expected {}", expected(schema)), None);
    }
}

/// The greatest number of the integer formats that schemas name without a maximum.
fn format_maximum(schema: &Json) -> Option<f64> {
    match schema.get("format").and_then(Json::as_str)? {
        "uint8" => Some(f64::from(u8::MAX)),
        "uint16" => Some(f64::from(u16::MAX)),
        "uint32" => Some(f64::from(u32::MAX)),
        _ => None,
    }
}

fn expected(schema: &Json) -> String {
    if let Some(names) = list(schema, "enum") {
        return format!("one of {}", quoted(names.iter().filter_map(Json::as_str)));
    }
    let kind = match schema.get("type") {
        Some(Json::String(kind)) => kind.as_str(),
        Some(Json::Array(kinds)) => kinds.first().and_then(Json::as_str).unwrap_or("value"),
        _ => "value",
    };
    let noun = match kind {
        "object" => "a table",
        "array" => "a list",
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "another value",
    };
    let bound = |key: &str| schema.get(key).and_then(Json::as_f64);
    let high = bound("maximum").or_else(|| format_maximum(schema));
    match (bound("minimum"), high, schema.get("description").and_then(Json::as_str)) {
        (_, _, Some(about)) if kind == "string" && schema.get("format").is_some() => {
            about.to_owned()
        }
        (Some(low), Some(high), _) => format!("{noun} from {low} to {high}"),
        (Some(low), None, _) if kind != "string" => format!("{noun} of {low} or more"),
        (_, _, Some(about)) if schema.get("format").is_some() => about.to_owned(),
        _ => noun.to_owned(),
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn known<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names = quoted(names);
    (!names.is_empty()).then(|| format!("known here: {names}"))
}
