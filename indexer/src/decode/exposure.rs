//! What a transaction says of addresses that are no party of what it moves: who signed it, whom it
//! calls, what it creates, which accounts let which code act for them.

use alloy_primitives::{Address, U256};
use interdict_core::transfer::{Transfer, TransferKind};

use super::{At, Movement};

/// First four bytes of `transferFrom(address,address,uint256)`, of ERC-20 and ERC-721.
const TRANSFER_FROM: [u8; 4] = [0x23, 0xb8, 0x72, 0xdd];
/// Of `safeTransferFrom(address,address,uint256)`.
const SAFE_TRANSFER_FROM: [u8; 4] = [0x42, 0x84, 0x2e, 0x0e];
/// Of `safeTransferFrom(address,address,uint256,bytes)`.
const SAFE_TRANSFER_FROM_WITH_DATA: [u8; 4] = [0xb8, 0x8d, 0x4f, 0xde];
/// Bytes of a selector.
const SELECTOR_BYTES: usize = 4;

/// The transaction itself: from its signer to its callee, or to the contract that it creates. It
/// stands there whether it was carried out or failed: a signer who tried is known by it.
pub fn call(at: &At<'_>) -> Transfer {
    let kind = match at.tx.callee() {
        Some(_) => TransferKind::Call,
        None => TransferKind::Creation,
    };
    at.transfer(None, Movement::of(kind, at.signer, at.tx.recipient(at.signer)))
}

/// The delegations that a transaction carries (EIP-7702), those of the right chain with a signature
/// that gives somebody; others have no effect. They hold even if the transaction fails. Whether one
/// was carried out depends on its nonce, which no header commits to: it was signed.
pub fn delegations(at: &At<'_>) -> Vec<Transfer> {
    let list = at.tx.authorizations();
    let chain = U256::from(at.chain_id);
    let of_this_chain = |id: &U256| id.is_zero() || *id == chain;
    list.iter()
        .zip(0..)
        .filter(|(authorization, _)| of_this_chain(&authorization.inner().chain_id))
        .filter_map(|(authorization, item)| {
            let authority = authorization.recover_authority().ok()?;
            let to = authorization.inner().address;
            let moved = Movement::of(TransferKind::Delegation, authority, to);
            Some(at.transfer(None, Movement { item, ..moved }))
        })
        .collect()
}

/// Who moved another's tokens: the signer, if the transaction calls the token itself to move the
/// sender's. Who does it from within a contract is known by the contract's call alone.
pub(super) fn spender(at: &At<'_>, moved: &Movement) -> Option<Address> {
    let (selector, arguments) = at.tx.input().split_at_checked(SELECTOR_BYTES)?;
    let spends = [TRANSFER_FROM, SAFE_TRANSFER_FROM, SAFE_TRANSFER_FROM_WITH_DATA];
    let owner = super::abi::word(arguments, 0).and_then(super::abi::address);
    let tells_no_spender = matches!(moved.kind, TransferKind::Erc20 | TransferKind::Erc721);
    let direct = tells_no_spender && at.tx.callee() == moved.token;
    let is_it = direct
        && spends.iter().any(|known| known == selector)
        && owner == Some(moved.from)
        && at.signer != moved.from;
    is_it.then_some(at.signer)
}
