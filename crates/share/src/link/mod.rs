//! A link over any stream of octets: Noise XX, numeric comparison of unknown devices, supervision.
