//! The file system of one card: selection, reading and writing (TS 102.221, 8 and 11.1).

mod access;
mod binary;
mod delta;
mod describe;
mod lifecycle;
mod record;
mod search;
mod select;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use store::Store;
