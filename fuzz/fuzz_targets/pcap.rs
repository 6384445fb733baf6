#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_hal::testkit::fuzz_pcap(data));
