#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_base::testkit::fuzz_tlv(data));
