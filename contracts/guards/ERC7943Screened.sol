// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20Screened} from "./ERC20Screened.sol";

/// @title ERC7943Screened
/// @notice The questions of ERC-7943 to a token, answered from the list: who may send, who may
/// receive, whether a transfer would pass. Freezing and forced transfers are the token's own; a
/// token that has them as well adds them and claims the whole interface.
abstract contract ERC7943Screened is ERC20Screened {
    /// @notice Whether the account may send.
    function canSend(address account) public view virtual returns (bool) {
        return !_isBarred(account);
    }

    /// @notice Whether the account may receive.
    function canReceive(address account) public view virtual returns (bool) {
        return !_isBarred(account);
    }

    /// @notice Whether the transfer would pass now.
    function canTransfer(address from, address to, uint256 amount)
        public
        view
        virtual
        returns (bool)
    {
        if (from == address(0) || to == address(0)) return false;
        return canSend(from) && canReceive(to) && amount <= balanceOf(from);
    }
}
