//! JSON-RPC over HTTP with a bound on what a node may answer: alloy's own transport reads a body of
//! any length into memory.

use std::task::{Context, Poll};
use std::time::Duration;

use alloy::rpc::json_rpc::{RequestPacket, ResponsePacket};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use reqwest::Url;
use tower_service::Service;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// More than the logs of the widest range that we ask for; what is longer is no honest answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One node behind one address.
#[derive(Clone, Debug)]
pub(crate) struct Bounded {
    client: reqwest::Client,
    url: Url,
    answer_bytes_max: usize,
}

impl Bounded {
    pub(crate) fn new(url: &Url) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client, url: url.clone(), answer_bytes_max: ANSWER_BYTES_MAX })
    }

    async fn ask(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let body = request.serialize().map_err(TransportError::ser_err)?;
        let sent = self
            .client
            .post(self.url)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body.get().to_owned())
            .send();
        let mut response = sent.await.map_err(TransportErrorKind::custom)?;
        let status = response.status();
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(TransportErrorKind::custom)? {
            if answer.len() + chunk.len() > self.answer_bytes_max {
                let limit = self.answer_bytes_max;
                let why = format!("its answer is longer than {limit} bytes");
                return Err(TransportErrorKind::custom_str(&why));
            }
            answer.extend_from_slice(&chunk);
        }
        let parsed = serde_json::from_slice(&answer);
        // A node may answer an error with another status and a body that says why.
        match parsed {
            Ok(packet) => Ok(packet),
            Err(_) if !status.is_success() => {
                let text = String::from_utf8_lossy(&answer).into_owned();
                Err(TransportErrorKind::http_error(status.as_u16(), text))
            }
            Err(why) => Err(TransportError::deser_err(why, String::from_utf8_lossy(&answer))),
        }
    }
}

impl Service<RequestPacket> for Bounded {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}

#[cfg(test)]
mod tests {
    use alloy::providers::{Provider as _, ProviderBuilder};
    use alloy::rpc::client::ClientBuilder;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// A node that answers every question with these bytes, once.
    async fn asked(answer: String, answer_bytes_max: usize) -> Result<u64, TransportError> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let node = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            // Whoever asked may have gone away before the end.
            let _ = stream.write_all(format!("{head}{answer}").as_bytes()).await;
        });
        let bounded = Bounded { answer_bytes_max, ..Bounded::new(&url).unwrap() };
        let client = ClientBuilder::default().transport(bounded, true);
        let asked = ProviderBuilder::new().connect_client(client).get_chain_id().await;
        node.await.unwrap();
        asked
    }

    #[tokio::test]
    async fn t48_an_answer_without_end_is_not_read_to_its_end() {
        let answer = r#"{"jsonrpc":"2.0","id":0,"result":"0x7a69"}"#.to_owned();
        assert_eq!(asked(answer.clone(), answer.len()).await.unwrap(), 31337);
        let said = asked(answer.clone(), answer.len() - 1).await.unwrap_err().to_string();
        assert!(said.contains("longer than"), "{said}");
    }
}
