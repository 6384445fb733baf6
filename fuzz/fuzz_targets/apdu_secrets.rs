#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_apdu::testkit::fuzz_apdu_secrets(data));
