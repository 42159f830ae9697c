// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {World} from "./World.sol";

contract DelistTest is World {
    /// @dev The council's call, its delay over, expected to be refused by the list.
    function _refused(IBlocklist.Batch memory batch, bytes memory refusal) private {
        // The same call cannot be scheduled twice, and a refused one stays scheduled.
        batch.dataAsOf = uint40(block.timestamp);
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        _schedule(data);
        vm.expectRevert(refusal);
        _perform(data);
    }

    function testDelist(address stranger, address account, uint16 sources) external {
        _assumeListable(account);
        vm.assume(sources != 0);
        IBlocklist.Batch memory batch = _batchOf(sources, account);
        _list(batch);
        uint40 since = uint40(block.timestamp);

        // Access control
        _assumeStranger(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        vm.prank(stranger);
        blocklist.delist(batch);

        // Normal path
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        _schedule(data);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Delisted(account, 3, 1, 1_600_000_000);
        _perform(data);

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertFalse(listing.sanctioned);
        assertEq(listing.until, block.timestamp);
        assertEq(listing.since, since);
        assertEq(listing.sources, sources, "what it was listed under");
        assertEq(blocklist.count(), 0);
        assertEq(uint8(blocklist.actOf(3).kind), uint8(IBlocklist.Kind.Delist));
        assertTrue(blocklist.wasSanctionedAt(account, uint40(block.timestamp - 1)));
        assertFalse(blocklist.wasSanctionedAt(account, uint40(block.timestamp)));
    }

    function testNeverFasterThanItsDelay(address account, uint256 wait) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        _list(batch);
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        bytes32 operation = manager.hashOperation(address(council), address(blocklist), data);

        // Not without a schedule, by either way
        bytes memory unscheduled =
            abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation);
        vm.expectRevert(unscheduled);
        _perform(data);
        vm.expectRevert(unscheduled);
        vm.prank(address(council));
        blocklist.delist(batch);

        // Not before the delay is over
        vm.prank(address(council));
        manager.schedule(address(blocklist), data, 0);
        uint256 start = block.timestamp;
        skip(bound(wait, 0, Roles.DELISTER_DELAY_SECONDS - 1));
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, operation)
        );
        _perform(data);

        vm.warp(start + Roles.DELISTER_DELAY_SECONDS);
        _perform(data);
        assertFalse(blocklist.isSanctioned(account));
    }

    function testOneSourceOfSeveral(address account, uint16 all, uint16 some) external {
        _assumeListable(account);
        vm.assume(all & some != 0 && all & ~some != 0);
        _list(_batchOf(all, account));

        _delist(_batchOf(some, account));

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertTrue(listing.sanctioned);
        assertEq(listing.sources, all & ~some);
        assertFalse(blocklist.isSanctionedBy(account, some));
        assertEq(blocklist.count(), 1);

        _delist(_batchOf(all & ~some, account));
        assertFalse(blocklist.isSanctioned(account));
        assertEq(blocklist.count(), 0);
    }

    function testMoreSourcesThanThereAre(address account) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));
        _delist(_batchOf(OFAC | UK, account));
        assertFalse(blocklist.isSanctioned(account));
    }

    function testProvisional(address account) external {
        _assumeListable(account);
        _hold(_batchOf(OFAC | UK, account));

        _delist(_batchOf(UK, account));
        assertTrue(blocklist.listingOf(account).provisional, "still held, by one source");

        _delist(_batchOf(OFAC, account));
        assertFalse(blocklist.isSanctioned(account));
        assertEq(blocklist.count(), 0, "it never counted");

        // It was decided upon, not forgotten: it may be held again
        _hold(_batchOf(OFAC, account));
        assertTrue(blocklist.listingOf(account).provisional);
    }

    function testNotListed(address account, address other) external {
        _assumeListable(account);
        _assumeListable(other);
        vm.assume(account != other);
        bytes memory refusal = abi.encodeWithSelector(IBlocklist.NotListed.selector, account);

        // Never listed
        _refused(_batchOf(OFAC, account), refusal);

        // Listed by another source
        _list(_batchOf(UK, account));
        _refused(_batchOf(OFAC, account), refusal);

        // Delisted already; another address of the batch does not help
        _delist(_batchOf(UK, account));
        _list(_batchOf(UK, other));
        IBlocklist.Batch memory batch = _batchTwice(UK, other);
        batch.entries[1].account = account;
        _refused(batch, refusal);
        assertTrue(blocklist.isSanctioned(other));
    }

    function testNotListedAfterALapse(address account) external {
        _assumeListable(account);
        _hold(_batchOf(OFAC, account));
        skip(TERM);
        _refused(
            _batchOf(OFAC, account), abi.encodeWithSelector(IBlocklist.NotListed.selector, account)
        );
    }

    function testTwoActsInOneBlock(address account) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));
        IBlocklist.Batch memory again = _batchOf(OFAC, account);
        again.manifest = keccak256("again");
        bytes memory first = abi.encodeCall(IBlocklist.delist, (_batchOf(OFAC, account)));
        bytes memory second = abi.encodeCall(IBlocklist.delist, (again));

        vm.startPrank(address(council));
        manager.schedule(address(blocklist), first, 0);
        manager.schedule(address(blocklist), second, 0);
        vm.stopPrank();
        skip(Roles.DELISTER_DELAY_SECONDS);

        _perform(first);
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.NotListed.selector, account));
        _perform(second);
    }

    function testSameAddressUnderTwoUids(address account, bool joint) external {
        _assumeListable(account);
        _list(_batchOf(joint ? OFAC | UK : OFAC, account));
        bytes memory data = abi.encodeCall(IBlocklist.delist, (_batchTwice(OFAC, account)));
        _schedule(data);

        vm.expectEmit(address(blocklist));
        emit IBlocklist.Delisted(account, 3, 1, 1_600_000_000);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Delisted(account, 3, 2, 0);
        _perform(data);

        assertEq(blocklist.isSanctioned(account), joint);
        assertEq(blocklist.count(), joint ? 1 : 0);
    }

    function testListedAgain(address account, uint256 wait) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));
        uint40 start = uint40(block.timestamp);
        _delist(_batchOf(OFAC, account));
        uint40 end = uint40(block.timestamp);
        skip(bound(wait, 0, 365 days));

        _list(_batchOf(UK, account));

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertEq(listing.episode, 2);
        assertEq(listing.sources, UK, "the old source does not come back");
        IBlocklist.Interval memory past = blocklist.episodeOf(account, 1);
        assertEq(past.start, start);
        assertEq(past.end, end);
        assertEq(past.sources, OFAC);
        assertEq(blocklist.count(), 1);
    }
}
