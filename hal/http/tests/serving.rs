//! Our server, asked by our client and by clients that behave badly.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use async_trait::async_trait;
use polysim_hal::{
    HTTP_BODY_MAX, Http as _, HttpAddress, HttpAnswer, HttpErrorKind, HttpReceived, HttpRequest,
    HttpResponse, HttpService,
};
use polysim_hal_http::{
    HttpClient, HttpOptions, HttpServer, Roots, ServerIdentity, ServerOptions, system_randomness,
};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig};
use polysim_rsp::pki::{Oid, Role};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};

/// Answers with what it got; `/later` when it is told to.
struct Echo(Arc<Notify>);

#[async_trait]
impl HttpService for Echo {
    async fn answer(&self, request: HttpReceived) -> HttpAnswer {
        if request.path == "/later" {
            self.0.notified().await;
        }
        let kind = request.header("content-type").unwrap_or("none").to_owned();
        let body = [request.path.as_bytes(), b" ", kind.as_bytes(), b" ", &request.body].concat();
        HttpAnswer { status: 201, headers: vec![("X-Trial", "yes".to_owned())], body }
    }
}

struct Running {
    address: SocketAddr,
    later: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<()>,
}

async fn start(options: ServerOptions) -> Running {
    let server = HttpServer::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    let (address, later) = (server.address(), Arc::new(Notify::new()));
    let (stop, stopped) = oneshot::channel();
    let service = Arc::new(Echo(Arc::clone(&later)));
    let stopped = async {
        if stopped.await.is_err() {
            // Nobody is there to stop it.
            std::future::pending::<()>().await;
        }
    };
    let task = tokio::spawn(server.serve(service, stopped));
    Running { address, later, stop: Some(stop), task }
}

async fn plain() -> Running {
    start(ServerOptions::default()).await
}

fn client(roots: &Roots) -> HttpClient {
    HttpClient::new(roots, HttpOptions::default()).unwrap()
}

fn request(address: HttpAddress, path: &str) -> HttpRequest {
    let headers = vec![("Content-Type", "text/plain".to_owned())];
    HttpRequest { address, path: path.to_owned(), headers, body: b"body".to_vec() }
}

fn here(address: SocketAddr) -> HttpAddress {
    HttpAddress::plain_here(&address.to_string()).unwrap()
}

/// Sends octets as they are, and returns what comes until the server closes.
async fn raw(address: SocketAddr, octets: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(octets).await.unwrap();
    let mut answer = Vec::new();
    // A server that has read enough may reset the connection behind its answer.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_request_and_its_answer_pass_whole_by_tls_and_without() {
    let mut randomness = system_randomness();
    let authority = Authority::new(&mut randomness, &AuthorityConfig::default()).unwrap();
    let oid = Oid::parse("2.999.10").unwrap();
    let mut template = authority.server_template(Role::DpTls, &oid, "localhost");
    template.policies_critical = true;
    let identity = authority.issue(&mut randomness, &template).unwrap();
    let tls = Some(ServerIdentity::new(&identity).unwrap());
    let secure = start(ServerOptions { tls, ..ServerOptions::default() }).await;
    let mut roots = Roots::new();
    roots.add(authority.root().der()).unwrap();
    let there = HttpAddress::secure(&format!("localhost:{}", secure.address.port())).unwrap();
    for address in [there, here(plain().await.address)] {
        let answer = client(&roots).post(request(address, "/a/b")).await.unwrap();
        let body = b"/a/b text/plain body".to_vec();
        assert_eq!(answer, HttpResponse { status: 201, body });
    }
}

#[tokio::test]
async fn plain_http_does_not_leave_this_machine() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let refused = HttpServer::bind(everywhere, ServerOptions::default()).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn what_is_no_post_and_what_is_too_long_is_refused() {
    let address = plain().await.address;
    let get = raw(address, b"GET /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(get.starts_with("HTTP/1.1 405 "), "{get}");
    let length = HTTP_BODY_MAX + 1;
    let head = format!("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
    let long = raw(address, head.as_bytes()).await;
    assert!(long.starts_with("HTTP/1.1 413 "), "{long}");
    let garbage = raw(address, b"\x16\x03\x01 what is this\r\n\r\n").await;
    assert!(garbage.starts_with("HTTP/1.1 400 "), "{garbage}");
}

#[tokio::test]
async fn a_server_that_stops_answers_first() {
    let mut running = plain().await;
    let client = client(&Roots::new());
    let address = here(running.address);
    let asked = tokio::spawn({
        let (client, address) = (client.clone(), address.clone());
        async move { client.post(request(address, "/later")).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.take().unwrap().send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let refused = client.post(request(address, "/a")).await.unwrap_err();
    assert_eq!(*refused.kind(), HttpErrorKind::Unreachable);
    running.later.notify_one();
    assert_eq!(asked.await.unwrap().unwrap().status, 201);
    running.task.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_none() {
    let answer = Duration::from_millis(50);
    let running = start(ServerOptions { answer, ..ServerOptions::default() }).await;
    let answer = client(&Roots::new()).post(request(here(running.address), "/later")).await;
    assert_eq!(answer.unwrap().status, 503);
}

#[tokio::test]
async fn whoever_comes_when_the_server_is_full_waits_until_somebody_leaves() {
    let running = start(ServerOptions { connections_max: 1, ..ServerOptions::default() }).await;
    let first = TcpStream::connect(running.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let head = b"POST /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let second = tokio::spawn(raw(running.address, head));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished());
    drop(first);
    assert!(second.await.unwrap().starts_with("HTTP/1.1 201 "));
}
