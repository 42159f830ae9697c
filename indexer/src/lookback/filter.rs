//! Which logs a walk back asks for by ranges: those that name a newly listed address in a topic, or
//! that it wrote itself. Pure.

use alloy_primitives::{Address, B256};
use serde_json::{Value, json};

use crate::catchup::ranges::hex;
use crate::catchup::sift;
use crate::chain::Log;
use crate::decode;

/// Most addresses of one filter: nodes take no more than a thousand.
pub const FILTER_MAX_ADDRESSES: usize = 500;

/// Where in a log an address is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// In this topic. Topics 1 and 2 are a transfer's two parties; of ERC-1155, topics 2 and 3.
    Topic(usize),
    /// Who wrote it: a wrapped coin's contract is a party without being named.
    Writer,
}

const EVERYWHERE: [Where; 4] = [Where::Topic(1), Where::Topic(2), Where::Topic(3), Where::Writer];

/// What is asked of the logs of a range.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    place: Where,
    /// In order.
    addresses: Vec<Address>,
}

impl Filter {
    /// Filters that together let through every log that names one of these, which are in order,
    /// where a filter can see it. A party that a token puts into the data is seen by none.
    pub(super) fn all(addresses: impl IntoIterator<Item = Address>) -> Vec<Self> {
        let addresses: Vec<_> = addresses.into_iter().collect();
        let filters =
            |some: &[Address]| EVERYWHERE.map(|place| Self { place, addresses: some.to_vec() });
        addresses.chunks(FILTER_MAX_ADDRESSES).flat_map(filters).collect()
    }

    /// As `eth_getLogs` takes it.
    pub(super) fn of_range(&self, (from, to): (u64, u64)) -> Value {
        let mut filter = json!({ "fromBlock": hex(from), "toBlock": hex(to) });
        match self.place {
            Where::Topic(place) => {
                let words: Vec<B256> = self.addresses.iter().map(Address::into_word).collect();
                let mut topics = vec![json!(decode::TOPICS)];
                topics.resize(place, Value::Null);
                topics.push(json!(words));
                filter["topics"] = Value::Array(topics);
            }
            Where::Writer => {
                filter["topics"] = json!([decode::TOPICS]);
                filter["address"] = json!(self.addresses);
            }
        }
        filter
    }

    /// Whether a log is one of those that are asked for.
    pub(super) fn lets_through(&self, log: &Log) -> bool {
        let has = |who: Address| self.addresses.binary_search(&who).is_ok();
        sift::speaks(log)
            && match self.place {
                Where::Topic(place) => log.data.topics().get(place).is_some_and(|word| {
                    let who = Address::from_word(*word);
                    who.into_word() == *word && has(who)
                }),
                Where::Writer => has(log.address),
            }
    }
}

/// Every log of one block that can be about a transfer, whoever is named.
pub(super) fn of_block(number: u64) -> Value {
    json!({ "fromBlock": hex(number), "toBlock": hex(number), "topics": [decode::TOPICS] })
}
