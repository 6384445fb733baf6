//! `polysim issuance` as its users meet it, without a card.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const EID: &str = "89049032123451234512345678901235";
const INIT: [&str; 7] = ["issuance", "init", "cards", "--number", "+990100", "--network", "00101"];

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Returns the exit code, what is on standard output, and what is on standard error.
fn polysim(folder: &Path, arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    command.args(arguments).current_dir(folder).env_remove("POLYSIM_STORE_KEY");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn a_folder_and_its_key_are_private_and_another_key_is_refused_in_one_sentence() {
    let folder = folder("issuance-keys");
    polysim(&folder, &[&INIT[..], &["--key-file", "store.key"]].concat(), b"");
    for (path, mode) in [("cards", 0o700), ("store.key", 0o600)] {
        let found = std::fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{path}");
    }
    let export = ["issuance", "export", "cards", "--json", "--key-file"];
    let (code, out, _) = polysim(&folder, &[&export[..], &["store.key"]].concat(), b"");
    assert_eq!((code, out.trim()), (0, r#"{"bindings":[]}"#));
    let other = std::fs::read_to_string(folder.join("store.key")).unwrap();
    let digit = if other.starts_with('0') { "1" } else { "0" };
    std::fs::write(folder.join("store.key"), [digit, &other[1..]].concat()).unwrap();
    let (code, _, err) = polysim(&folder, &[&export[..], &["store.key"]].concat(), b"");
    assert_eq!((code, err.matches("the key is not the store's").count()), (2, 1), "{err}");
}

#[test]
fn bindings_are_read_from_standard_input_with_marks_and_line_ends_of_other_systems() {
    let folder = folder("issuance-import");
    polysim(&folder, &[&INIT[..], &["--simulated", "7"]].concat(), b"");
    let import = ["issuance", "import", "cards", "-"];
    let table = format!("\u{feff}eid,imei\r\n{EID},35693803564380\r\n");
    let (code, out, err) = polysim(&folder, &import, table.as_bytes());
    assert_eq!((code, out.as_str()), (0, "1 of 1 bindings are imported\n"), "{err}");
    let (_, exported, _) = polysim(&folder, &["issuance", "export", "cards"], b"");
    assert!(exported.contains(",356938035643809,"), "{exported}");
    let (code, ..) = polysim(&folder, &import, exported.as_bytes());
    assert_eq!(code, 0, "what is exported can be imported");
    let (code, _, err) = polysim(&folder, &import, b"");
    assert_eq!(code, 2);
    assert!(err.contains("does not name the columns"), "{err}");
}
