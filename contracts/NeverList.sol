// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @dev Above every precompile that Ethereum or a rollup has in this range, with room.
uint160 constant PRECOMPILE_MAX = 0x1ff;

address constant BURN = 0x000000000000000000000000000000000000dEaD;

/// @dev The sender of the protocol's own calls.
address constant SYSTEM = 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE;

/// @dev Whether no list may ever hold the address: it is nobody's, or part of the list itself.
function isOnNeverList(address account, address authority) view returns (bool never) {
    // Without the five jumps of `||`, at each address of an act.
    assembly ("memory-safe") {
        never := or(iszero(gt(account, PRECOMPILE_MAX)), eq(account, BURN))
        never := or(never, eq(account, SYSTEM))
        never := or(never, or(eq(account, address()), eq(account, authority)))
    }
}
