// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ScreenedERC20} from "./ScreenedERC20.sol";

/// @title ScreenedERC7943
/// @notice The list as the eligibility rule of an ERC-7943 (uRWA) fungible token: its three
/// questions, answered by the same screening that its transfers go through.
/// @dev Follows the revision whose fungible interface is 0x3edbb4c4, which has `canSend` and
/// `canReceive` in the place of the earlier `canTransact`. A transfer whose `canTransfer` is false
/// reverts. As the ERC demands, no answer depends on a balance, and none reverts, but for lack of
/// gas. Freezing and forced transfers need an authority and are the issuer's: a token that has them
/// narrows `canTransfer`, and only then claims the interface by ERC-165. This does not claim it.
abstract contract ScreenedERC7943 is ScreenedERC20 {
    /// @notice Whether the account may send tokens: whether it is not refused.
    function canSend(address account) public view virtual returns (bool) {
        return _isAdmitted(account);
    }

    /// @notice Whether the account may receive tokens: whether it is not refused.
    function canReceive(address account) public view virtual returns (bool) {
        return _isAdmitted(account);
    }

    /// @notice Whether the rules allow the transfer: whether neither party is refused.
    function canTransfer(address from, address to, uint256) public view virtual returns (bool) {
        return canSend(from) && canReceive(to);
    }
}
