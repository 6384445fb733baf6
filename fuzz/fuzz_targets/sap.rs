#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_share::sap::testkit::fuzz_sap(data));
