//! Server and devices together.

mod calls;
