//! The four digests of ERC-8213 a second time, by hand: words of 32 bytes put one after another as
//! the ABI and EIP-712 say, and nothing else. What `verify` prints comes from here and from the
//! contract's own view; what `plan` and `sign` use comes from generated code. If a library, a
//! binding or a tool is wrong or has been changed, the two do not agree.

use alloy::primitives::{Address, B256, keccak256};
use interdict_core::manifest::{Manifest, Removal};
use interdict_core::retraction::RetractionManifest;
use jiff::civil::Date;

const DOMAIN_TYPE: &str =
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const NAME: &str = "Interdict SignedAct";
const VERSION: &str = "1";
const ENTRY_TYPE: &str = "Entry(address account,uint64 uid,uint40 designatedOn)";
const MESSAGE_TYPE: &str = "(bytes32 manifest,uint16 sources,uint40 dataAsOf,Entry[] entries,uint256 nonce,uint256 deadline)Entry(address account,uint64 uid,uint40 designatedOn)";
const BATCH_TYPE: &str = "(bytes32,uint16,uint40,(address,uint64,uint40)[])";

const WORD: u64 = 32;
const DAY_SECONDS: i64 = 24 * 3600;

type Word = [u8; 32];

/// Which of the two messages the members sign, that have the same fields under another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    Hold,
    Retraction,
}

/// An address, a person and a day, as three words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row([Word; 3]);

impl Row {
    pub(crate) fn listing(address: Address, uid: u64, designated_on: Option<Date>) -> Self {
        let epoch = Date::constant(1970, 1, 1);
        let days = designated_on.map_or(0, |day| (day - epoch).get_days());
        Self([account(address), number(uid), signed(i64::from(days) * DAY_SECONDS)])
    }

    pub(crate) fn removal(removal: &Removal) -> Self {
        Self([account(removal.address), number(removal.uid), number(0)])
    }
}

/// What a batch says besides its rows: manifest, sources and date, as three words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heading([Word; 3]);

impl Heading {
    pub(crate) fn of_retraction(manifest: &RetractionManifest, hash: B256) -> Self {
        let sources = manifest.sources.iter().fold(0, |mask, source| mask | 1 << *source as u64);
        Self([hash.0, number(sources), number(0)])
    }

    pub(crate) fn of(manifest: &Manifest, hash: B256) -> Self {
        let publication = &manifest.publication;
        let sources = number(1 << publication.source as u64);
        Self([hash.0, sources, signed(publication.data_as_of.as_second())])
    }
}

/// The domain of the signed act.
pub(crate) fn domain_hash(chain_id: u64, signed_act: Address) -> B256 {
    hashed(&[
        *keccak256(DOMAIN_TYPE),
        *keccak256(NAME),
        *keccak256(VERSION),
        number(chain_id),
        account(signed_act),
    ])
}

/// What is signed, without its domain.
pub(crate) fn message_hash(
    signed: Signed,
    heading: Heading,
    rows: &[Row],
    nonce: u64,
    deadline: u64,
) -> B256 {
    let entry = |row: &Row| {
        let [account, uid, day] = row.0;
        *hashed(&[*keccak256(ENTRY_TYPE), account, uid, day])
    };
    let rows = hashed(&rows.iter().map(entry).collect::<Vec<_>>());
    let [manifest, sources, as_of] = heading.0;
    let name = match signed {
        Signed::Hold => "ListProvisional",
        Signed::Retraction => "Retract",
    };
    let message_type = *keccak256(format!("{name}{MESSAGE_TYPE}"));
    let words = [message_type, manifest, sources, as_of, *rows, number(nonce), number(deadline)];
    hashed(&words)
}

/// What the key signs.
pub(crate) fn eip712_digest(domain: B256, message: B256) -> B256 {
    keccak256([&[0x19, 0x01], domain.as_slice(), message.as_slice()].concat())
}

/// keccak256 of the length as a word, and the bytes.
pub(crate) fn calldata_digest(calldata: &[u8]) -> B256 {
    keccak256([&number(calldata.len() as u64)[..], calldata].concat())
}

/// The calldata of a function of a batch and nothing else.
pub(crate) fn call(function: &str, heading: Heading, rows: &[Row]) -> Vec<u8> {
    let batch = batch(heading, rows);
    calldata(&format!("{function}({BATCH_TYPE})"), &[number(WORD)], &batch)
}

