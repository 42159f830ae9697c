// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {Screened} from "./Screened.sol";

/// @title ScreenedERC4626
/// @notice A vault that takes from, holds for and pays out to no refused party.
/// @dev Whatever moves shares, a deposit, withdrawal or transfer, screens who calls, whose shares
/// go and who gets them; a withdrawal also who is paid. Approvals are not screened. A refused
/// party's limits are 0, as ERC-4626 asks of a vault that would refuse: `deposit`, `mint`,
/// `withdraw` and `redeem` then fail by their limit before they fail by name.
abstract contract ScreenedERC4626 is ERC4626, Screened {
    /// @inheritdoc ERC4626
    function maxDeposit(address receiver) public view virtual override returns (uint256) {
        return _isAdmitted(receiver) ? super.maxDeposit(receiver) : 0;
    }

    /// @inheritdoc ERC4626
    function maxMint(address receiver) public view virtual override returns (uint256) {
        return _isAdmitted(receiver) ? super.maxMint(receiver) : 0;
    }

    /// @inheritdoc ERC4626
    /// @dev `maxWithdraw` follows from this.
    function maxRedeem(address owner) public view virtual override returns (uint256) {
        return _isAdmitted(owner) ? super.maxRedeem(owner) : 0;
    }

    /// @inheritdoc ERC4626
    function _withdraw(
        address caller,
        address receiver,
        address owner,
        uint256 assets,
        uint256 shares
    ) internal virtual override {
        if (receiver != owner && receiver != caller) _screen(receiver);
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    function _update(address from, address to, uint256 value) internal virtual override {
        address caller = _msgSender();
        if (caller != from && caller != to) _screen(caller);
        if (from != address(0)) _screen(from);
        if (to != address(0)) _screen(to);
        super._update(from, to, value);
    }
}
