// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// @title Multi
/// @notice An ERC-1155 token that anyone mints, and that logs batches that no honest token logs.
contract Multi is ERC1155("") {
    /// @notice Makes some of one id.
    function mint(address to, uint256 id, uint256 value) external {
        _mint(to, id, value, "");
    }

    /// @notice Makes some of several.
    function mintMany(address to, uint256[] calldata ids, uint256[] calldata values) external {
        _mintBatch(to, ids, values, "");
    }

    /// @notice Logs a batch of two ids and one amount.
    function logUnequal(address from, address to) external {
        uint256[] memory ids = new uint256[](2);
        emit TransferBatch(msg.sender, from, to, ids, new uint256[](1));
    }

    /// @notice Logs a batch that says to have 2^255 ids.
    function logEndless(address from, address to) external {
        bytes32 topic = TransferBatch.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, 0x40)
            mstore(add(free, 0x20), 0x40)
            mstore(add(free, 0x40), shl(255, 1))
            log4(free, 0x60, topic, caller(), from, to)
        }
    }
}
