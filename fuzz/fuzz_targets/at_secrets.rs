#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_at::testkit::fuzz_at_secrets(data));
