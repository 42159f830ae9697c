// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";

/// @notice What a Safe asks before and after a transaction of its owners. `operation` is 0 for a
/// call, 1 for a delegatecall.
interface ITransactionGuard {
    function checkTransaction(
        address to,
        uint256 value,
        bytes memory data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes memory signatures,
        address executor
    ) external;

    function checkAfterExecution(bytes32 hash, bool success) external;
}

/// @notice What a Safe asks before and after a transaction of one of its modules.
interface IModuleGuard {
    function checkModuleTransaction(
        address to,
        uint256 value,
        bytes memory data,
        uint8 operation,
        address module
    ) external returns (bytes32 hash);

    function checkAfterModuleExecution(bytes32 hash, bool success) external;
}

/// @notice Both, for a guard that has nothing to say afterwards and reads what is called.
abstract contract SafeGuard is ITransactionGuard, IModuleGuard, IERC165 {
    function checkAfterExecution(bytes32, bool) external pure {}

    function checkAfterModuleExecution(bytes32, bool) external pure {}

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(ITransactionGuard).interfaceId || id == type(IModuleGuard).interfaceId
            || id == type(IERC165).interfaceId;
    }

    /// @dev The address in the word of `data` that begins at this byte.
    function _addressAt(bytes memory data, uint256 at) internal pure returns (address account) {
        assembly ("memory-safe") {
            account := shr(96, shl(96, mload(add(data, add(0x20, at)))))
        }
    }
}
