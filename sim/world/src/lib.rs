//! Builds and runs a simulated world: phones, cards, networks, invariants
