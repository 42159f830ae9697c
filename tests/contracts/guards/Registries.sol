// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @notice Ways to give no answer.
enum Fault {
    NoCode,
    Reverts,
    Burns,
    Loops,
    Empty,
    Short,
    Garbage,
    Writes
}

/// @notice A registry that gives no answer, in the chosen way.
contract FaultyRegistry {
    Fault private immutable _fault;

    uint256 private _written;

    constructor(Fault fault) {
        _fault = fault;
    }

    fallback() external {
        Fault fault = _fault;
        // A revert that looks like a no, to whoever forgets to look whether it was one
        if (fault == Fault.Reverts) _revert(0);
        if (fault == Fault.Burns) assembly { invalid() }
        while (fault == Fault.Loops) {}
        if (fault == Fault.Short) _answer(0, 31);
        if (fault == Fault.Garbage) _answer(uint256(keccak256(msg.data)) | 2, 32);
        if (fault == Fault.Writes) {
            _written = 1;
            _answer(0, 32);
        }
    }

    function _revert(uint256 word) private pure {
        assembly {
            mstore(0, word)
            revert(0, 32)
        }
    }

    function _answer(uint256 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }
}

/// @notice A registry that answers with a word and whatever else.
contract VerboseRegistry {
    uint256 private immutable _word;
    uint256 private immutable _size;

    constructor(uint256 word, uint256 size) {
        _word = word;
        _size = size;
    }

    fallback() external {
        (uint256 word, uint256 size) = (_word, _size);
        assembly {
            mstore(0, word)
            mstore(0x20, not(0))
            return(0, size)
        }
    }
}

/// @notice A registry that lists everyone, and needs most of what it is given to find out.
contract HungryRegistry {
    uint256 public constant NEED = 29_000;

    function isSanctioned(address) external view returns (bool) {
        uint256 start = gasleft();
        while (start - gasleft() < NEED) {}
        return true;
    }
}

/// @notice What an oracle in the shape of Chainalysis' is: one mapping, one question.
contract Oracle {
    mapping(address account => bool) private _listed;

    function set(address account, bool listed) external {
        _listed[account] = listed;
    }

    function isSanctioned(address account) external view returns (bool) {
        return _listed[account];
    }
}
