#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_ota::testkit::fuzz_ota_sender(data));
