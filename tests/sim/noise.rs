//! Answers that are wrong whatever was asked, and none at all.

use std::time::Duration;

use interdict_indexer::chain::transport::{Answer, TransportError};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

/// A request that gets no answer of a node.
pub(crate) fn broken(fault: u8, rng: &mut StdRng) -> Result<Answer, TransportError> {
    let status = |status| Ok(Answer { status, ..Answer::default() });
    match fault {
        25 => match rng.gen_range(0..3) {
            0 => status(429),
            1 => Ok(Answer {
                status: 429,
                retry_after: Some(Duration::from_secs(rng.gen_range(1..40))),
                ..Answer::default()
            }),
            _ => {
                let code = *[-32005, -32011, -32016].choose(rng).unwrap();
                Ok(Answer {
                    status: 200,
                    body: error(&json!(1), code, "rate limit exceeded"),
                    ..Answer::default()
                })
            }
        },
        26 => status(*[500, 502, 503, 504].choose(rng).unwrap()),
        27 => {
            let reasons = ["connection refused", "connection reset", "invalid certificate"];
            Err(TransportError((*reasons.choose(rng).unwrap()).to_owned()))
        }
        _ => Err(TransportError("operation timed out".to_owned())),
    }
}

/// An answer that is wrong whatever was asked.
pub(crate) fn answer(fault: u8, id: &Value, text: &str, rng: &mut StdRng) -> Option<Vec<u8>> {
    match fault {
        11 => {
            let (code, words) = *[
                (4444, "pruned history unavailable"),
                (-32000, "missing trie node"),
                (-32000, "header not found"),
            ]
            .choose(rng)
            .unwrap();
            Some(error(id, code, words))
        }
        23 => Some(match rng.gen_range(0..3) {
            0 => format!(
                r#"{{"jsonrpc":"2.0","id":{id},"result":{text},"error":{{"code":1,"message":"x"}}}}"#
            )
            .into(),
            1 => format!(r#"{{"jsonrpc":"2.0","id":99,"result":{text}}}"#).into(),
            _ => format!(r#"[{{"jsonrpc":"2.0","id":{id},"result":{text}}}]"#).into(),
        }),
        24 => Some(match rng.gen_range(0..3) {
            0 => b"<html><body>Just a moment...</body></html>".to_vec(),
            1 => b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xff\xfe\"}".to_vec(),
            _ => "[".repeat(10_000).into(),
        }),
        _ => None,
    }
}

/// A refusal to answer so much at once.
pub(crate) fn too_much(rng: &mut StdRng) -> Answer {
    let code = *[-32005, -32602, -32000].choose(rng).unwrap();
    match rng.gen_range(0..3) {
        0 => Answer { status: 413, ..Answer::default() },
        1 => Answer {
            status: 200,
            body: error(&Value::Null, code, "query returned more than 10000 results"),
            ..Answer::default()
        },
        _ => Answer {
            status: 200,
            body: error(&Value::Null, code, "response size exceeded"),
            ..Answer::default()
        },
    }
}

fn error(id: &Value, code: i64, message: &str) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        .to_string()
        .into()
}
