// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Answer, ask} from "./Ask.sol";

/// @notice What a guard does with an address of which the registry says nothing.
/// @dev Refuse stops everything when the registry is gone; Allow lets listed parties through then.
enum Policy {
    Refuse,
    Allow
}

/// @title Screened
/// @notice Refuses listed parties. The registry is a Blocklist, or, for all sources, any contract
/// with the Chainalysis oracle's `isSanctioned`.
///
/// REGISTRY
/// It has code when the guard is built, and can never be replaced.
/// It is asked by a static call, so it can neither write nor reenter with effect.
/// It is asked anew at each use: a listing counts from its own block, and so does its end.
///
/// POLICY
/// A listed party is refused under either policy.
/// An unknown one is refused or allowed as the integrator chose at construction; nobody chooses for
/// the integrator, and nobody can choose again.
abstract contract Screened {
    error NoCode(address registry);
    error PartyListed(address account);
    error RegistryUnavailable(address account);

    address public immutable registry;
    uint16 public immutable sources;
    Policy public immutable onUnknown;

    /// @param registry_ Who is asked.
    /// @param sources_ The source lists that count, one bit each; 0 for all.
    /// @param onUnknown_ What happens to whom the registry says nothing of.
    constructor(address registry_, uint16 sources_, Policy onUnknown_) {
        require(registry_.code.length > 0, NoCode(registry_));
        (registry, sources, onUnknown) = (registry_, sources_, onUnknown_);
    }

    /// @notice Refuses unless neither party is refused.
    modifier screened(address from, address to) {
        _screen(from);
        _screen(to);
        _;
    }

    function _screen(address account) internal view {
        Answer answer = ask(registry, sources, account);
        require(answer != Answer.Listed, PartyListed(account));
        require(answer == Answer.Clear || onUnknown == Policy.Allow, RegistryUnavailable(account));
    }

    /// @dev `_screen` as a question: never reverts but for lack of gas.
    function _isAdmitted(address account) internal view returns (bool) {
        Answer answer = ask(registry, sources, account);
        return answer == Answer.Clear || (answer == Answer.Unknown && onUnknown == Policy.Allow);
    }
}
