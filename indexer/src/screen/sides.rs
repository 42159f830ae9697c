//! Who stood on which side of what happened.

use alloy_primitives::Address;
use interdict_core::alert::Side;
use interdict_core::transfer::TransferKind;

use crate::decode::Moved;

/// Everybody whom a transfer names, with what they were to it.
pub(super) fn named(moved: &Moved) -> impl Iterator<Item = (Side, Address)> + use<> {
    let transfer = &moved.transfer;
    let (from, to) = (transfer.from, transfer.to);
    let (first, second) = match transfer.kind {
        TransferKind::Native
        | TransferKind::Internal
        | TransferKind::NativeLog
        | TransferKind::Erc20
        | TransferKind::Erc721
        | TransferKind::Erc1155
        | TransferKind::Wrap
        | TransferKind::Unwrap => (Some(Side::Sender), Side::Recipient),
        TransferKind::Approval => (Some(Side::Owner), Side::Spender),
        TransferKind::Call => (Some(Side::Signer), Side::Callee),
        // What creates from within a transaction has signed nothing.
        TransferKind::Creation => {
            ((from == transfer.signer).then_some(Side::Signer), Side::Created)
        }
        TransferKind::Delegation => (Some(Side::Authority), Side::Delegate),
    };
    let spender = moved.spender.filter(|spender| ![from, to].contains(spender));
    first
        .map(|side| (side, from))
        .into_iter()
        .chain([(second, to)])
        .chain(spender.map(|spender| (Side::Spender, spender)))
}
