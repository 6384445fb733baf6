//! The real arm of the conformance suite: servers on this machine, by TLS and without.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod server;

use async_trait::async_trait;
use polysim_base::{Purpose, Stream};
use polysim_hal::testkit::{HttpHarness, http_conformance};
use polysim_hal::{Distrust, Http, HttpAddress, HttpErrorKind, HttpRequest};
use polysim_hal_http::{ClientIdentity, HttpClient, HttpOptions, Roots, RootsError};
use polysim_rsp::crypto::{PrivateKey, Randomness};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig, Template};
use polysim_rsp::pki::{Identity, Oid, Role, files};
use server::Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Makes certificates for the servers.
struct Office {
    authority: Authority,
    randomness: Randomness,
}

impl Office {
    fn new(seed: u64) -> Self {
        let mut randomness = Randomness::Simulated(Stream::derive(seed, 1, Purpose::Keys, 0));
        let config = AuthorityConfig { name: format!("CI {seed}"), ..AuthorityConfig::default() };
        Self { authority: Authority::new(&mut randomness, &config).unwrap(), randomness }
    }

    fn template(&self) -> Template {
        let oid = Oid::parse("2.999.10").unwrap();
        self.authority.server_template(Role::DpTls, &oid, "localhost")
    }

    /// Issues what is left of the certificate of a server after it was bent.
    fn issue(&mut self, bend: impl FnOnce(&mut Template)) -> Identity {
        let mut template = self.template();
        bend(&mut template);
        self.authority.issue(&mut self.randomness, &template).unwrap()
    }

    /// Has another sign with the name of this one.
    fn forge(&mut self) -> Identity {
        let (key, other) = (
            PrivateKey::generate(&mut self.randomness),
            PrivateKey::generate(&mut self.randomness),
        );
        let signed = self.template().sign(&key.public(), self.authority.root(), &other);
        Identity { certificate: signed.unwrap(), key }
    }

    fn roots(&self) -> Roots {
        let mut roots = Roots::new();
        assert_eq!(roots.add(self.authority.root().der()), Ok(1));
        roots
    }
}

fn options() -> HttpOptions {
    HttpOptions { whole: Duration::from_millis(1000), ..HttpOptions::default() }
}

struct Bench {
    roots: Roots,
    trusted: Vec<HttpAddress>,
    untrusted: Vec<(HttpAddress, Distrust)>,
    served: Arc<AtomicUsize>,
}

impl Bench {
    async fn new() -> Self {
        let served = Arc::new(AtomicUsize::new(0));
        let mut office = Office::new(1);
        let mut trusted = vec![Server::plain(&served).await];
        for good in [
            office.issue(|_| {}),
            office.issue(|template| template.policies_critical = true),
            office.issue(|template| template.policies.clear()),
            office.issue(|template| template.policies = vec![Role::DsTls]),
        ] {
            trusted.push(Server::secure(&served, &good, "localhost").await);
        }
        let by_address = office.issue(|template| template.server_name = Some("127.0.0.1".into()));
        trusted.push(Server::secure(&served, &by_address, "127.0.0.1").await);
        let mut untrusted = Vec::new();
        for web in [false, true] {
            for (bad, distrust) in bad_ones(&mut office, web) {
                untrusted.push((Server::secure(&served, &bad, "localhost").await, distrust));
            }
        }
        let forged = office.forge();
        untrusted
            .push((Server::secure(&served, &forged, "localhost").await, Distrust::BadSignature));
        let other = office.issue(|template| template.policies = vec![Role::DpAuth]);
        untrusted
            .push((Server::secure(&served, &other, "localhost").await, Distrust::WrongPurpose));
        Self { roots: office.roots(), trusted, untrusted, served }
    }
}

/// Certificates that are not to be trusted, by the rules of the web or those of SGP.22.
fn bad_ones(office: &mut Office, web: bool) -> Vec<(Identity, Distrust)> {
    let bend = |template: &mut Template| {
        if web {
            template.policies.clear();
        }
    };
    vec![
        (Office::new(2).issue(bend), Distrust::UnknownIssuer),
        (
            office.issue(|template| {
                bend(template);
                template.not_after = 1_600_000_000;
            }),
            Distrust::Expired,
        ),
        (
            office.issue(|template| {
                bend(template);
                template.not_before = 2_600_000_000;
            }),
            Distrust::NotYetValid,
        ),
        (
            office.issue(|template| {
                bend(template);
                template.server_name = Some("smdp.example.com".into());
            }),
            Distrust::WrongName,
        ),
        (
            office.issue(|template| {
                bend(template);
                template.policies_critical = !web;
                template.server_name = Some("smdp.example.com".into());
            }),
            Distrust::WrongName,
        ),
    ]
}

