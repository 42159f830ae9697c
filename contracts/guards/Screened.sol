// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "../IBlocklist.sol";

/// @notice What is done when a registry gives no answer.
enum Unavailable {
    Refuse,
    Allow
}

/// @title Screened
/// @notice For whoever integrates: refuses what a listed party takes part in. Works with every
/// registry that answers `isSanctioned(address)`.
///
/// A registry without code, or one whose answer is no yes and no no, is unavailable; then
/// `Unavailable`, chosen at construction, decides. No caller can make it look so by giving little
/// gas: what would be left of it could not finish the call.
abstract contract Screened {
    /// @notice There is no code at the registry's address.
    error NotARegistry(address registry);

    /// @notice The registry gives no answer, and without one nothing is done.
    error RegistryUnavailable(address registry);

    /// @notice The address is on the registry's list.
    error SanctionedParty(address account);

    /// @notice Who is asked.
    address public immutable registry;

    /// @notice What is done when the registry gives no answer.
    Unavailable public immutable unavailable;

    constructor(address registry_, Unavailable unavailable_) {
        require(registry_.code.length > 0, NotARegistry(registry_));
        (registry, unavailable) = (registry_, unavailable_);
    }

    /// @dev Refuses if either of the two is listed.
    modifier screened(address from, address to) {
        _screen(from);
        _screen(to);
        _;
    }

    function _screen(address account) internal view {
        uint256 answer = _ask(account);
        require(answer < 2 || unavailable == Unavailable.Allow, RegistryUnavailable(registry));
        require(answer != 1, SanctionedParty(account));
    }

    /// @dev Whether `_screen` would refuse: for views that must not revert.
    function _isBarred(address account) internal view returns (bool) {
        uint256 answer = _ask(account);
        return answer < 2 ? answer == 1 : unavailable == Unavailable.Refuse;
    }

    /// @dev 0 for no, 1 for yes; all else is no answer.
    function _ask(address account) private view returns (uint256) {
        bytes memory call_ = abi.encodeCall(IBlocklist.isSanctioned, (account));
        (bool done, bytes memory answer) = registry.staticcall(call_);
        return done && answer.length == 32 ? uint256(bytes32(answer)) : type(uint256).max;
    }
}