/// The calldata that asks the contract for its own digest.
pub(crate) fn ask_digest(
    signed: Signed,
    heading: Heading,
    rows: &[Row],
    nonce: u64,
    deadline: u64,
) -> Vec<u8> {
    let function = match signed {
        Signed::Hold => "digest",
        Signed::Retraction => "retractDigest",
    };
    let head = [number(3 * WORD), number(nonce), number(deadline)];
    calldata(&format!("{function}({BATCH_TYPE},uint256,uint256)"), &head, &batch(heading, rows))
}

/// A batch: four words, of which the last says where the rows begin, their number, and they.
fn batch(heading: Heading, rows: &[Row]) -> Vec<Word> {
    let [manifest, sources, as_of] = heading.0;
    let mut words = vec![manifest, sources, as_of, number(4 * WORD), number(rows.len() as u64)];
    words.extend(rows.iter().flat_map(|row| row.0));
    words
}

fn calldata(signature: &str, head: &[Word], tail: &[Word]) -> Vec<u8> {
    let mut bytes = keccak256(signature)[..4].to_vec();
    bytes.extend(head.iter().chain(tail).flatten());
    bytes
}

fn hashed(words: &[Word]) -> B256 {
    keccak256(words.concat())
}

fn number(n: u64) -> Word {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&n.to_be_bytes());
    word
}

/// A number that is never negative where it is used: what is before 1970 is refused before.
fn signed(n: i64) -> Word {
    number(u64::try_from(n).unwrap_or(0))
}

fn account(address: Address) -> Word {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address.as_slice());
    word
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{b256, hex};

    use super::*;

    #[test]
    fn the_digest_of_calldata_is_that_of_the_standard() {
        let calldata = hex!(
            "a9059cbb0000000000000000000000004675c7e5baafbffbca748158becba61ef3b0a263"
            "0000000000000000000000000000000000000000000000000de0b6b3a7640000"
        );
        let expected = b256!("0x812cee5d9cc7461c04bbcd7b70af9c28b243ac5d74d3453b008b93b7dac69985");
        assert_eq!(calldata_digest(&calldata), expected);
    }

    /// The same plan by generated code and by hand: neither knows of the other.
    #[test]
    fn both_ways_give_the_same_digests() {
        let mut plan = crate::fixture::plan();
        plan.manifest.list[0].designated_on = Some("2020-09-10".parse().unwrap());
        plan.manifest.delist.push(Removal { address: Address::repeat_byte(0x1b), uid: u64::MAX });
        let hash = plan.manifest.hash().unwrap();
        let heading = Heading::of(&plan.manifest, hash);
        let row = |n: usize| {
            let entry = &plan.manifest.list[n];
            Row::listing(entry.address, entry.uid, entry.designated_on)
        };
        let generated = crate::plan::digest::message(&plan).unwrap().unwrap();
        let domain = domain_hash(plan.chain_id, plan.signed_act);
        let message =
            message_hash(Signed::Hold, heading, &[row(0), row(2)], plan.nonce, plan.deadline);
        assert_eq!((domain, message), (generated.domain_hash, generated.message_hash));
        assert_eq!(eip712_digest(domain, message), generated.eip712_digest);

        let calls =
            crate::plan::digest::calls(&plan, interdict_core::ledger::Kind::DelistMany).unwrap();
        let removals: Vec<_> = plan.manifest.delist.iter().map(Row::removal).collect();
        let by_hand = [
            call("list", heading, &[row(0), row(1), row(2)]),
            call("delistMany", heading, &removals),
        ];
        for (generated, by_hand) in calls.iter().zip(&by_hand) {
            assert_eq!(generated.calldata.as_ref(), by_hand, "{}", generated.function);
            assert_eq!(generated.calldata_digest, calldata_digest(by_hand));
        }
    }

    #[test]
    fn days_are_seconds_at_midnight() {
        let row = Row::listing(Address::ZERO, 1, Some("2020-09-10".parse().unwrap()));
        assert_eq!(row.0[2], number(1_599_696_000));
        assert_eq!(Row::listing(Address::ZERO, 1, None).0[2], number(0));
    }
}
