//! Where events are shown: as lines, as JSON, or in two columns of a terminal.

use super::sound::Level;
use super::tell::Told;
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::io::{IsTerminal as _, Write as _};

/// Characters of a column, and between two.
const COLUMN: usize = 38;
const BETWEEN: &str = "  ";
/// Goes to the beginning of the line, and empties it.
const CLEAR: &str = "\r\x1b[K";

/// Whose event it is, where several are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Who {
    /// The one that there is.
    Own,
    /// The one on the left.
    Left(&'static str),
    /// The one on the right.
    Right(&'static str),
}

/// Prints events. In a column of a terminal a level that changes stays in its line; where somebody types it
/// is printed when it has changed.
#[derive(Debug)]
pub(super) struct Screen {
    json: bool,
    is_terminal: bool,
    /// What was printed last is this level.
    level: Option<Level>,
    /// The last line has no end.
    is_open: bool,
}

impl Who {
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Own => None,
            Self::Left(name) | Self::Right(name) => Some(name),
        }
    }
}

impl Screen {
    pub(super) fn new(json: bool) -> Self {
        let is_terminal = !json && std::io::stdout().is_terminal();
        Self { json, is_terminal, level: None, is_open: false }
    }

    /// Prints what happened.
    pub(super) fn event(&mut self, who: Who, told: Told) -> Result<()> {
        let text = self.text(who, told);
        self.line(&text)
    }

    /// Prints what comes next, where it is shown step by step.
    pub(super) fn step(&mut self, text: &str) -> Result<()> {
        let json = object(Who::Own, "step", serde_json::json!({ "step": text }));
        let text = if self.json { json.to_string() } else { format!("\n{text}") };
        self.line(&text)
    }

    /// Prints what goes wrong: people are told on standard error, programs where they read.
    pub(super) fn warn(&mut self, told: Told) -> Result<()> {
        if self.json {
            return self.event(Who::Own, told);
        }
        let text = self.text(Who::Own, told);
        writeln!(std::io::stderr(), "{text}").context("cannot write to standard error")
    }

    fn line(&mut self, text: &str) -> Result<()> {
        self.level = None;
        let before = if std::mem::take(&mut self.is_open) { "\n" } else { "" };
        print(&format!("{before}{text}\n"))
    }

    /// Prints how loud somebody hears the other one.
    pub(super) fn level(&mut self, who: Who, level: Level) -> Result<()> {
        let is_same = self.level.is_some_and(|before| before.cells() == level.cells());
        let text = self.text(who, Told::new("level", &level.bar(), level.json()));
        match who {
            Who::Left(_) | Who::Right(_) if self.is_terminal => {
                self.is_open = true;
                print(&format!("{CLEAR}{text}"))
            }
            Who::Own if self.is_terminal && is_same => Ok(()),
            Who::Own | Who::Left(_) | Who::Right(_) => {
                self.line(&text)?;
                self.level = Some(level);
                Ok(())
            }
        }
    }

    /// Prints what was asked for.
    pub(super) fn answer(&mut self, text: &str) -> Result<()> {
        self.event(Who::Own, Told::new("help", text, serde_json::json!({ "help": text })))
    }

    /// Prints what is wrong with what was typed.
    pub(super) fn complaint(&mut self, text: &str) -> Result<()> {
        self.warn(Told::new("mistake", text, serde_json::json!({ "error": text })))
    }

    fn text(&self, who: Who, told: Told) -> String {
        let Told { name, words, json } = told;
        if self.json {
            return object(who, name, json).to_string();
        }
        match who {
            Who::Own => format!("{name:<12} {words}"),
            Who::Left(_) if self.is_terminal => column(&format!("{name}: {words}"), ""),
            Who::Right(_) if self.is_terminal => {
                let indent = format!("{:COLUMN$}{BETWEEN}", "");
                column(&format!("{name}: {words}"), &indent)
            }
            Who::Left(who) | Who::Right(who) => format!("{who:<7} {name:<12} {words}"),
        }
    }
}

fn object(who: Who, name: &str, mut json: Value) -> Value {
    if let Some(object) = json.as_object_mut() {
        object.insert("event".to_owned(), name.into());
        if let Some(who) = who.name() {
            object.insert("who".to_owned(), who.into());
        }
    }
    json
}

/// Breaks a text into lines of a column.
fn column(text: &str, indent: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let is_full = lines.last().is_some_and(|line| {
            !line.is_empty() && line.chars().count() + 1 + word.chars().count() > COLUMN
        });
        if is_full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).context("cannot write to standard output")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn two_have_a_column_each_and_a_pipe_their_names() {
        let told = || Told::new("text", "1 is stored and waits until there is somebody", json!({}));
        let mut screen = Screen { json: false, is_terminal: true, level: None, is_open: false };
        let right = screen.text(Who::Right("bob"), told());
        assert_eq!(right.lines().count(), 2);
        assert!(right.lines().all(|line| line.starts_with(&" ".repeat(40))), "{right}");
        assert!(screen.text(Who::Left("alice"), told()).starts_with("text: 1 is stored"));
        screen.is_terminal = false;
        assert!(screen.text(Who::Right("bob"), told()).starts_with("bob     text         1 is"));
        screen.json = true;
        let text = screen.text(Who::Right("bob"), Told::new("a", "b", json!({ "c": 1 })));
        assert_eq!(text, r#"{"c":1,"event":"a","who":"bob"}"#);
    }
}
