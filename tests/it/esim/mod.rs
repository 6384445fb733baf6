//! A download between a profile assistant, an eUICC and an SM-DP+, each the real machine, by APDUs and
//! by the messages of ES9+.

mod cuts;
mod refusals;
mod world;
