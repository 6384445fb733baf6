use super::*;
use crate::crypto::SharedSecret;

const VECTORS: &str = include_str!("../../../../../tests/vectors/esim_bound_package.json");

fn hex(value: &serde_json::Value) -> Vec<u8> {
    parse_hex(value.as_str().unwrap().as_bytes()).unwrap()
}

fn keys(octets: &[u8]) -> SessionKeys {
    SessionKeys::from_request(&crate::data::ReplaceSessionKeysRequest {
        initial_mac_chaining_value: octets[..16].to_vec().into(),
        ppk_enc: octets[16..32].to_vec().into(),
        ppk_cmac: octets[32..].to_vec().into(),
    })
    .unwrap()
}

#[test]
fn session_keys_are_those_that_another_library_derives() {
    let file: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    let secret: SharedSecret = key(7).agree(&key(8).public());
    assert_eq!(secret.as_bytes()[..], hex(&file["shared_secret"])[..]);
    let derived = SessionKeys::derive(&secret, &hex(&file["host_id"]), &eid());
    assert!(derived == keys(&hex(&file["session_keys"])));
}

#[test]
fn packages_are_those_that_another_writer_writes_and_are_read() {
    let file: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let expected = hex(&case["package"]);
        let encoded = hex(&case["metadata"]);
        let request: StoreMetadataRequest = decode("metadata", &encoded).unwrap();
        assert_eq!(encode(&request), encoded);
        let octets = profile(usize::try_from(case["profile_length"].as_u64().unwrap()).unwrap());
        let ppk = case["ppk"].is_string().then(|| keys(&hex(&case["ppk"])));
        let (own, euicc, signer) = (key(7), key(8).public(), key(9));
        let package = BppBuilder {
            transaction_id: &TRANSACTION,
            host_id: &hex(&file["host_id"]),
            eid: &eid(),
            one_time_key: &own,
            euicc_one_time_key: &euicc,
            signer: &signer,
            configure: &ConfigureIsdpRequest::default(),
            metadata: &request,
            profile: &octets,
            profile_keys: ppk.as_ref(),
        };
        assert!(package.build() == Ok(expected.clone()), "{}", case["name"]);
        let commands = install(&expected, binding()).unwrap();
        assert_eq!(elements(&commands), octets, "{}", case["name"]);
        assert!(commands.contains(&Command::StoreMetadata(std::boxed::Box::new(request))));
    }
}

#[test]
fn a_package_of_a_server_that_pads_beyond_the_limit_is_read() {
    let file: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    let package = hex(&file["package_of_1036_octet_segments"]);
    let longest = segments(&package).unwrap().iter().map(|segment| segment.len()).max();
    assert_eq!(longest, Some(SEGMENT_RECEIVED_MAX));
    assert_eq!(elements(&install(&package, binding()).unwrap()), profile(2_500));
}
