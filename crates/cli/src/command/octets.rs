//! Octets that a command is given: as arguments, in a file, or on standard input.

use anyhow::{Context as _, Result, bail};
use std::io::Read as _;
use std::path::Path;

/// The longest text that is read: twice what the longest packet has in hexadecimal.
const TEXT_LEN_MAX: u64 = 1 << 18;

/// Returns the octets of each argument; of each line of standard input for `-`, and of each line
/// of a file if one is named.
pub(super) fn read(arguments: &[String], file: Option<&Path>) -> Result<Vec<Vec<u8>>> {
    let text = match (file, arguments) {
        (Some(path), []) => {
            let named = || format!("cannot read {}", path.display());
            limited(std::fs::File::open(path).with_context(named)?).with_context(named)?
        }
        (Some(_), _) => bail!("give octets or --file, not both"),
        (None, [dash]) if dash == "-" => {
            limited(std::io::stdin().lock()).context("cannot read standard input")?
        }
        (None, []) => bail!("give octets in hexadecimal, `-` for standard input, or --file FILE"),
        (None, arguments) => return arguments.iter().map(|text| parse(text)).collect(),
    };
    let lines = (1..).zip(text.lines()).map(|(number, line)| {
        let bare = line.split('#').next().unwrap_or_default();
        parse(bare).with_context(|| format!("line {number}"))
    });
    let lines = lines.filter(|line| line.as_ref().map_or(true, |octets| !octets.is_empty()));
    let lines = lines.collect::<Result<Vec<_>>>()?;
    if lines.is_empty() {
        bail!("there are no octets");
    }
    Ok(lines)
}

fn limited(source: impl std::io::Read) -> Result<String> {
    let mut text = String::new();
    source.take(TEXT_LEN_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > TEXT_LEN_MAX {
        bail!("more than {TEXT_LEN_MAX} characters; it is no message for a card");
    }
    Ok(text)
}

/// Reads hexadecimal with blanks and colons between octets. Errors name the place and never the
/// text, which may be a secret.
pub(super) fn parse(text: &str) -> Result<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (at, character) in text.chars().enumerate() {
        if character.is_whitespace() || character == ':' {
            continue;
        }
        let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let Some(digit) = digit else {
            bail!("character {} is no hexadecimal digit", at + 1);
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => octets.push(high << 4 | digit),
        }
    }
    if high.is_some() {
        let digits = octets.len() * 2 + 1;
        bail!("{digits} hexadecimal digits do not make whole octets; one is missing or too many");
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_colons_are_passed_over() {
        assert_eq!(parse(" 00:A4 00\n04").unwrap(), [0x00, 0xA4, 0x00, 0x04]);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn mistakes_name_their_place_and_not_the_text() {
        let error = format!("{:#}", parse("00 A4 0x77").unwrap_err());
        assert_eq!(error, "character 8 is no hexadecimal digit");
        let error = format!("{:#}", parse("1234567").unwrap_err());
        assert!(error.starts_with("7 hexadecimal digits") && !error.contains("1234"), "{error}");
    }

    #[test]
    fn lines_may_have_comments() {
        let path = std::env::temp_dir().join(format!("polysim-octets-{}", std::process::id()));
        std::fs::write(&path, "# a script\n00A4 # select\n\n9000\n").unwrap();
        let read_back = read(&[], Some(&path)).unwrap();
        std::fs::write(&path, "00\nzz").unwrap();
        let wrong = format!("{:#}", read(&[], Some(&path)).unwrap_err());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read_back, [vec![0x00, 0xA4], vec![0x90, 0x00]]);
        assert_eq!(wrong, "line 2: character 1 is no hexadecimal digit");
    }
}
