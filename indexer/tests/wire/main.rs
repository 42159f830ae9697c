//! Faults of the transport with real bytes over real sockets (F24, F27 to F30): each ends as an
//! error that says what happened, in bounded time and memory, and never as an answer.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use interdict_indexer::chain::rpc::{Rpc, RpcError};
use interdict_indexer::chain::transport::{Http, Manner as How, Proxy};

use server::{Manner, Server, bomb, head, whole};

/// Most of a body that is read here, in bytes.
const BODY_MAX_BYTES: usize = 1 << 20;
/// Time for a request whose answer comes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(15);
/// Time for a request whose answer never does.
const TIMEOUT: Duration = Duration::from_millis(300);
const ANSWER: &[u8] = br#"{"jsonrpc":"2.0","id":1,"result":"0x7a69"}"#;

fn rpc(url: &str, timeout: Duration) -> Rpc {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let how = How { timeout, body_max_bytes: BODY_MAX_BYTES, proxy: Proxy::Never };
    let http = Http::new(format!("{url}/secret-key").into(), how).unwrap();
    Rpc::over(Arc::new(http), url.to_owned())
}

async fn asked(url: &str) -> Result<u64, RpcError> {
    asked_within(PATIENCE, url).await
}

async fn asked_within(timeout: Duration, url: &str) -> Result<u64, RpcError> {
    let began = Instant::now();
    let result = rpc(url, timeout).chain_id().await;
    assert!(began.elapsed() < Duration::from_secs(20), "it takes {:?}", began.elapsed());
    result
}

async fn refused(manner: Manner) -> RpcError {
    refused_within(PATIENCE, manner).await
}

async fn refused_within(timeout: Duration, manner: Manner) -> RpcError {
    let server = Server::with(manner).await;
    let error = asked_within(timeout, &format!("http://{}", server.address)).await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "leaks: {error}");
    error
}

async fn times_out(manner: Manner) {
    let error = refused_within(TIMEOUT, manner).await;
    let RpcError::Transport { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("timed out"), "{reason:?}");
}

async fn breaks_off(manner: Manner, expected: &str) {
    let error = refused(manner).await;
    let RpcError::Transport { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains(expected), "{reason:?}, expected {expected:?}");
}

async fn is_malformed(body: &[u8], expected: &str) {
    let error = refused(Manner::Sends(whole(body))).await;
    let RpcError::Malformed { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains(expected), "{reason:?}, expected {expected:?}");
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    [head(ANSWER.len(), ""), bytes.to_vec()].concat()
}

#[tokio::test]
async fn an_honest_answer_is_read() {
    let server = Server::with(Manner::Sends(whole(ANSWER))).await;
    assert_eq!(asked(&format!("http://{}", server.address)).await.unwrap(), 31_337);
    // Also byte by byte, as long as it is within the time.
    let slow = Manner::Trickles(whole(ANSWER), Duration::from_micros(10));
    let server = Server::with(slow).await;
    assert_eq!(asked(&format!("http://{}", server.address)).await.unwrap(), 31_337);
}

#[tokio::test]
async fn f24_a_web_page_is_no_answer() {
    is_malformed(b"<!doctype html><p>busy</p>", "a web page").await;
}

#[tokio::test]
async fn f24_bytes_that_are_no_text_are_no_answer() {
    is_malformed(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xc3\x28\"}", "").await;
}

#[tokio::test]
async fn f24_deep_nesting_is_no_answer() {
    let deep = "[".repeat(500_000);
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{deep}"#);
    is_malformed(body.as_bytes(), "").await;
    let shut = "]".repeat(500_000);
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{deep}{shut}}}"#);
    is_malformed(body.as_bytes(), "").await;
}

#[tokio::test]
async fn f27_a_connection_that_is_refused() {
    let address = Server::with(Manner::Stalls(vec![])).await.address;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let unused = listener.local_addr().unwrap();
    drop(listener);
    assert_ne!(address, unused);
    let error = asked(&format!("http://{unused}")).await.unwrap_err();
    assert!(matches!(&error, RpcError::Transport { reason, .. } if reason.contains("refused")));
}