#[async_trait]
impl HttpHarness for Bench {
    async fn client(&mut self) -> Box<dyn Http> {
        Box::new(HttpClient::new(&self.roots, options()).unwrap())
    }

    fn servers(&self) -> Vec<HttpAddress> {
        self.trusted.clone()
    }

    fn nowhere(&self) -> HttpAddress {
        HttpAddress::secure("127.0.0.1:1").unwrap()
    }

    fn untrusted(&self) -> Vec<(HttpAddress, Distrust)> {
        self.untrusted.clone()
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_by_tls_and_without_conform() {
    http_conformance(&mut Bench::new().await).await;
}

async fn ask(client: &HttpClient, address: HttpAddress) -> Result<u16, HttpErrorKind> {
    let path = "/echo".to_owned();
    let request = HttpRequest { address, path, headers: Vec::new(), body: Vec::new() };
    client.post(request).await.map(|answer| answer.status).map_err(|error| *error.kind())
}

#[tokio::test]
async fn nobody_is_trusted_without_roots() {
    let (served, mut office) = (Arc::default(), Office::new(1));
    let client = HttpClient::new(&Roots::new(), options()).unwrap();
    for bend in [|_: &mut Template| {}, |template: &mut Template| template.policies.clear()] {
        let server = Server::secure(&served, &office.issue(bend), "localhost").await;
        let distrust = HttpErrorKind::Untrusted(Distrust::UnknownIssuer);
        assert_eq!(ask(&client, server).await, Err(distrust));
    }
}

#[tokio::test]
async fn a_server_that_wants_to_know_who_asks_is_told() {
    let (served, mut office) = (Arc::default(), Office::new(1));
    let own = office.issue(|template| template.policies.clear());
    let server = Server::curious(&served, &own, office.authority.root()).await;
    let client = HttpClient::new(&office.roots(), options()).unwrap();
    assert_eq!(ask(&client, server.clone()).await, Err(HttpErrorKind::TlsRefused));
    let asks = office.issue(|template| template.policies.clear());
    let chain = files::certificate_pem(&asks.certificate);
    let key = files::private_key_pem(&asks.key);
    let identity = ClientIdentity::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    assert!(!format!("{identity:?}").contains("secret"));
    let options = HttpOptions { identity: Some(identity), ..options() };
    let client = HttpClient::new(&office.roots(), options).unwrap();
    assert_eq!(ask(&client, server).await, Ok(200));
}

#[tokio::test]
async fn tls_to_a_server_that_has_none_is_garbled() {
    let server = Server::plain(&Arc::default()).await;
    let there = server.to_string().replace("http://", "");
    let client = HttpClient::new(&Office::new(1).roots(), options()).unwrap();
    let asked = ask(&client, HttpAddress::secure(&there).unwrap()).await;
    assert_eq!(asked, Err(HttpErrorKind::Garbled));
}

#[test]
fn roots_are_read_from_pem_and_der_and_from_nothing_else() {
    let (one, two) = (Office::new(1), Office::new(2));
    let pem = |office: &Office| files::certificate_pem(office.authority.root());
    let mut roots = Roots::new();
    assert!(roots.is_empty());
    assert_eq!(roots.add((pem(&one) + &pem(&two)).as_bytes()), Ok(2));
    assert!(!roots.is_empty());
    assert_eq!(roots.add(b"no certificate"), Err(RootsError::NoCertificate));
    let mut damaged = one.authority.root().der().to_vec();
    damaged.truncate(100);
    let mut none = Roots::new();
    assert!(matches!(none.add(&damaged), Err(RootsError::Damaged { .. })));
    assert_eq!(none.add(&vec![0; (1 << 20) + 1]), Err(RootsError::TooLong { len: (1 << 20) + 1 }));
    let half = pem(&one) + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(none.add(half.as_bytes()), Err(RootsError::Damaged { .. })));
    assert!(none.is_empty(), "of a file that cannot be read whole, nothing is taken");
}
