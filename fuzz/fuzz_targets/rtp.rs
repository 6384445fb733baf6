#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_speech::testkit::fuzz_rtp(data));
