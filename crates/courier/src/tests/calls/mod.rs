//! Calls of several devices, over sessions that lose, double, delay and end.

mod histories;
mod log;
mod sentences;
mod world;
