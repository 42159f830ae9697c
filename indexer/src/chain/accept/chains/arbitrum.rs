//! Arbitrum's own transaction types.

use super::*;

/// The types, each with its fields in the order of their encoding. `@n` is a word of n, `#n` an
/// account, `-` nothing.
const KINDS: [(u8, &str); 6] = [
    (0x6a, "chainId=0xa4b1 input=0x6bf6a42d"),
    (0x64, "chainId=0xa4b1 requestId=@1 from=#1 to=#2 value=0x10"),
    (
        0x65,
        "chainId=0xa4b1 from=#1 nonce=0x5 gasPrice=0x100 gas=0x5208 to=#2 value=0x11 input=0xabcd",
    ),
    (
        0x66,
        "chainId=0xa4b1 requestId=@2 from=#1 gasPrice=0x100 gas=0x5208 to=- value=0x0 input=0xabcd",
    ),
    (
        0x68,
        "chainId=0xa4b1 nonce=0x0 from=#1 gasPrice=0x100 gas=0x5208 to=#3 value=0x12 input=0xabcd \
         ticketId=@3 refundTo=#4 maxRefund=0x77 submissionFeeRefund=0x9",
    ),
    (
        0x69,
        "chainId=0xa4b1 requestId=@4 from=#1 l1BaseFee=0x7 depositValue=0x99 gasPrice=0x100 \
         gas=0x5208 retryTo=#5 retryValue=0x13 beneficiary=#6 maxSubmissionFee=0x8 refundTo=#7 \
         retryData=-",
    ),
];

fn fields(kind: u8) -> Vec<(&'static str, &'static str)> {
    let (_, text) = KINDS.into_iter().find(|(known, _)| *known == kind).unwrap();
    text.split_whitespace().map(|field| field.split_once('=').unwrap()).collect()
}

fn piece(kind: u8) -> Piece {
    let mut said = json!({ "type": format!("{kind:#x}"), "from": account(0xa4) });
    let mut encoded = Vec::new();
    for (name, value) in fields(kind) {
        let n = value[1..].parse().unwrap_or_default();
        let (told, bytes) = match (&value[..1], name) {
            ("@", _) => (json!(B256::repeat_byte(n)), vec![n; 32]),
            ("#", _) => (json!(account(n)), account(n).to_vec()),
            ("-", "retryData") => (json!("0x"), vec![]),
            ("-", _) => (Value::Null, vec![]),
            (_, "input") => (json!(value), hex::decode(&value[2..]).unwrap()),
            _ => (json!(value), value.parse::<U256>().unwrap().to_be_bytes_trimmed_vec()),
        };
        said[name] = told;
        encoded.push(string(&bytes));
    }
    Piece::of(said, [vec![kind], list(&encoded)].concat())
}

fn arbitrum() -> Said {
    let mut pieces: Vec<_> = KINDS.into_iter().map(|(kind, _)| piece(kind)).collect();
    pieces.push(Piece::signed(&payment(1)));
    built(30_000_000, &pieces, Bytes::from(vec![7; 32]))
}

#[test]
fn a_block_of_arbitrum_counts() {
    let said = arbitrum();
    let block = accepted(42_161, &said).unwrap();
    let deposit = &block.transactions[1];
    assert_eq!((deposit.signer(), deposit.value()), (Signer::Proved(account(1)), U256::from(16)));
    assert_eq!(deposit.recipient(account(1)), account(2));
    assert_eq!(block.transactions[5].value(), U256::ZERO, "a ticket moves nothing by itself");
    for (index, (kind, _)) in KINDS.into_iter().enumerate() {
        let names: Vec<_> = fields(kind).into_iter().map(|(name, _)| name).collect();
        each_field_counts(42_161, &said, index, &names);
        each_field_counts(42_161, &said, index, &["hash", "type"]);
    }
    assert!(accepted(8_453, &said).unwrap_err().contains("Base does not have"));
}
