// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title DemoToken
/// @notice A token that anyone mints, to have transfers to screen on a local chain. Worth nothing.
contract DemoToken is ERC20("Interdict Demo Dollar", "IDD") {
    /// @notice As many as the dollar tokens have.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Makes tokens out of nothing.
    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}
