// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

contract PageTest is World {
    /// @dev Whoever knows nothing but the contract meets each address once, with its listing.
    function testRebuildsTheList(uint8 n, uint8 size) external {
        uint256 total = bound(n, 1, 40);
        uint256 max = bound(size, 1, 50);
        IBlocklist.Batch memory batch = _batchMany(OFAC, total, "paged");
        _list(batch);
        _delist(_batchOf(OFAC, batch.entries[0].account));
        _protect(address(0xabcdef));

        uint256 met = 0;
        uint256 listed = 0;
        address from = address(0);
        do {
            (address[] memory accounts, IBlocklist.Listing[] memory listings, address then_) =
                blocklist.page(from, max);
            assertEq(accounts.length, listings.length);
            assertLe(accounts.length, max);
            assertGt(accounts.length, 0);
            for (uint256 i = 0; i < accounts.length; ++i) {
                // The newest first
                assertEq(accounts[i], batch.entries[total - 1 - met++].account);
                bytes memory alone = abi.encode(blocklist.listingOf(accounts[i]));
                assertEq(abi.encode(listings[i]), alone);
                if (listings[i].sanctioned) ++listed;
            }
            from = then_;
        } while (from != address(0));

        assertEq(met, total);
        assertEq(listed, blocklist.count());
    }

    /// @dev What is listed during a walk stands before its beginning.
    function testAWalkMissesNothing() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 10, "paged");
        _list(batch);
        (,, address then_) = blocklist.page(address(0), 4);
        _list(_batchMany(UK, 5, "meanwhile"));
        (address[] memory accounts,, address end) = blocklist.page(then_, 100);
        assertEq(accounts.length, 6);
        assertEq(accounts[5], batch.entries[0].account);
        assertEq(end, address(0));
    }

    function testNothing(address account, uint256 max) external view {
        (address[] memory accounts,, address then_) = blocklist.page(address(0), max);
        assertEq(accounts.length, 0);
        assertEq(then_, address(0));
        // Not even what is protected
        (accounts,, then_) = blocklist.page(account, max);
        assertEq(accounts.length, 0);
        assertEq(then_, address(0));
    }

    function testBounds(uint256 max) external {
        _list(_batchMany(OFAC, 501, "paged"));
        (address[] memory accounts,, address then_) =
            blocklist.page(address(0), bound(max, 500, type(uint256).max));
        assertEq(accounts.length, 500);
        (accounts,,) = blocklist.page(then_, 0);
        assertEq(accounts.length, 1);
    }
}
