// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Vm} from "forge-std/Vm.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {Seats} from "../../contracts/Seats.sol";
import {World} from "./World.sol";

/// @notice Who may do what after a deployment: the whole set, and nothing beside it.
contract RolesTest is World {
    struct Holding {
        uint64 role;
        address holder;
        uint32 delay;
    }

    struct Lane {
        address target;
        bytes4 selector;
        uint64 role;
    }

    Vm.Log[] private _logs;

    function setUp() public override {
        vm.recordLogs();
        super.setUp();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(manager)) _logs.push(logs[i]);
        }
    }

    function _holdings() private view returns (Holding[9] memory) {
        address vote = address(council);
        return [
            Holding(Roles.ADMIN, vote, 7 days),
            Holding(Roles.LISTER, vote, 0),
            Holding(Roles.DELISTER, vote, 24 hours),
            Holding(Roles.EMERGENCY, address(signedAct), 0),
            Holding(Roles.MEMBERSHIP, vote, 3 days),
            Holding(Roles.PROTECTOR, vote, 7 days),
            Holding(Roles.VETO, guardian, 0),
            Holding(Roles.KEEPER, keeper, 0),
            Holding(Roles.MASS_DELISTER, vote, 72 hours)
        ];
    }

    function _lanes() private view returns (Lane[10] memory) {
        address list = address(blocklist);
        return [
            Lane(list, IBlocklist.list.selector, Roles.LISTER),
            Lane(list, IBlocklist.delist.selector, Roles.DELISTER),
            Lane(list, IBlocklist.delistMany.selector, Roles.MASS_DELISTER),
            Lane(list, IBlocklist.listProvisional.selector, Roles.EMERGENCY),
            Lane(list, IBlocklist.retract.selector, Roles.EMERGENCY),
            Lane(list, IBlocklist.attest.selector, Roles.KEEPER),
            Lane(list, IBlocklist.protect.selector, Roles.PROTECTOR),
            Lane(list, IBlocklist.unprotect.selector, Roles.PROTECTOR),
            Lane(address(seats), Seats.add.selector, Roles.MEMBERSHIP),
            Lane(address(seats), Seats.remove.selector, Roles.MEMBERSHIP)
        ];
    }

    function testHoldings() external view {
        Holding[9] memory holdings = _holdings();
        for (uint256 i = 0; i < holdings.length; ++i) {
            Holding memory h = holdings[i];
            (bool isMember, uint32 delay) = manager.hasRole(h.role, h.holder);
            assertTrue(isMember);
            assertEq(delay, h.delay);
        }
    }

    /// @dev From the manager's own events: whoever was ever granted a role holds it by the table,
    /// or lost it again.
    function testNobodyElse() external view {
        uint256 granted = 0;
        for (uint256 i = 0; i < _logs.length; ++i) {
            if (_logs[i].topics[0] != IAccessManager.RoleGranted.selector) continue;
            ++granted;
            uint64 role = uint64(uint256(_logs[i].topics[1]));
            address holder = address(uint160(uint256(_logs[i].topics[2])));
            (bool isMember,) = manager.hasRole(role, holder);
            assertEq(isMember, _isInTable(role, holder));
        }
        assertEq(granted, 10, "the table's, and the deployer's");
        (bool isAdmin,) = manager.hasRole(Roles.ADMIN, deployer);
        assertFalse(isAdmin);
    }

    function _isInTable(uint64 role, address holder) private view returns (bool) {
        Holding[9] memory holdings = _holdings();
        for (uint256 i = 0; i < holdings.length; ++i) {
            if (holdings[i].role == role && holdings[i].holder == holder) return true;
        }
        return false;
    }

    /// @dev The table has a row for each function that the manager was told of, and no other.
    function testLanes(bytes4 selector) external view {
        Lane[10] memory lanes = _lanes();
        bool isNamed = false;
        for (uint256 i = 0; i < lanes.length; ++i) {
            Lane memory lane = lanes[i];
            assertEq(manager.getTargetFunctionRole(lane.target, lane.selector), lane.role);
            isNamed = isNamed || selector == lane.selector;
        }

        uint256 told = 0;
        for (uint256 i = 0; i < _logs.length; ++i) {
            if (_logs[i].topics[0] == IAccessManager.TargetFunctionRoleUpdated.selector) ++told;
        }
        assertEq(told, lanes.length);

        if (isNamed) return;
        assertEq(manager.getTargetFunctionRole(address(blocklist), selector), Roles.ADMIN);
        assertEq(manager.getTargetFunctionRole(address(seats), selector), Roles.ADMIN);
        assertEq(manager.getTargetFunctionRole(address(council), selector), Roles.ADMIN);
        assertEq(manager.getTargetFunctionRole(address(manager), selector), Roles.ADMIN);
    }

    function testGuardians() external view {
        for (uint64 role = 0; role <= Roles.MASS_DELISTER; ++role) {
            bool guarded =
                role == Roles.DELISTER || role == Roles.MASS_DELISTER || role == Roles.MEMBERSHIP;
            assertEq(manager.getRoleGuardian(role), guarded ? Roles.VETO : Roles.ADMIN);
            assertEq(manager.getRoleAdmin(role), Roles.ADMIN);
            assertEq(manager.getRoleGrantDelay(role), 0);
        }
    }

    function testOneAuthority() external view {
        assertEq(blocklist.authority(), address(manager));
        assertEq(seats.authority(), address(manager));
        assertEq(address(council.accessManager()), address(manager));
        assertEq(address(council.token()), address(seats));
        assertEq(address(signedAct.seats()), address(seats));
        assertEq(address(signedAct.blocklist()), address(blocklist));
    }

    /// @dev The deployer's key is worth nothing after the deployment.
    function testTheDeployerIsAStranger(address account) external {
        _assumeListable(account);
        vm.startPrank(deployer);
        vm.expectRevert();
        blocklist.list(_batchOf(OFAC, account));
        vm.expectRevert();
        manager.grantRole(Roles.LISTER, deployer, 0);
        vm.expectRevert();
        manager.execute(address(blocklist), abi.encodeCall(IBlocklist.protect, (_one(account))));
        vm.stopPrank();
    }
}
