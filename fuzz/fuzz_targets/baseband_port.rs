#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_baseband::testkit::fuzz_baseband_port(data));
