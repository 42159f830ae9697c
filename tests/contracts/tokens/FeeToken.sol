// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title FeeToken
/// @notice A token of which a tenth stays here at every transfer.
contract FeeToken is ERC20("Interdict Demo Fee", "IDF") {
    /// @notice Makes tokens out of nothing.
    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    /// @notice Takes a tenth of what moves from one holder to another.
    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) ? 0 : value / 10;
        super._update(from, to, value - fee);
        if (fee > 0) super._update(from, address(this), fee);
    }
}
