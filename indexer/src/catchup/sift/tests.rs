//! What a range answer leads to, log by log.

use interdict_core::ledger::Kind;

use super::*;
use crate::catchup::scan::Scan;
use crate::decode::TRANSFER;
use crate::world::{Script, TOKEN, account, place};

const LIST: Address = Address::repeat_byte(0xb1);
const RANGE: (u64, u64) = (100, 199);
const NONE: [u64; 0] = [];

fn word(address: Address) -> String {
    hex::encode_prefixed(address.into_word())
}

/// A log as JSON.
fn log(block: u64, address: Address, topics: &[String], data: &str) -> String {
    let topics: Vec<_> = topics.iter().map(|topic| format!("\"{topic}\"")).collect();
    format!(
        r#"{{"address":"{address:#x}","topics":[{}],"data":"{data}","blockNumber":"{block:#x}"}}"#,
        topics.join(",")
    )
}

fn transfer(block: u64, from: Address, to: Address) -> String {
    let topics = [hex::encode_prefixed(TRANSFER), word(from), word(to)];
    log(block, TOKEN, &topics, &format!("0x{:064x}", 5))
}

fn sifted(sample: &[u64], logs: &[String]) -> Result<Sifted, SiftError> {
    let script = Script::default().act(Kind::List, place(90, 0, 0), &[account(9)]);
    let mut watch = Watch::of(&script.ledger());
    // Listed within the range.
    let script = script.act(Kind::List, place(150, 0, 0), &[account(8)]);
    watch.learn(&script.0[1..]);
    let mut sift = Sift::new(&watch, LIST, RANGE, sample.iter().copied());
    let body = format!(r#"{{"id":1,"result":[{}]}}"#, logs.join(","));
    let mut scan = Scan::new();
    scan.feed(body.as_bytes(), &mut |log| sift.take(log)).unwrap();
    scan.finish().unwrap();
    sift.finish()
}

fn hits(logs: &[String]) -> Vec<u64> {
    sifted(&[], logs).unwrap().whole.into_keys().collect()
}

#[test]
fn a_block_is_looked_at_for_a_listed_party_from_its_listing_on() {
    let (one, two) = (account(1), account(2));
    let logs = [
        transfer(100, one, two),
        transfer(101, one, account(9)),
        transfer(102, account(9), two),
        transfer(149, one, account(8)),
        transfer(150, one, account(8)),
        transfer(151, two, one),
    ];
    assert_eq!(hits(&logs), [101, 102, 150]);
    assert_eq!(sifted(&[], &logs).unwrap().logs, 6);
    let said = sifted(&[], &[&logs[..1], &logs[1..2]].concat()).unwrap().whole[&101];
    assert_eq!(said, Said { logs: 1, fold: None });
}

#[test]
fn a_block_is_looked_at_for_what_is_no_usual_transfer() {
    let topic = hex::encode_prefixed(TRANSFER);
    let (id, value) = (format!("0x{:064x}", 7), format!("0x{:064x}", 5));
    let nft = |to| [topic.clone(), word(account(1)), word(to), id.clone()];
    assert_eq!(hits(&[log(100, TOKEN, &nft(account(2)), "0x")]), NONE, "between strangers");
    assert_eq!(hits(&[log(100, TOKEN, &nft(account(9)), "0x")]), [100], "a listed party");
    let bare = [topic.clone()];
    let data = format!("{}{}", word(account(1)), &word(account(9))[2..]);
    assert_eq!(hits(&[log(100, TOKEN, &bare, &data)]), [100], "parties in the data");
    let padded = [topic.clone(), format!("0x{}", "11".repeat(32)), word(account(1))];
    assert_eq!(hits(&[log(100, TOKEN, &padded, &value)]), [100], "a party that is no address");
    assert_eq!(hits(&[log(100, LIST, std::slice::from_ref(&id), "0x")]), [100], "the list itself");
    assert_eq!(hits(&[log(100, TOKEN, &[id], &word(account(9)))]), NONE, "another event");
    assert_eq!(hits(&[log(100, TOKEN, &[], "0x")]), NONE);
    // Letters of either case.
    let upper = [topic, word(account(1)), word(account(9))].map(|text| text.to_uppercase());
    let upper = upper.map(|text| text.replacen("0X", "0x", 1));
    assert_eq!(hits(&[log(100, TOKEN, &upper, &value)]), [100]);
}

#[test]
fn the_sample_is_looked_at_and_compared() {
    let (one, two) = (account(1), account(2));
    let logs = [transfer(120, one, two), transfer(121, one, two), transfer(121, two, one)];
    let whole = sifted(&[100, 121, 199], &logs).unwrap().whole;
    assert_eq!(whole.keys().copied().collect::<Vec<_>>(), [100, 121, 199]);
    assert_eq!(whole[&100], Said { logs: 0, fold: Some(B256::ZERO) });
    assert_eq!(whole[&121].logs, 2);
    let swapped = [logs[2].clone(), logs[1].clone()];
    let other = sifted(&[121], &swapped).unwrap().whole[&121];
    assert_eq!(other.logs, 2);
    assert_ne!(other, whole[&121], "the order counts");
}

#[test]
fn an_answer_that_contradicts_itself_is_refused() {
    let (one, two) = (account(1), account(2));
    let refused = |logs: &[String]| sifted(&[], logs).unwrap_err();
    let (from, to) = RANGE;
    assert_eq!(refused(&[transfer(200, one, two)]), SiftError::Outside { block: 200, from, to });
    assert_eq!(refused(&[transfer(99, one, two)]), SiftError::Outside { block: 99, from, to });
    let disordered = [transfer(120, one, two), transfer(119, one, two)];
    assert_eq!(refused(&disordered), SiftError::Disordered { block: 119, after: 120 });
    let removed = transfer(120, one, two).replacen('{', r#"{"removed":true,"#, 1);
    assert_eq!(refused(&[removed]), SiftError::Removed(120));
    let no_hex = transfer(120, one, two).replace("0xddf2", "0xzzzz");
    assert_eq!(refused(&[no_hex]), SiftError::Hex(120));
}

#[test]
fn every_address_of_a_long_list_is_looked_for_and_few_others_are_read() {
    let drawn = |n: u32| Address::from_slice(&alloy_primitives::keccak256(n.to_be_bytes())[12..]);
    let text = |address: Address| hex::encode(address).into_bytes();
    let mut watch = Watch::default();
    assert!(!watch.ends.may_have(&text(drawn(0))));
    // As many as make it grow, and the moments between.
    for n in 0..20_000 {
        watch.add(drawn(n), 1);
        assert!(watch.ends.may_have(&text(drawn(n))));
    }
    for n in 0..20_000 {
        assert!(watch.names(drawn(n), 1) && watch.ends.may_have(&text(drawn(n))), "{n}");
        assert!(watch.ends.may_have(&text(drawn(n)).to_ascii_uppercase()));
    }
    let read = (20_000..30_000).filter(|n| watch.ends.may_have(&text(drawn(*n)))).count();
    assert!((1..1_000).contains(&read), "{read} of 10,000 others");
    assert!(watch.ends.may_have(b"0x00zz"), "what cannot be read may be one");
}
