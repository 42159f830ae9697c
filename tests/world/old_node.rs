//! A node as many still are: anvil behind a door that knows no `eth_simulateV1`.

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the node's door knows of its house.
#[derive(Clone)]
struct House {
    url: String,
    client: reqwest::Client,
}

/// Opens the door on a free port and gives its address; it closes with the runtime.
///
/// # Errors
/// No port can be had.
pub async fn open(url: &str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for an old node")?;
    let address = format!("http://{}/", listener.local_addr()?);
    let house = House { url: url.to_owned(), client: reqwest::Client::new() };
    let app = Router::new().route("/", post(answer)).with_state(house);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

async fn answer(State(house): State<House>, body: Bytes) -> impl IntoResponse {
    let json = [(header::CONTENT_TYPE, "application/json")];
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if asked["method"] == "eth_simulateV1" {
        let error = json!({ "code": -32601, "message": "the method does not exist" });
        let answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
        return (StatusCode::OK, json, answer.to_string().into_bytes());
    }
    let request = house.client.post(&house.url).header(header::CONTENT_TYPE, "application/json");
    match request.body(body).send().await {
        Ok(answer) => match answer.bytes().await {
            Ok(bytes) => (StatusCode::OK, json, bytes.to_vec()),
            Err(_) => (StatusCode::BAD_GATEWAY, json, Vec::new()),
        },
        Err(_) => (StatusCode::BAD_GATEWAY, json, Vec::new()),
    }
}
