#![expect(clippy::print_stdout, reason = "the sizes are wanted")]

use super::rig::Setup;
use crate::Baseband;

#[test]
fn an_idle_device_is_small() {
    let parts = [
        ("device", size_of::<Baseband>()),
        ("queue", size_of::<polysim_base::Queue<crate::BasebandOutput>>()),
        ("core", size_of::<crate::core::Core>()),
        ("slot", size_of::<crate::card::Slot>()),
        ("subscription", size_of::<crate::card::Subscription>()),
        ("radio", size_of::<crate::radio::Radio>()),
        ("messages", size_of::<crate::sms::Messages>()),
        ("port", size_of::<crate::port::Port>()),
        ("settings", size_of::<crate::port::Settings>()),
        ("reader", size_of::<polysim_at::DeviceReader>()),
        ("last", size_of::<crate::port::LastLine>()),
    ];
    for (name, bytes) in parts {
        println!("{name}: {bytes}");
    }
    let mut rig = Setup::default().attached();
    rig.ok("AT+CREG?");
    println!("heap {}", rig.bb.heap_bytes());
    assert!(size_of::<Baseband>() + rig.bb.heap_bytes() <= 400);
}
