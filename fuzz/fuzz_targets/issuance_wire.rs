#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_issuance::testkit::fuzz_issuance_wire(data));
