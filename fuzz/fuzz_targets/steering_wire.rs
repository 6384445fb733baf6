#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_steering::testkit::fuzz_steering_wire(data));
