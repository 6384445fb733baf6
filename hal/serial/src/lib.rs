//! Modems on serial ports.
