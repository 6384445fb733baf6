//! eSIM: profiles on an eUICC, and the server that they come from.

mod credentials;

pub use credentials::{Credentials, CredentialsError};
