#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_cat::testkit::fuzz_cat(data));
