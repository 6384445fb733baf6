#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_share::testkit::fuzz_share_sim(data));
