//! eSIM: profiles on an eUICC, and the server that they come from.

mod credentials;
pub mod server;
mod servers;

pub use credentials::{Credentials, CredentialsError};
pub use servers::Servers;
