//! What can be asked of the courier's server and of the phones of its devices.

/// What can be asked of the courier's server.
pub const COURIER_STATE: &[(&str, &str)] = &[
    ("calls", "how many calls it has put over data"),
    ("carrier", "how many calls it has left to the carrier"),
    ("codes", "how many codes it has sent"),
    ("connected", "how many devices are connected"),
    ("delivered", "how many copies of texts devices have taken"),
    ("devices", "how many devices are registered, linked ones included"),
    ("numbers", "how many numbers are registered"),
    ("stored", "how many texts it has stored"),
    ("up", "whether it runs"),
    ("waiting", "how many texts wait that no device of their recipients has"),
];
