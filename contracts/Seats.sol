// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @title Seats
/// @notice Who sits on the council.
///
/// SEATS
/// A member has exactly one seat, and a seat has exactly one vote.
/// A seat cannot be transferred and its vote cannot be delegated.
/// There is always at least one seat, and never more than 64.
/// Membership changes only through `add` and `remove`, for the role that the authority gives them.
///
/// TIME
/// The clock is the block's timestamp.
/// A past moment's seats never change: a vote that has begun is decided by the seats of its start.
/// A member that is removed signs no further act at once, and votes on no later proposal.
contract Seats is Votes, AccessManaged {
    using EnumerableSet for EnumerableSet.AddressSet;

    /* ERRORS */

    /// @notice The address has a seat already.
    error AlreadyMember(address account);

    /// @notice The address has no seat.
    error NotMember(address account);

    /// @notice An address that can neither vote nor sign.
    error InvalidMember(address account);

    /// @notice There would be no seat, or more than SEATS_MAX.
    error SeatsOutOfBounds(uint256 seats);

    /// @notice A seat's vote is its member's own.
    error NotDelegable();

    /* EVENTS */

    /// @notice The address took a seat.
    event MemberAdded(address indexed account);

    /// @notice The address lost its seat.
    event MemberRemoved(address indexed account);

    /* STORAGE */

    /// @notice The most seats there can be. Keeps a quorum's signatures within one transaction.
    uint256 public constant SEATS_MAX = 64;

    EnumerableSet.AddressSet private _members;

    /// @param authority The AccessManager that knows who may change the seats.
    /// @param accounts The first members.
    constructor(address authority, address[] memory accounts)
        AccessManaged(authority)
        EIP712("Interdict Seats", "1")
    {
        require(accounts.length > 0, SeatsOutOfBounds(0));
        for (uint256 i = 0; i < accounts.length; ++i) {
            _add(accounts[i]);
        }
    }

    /* READS */

    /// @notice The members, in no order that means anything.
    function members() external view returns (address[] memory) {
        return _members.values();
    }

    /// @notice Whether the address has a seat now.
    function isMember(address account) public view returns (bool) {
        return _members.contains(account);
    }

    /// @notice How many seats there are now.
    function size() public view returns (uint256) {
        return _members.length();
    }

    /// @notice Each address votes for itself.
    function delegates(address account) public pure override returns (address) {
        return account;
    }

    /// @notice The block's timestamp, ERC-6372.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice What the clock counts, ERC-6372.
    // forge-lint: disable-next-line(mixed-case-function)
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /* MEMBERSHIP */

    /// @notice Gives the address a seat.
    function add(address account) external restricted {
        _add(account);
    }

    /// @notice Takes the address's seat away.
    function remove(address account) external restricted {
        require(size() > 1, SeatsOutOfBounds(0));
        require(_members.remove(account), NotMember(account));

        _transferVotingUnits(account, address(0), 1);

        emit MemberRemoved(account);
    }

    function _add(address account) private {
        require(account != address(0) && account != address(this), InvalidMember(account));
        require(size() < SEATS_MAX, SeatsOutOfBounds(SEATS_MAX + 1));
        require(_members.add(account), AlreadyMember(account));

        // This alone gives the vote, for `delegates` has always been the account itself. To
        // delegate as well would count it twice.
        _transferVotingUnits(address(0), account, 1);

        emit MemberAdded(account);
    }

    function _delegate(address, address) internal pure override {
        revert NotDelegable();
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return isMember(account) ? 1 : 0;
    }
}
