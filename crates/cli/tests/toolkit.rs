//! `polysim ota` and `polysim cat` as their users meet them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const KIC: &str = "00112233445566778899aabbccddeeff";
const KID: &str = "0123456789abcdef1032547698badcfe";
const SCRIPT: &str = "# the IMSI\n00A4 0004 02 6F07\n00D6000009 080910101032547698\n";

/// A folder of its own for each test, with keys in it.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    let keys = format!("[[keys]]\nset = 1\nkic = \"aes:{KIC}\"\nkid = \"aes:{KID}\"\n");
    std::fs::write(path.join("keys.toml"), keys).unwrap();
    std::fs::write(path.join("script.txt"), SCRIPT).unwrap();
    path
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn polysim_with(
    folder: &Path,
    arguments: &[&str],
    input: &str,
    variables: &[(&str, &str)],
) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    command.args(arguments).current_dir(folder).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let said = Said { code: status.code().unwrap(), out: text(stdout), err: text(stderr) };
    for key in [KIC, KID] {
        let everything = format!("{}{}", said.out, said.err).to_lowercase();
        assert!(!everything.contains(&key[..16]), "a key is shown: {everything}");
    }
    said
}

fn polysim(folder: &Path, arguments: &[&str]) -> Said {
    polysim_with(folder, arguments, "", &[])
}

fn pack(folder: &Path, more: &[&str]) -> Said {
    let pack = ["ota", "pack", "--keys", "keys.toml", "--tar", "usim", "--counter", "7"];
    polysim(folder, &[&pack, more].concat())
}

