//! An authority's server: answers each request with the next of the replies that it was given, and
//! remembers what it was asked.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use tokio_stream::Stream;

/// How much of a reply's body is sent.
#[derive(Clone, Copy, Debug)]
enum Sent {
    Whole,
    /// So many bytes, and then the connection breaks.
    Cut(usize),
    /// So many bytes, and then nothing more, on an open connection.
    Stalled(usize),
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    /// Whether the head says how long the body is.
    is_announced: bool,
    sent: Sent,
}

impl Reply {
    /// A document.
    pub fn document(body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: Bytes::copy_from_slice(body),
            is_announced: true,
            sent: Sent::Whole,
        }
    }

    /// Nothing but a status.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::document(b"") }
    }

    /// A redirect.
    pub fn redirect(to: &str) -> Self {
        Self::status(302).with("location", to)
    }

    /// The bytes of a document from one on.
    pub fn part(body: &[u8], from: usize) -> Self {
        let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
        Self { status: 206, ..Self::document(&body[from..]) }.with("content-range", &range)
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a connection that breaks after so many bytes of the body.
    #[must_use]
    pub const fn cut(mut self, bytes: usize) -> Self {
        self.sent = Sent::Cut(bytes);
        self
    }

    /// With a connection that falls silent after so many bytes of the body.
    #[must_use]
    pub const fn stalled(mut self, bytes: usize) -> Self {
        self.sent = Sent::Stalled(bytes);
        self
    }

    /// Without saying before how long it is.
    #[must_use]
    pub const fn unannounced(mut self) -> Self {
        self.is_announced = false;
        self
    }

    fn response(self) -> Response {
        let length = self.body.len();
        let stream = |bytes, after| Body::from_stream(Piece { bytes: Some(bytes), after });
        let body = match self.sent {
            Sent::Whole if self.is_announced => Body::from(self.body),
            Sent::Whole => stream(self.body, After::End),
            Sent::Cut(bytes) => stream(self.body.slice(..bytes), After::Flush),
            Sent::Stalled(bytes) => stream(self.body.slice(..bytes), After::Silence),
        };
        let mut response = Response::builder().status(self.status);
        if self.is_announced {
            response = response.header("content-length", length);
        }
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        response.body(body).unwrap_or_default()
    }
}

/// What comes after the bytes of a body.
#[derive(Clone, Copy, Debug)]
enum After {
    End,
    /// The bytes go out, and then the connection breaks.
    Flush,
    Break,
    Silence,
}

/// A body that does not end as it should.
struct Piece {
    bytes: Option<Bytes>,
    after: After,
}

impl Stream for Piece {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(bytes)));
        }
        match self.after {
            After::End => Poll::Ready(None),
            // The server sends what it has when nothing more is ready.
            After::Flush => {
                self.after = After::Break;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            After::Break => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            After::Silence => Poll::Pending,
        }
    }
}

/// What the server was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
}

impl Asked {
    /// A header, if it was there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[derive(Debug, Default)]
struct Script {
    replies: VecDeque<Reply>,
    asked: Vec<Asked>,
}

/// A running server; it ends with the test.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Where it is, without a slash at the end.
    pub url: String,
    script: Arc<Mutex<Script>>,
}

impl Publisher {
    /// Starts a server that gives these replies, one after the other, whatever it is asked.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Result<Self> {
        let script = Script { replies: replies.into_iter().collect(), asked: Vec::new() };
        let script = Arc::new(Mutex::new(script));
        let app = Router::new().fallback(answer).with_state(script.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url, script })
    }

    /// What it was asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.script).asked.clone()
    }

    /// Gives it more replies.
    pub fn then(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.script).replies.extend(replies);
    }
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let mut script = lock(&script);
    let path = request.uri().path().to_owned();
    script.asked.push(Asked { path, headers: request.headers().clone() });
    // A request too many is a mistake of whoever asks, and must not look like success.
    script.replies.pop_front().unwrap_or_else(|| Reply::status(418)).response()
}
