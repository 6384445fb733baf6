#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_rsp::saip::testkit::fuzz_saip_package(data));
