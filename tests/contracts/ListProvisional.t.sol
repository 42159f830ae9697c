// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Blocklist} from "../../contracts/Blocklist.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

contract ListProvisionalTest is World {
    /// @dev As the holder of the role, with one call, so that a revert can be expected.
    function _emergency(IBlocklist.Batch memory batch) private {
        vm.prank(address(signedAct));
        blocklist.listProvisional(batch);
    }

    function testListProvisional(
        address stranger,
        address account,
        uint64 uid,
        uint40 designatedOn,
        uint16 sources
    ) external {
        _assumeListable(account);
        vm.assume(sources != 0);
        IBlocklist.Batch memory batch = _batchOf(sources, account);
        batch.entries[0].uid = uid;
        batch.entries[0].designatedOn = designatedOn;
        uint24 act = blocklist.actCount() + 1;
        uint40 until = uint40(block.timestamp) + TERM;

        // Access control
        _assumeStranger(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        vm.prank(stranger);
        blocklist.listProvisional(batch);

        // The council's vote may not either: it has its own lane
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManaged.AccessManagedUnauthorized.selector, address(council)
            )
        );
        vm.prank(address(council));
        blocklist.listProvisional(batch);

        // Normal path
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, act, uid, designatedOn);
        _emergency(batch);

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertTrue(listing.sanctioned && listing.provisional && !listing.isProtected);
        assertEq(listing.episode, 1);
        assertEq(listing.sources, sources);
        assertEq(listing.act, act);
        assertEq(listing.since, block.timestamp);
        assertEq(listing.until, until);
        assertEq(blocklist.count(), 0, "provisional entries do not count");
        assertEq(blocklist.newest(), account);

        IBlocklist.Act memory done = blocklist.actOf(act);
        assertEq(done.time, block.timestamp);
        assertEq(uint8(done.kind), uint8(IBlocklist.Kind.ListProvisional));
        assertEq(done.manifest, bytes26(batch.manifest));
    }

    function testActedIsLast(address account) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        bytes32 folded =
            keccak256(abi.encode(blocklist.head(), account, uint64(1), uint40(1_600_000_000)));
        uint40 until = uint40(block.timestamp) + TERM;
        bytes32 head = keccak256(
            abi.encode(folded, uint24(2), uint8(0), OFAC, until, batch.dataAsOf, batch.manifest)
        );

        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 2, 1, 1_600_000_000);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Acted(
            2, IBlocklist.Kind.ListProvisional, OFAC, until, batch.dataAsOf, batch.manifest, head
        );
        _emergency(batch);
        assertEq(blocklist.head(), head);
    }

    function testEndsByItself(address account, uint256 wait) external {
        _assumeListable(account);
        _emergency(_batchOf(OFAC, account));
        uint256 start = block.timestamp;

        wait = bound(wait, 0, TERM - 1);
        vm.warp(start + wait);
        assertTrue(blocklist.isSanctioned(account));

        vm.warp(start + TERM);
        assertFalse(blocklist.isSanctioned(account));
        assertFalse(blocklist.listingOf(account).provisional);
        assertEq(blocklist.count(), 0);
    }

    function testCannotBeRenewed(address account, uint256 wait) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        _emergency(batch);
        uint256 end = block.timestamp + TERM;
        uint256 rested = end + 30 days;

        // While it holds, another source's hold would be a renewal too
        skip(bound(wait, 0, TERM - 1));
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.AlreadyListed.selector, account));
        _emergency(_batchOf(UK, account));

        // After it lapsed
        vm.warp(bound(wait, end, rested - 1));
        vm.expectRevert(
            abi.encodeWithSelector(IBlocklist.HeldRecently.selector, account, uint40(rested))
        );
        _emergency(batch);

        // After the pause
        vm.warp(rested);
        _emergency(batch);
        assertTrue(blocklist.listingOf(account).provisional);
        assertEq(blocklist.listingOf(account).episode, 2);
    }

    function testCannotHoldWhatIsListed(address account, uint16 sources) external {
        _assumeListable(account);
        vm.assume(sources != 0);
        _list(_batchOf(OFAC, account));

        vm.expectRevert(abi.encodeWithSelector(IBlocklist.AlreadyListed.selector, account));
        _emergency(_batchOf(sources, account));
    }

    function testSameAddressUnderTwoUids(address account) external {
        _assumeListable(account);

        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 2, 1, 1_600_000_000);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 2, 2, 0);
        _emergency(_batchTwice(OFAC, account));

        assertEq(blocklist.listingOf(account).episode, 1);
        assertEq(blocklist.next(account), address(0));
    }

    function testAfterADelistingAtOnce(address account) external {
        _assumeListable(account);
        _emergency(_batchOf(OFAC, account));
        _delist(_batchOf(OFAC, account));

        _emergency(_batchOf(OFAC, account));
        assertTrue(blocklist.isSanctioned(account));
    }

    function testUnlistable(uint160 low) external {
        address[6] memory never = [
            address(uint160(bound(low, 0, 0x1ff))),
            address(0),
            0x000000000000000000000000000000000000dEaD,
            0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE,
            address(blocklist),
            address(manager)
        ];
        for (uint256 i = 0; i < never.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBlocklist.Unlistable.selector, never[i]));
            _emergency(_batchOf(OFAC, never[i]));
        }

        _emergency(_batchOf(OFAC, address(0x200)));
        assertTrue(blocklist.isSanctioned(address(0x200)));
    }

    function testOwnContractsAreProtected() external {
        address[3] memory own = [address(seats), address(council), address(signedAct)];
        for (uint256 i = 0; i < own.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBlocklist.ProtectedAccount.selector, own[i]));
            _emergency(_batchOf(OFAC, own[i]));
        }
    }

    function testOneBadEntryRevertsAll(address account) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchTwice(OFAC, account);
        batch.entries[1].account = address(0);

        vm.expectRevert(abi.encodeWithSelector(IBlocklist.Unlistable.selector, address(0)));
        _emergency(batch);
        assertFalse(blocklist.isSanctioned(account));
    }

    function testEmptyBatch(address account) external {
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);

        batch.manifest = 0;
        vm.expectRevert(IBlocklist.NoManifest.selector);
        _emergency(batch);

        batch.sources = 0;
        vm.expectRevert(IBlocklist.NoSources.selector);
        _emergency(batch);

        batch.entries = new IBlocklist.Entry[](0);
        vm.expectRevert(IBlocklist.EmptyBatch.selector);
        _emergency(batch);
    }

    function testTermBounds(uint40 term) external {
        uint40 shortest = 1 hours;
        uint40 longest = 30 days;
        assertEq(shortest, 1 hours);
        assertEq(longest, 30 days);

        if (term < shortest || term > longest) {
            vm.expectRevert(abi.encodeWithSelector(IBlocklist.TermOutOfBounds.selector, term));
            new Blocklist(address(manager), term, HOLDS_PER_DAY);
        }

        term = uint40(bound(term, shortest, longest));
        assertEq(new Blocklist(address(manager), term, HOLDS_PER_DAY).term(), term);
    }

    function testDailyLimit(uint256 n, uint256 wait) external {
        n = bound(n, 1, 40);
        blocklist = new Blocklist(address(manager), TERM, 150);
        vm.mockCall(
            address(manager),
            abi.encodeWithSignature(
                "canCall(address,address,bytes4)",
                address(signedAct),
                address(blocklist),
                IBlocklist.listProvisional.selector
            ),
            abi.encode(true, uint32(0))
        );
        uint256 midnight = (block.timestamp / 1 days + 1) * 1 days;
        vm.warp(midnight);
        _emergency(_batchMany(OFAC, 150 - n, "some"));
        _emergency(_batchMany(OFAC, n, "the rest"));

        vm.warp(midnight + bound(wait, 0, 1 days - 1));
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.TooManyHolds.selector, 151, 150));
        _emergency(_batchMany(OFAC, 1, "one more"));

        // The next day begins anew, however much of the last one was used
        vm.warp(midnight + 1 days);
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.TooManyHolds.selector, 151, 150));
        _emergency(_batchMany(OFAC, 151, "tomorrow"));
        _emergency(_batchMany(OFAC, 150, "tomorrow"));
    }

    function testDailyLimitBounds(uint24 limit) external {
        (uint24 least, uint24 most) = (150, 10_000);

        if (limit < least || limit > most) {
            vm.expectRevert(
                abi.encodeWithSelector(IBlocklist.HoldsPerDayOutOfBounds.selector, limit)
            );
            new Blocklist(address(manager), TERM, limit);
        }

        limit = uint24(bound(limit, least, most));
        assertEq(new Blocklist(address(manager), TERM, limit).holdsPerDay(), limit);
    }
}
