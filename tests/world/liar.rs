//! A node that does not say what is so: anvil behind a door that changes some of its answers.

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

/// Changes the answer to a question, both as JSON-RPC objects; or leaves it.
pub type Lie = Arc<dyn Fn(&Value, &mut Value) + Send + Sync>;

/// What the node's door knows of its house.
#[derive(Clone)]
struct House {
    url: String,
    client: reqwest::Client,
    lie: Lie,
}

/// Opens the door on a free port and gives its address; it closes with the runtime.
///
/// # Errors
/// No port can be had.
pub async fn open(
    url: &str,
    lie: impl Fn(&Value, &mut Value) + Send + Sync + 'static,
) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for a liar")?;
    let address = format!("http://{}/", listener.local_addr()?);
    let house = House { url: url.to_owned(), client: reqwest::Client::new(), lie: Arc::new(lie) };
    let app = Router::new().route("/", post(answer)).with_state(house);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn answer(State(house): State<House>, body: Bytes) -> impl IntoResponse {
    let json = [(header::CONTENT_TYPE, "application/json")];
    match house.ask(body).await {
        Ok(answer) => (StatusCode::OK, json, answer.to_string()),
        Err(error) => (StatusCode::BAD_GATEWAY, json, format!("{error:#}")),
    }
}

impl House {
    async fn ask(&self, body: Bytes) -> Result<Value> {
        let asked: Value = serde_json::from_slice(&body)?;
        let request = self.client.post(&self.url).header(header::CONTENT_TYPE, "application/json");
        let answer = request.body(body).send().await?.bytes().await?;
        let mut answer: Value = serde_json::from_slice(&answer)?;
        match (&asked, &mut answer) {
            (Value::Array(asked), Value::Array(answers)) => {
                for answer in answers {
                    if let Some(asked) = asked.iter().find(|asked| asked["id"] == answer["id"]) {
                        (self.lie)(asked, answer);
                    }
                }
            }
            (asked, answer) => (self.lie)(asked, answer),
        }
        Ok(answer)
    }
}
