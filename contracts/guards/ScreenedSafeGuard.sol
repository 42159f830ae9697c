// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IModuleGuard, ITransactionGuard, Operation} from "./ISafeGuard.sol";
import {SafeGuard} from "./SafeGuard.sol";
import {Policy, Screened} from "./Screened.sol";

/// @title ScreenedSafeGuard
/// @notice A Safe under this guard does not deal with refused parties, neither by its owners nor,
/// from Safe 1.5 and if set there too, by its modules. One guard serves any number of Safes.
///
/// SCREENED
/// The target of the call.
/// The recipient of an ERC-20 `transfer`, both sides of a `transferFrom`, the spender of an
/// `approve`. An `approve` of 0 takes an approval away and is not screened.
/// Who is refunded for the gas, if there is a refund.
///
/// REFUSED UNSEEN
/// A delegatecall, whatever its target: it acts as the Safe, in ways that its calldata need not
/// show. Batches through MultiSend are delegatecalls; such a Safe sends its calls one by one.
/// Calldata of those three verbs that is cut short or has dirt above an address.
///
/// NOT SCREENED
/// What the Safe calls on itself: so the guard can always be taken off, by a transaction without a
/// refund, also when the registry is gone and the policy is Refuse.
/// What a called contract does then, and any other way to say where value goes (permit, ERC-721's
/// safeTransferFrom, a router's arguments). An ERC-721 `approve` of token 0 looks like a
/// revocation, and passes.
contract ScreenedSafeGuard is SafeGuard {
    error DelegateCallRefused(address to);

    constructor(address registry_, uint16 sources_, Policy onUnknown_)
        Screened(registry_, sources_, onUnknown_)
    {}

    /// @inheritdoc ITransactionGuard
    function checkAfterExecution(bytes32, bool) external pure {}

    /// @inheritdoc IModuleGuard
    function checkAfterModuleExecution(bytes32, bool) external pure {}

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(ITransactionGuard).interfaceId || id == type(IModuleGuard).interfaceId
            || id == type(IERC165).interfaceId;
    }

    function _check(address to, bytes calldata data, Operation how) internal view override {
        require(how == Operation.Call, DelegateCallRefused(to));
        if (to == msg.sender) return;

        _screen(to);
        bytes4 verb = bytes4(data);
        if (verb == IERC20.transfer.selector || verb == IERC20.approve.selector) {
            (address party, uint256 value) = abi.decode(data[4:], (address, uint256));
            if (value > 0 || verb == IERC20.transfer.selector) _screen(party);
        } else if (verb == IERC20.transferFrom.selector) {
            (address from, address receiver,) = abi.decode(data[4:], (address, address, uint256));
            _screen(from);
            _screen(receiver);
        }
    }
}
