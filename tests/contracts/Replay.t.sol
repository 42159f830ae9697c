// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

/// @notice Every day on which OFAC changed its EVM addresses, through the council: what is added is
/// held by signatures and then ratified by a vote, what is removed is voted upon and waits. Needs
/// the real days, as JSON in INTERDICT_REAL_DAYS, and says that it is skipped where they are not.
/// `make contracts` reads them from the folder that INTERDICT_REAL_DATA names: forge itself may
/// read no file outside of this repository.
contract ReplayTest is World {
    string private _json;
    uint256 private _gas;

    /// @dev Before the first of the days.
    function _start() internal pure override returns (uint256) {
        return _noon("2020-01-01");
    }

    /// @dev The transaction that was just made.
    function _paid() private {
        _gas += vm.lastCallGas().gasTotalUsed;
    }

    /// @dev Noon of a day such as 2020-09-10, in unix seconds: days are counted from 1 March, so
    /// that the leap day is a year's last.
    function _noon(string memory date) private pure returns (uint256) {
        uint256 y = _number(date, 0, 4);
        uint256 m = _number(date, 5, 2);
        if (m <= 2) --y;
        m = (m + 9) % 12;
        uint256 leaps = y / 4 - y / 100 + y / 400;
        uint256 day = 365 * y + leaps + (153 * m + 2) / 5 + _number(date, 8, 2) - 1;
        return (day - 719_468) * 1 days + 12 hours;
    }

    function _number(string memory text, uint256 at, uint256 n)
        private
        pure
        returns (uint256 sum)
    {
        for (uint256 i = at; i < at + n; ++i) {
            sum = 10 * sum + uint8(bytes(text)[i]) - 48;
        }
    }

    function _entries(address[] memory accounts) private view returns (IBlocklist.Batch memory) {
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](accounts.length);
        for (uint256 i = 0; i < entries.length; ++i) {
            entries[i] = IBlocklist.Entry({
                account: accounts[i],
                uid: uint64(29_000 + i),
                designatedOn: uint40(block.timestamp / 1 days * 1 days)
            });
        }
        IBlocklist.Batch memory batch = _batch(OFAC, entries);
        batch.dataAsOf = uint40(block.timestamp);
        return batch;
    }

    /// @dev Proposed, voted upon by signature, queued where it waits, executed.
    function _voted(bytes memory data) private {
        Proposal memory p = _propose(address(blocklist), data);
        _paid();
        skip(1);
        for (uint256 i = 0; i < _majority(); ++i) {
            _vote(p.id, i, 1);
            _paid();
        }
        if (council.proposalNeedsQueuing(p.id)) {
            _queue(p);
            _paid();
            (uint32 delay,,) = council.proposalExecutionPlan(p.id);
            skip(delay);
        }
        _execute(p);
        _paid();
    }

    function _add(address[] memory accounts) private {
        IBlocklist.Batch memory batch = _entries(accounts);
        uint32 before = blocklist.count();
        _hold(batch);
        _paid();
        for (uint256 i = 0; i < accounts.length; ++i) {
            assertTrue(blocklist.listingOf(accounts[i]).provisional);
        }
        assertEq(blocklist.count(), before);
        _voted(abi.encodeCall(IBlocklist.list, (batch)));
    }

    function _remove(address[] memory accounts) private {
        IBlocklist.Batch memory batch = _entries(accounts);
        bool few = accounts.length <= 3 || accounts.length * 100 <= blocklist.count() * 15;
        _voted(
            few
                ? abi.encodeCall(IBlocklist.delist, (batch))
                : abi.encodeCall(IBlocklist.delistMany, (batch))
        );
        for (uint256 i = 0; i < accounts.length; ++i) {
            assertFalse(blocklist.isSanctioned(accounts[i]));
        }
    }

    /// forge-config: default.isolate = true
    function testEveryDay() external {
        _json = vm.envOr("INTERDICT_REAL_DAYS", string(""));
        vm.skip(bytes(_json).length == 0, "INTERDICT_REAL_DATA is not set");

        uint256 slow = 0;
        uint256 i = 0;
        for (; vm.keyExistsJson(_json, _path(i, "")); ++i) {
            slow += _day(i);
        }
        assertEq(i, 36, "days");
        assertEq(blocklist.count(), 104);
        assertEq(slow, 1, "days that took the slower function");
    }

    /// @dev One day; returns 1 if a removal took the slower function.
    function _day(uint256 i) private returns (uint256 slow) {
        string memory date = vm.parseJsonString(_json, _path(i, ".date"));
        vm.warp(_noon(date));
        address[] memory added = vm.parseJsonAddressArray(_json, _path(i, ".added"));
        address[] memory removed = vm.parseJsonAddressArray(_json, _path(i, ".removed"));
        uint256 total = vm.parseJsonUint(_json, _path(i, ".total_after"));

        _gas = 0;
        if (added.length > 0) _add(added);
        if (removed.length > 0) _remove(removed);

        assertEq(blocklist.count(), total, date);
        IBlocklist.Kind kind = blocklist.actOf(blocklist.actCount()).kind;
        slow = kind == IBlocklist.Kind.DelistMany ? 1 : 0;
        console.log(
            string.concat(date, ": + ", vm.toString(added.length), " - "),
            removed.length,
            string.concat("= ", vm.toString(total), ", gas"),
            _gas
        );
    }

    function _path(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat("$[", vm.toString(i), "]", field);
    }
}
