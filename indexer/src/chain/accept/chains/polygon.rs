//! Polygon's state sync, before and since PIP-74.

use super::*;

fn zero_signed() -> TxEnvelope {
    let tx = TxLegacy { to: TxKind::Call(Address::ZERO), ..TxLegacy::default() };
    tx.into_signed(Signature::new(U256::ZERO, U256::ZERO, false)).into()
}

/// A block of Polygon whose last transaction is the state sync of before PIP-74.
fn polygon() -> Said {
    let mut said = built(50_000_000, &[Piece::signed(&payment(1))], Bytes::from(vec![9; 97]));
    let mut sync = Piece::signed(&zero_signed());
    sync.said["hash"] = json!(state_sync_hash(50_000_000, said.header.hash));
    let mut index = 2;
    let receipt = told(&sync, 0, &said.header, &mut index);
    said.block["transactions"].as_array_mut().unwrap().push(sync.said);
    said.receipts.as_array_mut().unwrap().push(receipt);
    said
}

#[test]
fn state_sync_is_screened_and_left_out_of_the_roots() {
    let said = polygon();
    let block = accepted(137, &said).unwrap();
    assert_eq!(block.transactions.len(), 2);
    assert_eq!(block.transactions[1].logs.len(), 2, "its logs are looked at");
    assert!(accepted(1, &said).is_err(), "elsewhere it is a transaction too many");
    // Its logs are what no header proves: that is for a second provider to see.
    let mut altered = said.clone();
    altered.receipts[1]["logs"].as_array_mut().unwrap().pop();
    let altered = accepted(137, &altered).unwrap();
    assert_ne!(altered.digest(), block.digest());
    let mut hidden = said.clone();
    hidden.block["transactions"].as_array_mut().unwrap().pop();
    hidden.receipts.as_array_mut().unwrap().pop();
    assert_ne!(accepted(137, &hidden).unwrap().digest(), block.digest());
    each_field_counts(137, &said, 0, &["value", "to", "hash"]);
}

#[test]
fn state_sync_since_pip_74_is_in_the_receipts_root_only_as_far_as_we_can_tell() {
    let sync = json!({ "type": "0x7f", "from": Address::ZERO });
    let unknown = b"what it consists of is in no JSON".to_vec();
    let pieces = [Piece::signed(&payment(1)), Piece::of(sync, unknown)];
    let said = built(80_000_000, &pieces, Bytes::new());
    let block = accepted(137, &said).unwrap();
    assert!(matches!(block.transactions[1].signer(), Signer::Claimed(_)));
    let mut altered = said.clone();
    altered.receipts[1]["logs"][0]["data"] = json!("0x01");
    assert!(accepted(137, &altered).unwrap_err().contains("receipts of block"));
    assert!(accepted(1, &said).unwrap_err().contains("Ethereum does not have"));
}
