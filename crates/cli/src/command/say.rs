//! What commands that go on print, for people or for programs.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::io::Write as _;

/// Prints for people or for programs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Say {
    pub(super) json: bool,
}

impl Say {
    /// Prints what happened: its name, words, and particulars.
    pub(super) fn event(self, name: &str, words: &str, mut particulars: Value) -> Result<()> {
        if self.json {
            if let Some(object) = particulars.as_object_mut() {
                object.insert("event".to_owned(), name.into());
            }
            return print(&particulars.to_string());
        }
        print(&format!("{name:<12} {words}"))
    }

    /// Prints what a person has asked for.
    pub(super) fn answer(self, text: &str, object: &Value) -> Result<()> {
        print(if self.json { object.to_string() } else { text.to_owned() }.trim_end())
    }

    /// Prints what is wrong with what a person has typed.
    pub(super) fn complaint(self, text: &str) -> Result<()> {
        self.answer(text, &json!({ "error": text }))
    }
}

fn print(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("cannot write to standard output")
}
