//! `at`: a command line as it is typed.

use super::{ModemArgs, Report, said, to_std};
use crate::exit::Exit;
use anyhow::{Result, bail};
use polysim::{Modem, ModemFault};
use polysim_at::{Command, parse_line};
use polysim_modem::ModemError;
use serde_json::json;

/// Reads the commands of a line, and refuses what would be more than a line.
pub(super) fn commands(line: &str, raw: bool) -> Result<Vec<Command>> {
    if !raw {
        bail!(
            "a line that is sent as it is can change or disturb the modem in ways that polysim does not see: say --raw if that is what you want"
        );
    }
    if let Some(at) = line.bytes().position(|byte| byte.is_ascii_control()) {
        bail!(
            "a control character at position {at}: a line has neither line ends nor Ctrl-Z in it"
        );
    }
    if !line.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("AT")) {
        bail!("{line:?} is no command line: it begins with AT");
    }
    let commands = parse_line(line.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| anyhow::anyhow!("{line:?}: {error}"))?;
    Ok(commands)
}

pub(super) async fn run(modem: &Modem, commands: Vec<Command>, args: &ModemArgs) -> Result<Report> {
    let mut lines = Vec::new();
    for command in commands {
        let answer = said("waiting for the answer", modem.raw(command));
        let Ok(answer) = tokio::time::timeout(to_std(args.timeout), answer).await else {
            return Err(anyhow::Error::new(ModemFault::Modem(ModemError::Timeout))
                .context(format!("the modem has not answered within {}", args.timeout)));
        };
        let answer = answer?;
        lines.extend(answer.iter().map(|line| String::from_utf8_lossy(line).into_owned()));
    }
    let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    text.push_str("OK\n");
    Ok(Report { text, json: json!({ "lines": lines, "result": "OK" }), exit: Exit::Held })
}

#[cfg(test)]
mod tests {
    use super::commands;
    use polysim_at::{Command, Form};

    #[test]
    fn a_line_goes_only_with_raw_and_is_one_line() {
        assert!(commands("AT+CSQ", false).unwrap_err().to_string().contains("--raw"));
        assert_eq!(commands("AT+CSQ", true).unwrap(), [Command::Csq(Form::Execute)]);
        assert_eq!(commands("at+csq;+creg?", true).unwrap().len(), 2);
        for smuggled in ["AT\rATH", "AT\nATH", "AT+CMGS=1\u{1a}", "AT\0", "CSQ", "", "é"] {
            assert!(commands(smuggled, true).is_err(), "{smuggled:?}");
        }
    }
}
