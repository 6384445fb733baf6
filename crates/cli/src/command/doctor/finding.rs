//! What a check found, and how it is shown.

use serde::Serialize;

/// How things are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It is there and can be used.
    Ok,
    /// What is there cannot be used without it.
    Missing,
    /// It is not there, and only some need it.
    Hint,
}

/// What a check found.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) name: String,
    pub(crate) state: State,
    /// What is the case, in a sentence.
    pub(crate) detail: String,
    /// The line that changes it, ready for a shell.
    pub(crate) fix: Option<String>,
}

impl Finding {
    fn new(name: impl Into<String>, state: State, detail: impl Into<String>) -> Self {
        Self { name: name.into(), state, detail: detail.into(), fix: None }
    }

    pub(crate) fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, State::Ok, detail)
    }

    pub(crate) fn missing(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, State::Missing, detail)
    }

    pub(crate) fn hint(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, State::Hint, detail)
    }

    pub(crate) fn fixed_by(mut self, line: impl Into<String>) -> Self {
        self.fix = Some(line.into());
        self
    }
}

const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[33m";
const PLAIN: &str = "\u{1b}[0m";

/// Draws findings for people: one line each, its fix below it, and a summary.
pub(crate) fn render(findings: &[Finding], colours: bool) -> String {
    let width = findings.iter().map(|finding| finding.name.chars().count()).max().unwrap_or(0);
    let indent = " ".repeat(width + 11);
    let mut text = String::new();
    for Finding { name, state, detail, fix } in findings {
        let (mark, colour) = match state {
            State::Ok => ("ok", GREEN),
            State::Missing => ("missing", RED),
            State::Hint => ("hint", YELLOW),
        };
        let (colour, plain) = if colours { (colour, PLAIN) } else { ("", "") };
        text.push_str(&format!("{colour}{mark:<7}{plain}  {name:<width$}  {detail}\n"));
        if let Some(fix) = fix {
            text.push_str(&format!("{indent}$ {fix}\n"));
        }
    }
    text.push_str(&format!("\n{}\n", summary(findings)));
    text
}

fn summary(findings: &[Finding]) -> String {
    let missing = findings.iter().filter(|finding| finding.state == State::Missing).count();
    let hints = findings.iter().filter(|finding| finding.state == State::Hint).count();
    match (missing, hints) {
        (0, 0) => "Everything is there.".to_owned(),
        (0, _) => "Nothing that is plugged in needs anything. Hints are for what you may want; \
                   worlds are simulated without any of it:\n  polysim run scenarios/"
            .to_owned(),
        (1, _) => "One thing is missing: the line that begins with $ puts it right.".to_owned(),
        _ => format!("{missing} things are missing: the lines that begin with $ put them right."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_fixes_stand_below() {
        let findings = [
            Finding::ok("modem 1-1", "there"),
            Finding::missing("card", "not there").fixed_by("sudo repair"),
        ];
        let expected = "ok       modem 1-1  there\n\
                        missing  card       not there\n                    $ sudo repair\n\n\
                        One thing is missing: the line that begins with $ puts it right.\n";
        assert_eq!(render(&findings, false), expected);
        assert!(render(&findings, true).starts_with("\u{1b}[32mok     \u{1b}[0m  modem 1-1"));
    }
}
