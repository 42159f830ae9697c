// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title Collectible
/// @notice An ERC-721 token that anyone mints.
contract Collectible is ERC721("Interdict Demo Picture", "IDP") {
    /// @notice Makes one.
    function mint(address to, uint256 id) external {
        _mint(to, id);
    }
}
