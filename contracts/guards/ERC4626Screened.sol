// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {Screened} from "./Screened.sol";

/// @title ERC4626Screened
/// @notice A vault that no listed party enters, leaves or is paid by, and whose shares do not move
/// from or to one. Its limits say so beforehand: for a listed party they are zero, and never
/// revert.
abstract contract ERC4626Screened is ERC4626, Screened {
    function maxDeposit(address receiver) public view virtual override returns (uint256) {
        return _isBarred(receiver) ? 0 : super.maxDeposit(receiver);
    }

    function maxMint(address receiver) public view virtual override returns (uint256) {
        return _isBarred(receiver) ? 0 : super.maxMint(receiver);
    }

    function maxRedeem(address owner) public view virtual override returns (uint256) {
        return _isBarred(owner) ? 0 : super.maxRedeem(owner);
    }

    /// @dev Who is paid need hold no share.
    function _withdraw(address by, address to, address owner, uint256 assets, uint256 shares)
        internal
        virtual
        override
    {
        _screen(to);
        super._withdraw(by, to, owner, assets, shares);
    }

    /// @dev Every deposit, withdrawal and transfer of shares comes through here.
    function _update(address from, address to, uint256 value)
        internal
        virtual
        override
        screened(from, to)
    {
        if (_msgSender() != from) _screen(_msgSender());
        super._update(from, to, value);
    }
}
