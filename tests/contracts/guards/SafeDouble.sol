// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {
    IModuleGuard,
    ITransactionGuard,
    Operation
} from "../../../contracts/guards/ISafeGuard.sol";

/// @notice One transaction of a Safe, as its owners sign it.
struct SafeTransaction {
    address to;
    uint256 value;
    bytes data;
    Operation operation;
    uint256 gasPrice;
    address payable refundReceiver;
}

/// @notice What a Safe 1.5 does around a guard, without its owners: anyone is its owner and module.
/// @dev The order is the Safe's: the guard, the execution, the refund, the guard.
contract SafeDouble {
    ITransactionGuard public guard;
    IModuleGuard public moduleGuard;

    event Executed(bool success);

    receive() external payable {}

    modifier authorized() {
        require(msg.sender == address(this), "GS031");
        _;
    }

    function setGuard(address guard_) external authorized {
        require(
            guard_ == address(0) || ITransactionGuard(guard_).supportsInterface(0xe6d7a83a),
            "GS300"
        );
        guard = ITransactionGuard(guard_);
    }

    function setModuleGuard(address guard_) external authorized {
        require(
            guard_ == address(0) || IModuleGuard(guard_).supportsInterface(0x58401ed8), "GS301"
        );
        moduleGuard = IModuleGuard(guard_);
    }

    function execTransaction(SafeTransaction calldata t) external returns (bool success) {
        bytes32 hash = keccak256(abi.encode(t));
        ITransactionGuard guard_ = guard;
        if (address(guard_) != address(0)) _before(guard_, t);

        success = _execute(t.to, t.value, t.data, t.operation);
        require(success || t.gasPrice != 0, "GS013");
        if (t.gasPrice > 0) _refund(t.gasPrice, t.refundReceiver);

        if (address(guard_) != address(0)) guard_.checkAfterExecution(hash, success);
        emit Executed(success);
    }

    function execTransactionFromModule(
        address to,
        uint256 value,
        bytes calldata data,
        Operation operation
    ) external returns (bool success) {
        IModuleGuard guard_ = moduleGuard;
        bytes32 hash;
        if (address(guard_) != address(0)) {
            hash = guard_.checkModuleTransaction(to, value, data, operation, msg.sender);
        }

        success = _execute(to, value, data, operation);

        if (address(guard_) != address(0)) guard_.checkAfterModuleExecution(hash, success);
    }

    function _before(ITransactionGuard guard_, SafeTransaction calldata t) private {
        guard_.checkTransaction(
            t.to,
            t.value,
            t.data,
            t.operation,
            0,
            0,
            t.gasPrice,
            address(0),
            t.refundReceiver,
            "signatures",
            msg.sender
        );
    }

    function _execute(address to, uint256 value, bytes calldata data, Operation operation)
        private
        returns (bool success)
    {
        if (operation == Operation.DelegateCall) (success,) = to.delegatecall(data);
        else (success,) = to.call{value: value}(data);
    }

    /// @dev One unit of gas, at the agreed price.
    function _refund(uint256 gasPrice, address payable receiver) private {
        if (receiver == address(0)) receiver = payable(tx.origin);
        (bool sent,) = receiver.call{value: gasPrice}("");
        require(sent, "GS011");
    }
}
