//! A real receiver for tests, over real sockets: well, refusing, mute, or not there.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Answers with a status, and a header if there is one.
    Status(u16, Option<(HeaderName, String)>),
    /// Takes it, and never answers.
    Mute,
}

impl From<u16> for Answer {
    fn from(status: u16) -> Self {
        Self::Status(status, None)
    }
}

#[derive(Debug, Default)]
struct Inner {
    /// The next answers; 200 when there are no more.
    answers: VecDeque<Answer>,
    /// Alerts that are refused for ever.
    poison: Vec<String>,
    got: Vec<(HeaderMap, Bytes)>,
}

/// A receiver and what it got.
#[derive(Clone, Debug, Default)]
pub(crate) struct Receiver(Arc<Mutex<Inner>>);

impl Receiver {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Listens somewhere; ends when it is told to.
    pub(crate) async fn at(&self, address: SocketAddr) -> (String, JoinHandle<()>) {
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(take)).with_state(self.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (url, serving)
    }

    /// One that listens; its next answers.
    pub(crate) async fn listening(
        answers: impl IntoIterator<Item = impl Into<Answer>>,
    ) -> (Self, String) {
        crate::install_crypto();
        let receiver = Self::default();
        receiver.then(answers);
        let (url, _) = receiver.at(([127, 0, 0, 1], 0).into()).await;
        (receiver, url)
    }

    /// Its next answers.
    pub(crate) fn then(&self, answers: impl IntoIterator<Item = impl Into<Answer>>) {
        self.inner().answers.extend(answers.into_iter().map(Into::into));
    }

    /// Refuses whatever is of an alert.
    pub(crate) fn refuse(&self, alert: String) {
        self.inner().poison.push(alert);
    }

    pub(crate) fn count(&self) -> usize {
        self.inner().got.len()
    }

    pub(crate) fn got(&self) -> Vec<(HeaderMap, Bytes)> {
        self.inner().got.clone()
    }

    /// The ids, in the order in which they came.
    pub(crate) fn ids(&self) -> Vec<String> {
        let id = |headers: &HeaderMap| headers["webhook-id"].to_str().unwrap().to_owned();
        self.inner().got.iter().map(|(headers, _)| id(headers)).collect()
    }

    /// The numbers, in the order in which they came.
    pub(crate) fn seqs(&self) -> Vec<i64> {
        let seq = |body: &Bytes| json(body)["data"]["seq"].as_i64().unwrap();
        self.inner().got.iter().map(|(_, body)| seq(body)).collect()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let alert = json(&body)["data"]["alert"]["id"].as_str().unwrap_or_default().to_owned();
    let answer = {
        let mut inner = receiver.inner();
        inner.got.push((headers, body));
        if inner.poison.contains(&alert) {
            Answer::from(400)
        } else {
            inner.answers.pop_front().unwrap_or(Answer::from(200))
        }
    };
    match answer {
        Answer::Mute => std::future::pending().await,
        Answer::Status(status, header) => {
            let headers: HeaderMap =
                header.map(|(name, value)| (name, value.parse().unwrap())).into_iter().collect();
            (StatusCode::from_u16(status).unwrap(), headers).into_response()
        }
    }
}

pub(crate) fn json(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).unwrap_or_default()
}
