//! What is asked of the node, and what it answers.

use alloy_primitives::{Address, B256, Log, hex};
use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::kept::Chain;
use crate::made::{BLOCKLIST, CHAIN_ID, CODE, TOKEN, TRANSFER};
use crate::written;

/// One request.
#[derive(Debug, Deserialize)]
pub struct Asked {
    pub id: Value,
    pub method: String,
    #[serde(default)]
    pub params: Vec<Value>,
}

/// The result of one request.
#[derive(Debug)]
pub enum Answer {
    Result(String),
    /// The inside of a list of logs.
    Logs(Bytes),
    Error(i64, String),
}

/// How far the chain is published, and what one answer may have.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub latest: u64,
    pub finalized: u64,
    pub cap: Option<usize>,
}

pub fn answer(chain: &Chain, view: View, asked: &Asked) -> Answer {
    let first = asked.params.first().unwrap_or(&Value::Null);
    let whole = asked.params.get(1) == Some(&Value::Bool(true));
    match asked.method.as_str() {
        "eth_chainId" => Answer::Result(format!("\"{CHAIN_ID:#x}\"")),
        "net_version" => Answer::Result(format!("\"{CHAIN_ID}\"")),
        "eth_blockNumber" => Answer::Result(format!("\"{:#x}\"", view.latest)),
        "eth_syncing" => Answer::Result("false".to_owned()),
        "eth_getCode" => {
            let here = first.as_str().and_then(|text| text.parse().ok()) == Some(BLOCKLIST);
            let code = if here { hex::encode_prefixed(CODE) } else { "0x".to_owned() };
            Answer::Result(json!(code).to_string())
        }
        // The token has nothing to say of itself.
        "eth_call" => Answer::Error(3, "execution reverted".to_owned()),
        "eth_getBlockByNumber" | "eth_getBlockByHash" => block(chain, view, first, whole),
        "eth_getBlockReceipts" => receipts(chain, view, first),
        "eth_getLogs" => logs(chain, view, first),
        other => Answer::Error(-32_601, format!("the method {other} does not exist")),
    }
}

/// The height that a number, tag or hash names, if it is published.
fn height(chain: &Chain, view: View, place: &Value) -> Option<u64> {
    let number = match place.as_str()? {
        "latest" | "pending" => view.latest,
        "finalized" | "safe" => view.finalized,
        "earliest" => 0,
        hash if hash.len() == 66 => chain.number_of(hash.parse().ok()?)?,
        number => u64::from_str_radix(number.strip_prefix("0x")?, 16).ok()?,
    };
    (number <= view.latest).then_some(number)
}

fn block(chain: &Chain, view: View, place: &Value, whole: bool) -> Answer {
    let null = || Answer::Result("null".to_owned());
    let Some(number) = height(chain, view, place) else { return null() };
    let Some((within, hashes)) = chain.at(number) else { return null() };
    let made = whole.then(|| chain.made(number));
    let mut out = String::new();
    written::block(&mut out, within, hashes, made.as_deref());
    Answer::Result(out)
}

fn receipts(chain: &Chain, view: View, place: &Value) -> Answer {
    let null = || Answer::Result("null".to_owned());
    let Some(number) = height(chain, view, place) else { return null() };
    let Some((within, hashes)) = chain.at(number) else { return null() };
    let mut out = String::new();
    written::receipts(&mut out, within, &chain.made(number), hashes);
    Answer::Result(out)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    from_block: Value,
    to_block: Value,
    block_hash: Value,
    address: OneOrMany<Address>,
    topics: Vec<Option<OneOrMany<B256>>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Null(()),
    One(T),
    Many(Vec<T>),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Null(())
    }
}

impl<T: PartialEq> OneOrMany<T> {
    fn takes(&self, found: Option<&T>) -> bool {
        match self {
            Self::Null(()) => true,
            Self::One(one) => found == Some(one),
            Self::Many(many) if many.is_empty() => true,
            Self::Many(many) => found.is_some_and(|found| many.contains(found)),
        }
    }
}

impl Filter {
    fn takes(&self, log: &Log) -> bool {
        let topics = log.data.topics();
        self.address.takes(Some(&log.address))
            && self.topics.iter().enumerate().all(|(place, wanted)| {
                wanted.as_ref().is_none_or(|wanted| wanted.takes(topics.get(place)))
            })
    }

    /// Whether every transfer of the token is asked for, and so a slice of what is written.
    fn takes_all_transfers(&self) -> bool {
        self.address.takes(Some(&TOKEN))
            && self.topics.iter().enumerate().all(|(place, wanted)| match wanted {
                None => true,
                Some(wanted) if place == 0 => wanted.takes(Some(&TRANSFER)),
                Some(wanted) => {
                    matches!(wanted, OneOrMany::Null(()))
                        || matches!(wanted, OneOrMany::Many(many) if many.is_empty())
                }
            })
    }
}

fn logs(chain: &Chain, view: View, filter: &Value) -> Answer {
    let filter: Filter = match serde_json::from_value(filter.clone()) {
        Ok(filter) => filter,
        Err(error) => return Answer::Error(-32_602, format!("invalid filter: {error}")),
    };
    let place = |place: &Value| if place.is_null() { json!("latest") } else { place.clone() };
    let (from, to) = if filter.block_hash.is_null() {
        (place(&filter.from_block), place(&filter.to_block))
    } else {
        (filter.block_hash.clone(), filter.block_hash.clone())
    };
    let (Some(from), Some(to)) = (height(chain, view, &from), height(chain, view, &to)) else {
        return Answer::Error(-32_000, "block range extends beyond current head block".to_owned());
    };
    let acts = chain.plan.act_blocks();
    let count = usize::try_from((to.max(acts) - from.max(acts + 1) + 1) * chain.plan.per_block);
    let too_many = |count: usize| {
        let cap = view.cap.filter(|cap| count > *cap)?;
        Some(Answer::Error(-32_005, format!("query returned more than {cap} results")))
    };
    let mut out = String::new();
    let mut found = 0;
    // Where all transfers are asked for, what is written comes as it is; the acts come before it.
    let by_slice = filter.takes_all_transfers();
    let last = if by_slice { to.min(acts) } else { to };
    for number in from..=last {
        let Some((within, hashes)) = chain.at(number) else { break };
        let made = chain.made(number);
        let mut one = String::new();
        let more = written::logs(&mut one, within, &made, hashes, &|log| filter.takes(log));
        if more > 0 {
            if found > 0 {
                out.push(',');
            }
            out.push_str(&one);
        }
        found += more;
    }
    let sliced = if by_slice { chain.transfers(from, to) } else { Bytes::new() };
    let sliced_count = if sliced.is_empty() { 0 } else { count.unwrap_or(usize::MAX) };
    if let Some(refusal) = too_many(found.saturating_add(sliced_count)) {
        return refusal;
    }
    match (out.is_empty(), sliced.is_empty()) {
        (true, _) => Answer::Logs(sliced),
        (false, true) => Answer::Logs(out.into()),
        (false, false) => {
            out.push(',');
            Answer::Logs([out.as_bytes(), &sliced].concat().into())
        }
    }
}
