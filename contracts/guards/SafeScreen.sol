// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {SafeGuard} from "./SafeGuard.sol";
import {Screened, Unavailable} from "./Screened.sol";

/// @title SafeScreen
/// @notice A Safe's guard, for its owners' transactions and its modules'. It refuses a call of a
/// listed address, and a token's transfer or approval that names one. It sees no further: what the
/// called contract does is that contract's.
/// A delegatecall is refused, for nothing that it calls can be seen; `_mayDelegate` can name the
/// exceptions. What the Safe calls on itself is never refused, so that the guard can be taken off
/// even when the registry is gone.
contract SafeScreen is SafeGuard, Screened {
    /// @notice The Safe would run another's code as its own.
    error DelegatecallRefused(address to);

    constructor(address registry_, Unavailable unavailable_) Screened(registry_, unavailable_) {}

    // forgefmt: disable-next-item
    function checkTransaction(
        address to, uint256, bytes memory data, uint8 operation, uint256, uint256, uint256,
        address, address payable refundReceiver, bytes memory, address
    ) external view {
        _check(to, data, operation);
        if (to != msg.sender) _screen(refundReceiver);
    }

    // forgefmt: disable-next-item
    function checkModuleTransaction(
        address to, uint256, bytes memory data, uint8 operation, address
    ) external view returns (bytes32) {
        _check(to, data, operation);
        return 0;
    }

    function _check(address to, bytes memory data, uint8 operation) private view {
        if (to == msg.sender && operation == 0) return;
        require(operation == 0 || _mayDelegate(to), DelegatecallRefused(to));
        _screen(to);
        // Of any length: what is cut off at the end is zero, for old tokens too.
        bytes4 called = bytes4(data);
        bool moves = called == IERC20.transferFrom.selector;
        bool pays = called == IERC20.transfer.selector || called == IERC20.approve.selector;
        if (moves || pays) _screen(_addressAt(data, 4));
        if (moves) _screen(_addressAt(data, 36));
    }

    /// @dev Which contracts' code the Safe may run as its own.
    function _mayDelegate(address) internal view virtual returns (bool) {
        return false;
    }
}
