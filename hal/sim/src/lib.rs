//! Simulated modems and cards as hardware.
