//! A server by HTTPS, or in plain for this machine.

mod tls;

pub use tls::{ServerIdentity, ServerIdentityError};

use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use polysim_hal::{HTTP_BODY_MAX, HttpAnswer, HttpReceived, HttpService};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// How long a client may take for its handshake, for the head of a request, and for its body.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long connections have to end when the server does.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long nobody is accepted after the system had no room for one more.
const BREATH: Duration = Duration::from_millis(100);

/// How a server serves.
#[derive(Debug)]
pub struct ServerOptions {
    /// Its certificate and key; without it is plain HTTP, for this machine alone.
    pub tls: Option<ServerIdentity>,
    /// Most connections at a time; more wait until one ends.
    pub connections_max: usize,
    /// How long an answer may take.
    pub answer: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self { tls: None, connections_max: 1_024, answer: Duration::from_secs(30) }
    }
}

/// A server that listens. It takes POST alone.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
    options: ServerOptions,
}

impl HttpServer {
    /// Listens at an address; port 0 is any that is free.
    ///
    /// # Errors
    /// Those of the system; [`InvalidInput`](io::ErrorKind::InvalidInput) for plain HTTP where other
    /// machines could reach it.
    pub async fn bind(address: SocketAddr, options: ServerOptions) -> io::Result<Self> {
        if options.tls.is_none() && !address.ip().is_loopback() {
            let why = "plain HTTP is for this machine only: listen on 127.0.0.1 or [::1]";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = TcpListener::bind(address).await?;
        Ok(Self { address: listener.local_addr()?, listener, options })
    }

    /// Returns where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is over; requests that are under way then get their answer.
    pub async fn serve(self, service: Arc<dyn HttpService>, stop: impl Future<Output = ()>) {
        let Self { listener, options: ServerOptions { tls, connections_max, answer }, .. } = self;
        let router = Router::new()
            .route("/{*path}", post(handle))
            .with_state(Desk { service, patience: answer });
        let acceptor = tls.map(|identity| TlsAcceptor::from(identity.config));
        let room = Arc::new(Semaphore::new(connections_max));
        let graceful = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = accept(&listener, &room) => accepted,
            };
            let Ok((stream, permit)) = accepted else {
                tokio::time::sleep(BREATH).await;
                continue;
            };
            let (acceptor, router, watcher) =
                (acceptor.clone(), router.clone(), graceful.watcher());
            tokio::spawn(async move {
                converse(stream, acceptor, router, watcher).await;
                drop(permit);
            });
        }
        drop(listener);
        // Who does not end in time is left alone.
        drop(timeout(FAREWELL, graceful.shutdown()).await);
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    // It is never closed.
    let permit = Arc::clone(room).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

async fn converse(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    watcher: Watcher,
) {
    match acceptor {
        None => speak(stream, router, watcher).await,
        Some(acceptor) => {
            // Who does not get through the handshake is nobody.
            if let Ok(Ok(stream)) = timeout(PATIENCE, acceptor.accept(stream)).await {
                speak(stream, router, watcher).await;
            }
        }
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    watcher: Watcher,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // However it ended, it is over.
    drop(watcher.watch(connection).await);
}

#[derive(Clone)]
struct Desk {
    service: Arc<dyn HttpService>,
    patience: Duration,
}

async fn handle(State(desk): State<Desk>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length > HTTP_BODY_MAX) {
        return bare(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = match timeout(PATIENCE, to_bytes(body, HTTP_BODY_MAX)).await {
        Err(_) => return bare(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(_)) => return bare(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Ok(body)) => body.to_vec(),
    };
    let path = head.uri.path().to_owned();
    let received = HttpReceived { path, headers: headers(&head.headers), body };
    match timeout(desk.patience, desk.service.answer(received)).await {
        Err(_) => bare(StatusCode::SERVICE_UNAVAILABLE),
        Ok(answer) => response(answer),
    }
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    texts.collect()
}

fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn response(answer: HttpAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = status;
    let all = response.headers_mut();
    all.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            all.insert(name, value);
        }
    }
    response
}
