//! Deposits of the OP stack, before and since Canyon.

use op_alloy_consensus::TxDeposit;

use super::*;

fn optimism(is_canyon: bool) -> Said {
    let system = TxDeposit {
        source_hash: B256::repeat_byte(1),
        from: account(0xde),
        to: TxKind::Call(account(0x15)),
        gas_limit: 1_000_000,
        input: Bytes::from_static(b"attributes"),
        ..TxDeposit::default()
    };
    let user = TxDeposit {
        source_hash: B256::repeat_byte(2),
        from: account(3),
        to: TxKind::Create,
        mint: 100,
        value: U256::from(60),
        gas_limit: 50_000,
        is_system_transaction: false,
        input: Bytes::from_static(b"code"),
    };
    let deposit = |tx: &TxDeposit, nonce: u64| {
        let mut said = serde_json::to_value(tx).unwrap();
        said["type"] = json!("0x7e");
        let mut encoded = vec![0x7e];
        encoded.extend(list(&[
            string(tx.source_hash.as_slice()),
            string(tx.from.as_slice()),
            tx.to.to().map_or_else(|| string(&[]), |to| string(to.as_slice())),
            number(U256::from(tx.mint)),
            number(tx.value),
            number(U256::from(tx.gas_limit)),
            number(U256::from(tx.is_system_transaction)),
            string(&tx.input),
        ]));
        Piece { deposit: Some((nonce, is_canyon)), ..Piece::of(said, encoded) }
    };
    let pieces = [deposit(&system, 77), deposit(&user, 9), Piece::signed(&payment(1))];
    built(120_000_000, &pieces, Bytes::new())
}

#[test]
fn a_block_of_the_op_stack_counts() {
    for (chain, is_canyon) in [(10, true), (8_453, true), (10, false), (8_453, false)] {
        let said = optimism(is_canyon);
        let block = accepted(chain, &said).unwrap();
        let user = &block.transactions[1];
        assert_eq!(user.signer(), Signer::Proved(account(3)));
        let nonce = if is_canyon { 9 } else { 0 };
        assert_eq!(user.recipient(account(3)), account(3).create(nonce));
        assert_eq!(user.value(), U256::from(60), "what is minted goes to the sender itself");
        let fields = ["sourceHash", "from", "mint", "value", "gas", "isSystemTx", "input", "hash"];
        each_field_counts(chain, &said, 1, &fields);
        each_field_counts(chain, &said, 0, &["to", "type"]);
    }
    assert!(accepted(1, &optimism(true)).unwrap_err().contains("Ethereum does not have"));
}

#[test]
fn the_nonce_of_a_deposit_counts_since_canyon() {
    let mut said = optimism(true);
    said.receipts[1]["depositNonce"] = json!("0xa");
    assert!(accepted(10, &said).unwrap_err().contains("receipts of block"));
    let mut said = optimism(true);
    said.receipts[1].as_object_mut().unwrap().remove("depositReceiptVersion");
    assert!(accepted(10, &said).unwrap_err().contains("receipts of block"));
    let mut said = optimism(false);
    said.receipts[1].as_object_mut().unwrap().remove("depositNonce");
    assert!(accepted(10, &said).is_ok(), "before Canyon no root commits to it");
}
