// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {World} from "./World.sol";

contract ProtectTest is World {
    function testProtect(address stranger, address account) external {
        _assumeListable(account);

        // Access control
        _assumeStranger(stranger);
        bytes memory refusal =
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(refusal);
        blocklist.protect(_one(account));
        vm.expectRevert(refusal);
        blocklist.unprotect(_one(account));
        vm.stopPrank();

        // Normal path
        bytes32 folded = keccak256(abi.encode(blocklist.head(), account, uint64(0), uint40(0)));
        bytes32 head = keccak256(
            abi.encode(folded, uint24(2), uint8(3), uint16(0), uint40(0), uint40(0), bytes32(0))
        );
        bytes memory data = abi.encodeCall(IBlocklist.protect, (_one(account)));
        _schedule(data);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Protected(account, 2);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Acted(2, IBlocklist.Kind.Protect, 0, 0, 0, 0, head);
        _perform(data);

        assertTrue(blocklist.listingOf(account).isProtected);
        assertEq(blocklist.head(), head);
    }

    function testUnprotect(address account) external {
        _assumeListable(account);
        _protect(account);

        bytes memory data = abi.encodeCall(IBlocklist.unprotect, (_one(account)));
        _schedule(data);
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Unprotected(account, 3);
        _perform(data);

        assertFalse(blocklist.listingOf(account).isProtected);
        assertEq(uint8(blocklist.actOf(3).kind), uint8(IBlocklist.Kind.Unprotect));
        _list(_batchOf(OFAC, account));
        assertTrue(blocklist.isSanctioned(account));
    }

    function testCannotProtectWhatIsListed(address account, bool provisional) external {
        _assumeListable(account);
        bytes memory data = abi.encodeCall(IBlocklist.protect, (_one(account)));
        _schedule(data);
        if (provisional) _hold(_batchOf(OFAC, account));
        else _list(_batchOf(OFAC, account));

        vm.expectRevert(abi.encodeWithSelector(IBlocklist.AlreadyListed.selector, account));
        _perform(data);
    }

    function testProtectionKeepsTheHistory(address account) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));
        uint40 start = uint40(block.timestamp);
        _delist(_batchOf(OFAC, account));

        _protect(account);
        assertTrue(blocklist.wasSanctionedAt(account, start));
        assertEq(blocklist.listingOf(account).episode, 1);

        _unprotect(account);
        _list(_batchOf(OFAC, account));
        assertEq(blocklist.listingOf(account).episode, 2);
        assertEq(blocklist.newest(), account);
        assertEq(blocklist.next(account), address(0));
    }

    function testTwiceIsWithoutEffect(address account) external {
        _assumeListable(account);
        _protect(account);
        _protect(account);
        assertTrue(blocklist.listingOf(account).isProtected);
        _unprotect(account);
        assertFalse(blocklist.listingOf(account).isProtected);
        _unprotect(account);
        assertEq(blocklist.actCount(), 5, "each is an act all the same");
    }

    function testOfNothing() external {
        bytes memory data = abi.encodeCall(IBlocklist.protect, (new address[](0)));
        _schedule(data);
        vm.expectRevert(IBlocklist.EmptyBatch.selector);
        _perform(data);

        data = abi.encodeCall(IBlocklist.unprotect, (new address[](0)));
        _schedule(data);
        vm.expectRevert(IBlocklist.EmptyBatch.selector);
        _perform(data);
    }

    function testWaitsSevenDays(address account) external {
        bytes4[2] memory selectors = [IBlocklist.protect.selector, IBlocklist.unprotect.selector];
        for (uint256 i = 0; i < selectors.length; ++i) {
            (bool immediate, uint32 delay) =
                manager.canCall(address(council), address(blocklist), selectors[i]);
            assertFalse(immediate);
            assertEq(delay, Roles.PROTECTOR_DELAY_SECONDS);
            assertEq(delay, 7 days);
        }
        _assumeListable(account);
        uint256 start = block.timestamp;
        _protect(account);
        assertEq(block.timestamp, start + 7 days);
    }

    function testFirstActProtectsTheSystem() external view {
        assertEq(blocklist.actCount(), 1);
        assertEq(uint8(blocklist.actOf(1).kind), uint8(IBlocklist.Kind.Protect));
        address[4] memory own =
            [address(manager), address(seats), address(council), address(signedAct)];
        for (uint256 i = 0; i < own.length; ++i) {
            assertTrue(blocklist.listingOf(own[i]).isProtected);
        }
    }
}
