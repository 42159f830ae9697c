// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

contract DelistManyTest is World {
    /// @dev A part of the batch.
    function _slice(IBlocklist.Batch memory batch, uint256 from, uint256 n)
        private
        pure
        returns (IBlocklist.Batch memory)
    {
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](n);
        for (uint256 i = 0; i < n; ++i) {
            entries[i] = batch.entries[from + i];
        }
        return _batch(batch.sources, entries);
    }

    /// @dev Starts at noon, so that a day's acts fit the day.
    function _noon() private {
        vm.warp((block.timestamp / 1 days + 1) * 1 days + 12 hours);
    }

    function testDelistMany(address stranger, uint256 n) external {
        n = bound(n, 4, 60);
        IBlocklist.Batch memory batch = _batchMany(OFAC, n, "many");
        _list(batch);

        // Access control
        _assumeStranger(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        vm.prank(stranger);
        blocklist.delistMany(batch);

        // Normal path, and not before its three days
        bytes memory data = abi.encodeCall(IBlocklist.delistMany, (batch));
        vm.prank(address(council));
        manager.schedule(address(blocklist), data, 0);
        uint256 start = block.timestamp;
        vm.warp(start + 72 hours - 1);
        vm.expectRevert();
        _perform(data);
        vm.warp(start + 72 hours);
        _perform(data);

        assertEq(blocklist.count(), 0);
        assertFalse(blocklist.isSanctioned(batch.entries[0].account));
        assertEq(uint8(blocklist.actOf(3).kind), uint8(IBlocklist.Kind.DelistMany));
    }

    /// @dev The greatest part that `delist` takes, and one more, for a list of any length.
    function testTheShare(uint256 n) external {
        n = bound(n, 1, 120);
        IBlocklist.Batch memory batch = _batchMany(OFAC, n, "many");
        _list(batch);
        _noon();
        uint256 most = n * 15 / 100;
        if (most < 3) most = 3;

        if (most < n) {
            bytes memory data = abi.encodeCall(IBlocklist.delist, (_slice(batch, 0, most + 1)));
            _schedule(data);
            vm.expectRevert(
                abi.encodeWithSelector(IBlocklist.TooManyDelisted.selector, most + 1, n)
            );
            _perform(data);
        } else {
            most = n;
        }
        _delist(_slice(batch, 0, most));
        assertEq(blocklist.count(), n - most);
    }

    /// @dev Many small acts of one day are one large one.
    function testSplitWithinADay() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 100, "many");
        _list(batch);
        _noon();
        bytes memory one = abi.encodeCall(IBlocklist.delist, (_slice(batch, 0, 10)));
        bytes memory two = abi.encodeCall(IBlocklist.delist, (_slice(batch, 10, 5)));
        vm.startPrank(address(council));
        manager.schedule(address(blocklist), one, 0);
        manager.schedule(address(blocklist), two, 0);
        vm.stopPrank();
        skip(1 days);

        _perform(one);
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.TooManyDelisted.selector, 15, 90));
        _perform(two);

        // The next day has its own share
        vm.warp((block.timestamp / 1 days + 1) * 1 days);
        _perform(two);
        assertEq(blocklist.count(), 85);
    }

    function testItCountsTowardsNoDay() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 100, "many");
        _list(batch);
        _noon();
        bytes memory many = abi.encodeCall(IBlocklist.delistMany, (_slice(batch, 0, 50)));
        bytes memory few = abi.encodeCall(IBlocklist.delist, (_slice(batch, 50, 7)));
        vm.startPrank(address(council));
        manager.schedule(address(blocklist), many, 0);
        manager.schedule(address(blocklist), few, 0);
        vm.stopPrank();
        skip(72 hours);

        _perform(many);
        _perform(few);
        assertEq(blocklist.count(), 43);
    }

    /// @dev One source taken from all would empty the list of whoever obeys that source alone.
    function testOneSourceOfAll() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC | UK, 20, "many");
        _list(batch);
        batch.sources = UK;
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        _schedule(data);
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.TooManyDelisted.selector, 20, 20));
        _perform(data);

        _delistMany(batch);
        assertEq(blocklist.count(), 20);
        assertFalse(blocklist.isSanctionedBy(batch.entries[0].account, UK));
    }

    /// @dev A second uid of the same address is no second address.
    function testUidsDoNotCount() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 3, "many");
        _list(batch);
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](6);
        for (uint256 i = 0; i < 6; ++i) {
            entries[i] = batch.entries[i % 3];
            entries[i].uid = uint64(i);
        }
        _delist(_batch(OFAC, entries));
        assertEq(blocklist.count(), 0);
    }

    function testGuardianCancels() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 10, "many");
        _list(batch);
        bytes memory data = abi.encodeCall(IBlocklist.delistMany, (batch));
        vm.prank(address(council));
        manager.schedule(address(blocklist), data, 0);

        vm.prank(guardian);
        manager.cancel(address(council), address(blocklist), data);

        skip(72 hours);
        vm.expectRevert();
        _perform(data);
        assertEq(blocklist.count(), 10);
    }
}
