mod binding;
mod channel;
mod external;
mod histories;
mod orders;
mod world;

use super::Applet;

/// A simulated world holds a hundred thousand applets, nearly all of them idle.
#[test]
fn an_idle_applet_is_small() {
    let octets = size_of::<Applet>();
    assert!(octets <= 128, "{octets}");
}
