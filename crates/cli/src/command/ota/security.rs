//! SPI in words.

use super::args::SecurityArgs;
use anyhow::{Result, anyhow, bail};
use polysim_ota::{CounterMode, Crc, Integrity, ProofRequest, ProofRoute, ProofWanted, Spi, Tar};

/// How a packet is secured; and which redundancy check, if it has one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Security {
    pub(super) spi: Spi,
    pub(super) crc: Crc,
}

pub(super) fn of(args: &SecurityArgs) -> Result<Security> {
    if let Some(hex) = &args.spi {
        let octets = crate::command::octets::parse(hex)?;
        let octets = <[u8; 2]>::try_from(octets)
            .map_err(|octets| anyhow!("SPI has two octets, not {}", octets.len()))?;
        return Ok(Security { spi: Spi::parse(octets)?, crc: Crc::Crc32 });
    }
    let mut security = Security { spi: Spi::FULL, crc: Crc::Crc32 };
    if !args.security.is_empty() {
        let spi = &mut security.spi;
        (spi.integrity, spi.ciphered, spi.counter) = (Integrity::None, false, CounterMode::None);
        for word in &args.security {
            match word.as_str() {
                "counter-higher" => spi.counter = CounterMode::Higher,
                "counter-next" => spi.counter = CounterMode::Next,
                "counter-unchecked" => spi.counter = CounterMode::Unchecked,
                "rc16" => (spi.integrity, security.crc) = (Integrity::RedundancyCheck, Crc::Crc16),
                word => protect(word, &mut spi.integrity, &mut spi.ciphered, "--security")?,
            }
        }
    }
    let proof = &mut security.spi.proof;
    wanted(&args.por, proof)?;
    if !args.por_security.is_empty() {
        *proof = ProofRequest {
            wanted: proof.wanted,
            route: proof.route,
            ..proof_security(&args.por_security)?
        };
    } else if security.spi.integrity != Integrity::Checksum {
        // A card gives nothing that needs a key to somebody who has not shown to have it.
        (proof.integrity, proof.ciphered) = (Integrity::None, false);
    }
    if proof.wanted == ProofWanted::Never {
        *proof = ProofRequest::default();
    }
    if security.spi.integrity == Integrity::RedundancyCheck
        && security.spi.proof.integrity == Integrity::Checksum
    {
        bail!("KID says one thing only: a command with rc has no proof with cc; take rc or none");
    }
    Ok(security)
}

fn wanted(words: &[String], proof: &mut ProofRequest) -> Result<()> {
    for word in words {
        match word.as_str() {
            "deliver-report" => proof.route = ProofRoute::DeliverReport,
            "submit" => proof.route = ProofRoute::Submit,
            "none" => proof.wanted = ProofWanted::Never,
            "on-error" => proof.wanted = ProofWanted::OnError,
            _ => bail!("--por {word:?}: it has deliver-report, submit, none, on-error"),
        }
    }
    Ok(())
}

/// Reads how a proof of receipt is secured.
pub(super) fn proof_security(words: &[String]) -> Result<ProofRequest> {
    let mut proof = ProofRequest { wanted: ProofWanted::Always, ..ProofRequest::default() };
    for word in words {
        protect(word, &mut proof.integrity, &mut proof.ciphered, "--por-security")?;
    }
    Ok(proof)
}

fn protect(word: &str, integrity: &mut Integrity, ciphered: &mut bool, option: &str) -> Result<()> {
    match word {
        "cc" => *integrity = Integrity::Checksum,
        "rc" => *integrity = Integrity::RedundancyCheck,
        "none" => {}
        "cipher" => *ciphered = true,
        _ => bail!("{option} {word:?}: it has cc, rc, none and cipher; see polysim ota --help"),
    }
    Ok(())
}

/// Reads a TAR: its octets, or what cards commonly have.
pub(super) fn tar(text: &str) -> Result<Tar> {
    Ok(match text.to_lowercase().as_str() {
        "usim" => Tar::USIM_FILES,
        "card" => Tar::UICC_FILES,
        "ram" => Tar::CARD_MANAGER,
        hex => match crate::command::octets::parse(hex).map(<[u8; 3]>::try_from) {
            Ok(Ok(octets)) => Tar(octets),
            Ok(Err(_)) | Err(_) => {
                bail!("{text:?} is no TAR: six hexadecimal digits, or usim, card, ram")
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(security: &str, por: &str, por_security: &str) -> Result<String> {
        let list = |text: &str| -> Vec<String> {
            text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let args = SecurityArgs {
            spi: None,
            security: list(security),
            por: list(por),
            por_security: list(por_security),
        };
        Ok(polysim_base::Hex(&of(&args)?.spi.octets()).to_string())
    }

    #[test]
    fn words_are_the_bits_of_spi() {
        for (security, por, por_security, spi) in [
            ("", "", "", "1619"),
            ("", "submit", "", "1639"),
            ("cc,cipher,counter-next", "on-error", "cc", "1E0A"),
            ("cc", "none", "", "0200"),
            ("none", "none", "", "0000"),
            ("rc", "", "", "0101"),
            ("rc16,counter-unchecked", "on-error,submit", "rc", "0926"),
            ("cipher", "deliver-report", "cipher", "0411"),
        ] {
            let said = words(security, por, por_security).unwrap();
            assert_eq!(said, spi, "{security} {por} {por_security}");
        }
    }

    #[test]
    fn one_kid_does_not_name_a_redundancy_check_and_a_key() {
        assert!(words("rc", "", "cc").unwrap_err().to_string().contains("KID"));
        assert_eq!(words("rc", "", "rc").unwrap(), "0105");
        assert_eq!(words("rc", "none", "cc").unwrap(), "0100");
    }

    #[test]
    fn other_words_are_answered_with_those_there_are() {
        for (security, por, por_security) in [("mac", "", ""), ("", "sms", ""), ("", "", "ds")] {
            let error = words(security, por, por_security).unwrap_err().to_string();
            assert!(error.contains("it has"), "{error}");
        }
    }

    #[test]
    fn applications_have_names_or_six_digits() {
        assert_eq!(tar("usim").unwrap(), Tar([0xB0, 0x00, 0x11]));
        assert_eq!(tar("b0:01 20").unwrap(), Tar([0xB0, 0x01, 0x20]));
        assert!(tar("B000").is_err() && tar("sim").is_err());
    }
}
