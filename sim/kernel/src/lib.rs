//! The deterministic kernel: virtual time, timer wheel, slabs, links, simulated disk, trace
