//! What commands without hardware answer, for people or for programs.

use crate::exit::Exit;
use anyhow::Result;
use serde_json::{Value, json};
use std::io::Write as _;

/// What a command found, in both forms.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) json: Value,
    /// What is wrong with what was given; it is shown all the same.
    pub(super) problem: Option<Problem>,
}

#[derive(Debug)]
pub(super) struct Problem {
    pub(super) text: String,
    pub(super) exit: Exit,
}

/// Prints an answer. An error is an object on standard output, too, where programs read.
pub(super) fn print(is_json: bool, answer: Result<Answer>) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    match &answer {
        Ok(answer) if is_json => writeln!(out, "{}", answer.json)?,
        Ok(answer) => out.write_all(answer.text.as_bytes())?,
        Err(error) if is_json => {
            writeln!(out, "{}", json!({ "error": crate::diagnostics::said(error) }))?;
        }
        Err(_) => {}
    }
    let Some(problem) = answer?.problem else { return Ok(Exit::Held) };
    crate::diagnostics::complain(&anyhow::anyhow!(problem.text));
    Ok(problem.exit)
}

/// Lines of columns, each as wide as its longest text; the last is not filled up.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let texts = rows.iter().filter_map(|row| row.get(column));
        texts
            .map(|text| text.chars().count())
            .filter(|width| *width <= WIDTH_MAX)
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<_> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A longer text moves what stands behind it.
const WIDTH_MAX: usize = 40;
