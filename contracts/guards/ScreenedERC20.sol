// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {Screened} from "./Screened.sol";

/// @title ScreenedERC20
/// @notice A token that moves neither from nor to a refused party, by whatever way.
/// @dev A mint screens who receives and a burn whose tokens go; the zero address is never asked
/// about. The spender of a `transferFrom` is no party to it, and approvals are not screened.
/// A court's seizure from a listed holder calls `ERC20._update` by name.
abstract contract ScreenedERC20 is ERC20, Screened {
    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 value) internal virtual override {
        if (from != address(0)) _screen(from);
        if (to != address(0)) _screen(to);
        super._update(from, to, value);
    }
}
