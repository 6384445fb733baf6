#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_card::testkit::fuzz_card_es10(data));
