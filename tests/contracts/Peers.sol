// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @notice A sanctions oracle of the shape that the field knows: a flag an address, one owner, one
/// event a batch. For measuring beside, with the same compiler in the same run.
contract FlagOracle is Ownable {
    mapping(address account => bool) private _sanctioned;

    event SanctionedAddressesAdded(address[] accounts);
    event SanctionedAddressesRemoved(address[] accounts);

    constructor() Ownable(msg.sender) {}

    function isSanctioned(address account) external view returns (bool) {
        return _sanctioned[account];
    }

    function name() external pure returns (string memory) {
        return "Flag oracle";
    }

    function addToSanctionsList(address[] memory accounts) external onlyOwner {
        for (uint256 i = 0; i < accounts.length; ++i) {
            _sanctioned[accounts[i]] = true;
        }
        emit SanctionedAddressesAdded(accounts);
    }

    function removeFromSanctionsList(address[] memory accounts) external onlyOwner {
        for (uint256 i = 0; i < accounts.length; ++i) {
            _sanctioned[accounts[i]] = false;
        }
        emit SanctionedAddressesRemoved(accounts);
    }
}

/// @notice What the field's own event of an addition would cost a list that has one of its own: the
/// addresses are in the calldata already, and only the event is counted.
contract FieldEvents {
    event SanctionedAddressesAdded(address[] accounts);

    function cost(address[] calldata accounts) external returns (uint256 used) {
        used = gasleft();
        emit SanctionedAddressesAdded(accounts);
        used -= gasleft();
    }
}

/// @notice A token's blacklist of the other known shape: the top bit of the word that holds the
/// balance, one address a call, one role.
contract BalanceBlacklist is Ownable {
    uint256 private constant FLAG = 1 << 255;

    mapping(address account => uint256) private _balances;

    event Blacklisted(address indexed account);
    event UnBlacklisted(address indexed account);

    constructor() Ownable(msg.sender) {}

    function balanceOf(address account) external view returns (uint256) {
        return _balances[account] & ~FLAG;
    }

    function isBlacklisted(address account) external view returns (bool) {
        return _balances[account] >> 255 == 1;
    }

    function blacklist(address account) external onlyOwner {
        _balances[account] |= FLAG;
        emit Blacklisted(account);
    }

    function unBlacklist(address account) external onlyOwner {
        _balances[account] &= ~FLAG;
        emit UnBlacklisted(account);
    }
}
