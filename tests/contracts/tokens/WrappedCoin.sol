// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title WrappedCoin
/// @notice Wraps the chain's own coin and logs it as WETH9 does: no transfer from or to nobody.
contract WrappedCoin {
    /// @notice As WETH9 has it.
    mapping(address holder => uint256 value) public balanceOf;

    /// @notice Coin became tokens.
    event Deposit(address indexed dst, uint256 wad);
    /// @notice Tokens became coin.
    event Withdrawal(address indexed src, uint256 wad);

    /// @notice Wraps what is sent along.
    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    /// @notice Unwraps.
    function withdraw(uint256 value) external {
        balanceOf[msg.sender] -= value;
        emit Withdrawal(msg.sender, value);
        (bool sent,) = msg.sender.call{value: value}("");
        require(sent);
    }
}
