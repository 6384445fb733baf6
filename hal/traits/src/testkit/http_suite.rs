//! The contract of [`Http`].

use super::step::{fails, for_a_moment, succeeds};
use crate::{Distrust, HTTP_BODY_MAX, Http, HttpAddress, HttpErrorKind, HttpRequest, HttpResponse};
use async_trait::async_trait;

/// The header that a server on trial sends back.
pub const TRIAL_HEADER: &str = "x-trial";

/// What a server on trial does with a request.
#[derive(Debug, Eq, PartialEq)]
pub enum HttpTrial {
    /// It answers.
    Answer(HttpResponse),
    /// It answers that what is asked for is at `/echo`, with status 302.
    Elsewhere,
    /// It announces and sends more than [`HTTP_BODY_MAX`] octets.
    Endless,
    /// It never answers.
    Silence,
    /// It breaks off within its answer.
    BreakOff,
}

/// Returns what a server on trial does with a request: every server of a harness does that.
#[must_use]
pub fn http_trial(path: &str, trial_header: &str, body: &[u8]) -> HttpTrial {
    match path {
        "/echo" => {
            let body = [trial_header.as_bytes(), b"\n", body].concat();
            HttpTrial::Answer(HttpResponse { status: 200, body })
        }
        "/elsewhere" => HttpTrial::Elsewhere,
        "/endless" => HttpTrial::Endless,
        "/silence" => HttpTrial::Silence,
        "/break-off" => HttpTrial::BreakOff,
        other => {
            let status = other.strip_prefix("/status/").and_then(|code| code.parse().ok());
            let body = b"as asked".to_vec();
            HttpTrial::Answer(HttpResponse { status: status.unwrap_or(404), body })
        }
    }
}

/// A client, and servers that do as [`http_trial`] says.
#[async_trait]
pub trait HttpHarness: Send {
    /// Returns the client. Its patience is two seconds at most.
    async fn client(&mut self) -> Box<dyn Http>;

    /// Returns addresses of servers that are trusted: one for each way to speak to one.
    fn servers(&self) -> Vec<HttpAddress>;

    /// Returns an address where nobody is.
    fn nowhere(&self) -> HttpAddress;

    /// Returns addresses of servers that are not to be trusted, and why.
    fn untrusted(&self) -> Vec<(HttpAddress, Distrust)>;

    /// Returns how many requests have reached any server.
    fn served(&self) -> usize;
}

/// Checks the contract of [`Http`] on the client of a harness.
///
/// # Panics
/// When the contract does not hold.
pub async fn http_conformance(harness: &mut dyn HttpHarness) {
    let client = harness.client().await;
    let client = client.as_ref();
    for server in harness.servers() {
        a_request_arrives_whole(client, &server).await;
        statuses_are_told_and_nobody_is_followed(client, &server).await;
        answers_without_end_have_one(client, &server).await;
        a_client_is_patient_and_not_for_ever(client, &server).await;
        a_dropped_request_harms_no_other(client, &server).await;
        two_ask_together(client, &server).await;
        let before = harness.served();
        what_is_too_long_or_no_request_stays_here(client, &server).await;
        assert_eq!(harness.served(), before, "{server}: what cannot be sent was sent");
        let before = harness.served();
        fails("an answer that breaks off", client.post(request(&server, "/break-off"))).await;
        assert_eq!(harness.served(), before + 1, "{server}: a request is sent once");
    }
    let step = "a server that is not there";
    let kind = fails(step, client.post(request(&harness.nowhere(), "/echo"))).await;
    assert_eq!(kind, HttpErrorKind::Unreachable, "{step}");
    let before = harness.served();
    for (server, distrust) in harness.untrusted() {
        let step = format!("{server}, which is not to be trusted");
        let kind = fails(&step, client.post(request(&server, "/echo"))).await;
        assert_eq!(kind, HttpErrorKind::Untrusted(distrust), "{step}");
    }
    assert_eq!(harness.served(), before, "a server that is not to be trusted was asked");
}

