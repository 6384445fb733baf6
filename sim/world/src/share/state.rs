//! What can be asked of groups and of the phones in them.

/// What can be asked of a group that shares a virtual SIM.
pub const GROUP_STATE: &[(&str, &str)] = &[
    ("connected", "how many of its slaves are linked with the master"),
    ("epoch", "how many leases the master has granted"),
    ("holder", "the phone that is active or may be, as the master knows it; empty if none"),
    ("on_air", "the phone that the network really serves with the subscription, empty if none"),
    ("paired", "how many slaves are paired"),
    ("up", "whether the software of the master runs"),
];
