// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

contract ReadsTest is World {
    function testSelector() external pure {
        // What integrators of the Chainalysis oracle call already
        assertEq(IBlocklist.isSanctioned.selector, bytes4(0xdf592f7d));
    }

    /// @dev Nothing that a caller can pass makes a read revert, on a list in any state.
    function testNeverRevert(
        address[] calldata accounts,
        address account,
        uint16 sources,
        uint40 time,
        uint24 act,
        uint8 episode,
        uint40 now_
    ) external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 3, "some");
        _list(batch);
        _delist(batch);
        _list(batch);
        vm.warp(now_);
        for (uint256 i = 0; i < 2; ++i) {
            blocklist.isSanctioned(account);
            blocklist.isSanctionedBy(account, sources);
            blocklist.wasSanctionedAt(account, time);
            blocklist.listingOf(account);
            blocklist.episodeOf(account, episode);
            blocklist.next(account);
            account = batch.entries[0].account;
        }
        blocklist.areSanctioned(accounts);
        blocklist.anySanctioned(accounts);
        blocklist.freshness(sources);
        blocklist.page(account, act);
        blocklist.page(address(uint160(time)), type(uint256).max);
        blocklist.actOf(act);
    }

    function testOfNobody(address account, uint16 sources, uint40 time) external view {
        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertFalse(blocklist.isSanctioned(account));
        assertFalse(blocklist.isSanctionedBy(account, sources));
        assertFalse(blocklist.wasSanctionedAt(account, time));
        assertEq(listing.episode, 0);
        assertEq(listing.act, 0);
        assertEq(listing.since, 0);
        assertEq(listing.until, 0);
        assertEq(blocklist.episodeOf(account, 1).start, 0);
    }

    function testBySource(address account, uint16 sources, uint16 mask) external {
        _assumeListable(account);
        vm.assume(sources != 0);
        _list(_batchOf(sources, account));
        assertEq(blocklist.isSanctionedBy(account, mask), sources & mask != 0);

        _delist(_batchOf(sources, account));
        assertFalse(blocklist.isSanctionedBy(account, mask));
    }

    function testMany(address[] calldata accounts, uint256 seed) external {
        for (uint256 i = 0; i < accounts.length; ++i) {
            bool pick = uint256(keccak256(abi.encode(seed, i))) % 2 == 0;
            if (pick && _isListable(accounts[i])) _list(_batchOf(OFAC, accounts[i]));
        }

        bool any = false;
        bool[] memory answers = blocklist.areSanctioned(accounts);
        assertEq(answers.length, accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            assertEq(answers[i], blocklist.isSanctioned(accounts[i]));
            any = any || answers[i];
        }
        assertEq(blocklist.anySanctioned(accounts), any);
    }

    /// @dev Three episodes: held and lapsed, listed and delisted, listed.
    function testThePast(address account, uint40 time) external {
        _assumeListable(account);
        uint40[6] memory at;
        at[0] = uint40(block.timestamp);
        _hold(_batchOf(OFAC, account));
        at[1] = at[0] + TERM;
        vm.warp(at[1] + 3 days);

        at[2] = uint40(block.timestamp);
        _list(_batchOf(OFAC, account));
        skip(5 days);
        _delist(_batchOf(OFAC, account));
        at[3] = uint40(block.timestamp);
        skip(2 days);

        at[4] = uint40(block.timestamp);
        _list(_batchOf(UK, account));
        skip(30 days);
        at[5] = uint40(block.timestamp) + 1;

        // Inside, outside, and on each edge
        for (uint256 i = 0; i < at.length; ++i) {
            assertEq(blocklist.wasSanctionedAt(account, at[i]), i % 2 == 0, "edge");
            assertEq(blocklist.wasSanctionedAt(account, at[i] - 1), i % 2 == 1, "before edge");
        }
        time = uint40(bound(time, 0, uint256(at[5]) + 60 days));
        bool expected = (at[0] <= time && time < at[1]) || (at[2] <= time && time < at[3])
            || (at[4] <= time && time < at[5]);
        assertEq(blocklist.wasSanctionedAt(account, time), expected);
    }

    function testAnEmptyEpisode(address account) external {
        _assumeListable(account);
        bytes memory data = abi.encodeCall(IBlocklist.delist, (_batchOf(OFAC, account)));
        _schedule(data);
        _list(_batchOf(OFAC, account));
        _perform(data);
        assertFalse(blocklist.wasSanctionedAt(account, uint40(block.timestamp)));

        // Listed again within the same block: the later episode decides
        _list(_batchOf(OFAC, account));
        assertTrue(blocklist.wasSanctionedAt(account, uint40(block.timestamp)));
        assertFalse(blocklist.wasSanctionedAt(account, uint40(block.timestamp - 1)));
    }

    /// @dev Words whose upper 12 bytes are not zero are not what the ABI asks for, but no reason to
    /// call anybody clear.
    function testDirtyWords(address account, uint96 dirt) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));
        uint256 word = uint256(dirt) << 160 | uint160(account);
        bytes memory data = abi.encode(uint256(0x20), uint256(2), uint256(uint160(0xbeef)), word);

        (bool done, bytes memory answer) =
            address(blocklist).call(bytes.concat(IBlocklist.areSanctioned.selector, data));
        bool[] memory answers = abi.decode(answer, (bool[]));
        assertTrue(done && answers[1]);
        assertEq(answers[0], account == address(0xbeef));

        (done, answer) =
            address(blocklist).call(bytes.concat(IBlocklist.anySanctioned.selector, data));
        assertTrue(done && abi.decode(answer, (bool)));
    }
}
