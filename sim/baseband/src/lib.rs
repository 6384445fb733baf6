//! The simulated modem: the device side of AT, one card slot, one radio
