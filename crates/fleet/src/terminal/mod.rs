//! The terminal: what a user calls and texts with.

mod api;

pub use api::{
    TerminalConfig, TerminalEvent, TerminalInput, TerminalOutput, TerminalWish, WishError,
};
