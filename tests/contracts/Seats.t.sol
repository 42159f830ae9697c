// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Seats} from "../../contracts/Seats.sol";
import {World} from "./World.sol";

contract SeatsTest is World {
    /// @dev As the holder of the role, its delay over.
    function _as(bytes memory data) private {
        vm.startPrank(address(council));
        manager.schedule(address(seats), data, 0);
        skip(3 days);
        manager.execute(address(seats), data);
        vm.stopPrank();
    }

    function _add(address account) private {
        _as(abi.encodeCall(Seats.add, (account)));
    }

    function _remove(address account) private {
        _as(abi.encodeCall(Seats.remove, (account)));
    }

    function _fresh(uint256 n) private pure returns (address[] memory accounts) {
        accounts = new address[](n);
        for (uint256 i = 0; i < n; ++i) {
            accounts[i] = address(uint160(0x1000 + i));
        }
    }

    function testConstruction(uint256 n) external {
        n = bound(n, 1, 64);
        address[] memory accounts = _fresh(n);
        Seats some = new Seats(address(manager), accounts);

        assertEq(some.members(), accounts);
        assertEq(some.size(), n);
        for (uint256 i = 0; i < n; ++i) {
            assertTrue(some.isMember(accounts[i]));
            assertEq(some.getVotes(accounts[i]), 1, "one seat, one vote");
        }
        skip(1);
        assertEq(some.getPastTotalSupply(block.timestamp - 1), n);
    }

    function testConstructionRefuses() external {
        uint256 most = 64;
        vm.expectRevert(abi.encodeWithSelector(Seats.SeatsOutOfBounds.selector, 0));
        new Seats(address(manager), new address[](0));

        vm.expectRevert(abi.encodeWithSelector(Seats.SeatsOutOfBounds.selector, most + 1));
        new Seats(address(manager), _fresh(most + 1));

        address[] memory accounts = _fresh(2);
        accounts[1] = accounts[0];
        vm.expectRevert(abi.encodeWithSelector(Seats.AlreadyMember.selector, accounts[0]));
        new Seats(address(manager), accounts);

        accounts[1] = address(0);
        vm.expectRevert(abi.encodeWithSelector(Seats.InvalidMember.selector, address(0)));
        new Seats(address(manager), accounts);
    }

    function testAdd(address stranger, address account) external {
        vm.assume(account != address(0) && account != address(seats));
        vm.assume(!seats.isMember(account));

        // Access control
        _assumeStranger(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        vm.prank(stranger);
        seats.add(account);

        // Normal path
        bytes memory data = abi.encodeCall(Seats.add, (account));
        vm.startPrank(address(council));
        manager.schedule(address(seats), data, 0);
        skip(3 days);
        vm.expectEmit(address(seats));
        emit Seats.MemberAdded(account);
        manager.execute(address(seats), data);
        vm.stopPrank();

        assertTrue(seats.isMember(account));
        assertEq(seats.size(), SEATS + 1);
        assertEq(seats.getVotes(account), 1);
        skip(1);
        assertEq(seats.getPastTotalSupply(block.timestamp - 1), SEATS + 1);
        assertEq(seats.getPastTotalSupply(block.timestamp - 2), SEATS);
    }

    function testRemove(address stranger, uint256 pick) external {
        address member = members[bound(pick, 0, SEATS - 1)];

        // Access control
        _assumeStranger(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)
        );
        vm.prank(stranger);
        seats.remove(member);

        // Normal path
        _remove(member);
        assertFalse(seats.isMember(member));
        assertEq(seats.size(), SEATS - 1);
        assertEq(seats.getVotes(member), 0);
        skip(1);
        assertEq(seats.getPastTotalSupply(block.timestamp - 1), SEATS - 1);
        assertEq(seats.getPastVotes(member, block.timestamp - 2), 1, "the past stays");

        // And back again, for one vote
        _add(member);
        assertEq(seats.getVotes(member), 1);
    }

    function testRefusals(address stranger) external {
        vm.assume(!seats.isMember(stranger));
        bytes[4] memory calls = [
            abi.encodeCall(Seats.add, (members[0])),
            abi.encodeCall(Seats.add, (address(0))),
            abi.encodeCall(Seats.add, (address(seats))),
            abi.encodeCall(Seats.remove, (stranger))
        ];
        bytes[4] memory refusals = [
            abi.encodeWithSelector(Seats.AlreadyMember.selector, members[0]),
            abi.encodeWithSelector(Seats.InvalidMember.selector, address(0)),
            abi.encodeWithSelector(Seats.InvalidMember.selector, address(seats)),
            abi.encodeWithSelector(Seats.NotMember.selector, stranger)
        ];
        vm.startPrank(address(council));
        for (uint256 i = 0; i < calls.length; ++i) {
            manager.schedule(address(seats), calls[i], 0);
        }
        skip(3 days);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.expectRevert(refusals[i]);
            manager.execute(address(seats), calls[i]);
        }
        vm.stopPrank();
    }

    function testOneSeatStays() external {
        for (uint256 i = 1; i < SEATS; ++i) {
            _remove(members[i]);
        }
        assertEq(seats.size(), 1);

        bytes memory data = abi.encodeCall(Seats.remove, (members[0]));
        vm.startPrank(address(council));
        manager.schedule(address(seats), data, 0);
        skip(3 days);
        vm.expectRevert(abi.encodeWithSelector(Seats.SeatsOutOfBounds.selector, 0));
        manager.execute(address(seats), data);
        vm.stopPrank();
    }

    function testNoDelegation(uint256 pick, address to) external {
        pick = bound(pick, 0, SEATS - 1);
        address member = members[pick];
        vm.expectRevert(Seats.NotDelegable.selector);
        vm.prank(member);
        seats.delegate(to);

        uint256 expiry = block.timestamp + 1 days;
        bytes32 delegation = keccak256(
            abi.encode(
                keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)"),
                to,
                seats.nonces(member),
                expiry
            )
        );
        bytes32 digest = _typed(address(seats), "Interdict Seats", delegation);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[pick], digest);
        vm.expectRevert(Seats.NotDelegable.selector);
        seats.delegateBySig(to, 0, expiry, v, r, s);

        assertEq(seats.delegates(member), member);
        assertEq(seats.getVotes(member), 1);
    }

    function testClock(uint40 time) external {
        vm.warp(time);
        assertEq(seats.clock(), time);
        assertEq(seats.CLOCK_MODE(), "mode=timestamp");
        assertEq(council.clock(), time);
        assertEq(council.CLOCK_MODE(), "mode=timestamp");
    }
}
