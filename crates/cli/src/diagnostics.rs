//! Mistakes on standard error: the line, what is wrong, what was expected.

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};
use polysim_scenario::{Mistake, Mistakes};
use std::fmt;
use std::io::{IsTerminal as _, Write as _};

/// Prints an error, with the source lines where it has some.
#[expect(clippy::print_stderr, reason = "this is where errors are printed")]
pub(crate) fn complain(error: &anyhow::Error) {
    match error.downcast_ref::<Mistakes>() {
        Some(mistakes) => eprint!("{}", render(mistakes)),
        None => eprintln!("error: {}", said(error)),
    }
}

/// An error and its causes. Some errors repeat their cause: it is said once.
pub(crate) fn said(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        let cause = cause.trim_end();
        if text.ends_with(cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(cause);
    }
    text
}

/// Prints an error as an object on standard output.
pub(crate) fn tell_program(error: &str) {
    let line = serde_json::json!({ "error": error });
    // Nobody may be there to read it.
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Prints what a person should know beside the result.
#[expect(clippy::print_stderr, reason = "this is where warnings are printed")]
pub(crate) fn warn(text: &str) {
    eprintln!("warning: {text}");
}

/// Prints how far a command is, for people.
#[expect(clippy::print_stderr, reason = "standard output is for the result")]
pub(crate) fn note(step: &str) {
    eprintln!("{step} …");
}

/// Draws mistakes with their source lines, in colour where standard error is a terminal.
pub(crate) fn render(mistakes: &Mistakes) -> String {
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
    let mut text = String::new();
    for mistake in &mistakes.0 {
        let shown = Shown {
            mistake,
            source: NamedSource::new(&mistake.source.name, mistake.source.text.to_string())
                .with_language("toml"),
        };
        if handler.render_report(&mut text, &shown).is_err() {
            text.push_str(&mistake.to_string());
        }
        text.push('\n');
    }
    let count = mistakes.0.len();
    text.push_str(&format!("{count} mistake{}\n", if count == 1 { "" } else { "s" }));
    text
}

struct Shown<'a> {
    mistake: &'a Mistake,
    source: NamedSource<String>,
}

impl Diagnostic for Shown<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some("here".into()), self.mistake.span.clone());
        Some(Box::new(std::iter::once(label)))
    }

    fn help<'h>(&'h self) -> Option<Box<dyn fmt::Display + 'h>> {
        self.mistake.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistake.message)
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.mistake, f)
    }
}

impl std::error::Error for Shown<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn a_cause_that_an_error_repeats_is_said_once() {
        let of = |texts: [&'static str; 3]| {
            let [last, middle, first] = texts;
            said(&Err::<(), _>(anyhow::anyhow!(last)).context(middle).context(first).unwrap_err())
        };
        assert_eq!(
            of(["no such file", "cannot read x", "in y"]),
            "in y: cannot read x: no such file"
        );
        assert_eq!(of(["short", "the key: short\n", "k: the key: short"]), "k: the key: short");
    }
}
