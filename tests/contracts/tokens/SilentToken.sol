// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title SilentToken
/// @notice A token as USDT is: its transfers return nothing. What it says of itself is hostile.
contract SilentToken {
    /// @notice As ERC-20 has it.
    mapping(address holder => uint256 value) public balanceOf;
    /// @notice As ERC-20 has it.
    uint8 public constant decimals = 6;

    /// @notice As ERC-20 has it.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice Markup, an order to a terminal, and a letter that turns the direction of reading.
    function symbol() external pure returns (string memory) {
        return unicode"<b>U</b>\u001b[31m\u202eTDSU";
    }

    /// @notice More than anybody wants to read.
    function name() external pure returns (string memory) {
        return string(new bytes(100_000));
    }

    /// @notice Makes tokens out of nothing.
    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    /// @notice Moves tokens and says nothing.
    function transfer(address to, uint256 value) external {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
    }
}
