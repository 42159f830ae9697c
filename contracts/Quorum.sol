// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Quorum
/// @notice How many seats decide: more than a percentage of them, which a deployment chooses.
/// @dev At 50 it is a majority. Less is refused, for then two halves of a council could decide
/// opposite things. More than 90 is refused, for then one lost key stops a council of ten for ever.
library Quorum {
    /// @notice The percentage is outside its bounds.
    error QuorumOutOfBounds(uint256 percent);

    uint256 internal constant PERCENT_MIN = 50;
    uint256 internal constant PERCENT_MAX = 90;

    /// @dev Reverts unless the percentage is one that a deployment may choose.
    function check(uint256 percent) internal pure {
        require(PERCENT_MIN <= percent && percent <= PERCENT_MAX, QuorumOutOfBounds(percent));
    }

    /// @dev The least whole number of seats that is more than the percentage of all.
    function needed(uint256 seats, uint256 percent) internal pure returns (uint256) {
        return seats * percent / 100 + 1;
    }
}
