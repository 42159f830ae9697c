//! A second way to every number that acceptance computes: RLP, tries, blooms and receipts, written
//! from the yellow paper's definitions and sharing nothing with the libraries that the product
//! uses.

use alloy_primitives::{Address, B256, U256, keccak256};

/// A log: who, topics, data.
pub(super) type PlainLog = (Address, Vec<B256>, Vec<u8>);

/// RLP of a string.
pub(super) fn string(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [byte] if *byte < 0x80 => vec![*byte],
        _ => [header(0x80, bytes.len()), bytes.to_vec()].concat(),
    }
}

/// RLP of a number.
pub(super) fn number(value: impl Into<U256>) -> Vec<u8> {
    string(&value.into().to_be_bytes_trimmed_vec())
}

/// RLP of a list of things that are encoded already.
pub(super) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let payload = items.concat();
    [header(0xc0, payload.len()), payload].concat()
}

fn header(offset: u8, length: usize) -> Vec<u8> {
    if length < 56 {
        return vec![offset + u8::try_from(length).unwrap()];
    }
    let digits: Vec<_> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    [vec![offset + 55 + u8::try_from(digits.len()).unwrap()], digits].concat()
}

/// The root of a trie of values under their places.
pub(super) fn root(values: &[Vec<u8>]) -> B256 {
    let mut items: Vec<_> = values
        .iter()
        .enumerate()
        .map(|(place, value)| (nibbles(&number(U256::from(place))), value.clone()))
        .collect();
    items.sort();
    match items.as_slice() {
        [] => keccak256(string(&[])),
        items => keccak256(node(items, 0)),
    }
}

fn nibbles(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
}

fn node(items: &[(Vec<u8>, Vec<u8>)], depth: usize) -> Vec<u8> {
    if let [(key, value)] = items {
        return list(&[path(&key[depth..], 2), string(value)]);
    }
    let (first, last) = (&items[0].0, &items[items.len() - 1].0);
    let shared = first[depth..].iter().zip(&last[depth..]).take_while(|(a, b)| a == b).count();
    if shared > 0 {
        let below = reference(node(items, depth + shared));
        return list(&[path(&first[depth..depth + shared], 0), below]);
    }
    let mut branches: Vec<_> = (0..16)
        .map(|nibble| {
            let under: Vec<_> =
                items.iter().filter(|(key, _)| key.get(depth) == Some(&nibble)).cloned().collect();
            if under.is_empty() { string(&[]) } else { reference(node(&under, depth + 1)) }
        })
        .collect();
    let here = items.iter().find(|(key, _)| key.len() == depth);
    branches.push(here.map_or_else(|| string(&[]), |(_, value)| string(value)));
    list(&branches)
}

/// A node within another: itself if it is short, else its hash.
fn reference(node: Vec<u8>) -> Vec<u8> {
    if node.len() < 32 { node } else { string(keccak256(&node).as_slice()) }
}

/// Nibbles with their flag: 0 for an extension, 2 for a leaf, one more if their number is odd.
fn path(nibbles: &[u8], flag: u8) -> Vec<u8> {
    let odd = nibbles.len() % 2 == 1;
    let mut padded = if odd { vec![flag + 1] } else { vec![flag, 0] };
    padded.extend_from_slice(nibbles);
    string(&padded.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect::<Vec<_>>())
}

/// A receipt with its type's byte. `more` is what some chains add.
pub(super) fn receipt(
    kind: u8,
    succeeded: bool,
    gas: u64,
    logs: &[PlainLog],
    more: &[Vec<u8>],
) -> Vec<u8> {
    let told: Vec<_> = logs
        .iter()
        .map(|(address, topics, data)| {
            let topics: Vec<_> = topics.iter().map(|topic| string(topic.as_slice())).collect();
            list(&[string(address.as_slice()), list(&topics), string(data)])
        })
        .collect();
    let mut fields = vec![
        number(U256::from(succeeded)),
        number(U256::from(gas)),
        string(&bloom(logs)),
        list(&told),
    ];
    fields.extend_from_slice(more);
    let mut bytes = if kind == 0 { vec![] } else { vec![kind] };
    bytes.extend(list(&fields));
    bytes
}

fn bloom(logs: &[PlainLog]) -> [u8; 256] {
    let mut bloom = [0; 256];
    for (address, topics, _) in logs {
        let topics = topics.iter().map(B256::as_slice);
        for key in std::iter::once(address.as_slice()).chain(topics) {
            let hash = keccak256(key);
            for pair in [0, 2, 4] {
                let bit = (usize::from(hash[pair]) << 8 | usize::from(hash[pair + 1])) & 2047;
                bloom[255 - bit / 8] |= 1 << (bit % 8);
            }
        }
    }
    bloom
}
