// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IModuleGuard, ITransactionGuard, Operation} from "./ISafeGuard.sol";
import {Screened} from "./Screened.sol";

/// @title SafeGuard
/// @notice One check for both ways through which a Safe acts: its owners' and its modules'.
abstract contract SafeGuard is Screened, ITransactionGuard, IModuleGuard {
    /// @inheritdoc ITransactionGuard
    function checkTransaction(
        address to,
        uint256,
        bytes calldata data,
        Operation how,
        uint256,
        uint256,
        uint256 gasPrice,
        address,
        address payable refundReceiver,
        bytes memory,
        address
    ) external view {
        _check(to, data, how);
        if (gasPrice > 0) _screen(refundReceiver == address(0) ? tx.origin : refundReceiver);
    }

    /// @inheritdoc IModuleGuard
    function checkModuleTransaction(
        address to,
        uint256,
        bytes calldata data,
        Operation how,
        address
    ) external view returns (bytes32) {
        _check(to, data, how);
        return 0;
    }

    function _check(address to, bytes calldata data, Operation how) internal view virtual;
}
