#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_rsp::testkit::fuzz_rsp_package(data));
