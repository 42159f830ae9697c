// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "./IBlocklist.sol";

// The folds of `IBlocklist.head`, one for each kind of event.

/// @dev Folds an entry and emits its event, `Listed` or `Delisted`: both from the same four words
/// of free memory, which it leaves free. In Solidity each entry would be encoded twice, and a batch
/// of 500 would grow the memory by 80 kB.
function foldEntry(bytes32 head, bytes32 topic, uint24 act, IBlocklist.Entry calldata entry)
    returns (bytes32 folded)
{
    address account = entry.account;
    uint64 uid = entry.uid;
    uint40 designatedOn = entry.designatedOn;

    assembly ("memory-safe") {
        let free := mload(0x40)
        mstore(free, head)
        mstore(add(free, 0x20), account)
        mstore(add(free, 0x40), uid)
        mstore(add(free, 0x60), designatedOn)
        folded := keccak256(free, 0x80)

        mstore(add(free, 0x20), act)
        log2(add(free, 0x20), 0x60, topic, account)
    }
}

/// @dev Folds a protection or its end: there is no person, so that uid and day are 0.
function foldAccount(bytes32 head, address account) pure returns (bytes32) {
    return keccak256(abi.encode(head, account, uint64(0), uint40(0)));
}

/// @dev Folds the act that its entries belong to.
function foldAct(
    bytes32 head,
    uint24 act,
    IBlocklist.Kind kind,
    uint16 sources,
    uint40 until,
    uint40 dataAsOf,
    bytes32 manifest
) pure returns (bytes32) {
    return keccak256(abi.encode(head, act, kind, sources, until, dataAsOf, manifest));
}
