//! Server and devices together.

mod calls;
mod rates;
