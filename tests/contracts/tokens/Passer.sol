// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Passer
/// @notice Passes coin on from within a transaction, and fails halfway if told.
contract Passer {
    /// @notice Passes on what is sent along; what is passed before a failure is undone.
    function pass(address payable to, bool fail) external payable {
        try this.passAndFail{value: msg.value / 2}(to) {} catch {}
        require(!fail, "told to fail");
        (bool sent,) = to.call{value: msg.value}("");
        require(sent);
    }

    /// @notice Passes on, and takes it back by failing.
    function passAndFail(address payable to) external payable {
        (bool sent,) = to.call{value: msg.value}("");
        require(!sent, "undone");
    }

    /// @notice Makes a contract with coin in it.
    function create() external payable {
        new Purse{value: msg.value}();
    }
}

/// @title Purse
/// @notice Holds coin.
contract Purse {
    /// @notice Takes what it is made with.
    constructor() payable {}
}
