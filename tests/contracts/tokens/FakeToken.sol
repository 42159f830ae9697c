// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title FakeToken
/// @notice Logs transfers that never were, between whomever it is told.
contract FakeToken {
    /// @notice As ERC-20 has it.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice Logs a transfer.
    function pretend(address from, address to, uint256 value) external {
        emit Transfer(from, to, value);
    }

    /// @notice Logs a transfer as tokens older than the standard do: nothing is indexed.
    function pretendOldWay(address from, address to, uint256 value) external {
        bytes memory data = abi.encode(from, to, value);
        bytes32 topic = Transfer.selector;
        assembly ("memory-safe") {
            log1(add(data, 0x20), mload(data), topic)
        }
    }

    /// @notice Logs a transfer of which nobody can tell what moved.
    function pretendBothWays(address from, address to, uint256 value) external {
        bytes32 topic = Transfer.selector;
        assembly ("memory-safe") {
            mstore(0, value)
            log4(0, 0x20, topic, from, to, value)
        }
    }
}
