#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| polysim_sms::testkit::fuzz_sms_pdu(data));
