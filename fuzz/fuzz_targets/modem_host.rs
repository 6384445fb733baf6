#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_modem::testkit::fuzz_modem_host(data));
