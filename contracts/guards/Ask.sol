// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "../IBlocklist.sol";

/// @notice What a registry says of an address. Unknown is an answer of its own, never Clear.
enum Answer {
    Clear,
    Listed,
    Unknown
}

/// @notice The question could not be put with `ASKING_GAS`. Send the transaction with more gas.
error TooLittleGas();

/// @dev What a registry may burn on one question: six times what a cold `isSanctioned` costs.
uint256 constant ASKING_GAS = 30_000;

/// @dev What must be left so that the question gets `ASKING_GAS`: a call keeps back one part in 64,
/// and a cold account costs 2,600.
uint256 constant GAS_BEFORE_ASKING = 36_000;

/// @notice Asks a registry about an address: `isSanctioned`, or `isSanctionedBy` for a mask of
/// source lists other than 0.
/// @dev Unknown is what a registry without code, that reverts, burns its gas, tries to write,
/// returns fewer than 32 bytes, or says neither 0 nor 1. A longer answer counts by its first word,
/// and only that is copied. Nobody makes a question fail by sending little gas: that reverts.
function ask(address registry, uint16 sources, address account) view returns (Answer answer) {
    bytes memory question = sources == 0
        ? abi.encodeCall(IBlocklist.isSanctioned, (account))
        : abi.encodeCall(IBlocklist.isSanctionedBy, (account, sources));

    require(gasleft() > GAS_BEFORE_ASKING, TooLittleGas());

    assembly ("memory-safe") {
        let size := mload(question)
        let done := staticcall(ASKING_GAS, registry, add(question, 0x20), size, 0, 0x20)
        answer := mload(0)
        if iszero(and(done, and(gt(returndatasize(), 0x1f), lt(answer, 2)))) {
            answer := 2
        }
    }
}
