// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

contract ListTest is World {
    uint40 private constant FOREVER = type(uint40).max;

    function testList(
        address stranger,
        address account,
        uint64 uid,
        uint40 designatedOn,
        uint16 sources,
        uint256 wait
    ) external {
        _assumeListable(account);
        vm.assume(sources != 0);
        IBlocklist.Batch memory batch = _batchOf(sources, account);
        batch.entries[0].uid = uid;
        batch.entries[0].designatedOn = designatedOn;

        // Access control
        _assumeStranger(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        vm.prank(stranger);
        blocklist.list(batch);

        // A signed act cannot list for good
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManaged.AccessManagedUnauthorized.selector, address(signedAct)
            )
        );
        vm.prank(address(signedAct));
        blocklist.list(batch);

        // Normal path
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 2, uid, designatedOn);
        _list(batch);

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertTrue(listing.sanctioned && !listing.provisional);
        assertEq(listing.episode, 1);
        assertEq(listing.sources, sources);
        assertEq(listing.act, 2);
        assertEq(listing.since, block.timestamp);
        assertEq(listing.until, FOREVER);
        assertEq(blocklist.count(), 1);
        assertEq(uint8(blocklist.actOf(2).kind), uint8(IBlocklist.Kind.List));

        skip(bound(wait, 0, 1000 * 365 days));
        assertTrue(blocklist.isSanctioned(account), "without end");
    }

    function testRatifies(address account, uint256 wait) external {
        _assumeListable(account);
        _hold(_batchOf(OFAC, account));
        uint256 held = block.timestamp;
        skip(bound(wait, 0, TERM - 1));

        _list(_batchOf(OFAC | UK, account));

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertTrue(listing.sanctioned && !listing.provisional);
        assertEq(listing.episode, 1, "the episode goes on");
        assertEq(listing.act, 2, "the act that began it");
        assertEq(listing.since, held);
        assertEq(listing.until, FOREVER);
        assertEq(listing.sources, OFAC | UK);
        assertEq(blocklist.count(), 1);
        assertTrue(blocklist.wasSanctionedAt(account, uint40(held)));
    }

    function testAfterALapsedHold(address account, uint256 wait) external {
        _assumeListable(account);
        _hold(_batchOf(OFAC, account));
        uint40 held = uint40(block.timestamp);
        skip(bound(wait, TERM, 100 days));

        _list(_batchOf(UK, account));

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertEq(listing.episode, 2);
        assertEq(listing.sources, UK);
        assertEq(listing.since, block.timestamp);
        IBlocklist.Interval memory past = blocklist.episodeOf(account, 1);
        assertEq(past.start, held);
        assertEq(past.end, held + TERM);
        assertEq(past.sources, OFAC);
        assertEq(blocklist.count(), 1);
    }

    function testJoins(address account, uint16 first, uint16 second) external {
        _assumeListable(account);
        vm.assume(first != 0 && second != 0);
        _list(_batchOf(first, account));
        uint40 since = uint40(block.timestamp);
        skip(1 days);

        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 3, 1, 1_600_000_000);
        _list(_batchOf(second, account));

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertEq(listing.sources, first | second);
        assertEq(listing.since, since);
        assertEq(listing.episode, 1);
        assertEq(blocklist.count(), 1, "one address, however many sources");
    }

    function testSameAddressUnderTwoUids(address account) external {
        _assumeListable(account);

        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 2, 1, 1_600_000_000);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 2, 2, 0);
        _list(_batchTwice(OFAC, account));

        assertEq(blocklist.count(), 1);
        assertEq(blocklist.newest(), account);
        assertEq(blocklist.next(account), address(0));
    }

    function testRatifiesUnderTwoUids(address account) external {
        _assumeListable(account);
        _hold(_batchTwice(OFAC, account));
        _list(_batchTwice(OFAC, account));

        assertEq(blocklist.count(), 1);
        assertFalse(blocklist.listingOf(account).provisional);
    }

    function testRefusals(address account, uint160 low) external {
        _assumeListable(account);
        _protect(account);
        bytes memory refusal =
            abi.encodeWithSelector(IBlocklist.ProtectedAccount.selector, account);
        vm.expectRevert(refusal);
        _list(_batchOf(OFAC, account));

        address never = address(uint160(bound(low, 0, 0x1ff)));
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.Unlistable.selector, never));
        _list(_batchOf(OFAC, never));

        IBlocklist.Batch memory batch = _batchOf(0, account);
        vm.expectRevert(IBlocklist.NoSources.selector);
        _list(batch);
    }

    /// @dev The chain meets each address once, however often it was listed since.
    function testChain(uint8 n) external {
        n = uint8(bound(n, 1, 40));
        IBlocklist.Batch memory batch = _batchMany(OFAC, n, "chain");
        _list(batch);
        _delistMany(batch);
        _list(batch);

        address at = blocklist.newest();
        for (uint256 i = n; i > 0; --i) {
            assertEq(at, batch.entries[i - 1].account);
            at = blocklist.next(at);
        }
        assertEq(at, address(0));
    }

    function testEpisodesEnd() external {
        address account = makeAddr("often");
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        for (uint256 i = 0; i < 255; ++i) {
            _list(batch);
            _delist(batch);
        }
        assertEq(blocklist.listingOf(account).episode, 255);
        assertGt(blocklist.episodeOf(account, 1).start, 0);

        vm.expectRevert(abi.encodeWithSelector(IBlocklist.EpisodesExhausted.selector, account));
        _list(batch);
    }
}
