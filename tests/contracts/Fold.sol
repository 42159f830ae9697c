// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";

/// @notice The list's head, as anyone computes it from the list's events and nothing else: written
/// from the words of `IBlocklist.head`.
library Fold {
    /// @return head The head after the last event.
    /// @return acts How many acts were complete.
    function all(bytes32 from, Vm.Log[] memory logs)
        internal
        pure
        returns (bytes32 head, uint256 acts)
    {
        head = from;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IBlocklist.Acted.selector) ++acts;
            head = one(head, logs[i]);
        }
    }

    function one(bytes32 head, Vm.Log memory log) internal pure returns (bytes32) {
        bytes32 topic = log.topics[0];
        if (topic == IBlocklist.Acted.selector) return _acted(head, log);

        uint64 uid;
        uint40 designatedOn;
        if (topic == IBlocklist.Listed.selector || topic == IBlocklist.Delisted.selector) {
            (, uid, designatedOn) = abi.decode(log.data, (uint24, uint64, uint40));
        }
        address account = address(uint160(uint256(log.topics[1])));
        return keccak256(abi.encode(head, account, uid, designatedOn));
    }

    function _acted(bytes32 head, Vm.Log memory log) private pure returns (bytes32) {
        (uint8 kind, uint16 sources, uint40 until, uint40 dataAsOf,) =
            abi.decode(log.data, (uint8, uint16, uint40, uint40, bytes32));
        uint24 act = uint24(uint256(log.topics[1]));
        bytes32 manifest = log.topics[2];
        return keccak256(abi.encode(head, act, kind, sources, until, dataAsOf, manifest));
    }

    /// @dev The logs of one emitter.
    function only(Vm.Log[] memory logs, address emitter) internal pure returns (Vm.Log[] memory) {
        uint256 n = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == emitter) logs[n++] = logs[i];
        }
        assembly ("memory-safe") {
            mstore(logs, n)
        }
        return logs;
    }
}
