//! The scanner says what serde says, however the bytes come, or nothing.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::*;

/// A log as the tests compare it.
type Plain = (Vec<u8>, Vec<Vec<u8>>, Vec<u8>, u64, bool);

fn plain(log: &RawLog<'_>) -> Plain {
    let topics = log.topics().iter().map(|topic| topic.to_vec()).collect();
    (log.address.to_vec(), topics, log.data.to_vec(), log.block, log.removed)
}

/// Scans an answer that comes in pieces of these lengths, in turns.
fn scanned(body: &[u8], pieces: &[usize]) -> Result<(Vec<Plain>, Vec<u8>), ScanError> {
    let (mut scan, mut logs) = (Scan::new(), Vec::new());
    let mut rest = body;
    for len in pieces.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(rest.len().min((*len).max(1)));
        scan.feed(piece, &mut |log| logs.push(plain(log)))?;
        rest = after;
    }
    Ok((logs, scan.finish()?))
}

/// A whole answer, as serde reads it without any scanner.
#[derive(Deserialize)]
struct Whole {
    result: Vec<WholeLog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeLog {
    address: String,
    topics: Vec<String>,
    data: String,
    block_number: String,
    #[serde(default)]
    removed: bool,
}

/// What serde makes of the whole answer.
fn by_serde(body: &[u8]) -> Option<Vec<Plain>> {
    let whole: Whole = serde_json::from_slice(body).ok()?;
    let plain = |log: WholeLog| {
        let block = super::super::json::quantity(log.block_number.as_bytes())?;
        let topics: Vec<_> = log.topics.into_iter().map(String::into_bytes).collect();
        let (address, data) = (log.address.into_bytes(), log.data.into_bytes());
        (topics.len() <= 4).then_some((address, topics, data, block, log.removed))
    };
    whole.result.into_iter().map(plain).collect()
}

/// The same response with an empty list for its result.
fn emptied(envelope: &[u8]) -> bool {
    let response: Result<Value, _> = serde_json::from_slice(envelope);
    response.is_ok_and(|response| response["result"] == Value::Array(Vec::new()))
}

fn log_text() -> impl Strategy<Value = String> {
    let word = "[0-9a-f]{64}";
    let field = prop_oneof![
        Just(r#""blockHash":"0xaa""#.to_owned()),
        Just(r#""logIndex":"0x1""#.to_owned()),
        Just(r#""removed":true"#.to_owned()),
        Just(r#""removed":false"#.to_owned()),
        Just(r#""blockTimestamp":"0x65""#.to_owned()),
        Just(r#""transactionHash":"0x}{][,\"\\""#.to_owned()),
        Just(r#""transactionIndex":null"#.to_owned()),
        Just(r#""l1":{"a":[{"b":"}"}],"c":1.5e3}"#.to_owned()),
        Just(r#" "unknown" : [ 1 , "\u0041" ] "#.to_owned()),
    ];
    let topics = prop::collection::vec(word, 0..6);
    let odd = prop::collection::vec(field, 0..4);
    (word, topics, "[0-9a-f]{0,130}", 0_u64..1 << 40, odd).prop_map(
        |(address, topics, data, block, odd)| {
            let topics: Vec<_> = topics.iter().map(|topic| format!("\"0x{topic}\"")).collect();
            let mut fields = vec![
                format!(r#""address":"0x{}""#, &address[..40]),
                format!(r#""topics":[{}]"#, topics.join(",")),
                format!(r#""data":"0x{data}""#),
                format!(r#""blockNumber":"{block:#x}""#),
            ];
            fields.extend(odd);
            let len = fields.len();
            fields.rotate_left(usize::try_from(block).unwrap_or(0) % len);
            format!("{{{}}}", fields.join(","))
        },
    )
}

fn body_text() -> impl Strategy<Value = String> {
    let separator = prop_oneof![9 => Just(","), 1 => Just(" ,\n")];
    let head = prop_oneof![
        Just(r#"{"jsonrpc":"2.0","id":1,"result":["#),
        Just(r#"{ "id" : 1, "meta":{"result":["}"]}, "result" : [ "#),
        Just(r#"{"result":["#),
    ];
    let tail = prop_oneof![Just("]}"), Just("],\"id\":1}"), Just(" ] , \"more\":[1,{}]}\n")];
    (prop::collection::vec(log_text(), 0..8), separator, head, tail)
        .prop_map(|(logs, separator, head, tail)| format!("{head}{}{tail}", logs.join(separator)))
}

/// A byte that may take the place of another, most often one that a value may have.
fn byte() -> impl Strategy<Value = u8> {
    let near = prop::sample::select(b"/09:@AFG[\\]^_`afgz\"{},".to_vec());
    prop_oneof![30 => prop::sample::select(b"0123456789abcdefABCDEF".to_vec()), 2 => near, 1 => any::<u8>()]
}

/// An answer whose logs are written as one of a few before them, but for a few bytes.
fn series() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), byte());
    let copy = (any::<prop::sample::Index>(), prop::collection::vec(change, 0..4));
    let logs = prop::collection::vec(log_text(), 1..5);
    (logs, prop::collection::vec(copy, 1..20)).prop_map(|(logs, copies)| {
        let mut body = br#"{"result":["#.to_vec();
        for (at, (which, changes)) in copies.iter().enumerate() {
            let mut log = logs[which.index(logs.len())].clone().into_bytes();
            for (place, byte) in changes {
                let place = place.index(log.len());
                log[place] = *byte;
            }
            body.extend_from_slice(if at == 0 { b"" } else { b"," });
            body.extend(log);
        }
        body.extend_from_slice(b"]}");
        body
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn it_reads_what_serde_reads(
        body in body_text(),
        pieces in prop::collection::vec(1_usize..400, 1..6),
    ) {
        match by_serde(body.as_bytes()) {
            Some(logs) => {
                let (found, envelope) = scanned(body.as_bytes(), &pieces).unwrap();
                prop_assert_eq!(found, logs);
                prop_assert!(emptied(&envelope));
            }
            None => prop_assert!(scanned(body.as_bytes(), &pieces).is_err()),
        }
    }

    #[test]
    fn a_log_written_as_one_before_it_is_read_as_if_it_were_the_first(
        body in series(),
        pieces in prop::collection::vec(1_usize..4_000, 1..4),
    ) {
        match scanned(&body, &pieces) {
            Ok((found, envelope)) if emptied(&envelope) => {
                prop_assert_eq!(Some(found), by_serde(&body));
            }
            _ => prop_assert_eq!(None, by_serde(&body)),
        }
    }

    #[test]
    fn it_makes_nothing_up_from_what_is_damaged(
        body in body_text(),
        pieces in prop::collection::vec(1_usize..400, 1..6),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut body = body.into_bytes();
        let at = place.index(body.len());
        body[at] = byte;
        if let Ok((found, envelope)) = scanned(&body, &pieces) && emptied(&envelope) {
            prop_assert_eq!(Some(found), by_serde(&body));
        }
    }

    #[test]
    fn anything_at_all_is_no_panic(
        body in prop::collection::vec(any::<u8>(), 0..300),
        pieces in prop::collection::vec(1_usize..40, 1..4),
    ) {
        let _ = scanned(&body, &pieces);
    }
}

#[test]
fn an_answer_without_logs_is_kept_whole() {
    for body in [
        r#"{"jsonrpc":"2.0","id":1,"result":[]}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"query returned more than 10000 results"}}"#,
        "<html>busy</html>",
        "",
    ] {
        let (logs, envelope) = scanned(body.as_bytes(), &[7]).unwrap();
        assert_eq!((logs, String::from_utf8(envelope).unwrap()), (vec![], body.to_owned()));
    }
}

#[test]
fn an_answer_that_breaks_off_is_none() {
    let whole =
        br#"{"id":1,"result":[{"address":"0x1","topics":[],"data":"0x","blockNumber":"0x1"}"#;
    assert!(matches!(scanned(whole, &[50]), Err(ScanError::Unlike(_))));
    assert!(matches!(scanned(&whole[..60], &[50]), Err(ScanError::Unlike(_))));
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let head = br#"{"id":1,"result":["#;
    let endless = [head.as_slice(), b"{\"data\":\"0x", &vec![b'0'; LOG_MAX_BYTES + 1]].concat();
    assert_eq!(scanned(&endless, &[64 << 10]), Err(ScanError::LongLog));
    let noise = vec![b' '; ENVELOPE_MAX_BYTES + 1];
    assert_eq!(scanned(&noise, &[1 << 10]), Err(ScanError::LongEnvelope));
    let tail = [head.as_slice(), b"]", &noise].concat();
    assert_eq!(scanned(&tail, &[1 << 10]), Err(ScanError::LongEnvelope));
    // Braces within a long string, each of which could be the end of the log.
    let braces = [head.as_slice(), b"{\"data\":\"", &vec![b'}'; LOG_MAX_BYTES + 1]].concat();
    assert_eq!(scanned(&braces, &[64 << 10]), Err(ScanError::LongLog));
}

#[test]
fn what_no_log_was_written_like_is_learned_and_soon_recognised() {
    let log = |index: u32, byte: char| {
        let topic = format!("0x{}", byte.to_string().repeat(64));
        format!(
            r#"{{"address":"0x{}","topics":["{topic}"],"data":"{topic}","blockNumber":"0x{index:x}","removed":false}}"#,
            "a".repeat(40)
        )
    };
    let mut moulds = Moulds::new();
    let mut order = Order::new();
    // Numbers of one digit and of two, by turns: each is learned when it comes the second time.
    for (index, known) in [(1, false), (2, false), (3, true), (0x11, false), (0x12, false)] {
        let text = log(index, 'b');
        let cast = moulds.cast(text.as_bytes());
        assert_eq!(cast.is_some(), known, "{index}");
        if cast.is_none() {
            let (read, len) = log::usual(text.as_bytes(), &mut order).unwrap();
            moulds.learn(&text.as_bytes()[..len], &read);
        }
    }
    for (index, byte) in [(9, 'c'), (0xf1, 'd'), (4, 'F'), (0x1a, '0')] {
        let text = log(index, byte);
        let usual = log::usual(text.as_bytes(), &mut order).unwrap();
        assert_eq!(moulds.cast(text.as_bytes()), Some(usual));
        for strange in [r#"""#, "\\", "\n", "\u{7f}", "g", "x", "é"] {
            let text = text.replacen(byte, strange, 1);
            assert_eq!(moulds.cast(text.as_bytes()), None, "{strange:?}");
        }
        for (one, other) in [("false", "true"), ("data", "dada"), ("\"]", "\",")] {
            assert_eq!(moulds.cast(text.replace(one, other).as_bytes()), None);
        }
    }
}