fn request(server: &HttpAddress, path: &str) -> HttpRequest {
    let headers = vec![(TRIAL_HEADER, "a value".to_owned())];
    HttpRequest { address: server.clone(), path: path.to_owned(), headers, body: vec![1, 2, 3] }
}

async fn a_request_arrives_whole(client: &dyn Http, server: &HttpAddress) {
    let every: Vec<u8> = (0..=255).collect();
    for body in [Vec::new(), every.clone(), every.repeat(4096)] {
        let step = format!("{server}: an echo of {} octets", body.len());
        let asked = HttpRequest { body: body.clone(), ..request(server, "/echo") };
        let answer = succeeds(&step, client.post(asked)).await;
        assert_eq!(answer.status, 200, "{step}");
        let whole = answer.body == [b"a value\n".as_slice(), &body].concat();
        assert!(whole, "{step}: header and body come back");
    }
}

async fn statuses_are_told_and_nobody_is_followed(client: &dyn Http, server: &HttpAddress) {
    for status in [200, 400, 404, 500, 503] {
        let step = format!("{server}: status {status}");
        let answer =
            succeeds(&step, client.post(request(server, &format!("/status/{status}")))).await;
        assert_eq!(answer, HttpResponse { status, body: b"as asked".to_vec() }, "{step}");
    }
    let step = format!("{server}: what is elsewhere");
    let answer = succeeds(&step, client.post(request(server, "/elsewhere"))).await;
    assert_eq!(answer.status, 302, "{step}");
}

async fn answers_without_end_have_one(client: &dyn Http, server: &HttpAddress) {
    let step = format!("{server}: an answer that is too long");
    let kind = fails(&step, client.post(request(server, "/endless"))).await;
    assert_eq!(kind, HttpErrorKind::TooLong { limit: HTTP_BODY_MAX }, "{step}");
    let step = format!("{server}: an answer that breaks off");
    let kind = fails(&step, client.post(request(server, "/break-off"))).await;
    assert_eq!(kind, HttpErrorKind::Garbled, "{step}");
}

async fn a_client_is_patient_and_not_for_ever(client: &dyn Http, server: &HttpAddress) {
    let step = format!("{server}: a server that says nothing");
    let kind = fails(&step, client.post(request(server, "/silence"))).await;
    assert_eq!(kind, HttpErrorKind::Timeout, "{step}");
}

async fn a_dropped_request_harms_no_other(client: &dyn Http, server: &HttpAddress) {
    for round in 0..4 {
        drop(for_a_moment(round, client.post(request(server, "/silence"))).await);
        let step = format!("{server}: a request after one that was dropped");
        let answer = succeeds(&step, client.post(request(server, "/echo"))).await;
        assert_eq!(answer.body, b"a value\n\x01\x02\x03", "{step}");
    }
}

async fn two_ask_together(client: &dyn Http, server: &HttpAddress) {
    let step = format!("{server}: two requests together");
    let ask = |path| succeeds(&step, client.post(request(server, path)));
    let (one, two) = tokio::join!(ask("/status/201"), ask("/status/202"));
    assert_eq!((one.status, two.status), (201, 202), "{step}");
}

async fn what_is_too_long_or_no_request_stays_here(client: &dyn Http, server: &HttpAddress) {
    let step = format!("{server}: a body that is too long");
    let asked = HttpRequest { body: vec![0; HTTP_BODY_MAX + 1], ..request(server, "/echo") };
    let kind = fails(&step, client.post(asked)).await;
    assert_eq!(kind, HttpErrorKind::TooLong { limit: HTTP_BODY_MAX }, "{step}");
    for path in ["", "echo", "/a b", "/a\r\nb", "/echo?a", "/echo#a"] {
        let step = format!("{server}: the path {path:?}");
        let kind = fails(&step, client.post(request(server, path))).await;
        assert_eq!(kind, HttpErrorKind::BadRequest, "{step}");
    }
    let step = format!("{server}: a header of two lines");
    let headers = vec![(TRIAL_HEADER, "a\r\nb: c".to_owned())];
    let kind = fails(&step, client.post(HttpRequest { headers, ..request(server, "/echo") })).await;
    assert_eq!(kind, HttpErrorKind::BadRequest, "{step}");
}
