//! What comes is read as what it is, and no address is told with it.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;

use super::*;

async fn answering(status: StatusCode, body: &'static str) -> Rpc {
    crate::install_crypto();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(post(move || async move { (status, body) }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Rpc::new(&format!("http://user:pass@{address}/v2/secret-key").into()).unwrap()
}

async fn refusal(status: StatusCode, body: &'static str) -> RpcError {
    let error = answering(status, body).await.chain_id().await.unwrap_err();
    let shown = error.to_string();
    assert!(!shown.contains("secret") && !shown.contains("pass"), "leaks: {shown}");
    error
}

#[tokio::test]
async fn an_answer_is_read() {
    let body = r#"{"jsonrpc":"2.0","id":1,"result":"0x7a69"}"#;
    assert_eq!(answering(StatusCode::OK, body).await.chain_id().await.unwrap(), 31_337);
}

#[tokio::test]
async fn each_wrong_answer_is_its_own_error() {
    let ok = StatusCode::OK;
    let e = refusal(ok, "<html>busy</html>").await;
    assert!(matches!(&e, RpcError::Malformed { reason, .. } if reason == "a web page"), "{e}");
    let e = refusal(ok, r#"{"jsonrpc":"2.0","id":2,"result":"0x1"}"#).await;
    assert!(matches!(&e, RpcError::Malformed { reason, .. } if reason.contains("id")), "{e}");
    let both = r#"{"jsonrpc":"2.0","id":1,"result":"0x1","error":{"code":1,"message":"x"}}"#;
    let e = refusal(ok, both).await;
    assert!(matches!(&e, RpcError::Malformed { reason, .. } if reason.contains("at once")), "{e}");
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"slow down"}}"#;
    let e = refusal(ok, error).await;
    assert!(matches!(e, RpcError::Busy { retry_after: None, .. }), "{e}");
    let e = refusal(ok, r#"{"jsonrpc":"2.0","id":1,"result":null}"#).await;
    assert!(matches!(e, RpcError::Nothing { .. }), "{e}");
    let e = refusal(ok, r#"{"jsonrpc":"2.0","id":1,"result":"#).await;
    assert!(matches!(e, RpcError::Malformed { .. }), "{e}");
    let e = refusal(StatusCode::TOO_MANY_REQUESTS, "").await;
    assert!(matches!(e, RpcError::Busy { .. }), "{e}");
    let e = refusal(StatusCode::TEMPORARY_REDIRECT, "").await;
    assert!(matches!(e, RpcError::Status { status: 307, .. }), "{e}");
}

#[tokio::test]
async fn a_dead_provider_is_named_without_its_path() {
    crate::install_crypto();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let rpc = Rpc::new(&format!("http://{address}/secret").into()).unwrap();
    let error = rpc.chain_id().await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("http://{address} did not answer")), "{error}");
    assert!(!error.contains("secret"), "{error}");
}
