//! A server within the process.

use crate::{HTTP_BODY_MAX, Http, HttpError, HttpErrorKind, HttpRequest, HttpResponse};
use async_trait::async_trait;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// How long a [`ServedHttp`] waits for its server, in tokio time.
pub const SERVED_PATIENCE: Duration = Duration::from_secs(1);

type Served = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpErrorKind>> + Send>>;

/// An [`Http`] whose servers are a function of a test: it is given each request, and answers it or
/// says what goes wrong.
pub struct ServedHttp {
    serve: Box<dyn Fn(HttpRequest) -> Served + Send + Sync>,
}

impl ServedHttp {
    /// Returns a client of servers that do what `serve` says.
    pub fn new<F>(serve: impl Fn(HttpRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<HttpResponse, HttpErrorKind>> + Send + 'static,
    {
        Self { serve: Box::new(move |request| Box::pin(serve(request))) }
    }
}

impl fmt::Debug for ServedHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServedHttp").finish_non_exhaustive()
    }
}

#[async_trait]
impl Http for ServedHttp {
    async fn post(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let place = request.address.to_string();
        let served = async {
            request.check()?;
            let answer = tokio::time::timeout(SERVED_PATIENCE, (self.serve)(request)).await;
            match answer {
                Err(_) => Err(HttpErrorKind::Timeout),
                Ok(Ok(answer)) if answer.body.len() > HTTP_BODY_MAX => {
                    Err(HttpErrorKind::TooLong { limit: HTTP_BODY_MAX })
                }
                Ok(done) => done,
            }
        };
        served.await.map_err(|kind| HttpError::new(kind, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{HttpHarness, HttpTrial, http_conformance, http_trial};
    use crate::{Distrust, HttpAddress};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Servers within the process. What a wire brings with it, a kind of error stands for.
    struct Office(Arc<AtomicUsize>);

    #[async_trait]
    impl HttpHarness for Office {
        async fn client(&mut self) -> Box<dyn Http> {
            let served = Arc::clone(&self.0);
            Box::new(ServedHttp::new(move |request| {
                let served = Arc::clone(&served);
                async move {
                    if request.address.host() == "nobody" {
                        return Err(HttpErrorKind::Unreachable);
                    }
                    if request.address.host() == "foreign" {
                        return Err(HttpErrorKind::Untrusted(Distrust::UnknownIssuer));
                    }
                    served.fetch_add(1, Ordering::Relaxed);
                    let header = &request.headers[0].1;
                    match http_trial(&request.path, header, &request.body) {
                        HttpTrial::Answer(answer) => Ok(answer),
                        HttpTrial::Elsewhere => Ok(HttpResponse { status: 302, body: Vec::new() }),
                        HttpTrial::Endless => {
                            Ok(HttpResponse { status: 200, body: vec![0; HTTP_BODY_MAX + 1] })
                        }
                        HttpTrial::Silence => std::future::pending().await,
                        HttpTrial::BreakOff => Err(HttpErrorKind::Garbled),
                    }
                }
            }))
        }

        fn servers(&self) -> Vec<HttpAddress> {
            vec![
                HttpAddress::secure("smdp.example").unwrap(),
                HttpAddress::plain_here("localhost:80").unwrap(),
            ]
        }

        fn nowhere(&self) -> HttpAddress {
            HttpAddress::secure("nobody").unwrap()
        }

        fn untrusted(&self) -> Vec<(HttpAddress, Distrust)> {
            vec![(HttpAddress::secure("foreign").unwrap(), Distrust::UnknownIssuer)]
        }

        fn served(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn servers_within_the_process_conform() {
        http_conformance(&mut Office(Arc::default())).await;
    }
}