fn json(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn a_packet_is_made_and_opened_again_in_everything_it_travels_in() {
    let folder = folder("ota-round");
    for form in [&[][..], &["--sms"], &["--envelope"], &["--sms", "--format", "expanded"]] {
        let made = pack(&folder, &[&["--script", "script.txt"], form].concat());
        assert_eq!(made.code, 0, "{}", made.err);
        let unpack = ["ota", "unpack", "--keys", "keys.toml", "-"];
        let said = polysim_with(&folder, &unpack, &made.out, &[]);
        assert_eq!(said.code, 0, "{}", said.err);
        for expected in ["counter      7", "SELECT 6F07 EF.IMSI", "UPDATE BINARY at 0, 9 octets"] {
            assert!(said.out.contains(expected), "{expected}: {}", said.out);
        }
    }
}

#[test]
fn a_packet_of_several_messages_is_put_together_in_any_order() {
    let folder = folder("ota-parts");
    let data = "5A".repeat(300);
    let made = pack(&folder, &["--sms", &data]);
    let mut parts: Vec<_> = made.out.lines().collect();
    assert_eq!(parts.len(), 3, "{}", made.out);
    parts.reverse();
    let unpack = ["ota", "unpack", "--keys", "keys.toml", "--json"];
    let said = polysim(&folder, &[&unpack[..], &parts].concat());
    assert_eq!(json(&said)["data"].as_str().unwrap(), data);
    let said = polysim(&folder, &[&unpack[..], &parts[..2]].concat());
    assert_eq!(said.code, 2);
    assert!(said.err.contains("some of the packet are missing"), "{}", said.err);
    let said = polysim(&folder, &[&unpack[..], &parts[..1]].concat());
    assert!(said.err.contains("this is message 3 of 3"), "{}", said.err);
}

#[test]
fn a_packet_is_explained_without_keys_as_far_as_it_is_in_clear() {
    let folder = folder("ota-clear");
    let made = pack(&folder, &["--script", "script.txt"]);
    let said = polysim(&folder, &["ota", "explain", made.out.trim()]);
    assert_eq!(said.code, 0, "{}", said.err);
    for expected in ["CPL", "counter must be higher", "key set 1, AES", "B00011", "ciphered"] {
        assert!(said.out.contains(expected), "{expected}: {}", said.out);
    }
    assert!(!said.out.contains("6F07"), "{}", said.out);
    let said = polysim(&folder, &["ota", "unpack", made.out.trim()]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--keys"), "{}", said.err);
}

#[test]
fn a_changed_packet_and_other_keys_are_refused_with_exit_code_1() {
    let folder = folder("ota-changed");
    let made = pack(&folder, &["--script", "script.txt", "--json"]);
    let packet = json(&made)["packet"].as_str().unwrap().to_owned();
    let end = if packet.ends_with("00") { "01" } else { "00" };
    let changed = format!("{}{end}", &packet[..packet.len() - 2]);
    let unpack = ["ota", "unpack", "--json", "--keys", "keys.toml"];
    let said = polysim(&folder, &[&unpack[..], &[&changed]].concat());
    assert_eq!((said.code, &json(&said)["verdict"]), (1, &Value::from("refused")));
    assert_eq!(json(&said)["data"], Value::Null);
    let other = std::fs::read_to_string(folder.join("keys.toml")).unwrap();
    std::fs::write(folder.join("keys.toml"), other.replace("set = 1", "set = 2")).unwrap();
    let said = polysim(&folder, &[&unpack[..], &[&packet]].concat());
    assert_eq!((said.code, &json(&said)["verdict"]), (1, &Value::from("other-keys")));
    assert!(said.err.contains("key set 1"), "{}", said.err);
}

#[test]
fn a_proof_of_receipt_is_opened_however_it_is_secured() {
    let folder = folder("ota-proof");
    let file = include_str!("../../../tests/vectors/ota_por.json");
    let cases: Value = serde_json::from_str(file).unwrap();
    let mut seen = 0;
    for case in cases["cases"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = match text(&case["keyset"]["algo_crypt"]).as_str() {
            "triple_des_cbc2" => "3des",
            _ => "aes",
        };
        let key = |which: &str| format!("{name}:{}", text(&case["keyset"][which]));
        let variables = [("POLYSIM_OTA_KIC", key("kic")), ("POLYSIM_OTA_KID", key("kid"))];
        let variables = variables.each_ref().map(|(name, key)| (*name, key.as_str()));
        let packet = text(&case["response_packet_with_udh"]);
        let said = polysim_with(&folder, &["ota", "unpack", "--json", &packet], "", &variables);
        assert_eq!(said.code, 0, "{}: {}", case["name"], said.err);
        assert_eq!(text(&json(&said)["data"]).to_lowercase(), text(&case["secured_data"]));
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}

/// Made by another implementation: ciphered, and without a check.
const UNCHECKED_PROOF: &str = "02710000140ab000119ce1f93a6d5cd1173f3a240e405819f3";

#[test]
fn a_proof_that_is_ciphered_only_is_told_from_one_in_clear() {
    let folder = folder("ota-unchecked");
    let unpack = ["ota", "unpack", "--json", "--keys", "keys.toml"];
    let said = polysim(&folder, &[&unpack[..], &[UNCHECKED_PROOF]].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(json(&said)["data"], "029000");
    assert_eq!(json(&said)["secured"], "no check, ciphered");
    let clear = "027100000e0ab0001100000000070000029000";
    let said = polysim(&folder, &[&unpack[..], &[clear]].concat());
    assert_eq!(json(&said)["secured"], "no check, not ciphered");
}

#[test]
fn a_proof_with_a_redundancy_check_has_its_kind_in_kid() {
    let folder = folder("ota-kid");
    let made = pack(&folder, &["--security", "none", "--por-security", "rc", "00"]);
    assert!(made.out.contains("0005" /* SPI */) && made.out[10..14] == *"1205", "{}", made.out);
    let made = pack(&folder, &["--security", "rc", "--por-security", "cc", "00"]);
    assert_eq!(made.code, 2);
    assert!(made.err.contains("take rc or none"), "{}", made.err);
}

#[test]
fn wrong_arguments_are_an_object_too_where_programs_read() {
    let folder = folder("ota-arguments");
    let said = polysim(&folder, &["ota", "pack", "--json", "--tar", "usim"]);
    assert_eq!(said.code, 2);
    assert!(json(&said)["error"].as_str().unwrap().contains("--counter"), "{}", said.out);
    let said = polysim(&folder, &["card", "0", "write", "--json", "--imsi", "1"]);
    assert!(json(&said)["error"].as_str().unwrap().contains("--imsi"), "{}", said.out);
    let said = polysim(&folder, &["ota", "pack", "--tar", "usim"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert_eq!(polysim(&folder, &["ota", "--json", "--help"]).code, 0);
}

#[test]
fn errors_say_what_to_do_and_show_no_key() {
    let folder = folder("ota-errors");
    let wrong = format!("[[keys]]\nset = 1\nkic = \"aes:{KIC}\nkid = \"aes:{KID}\"\n");
    std::fs::write(folder.join("broken.toml"), wrong).unwrap();
    let short = format!("aes:{}", &KIC[..30]);
    let bare = "3des:zz".to_owned() + KIC;
    let tar = ["--tar", "usim", "--counter", "1", "00"];
    for (keys, expected) in [
        (&["--keys", "broken.toml"][..], "broken.toml, near line 3"),
        (&["--keys", "gone.toml"], "cannot read gone.toml"),
        (&["--kic", &short, "--kid", "aes:00"], "--kic: aes has 16, 24 or 32 octets"),
        (&["--kic", KIC, "--kid", KID], "a key is aes:HEX"),
        (&["--kic", &bare, "--kid", KID], "character 1 is no hexadecimal digit"),
        (&["--keys", "keys.toml", "--key-set", "9"], "key set 9 is not there; there are: 1"),
        (&["--keys", "keys.toml", "--security", "mac"], "it has cc, rc, none and cipher"),
        (&["--keys", "keys.toml", "--spi", "16"], "SPI has two octets, not 1"),
        (&[], "there are no keys: give --keys FILE"),
    ] {
        let said = polysim(&folder, &[&["ota", "pack"], keys, &tar].concat());
        assert_eq!(said.code, 2, "{keys:?}");
        assert!(said.err.contains(expected), "{expected}: {}", said.err);
        assert!(!said.err.contains(&KIC[..8]), "{}", said.err);
    }
    let said = polysim(&folder, &["ota", "explain", "--json", "0G"]);
    assert_eq!(
        (said.code, said.out.trim()),
        (2, r#"{"error":"character 2 is no hexadecimal digit"}"#)
    );
    assert!(pack(&folder, &[]).err.contains("--apdu"));
    let mode = std::os::unix::fs::PermissionsExt::from_mode;
    std::fs::set_permissions(folder.join("keys.toml"), mode(0o640)).unwrap();
    assert!(pack(&folder, &["00"]).err.contains("chmod 600 keys.toml"));
    std::fs::set_permissions(folder.join("keys.toml"), mode(0o600)).unwrap();
    assert_eq!(pack(&folder, &["00"]).err, "");
    assert!(pack(&folder, &["--apdu", "00A4"]).err.contains("command 1"));
}

#[test]
fn secrets_in_a_script_are_masked_unless_they_are_to_be_revealed() {
    let folder = folder("ota-masked");
    let made = pack(&folder, &["--apdu", "0020000108313233 34FFFFFFFF"]);
    let unpack = ["ota", "unpack", "--keys", "keys.toml", made.out.trim()];
    for format in [&[][..], &["--json"]] {
        let said = polysim(&folder, &[&unpack[..], format].concat());
        assert!(said.out.contains("VERIFY PIN"), "{}", said.out);
        assert!(!said.out.contains("31323334"), "{}", said.out);
    }
    let said = polysim(&folder, &[&unpack[..], &["--reveal"]].concat());
    assert!(said.out.contains("31323334"), "{}", said.out);
}

#[test]
fn every_message_of_the_vectors_is_decoded_without_a_flaw() {
    let folder = folder("cat-vectors");
    let file = include_str!("../../../tests/vectors/cat.json");
    let cases: Value = serde_json::from_str(file).unwrap();
    let messages: Vec<&str> = cases["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["kind"] != "terminal_profile")
        .filter_map(|case| case["hex"].as_str())
        .collect();
    assert!(messages.len() > 20, "{}", messages.len());
    let said = polysim_with(&folder, &["cat", "decode", "--json", "-"], &messages.join("\n"), &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    let decoded = json(&said);
    assert_eq!(decoded["messages"].as_array().unwrap().len(), messages.len());
}

#[test]
fn toolkit_messages_come_bare_in_apdus_or_with_a_status() {
    let folder = folder("cat-forms");
    let command = "D009810301260182028182";
    for (octets, expected) in [
        (command, "proactive command PROVIDE LOCAL INFORMATION"),
        (&format!("{command}9000"), "in the answer to FETCH, status 9000"),
        (
            "801400000C810301260182028281830100",
            "TERMINAL RESPONSE to PROVIDE LOCAL INFORMATION, in APDU",
        ),
        ("801000000300 00 80", "REFRESH"),
        ("910B", "a proactive command of 11 bytes waits"),
        ("801200000B", "FETCH, a proactive command of 11 octets"),
        ("990203 12", "Network rejection"),
        ("D60A 990103 82028281 9B0102", "No service"),
    ] {
        let said = polysim(&folder, &["cat", "decode", octets]);
        assert_eq!(said.code, 0, "{octets}: {}", said.err);
        assert!(said.out.contains(expected), "{expected}: {}", said.out);
    }
    let said = polysim(&folder, &["cat", "decode", "--as", "profile", "0000 80"]);
    assert!(said.out.contains("octet 3") && said.out.contains("REFRESH"), "{}", said.out);
}

#[test]
fn a_broken_message_is_shown_up_to_its_flaw_and_the_others_too() {
    let folder = folder("cat-broken");
    let said = polysim(&folder, &["cat", "decode", "D009810301218082028102"]);
    assert_eq!(said.code, 2);
    assert!(said.out.contains("DISPLAY TEXT"), "{}", said.out);
    assert!(said.err.contains("octet 11: object 0D (text string) is missing"), "{}", said.err);
    let said = polysim_with(&folder, &["cat", "decode", "-"], "FFFF\n910B\n", &[]);
    assert_eq!(said.code, 2);
    assert!(
        said.out.contains("910B") && said.err.contains("message 1"),
        "{}{}",
        said.out,
        said.err
    );
    let said = polysim(&folder, &["cat", "decode", "FFFF"]);
    assert!(said.err.contains("--as"), "{}", said.err);
}
