#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_aka::testkit::fuzz_aka_autn(data));
