// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {Screened} from "./Screened.sol";

/// @title ERC20Screened
/// @notice A token that neither leaves nor reaches a listed address, nor is moved by one. Minting
/// and burning are movements like others.
abstract contract ERC20Screened is ERC20, Screened {
    function _update(address from, address to, uint256 value)
        internal
        virtual
        override
        screened(from, to)
    {
        // Whoever moves another's tokens takes part as well.
        if (_msgSender() != from) _screen(_msgSender());
        super._update(from, to, value);
    }
}
