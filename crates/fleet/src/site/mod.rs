//! The site: banks with cards, modems, and what passes between them, terminals and the exchange.

mod api;

pub use api::{SiteConfig, SiteInput, SiteModem, SiteOutput};