#[tokio::test]
async fn f27_a_reset_in_the_middle_of_a_body() {
    breaks_off(Manner::Resets(cut(&ANSWER[..20])), "").await;
}

#[tokio::test]
async fn f27_a_reset_before_anything() {
    breaks_off(Manner::Resets(vec![]), "").await;
}

#[tokio::test]
async fn f27_a_server_that_does_not_speak_tls() {
    let server = Server::with(Manner::Sends(whole(ANSWER))).await;
    let error = asked(&format!("https://{}", server.address)).await.unwrap_err();
    assert!(matches!(error, RpcError::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn f27_a_name_that_nobody_has() {
    let error = asked("http://nobody.invalid").await.unwrap_err();
    assert!(matches!(error, RpcError::Transport { .. }), "{error:?}");
}

#[tokio::test]
async fn f28_a_body_shorter_than_promised() {
    breaks_off(Manner::Sends(cut(&ANSWER[..20])), "").await;
}

#[tokio::test]
async fn f28_a_body_longer_than_promised() {
    let error = refused(Manner::Sends([head(20, ""), ANSWER.to_vec()].concat())).await;
    assert!(matches!(error, RpcError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn f28_a_chunked_body_that_is_not_ended() {
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunk = [format!("{:x}\r\n", ANSWER.len()).into_bytes(), ANSWER.to_vec()].concat();
    breaks_off(Manner::Sends([head, chunk, b"\r\n".to_vec()].concat()), "").await;
}

#[tokio::test]
async fn f29_a_server_that_stalls() {
    times_out(Manner::Stalls(vec![])).await;
    times_out(Manner::Stalls(cut(&ANSWER[..20]))).await;
}

#[tokio::test]
async fn f29_a_server_that_trickles() {
    let slow = [head(1000, ""), vec![b' '; 1000]].concat();
    times_out(Manner::Trickles(slow, Duration::from_millis(5))).await;
}

#[tokio::test]
async fn f30_a_body_of_500_mb() {
    let (chunk, times) = (vec![b' '; 1 << 20], 500);
    let flood = Manner::Floods(head(chunk.len() * times, ""), chunk, times);
    let server = Server::with(flood).await;
    let error = asked(&format!("http://{}", server.address)).await.unwrap_err();
    assert!(matches!(error, RpcError::TooLarge { .. }), "{error:?}");
    assert!(server.sent() < 64 << 20, "{} bytes were taken", server.sent());
}

#[tokio::test]
async fn f30_a_gzip_bomb() {
    let (first, piece) = bomb();
    let times = 500;
    let length = first.len() + piece.len() * times;
    assert!(length < 4 << 20, "{length} bytes unpack to half a gigabyte");
    let begin = [head(length, "content-encoding: gzip\r\n"), first].concat();
    let error = refused(Manner::Floods(begin, piece, times)).await;
    assert!(matches!(error, RpcError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::with(Manner::Sends(whole(ANSWER))).await.address;
    let head = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n"
    );
    let error = refused(Manner::Sends(head.into_bytes())).await;
    assert!(matches!(error, RpcError::Status { status: 307, .. }), "{error:?}");
}

#[tokio::test]
async fn f25_retry_after_is_read_in_seconds_and_as_a_date() {
    let asked_for = async |value: &str| {
        let head = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nretry-after:";
        let error = refused(Manner::Sends(format!("{head} {value}\r\n\r\n").into_bytes())).await;
        let RpcError::Busy { retry_after, .. } = error else { panic!("{error:?}") };
        retry_after
    };
    assert_eq!(asked_for("17").await, Some(Duration::from_secs(17)));
    assert_eq!(asked_for("soon").await, None);
    assert_eq!(asked_for("Wed, 21 Oct 2015 07:28:00 GMT").await, Some(Duration::ZERO));
    let far = asked_for("Fri, 31 Dec 9999 23:59:59 GMT").await.unwrap();
    assert!(far > Duration::from_hours(24), "{far:?}");
}
