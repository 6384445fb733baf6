//! The SIM Access Profile (Bluetooth SIG, version 1.1): messages, client and server.
