//! HTTPS: [`HttpClient`] is the [`Http`](polysim_hal::Http) of `reqwest` and `rustls`, and
//! [`HttpServer`] carries requests to an [`HttpService`](polysim_hal::HttpService) by `axum`.
//!
//! Whom to trust is always said: [`Roots`] holds the certificates that were given, and those of
//! the operating system are never looked at. Neither are proxies that the environment names.
//!
//! A server of remote SIM provisioning has a certificate by the rules of SGP.22, 4.5.2.1, whose
//! critical policies no library for the web accepts. Where a certificate says that it is one, it
//! is judged by those rules ([`polysim_rsp::pki::Trust`]); any other by the rules of the web.
//!
//! ```no_run
//! # async fn example(ci: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! use polysim_hal::{Http, HttpAddress, HttpRequest};
//! use polysim_hal_http::{HttpClient, HttpOptions, Roots};
//!
//! let mut roots = Roots::new();
//! roots.add(ci)?;
//! let client = HttpClient::new(&roots, HttpOptions::default())?;
//! let address = HttpAddress::secure("smdp.example.com")?;
//! let path = "/gsma/rsp2/es9plus/initiateAuthentication".to_owned();
//! let answer = client
//!     .post(HttpRequest { address, path, headers: Vec::new(), body: b"{}".to_vec() })
//!     .await?;
//! println!("{}", answer.status);
//! # Ok(())
//! # }
//! ```

mod client;
mod failure;
mod live;
mod roots;
mod server;
mod verifier;

pub use client::{ClientIdentity, HttpClient, HttpOptions, SetupError};
pub use live::{Ring, system_randomness};
pub use roots::{Roots, RootsError};
pub use server::{HttpServer, ServerIdentity, ServerIdentityError, ServerOptions};
