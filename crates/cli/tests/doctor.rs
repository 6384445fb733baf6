//! `polysim doctor` on the computer that runs the tests, whatever that has.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::process::Command;

fn doctor(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_polysim")).arg("doctor").args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_says_what_to_do_and_exits_with_0() {
    let text = doctor(&[]);
    for word in ["modem", "pseudo-terminals", "ModemManager", "card readers", "pcscd", "gammu"] {
        assert!(text.contains(word), "{word} is not in {text}");
    }
    assert!(text.contains("\n                    "), "{text}");
    assert!(text.contains("$ "), "{text}");
    assert!(!text.contains('\u{1b}'), "colours are for terminals: {text}");
}

#[test]
fn programs_get_the_same_as_json() {
    let answer: Value = serde_json::from_str(&doctor(&["--json"])).unwrap();
    let findings = answer["findings"].as_array().unwrap();
    assert!(findings.len() >= 9, "{answer}");
    let mut counted = 0;
    for state in ["ok", "missing", "hint"] {
        counted += answer["summary"][state].as_u64().unwrap();
    }
    assert_eq!(counted, findings.len() as u64);
    for finding in findings {
        let state = finding["state"].as_str().unwrap();
        assert!(["ok", "missing", "hint"].contains(&state), "{finding}");
        assert!(!finding["name"].as_str().unwrap().is_empty());
        assert!(!finding["detail"].as_str().unwrap().is_empty());
        assert!(state != "missing" || finding["fix"].is_string(), "{finding}");
    }
}
