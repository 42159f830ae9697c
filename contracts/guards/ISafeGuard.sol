// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @notice How a Safe executes.
enum Operation {
    Call,
    DelegateCall
}

/// @title ITransactionGuard
/// @notice What a Safe, from 1.3, calls around each transaction of its owners. ERC-165 0xe6d7a83a.
interface ITransactionGuard is IERC165 {
    /// @notice Reverts to refuse the transaction.
    /// @param gasPrice If not 0, the Safe refunds the gas at this price.
    /// @param refundReceiver Who gets the refund; the transaction's origin if zero.
    function checkTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        Operation operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes calldata signatures,
        address executor
    ) external;

    /// @notice Called after the execution.
    function checkAfterExecution(bytes32 hash, bool success) external;
}

/// @title IModuleGuard
/// @notice What a Safe, from 1.5, calls around each transaction of a module. ERC-165 0x58401ed8.
interface IModuleGuard is IERC165 {
    /// @notice Reverts to refuse the transaction; what it returns comes back after the execution.
    function checkModuleTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        Operation operation,
        address module
    ) external returns (bytes32);

    /// @notice Called after the execution.
    function checkAfterModuleExecution(bytes32 hash, bool success) external;
}
