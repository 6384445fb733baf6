//! A server of the suite: HTTP 1.1, as little of it as the suite needs.

use polysim_hal::testkit::{HttpTrial, TRIAL_HEADER, http_trial};
use polysim_hal::{HTTP_BODY_MAX, HttpAddress};
use polysim_rsp::pki::{Certificate, Identity, files};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// Starts servers, each on a port of its own, that live as long as the runtime.
pub(crate) struct Server;

impl Server {
    pub(crate) async fn plain(served: &Arc<AtomicUsize>) -> HttpAddress {
        let port = listen(served, None).await;
        HttpAddress::plain_here(&format!("127.0.0.1:{port}")).unwrap()
    }

    pub(crate) async fn secure(
        served: &Arc<AtomicUsize>,
        identity: &Identity,
        host: &str,
    ) -> HttpAddress {
        let port = listen(served, Some(config(identity, None))).await;
        HttpAddress::secure(&format!("{host}:{port}")).unwrap()
    }

    /// A server that speaks only to whom `issuer` has given a certificate.
    pub(crate) async fn curious(
        served: &Arc<AtomicUsize>,
        identity: &Identity,
        issuer: &Certificate,
    ) -> HttpAddress {
        let port = listen(served, Some(config(identity, Some(issuer)))).await;
        HttpAddress::secure(&format!("localhost:{port}")).unwrap()
    }
}

fn config(identity: &Identity, clients: Option<&Certificate>) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let key = files::private_key_pem(&identity.key);
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let chain = vec![CertificateDer::from(identity.certificate.der().to_vec())];
    // Not checked against each other: rustls does not read critical policies.
    let own = SingleCertAndKey::from(CertifiedKey::new(chain, key));
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(issuer) => {
            let mut store = RootCertStore::empty();
            store.add(CertificateDer::from(issuer.der().to_vec())).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
    };
    builder.with_cert_resolver(Arc::new(own))
}

async fn listen(served: &Arc<AtomicUsize>, tls: Option<ServerConfig>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
    let served = Arc::clone(served);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (acceptor, served) = (acceptor.clone(), Arc::clone(&served));
            tokio::spawn(async move {
                match acceptor {
                    // A handshake that the client breaks off is what some tests are about.
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            drop(serve(stream, &served).await);
                        }
                    }
                    None => drop(serve(stream, &served).await),
                }
            });
        }
    });
    port
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    served: &AtomicUsize,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if matches!(stream.read_line(&mut line).await, Ok(0)) {
            return Ok(());
        }
        let Some(path) = line.split(' ').nth(1).map(str::to_owned) else {
            return stream.write_all(b"HTTP/1.1 400 x\r\n\r\n").await;
        };
        let (mut length, mut trial) = (0, String::new());
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().unwrap();
            } else if name.eq_ignore_ascii_case(TRIAL_HEADER) {
                value.clone_into(&mut trial);
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        served.fetch_add(1, Ordering::Relaxed);
        if !answer(&mut stream, http_trial(&path, &trial, &body)).await? {
            return Ok(());
        }
    }
}

/// Answers, and returns whether the connection goes on.
async fn answer(stream: &mut (impl AsyncWrite + Unpin), trial: HttpTrial) -> io::Result<bool> {
    let (head, body) = match trial {
        HttpTrial::Answer(answer) => {
            let length = answer.body.len();
            (
                format!("HTTP/1.1 {} x\r\ncontent-length: {length}\r\n\r\n", answer.status),
                answer.body,
            )
        }
        HttpTrial::Elsewhere => (
            "HTTP/1.1 302 x\r\nlocation: /echo\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Vec::new(),
        ),
        HttpTrial::Endless => {
            // Without a length it goes on until the connection closes.
            ("HTTP/1.1 200 x\r\n\r\n".to_owned(), vec![0; HTTP_BODY_MAX + 1])
        }
        HttpTrial::Silence => std::future::pending().await,
        HttpTrial::BreakOff => {
            ("HTTP/1.1 200 x\r\ncontent-length: 100\r\n\r\n".to_owned(), b"not all".to_vec())
        }
    };
    let goes_on = head.contains("content-length") && body != b"not all";
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.flush().await?;
    Ok(goes_on)
}
