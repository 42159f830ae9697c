// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {
    GovernorTimelockAccess
} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockAccess.sol";

import {Council} from "../../contracts/Council.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {World} from "./World.sol";

/// @notice The law: roles and delays change only through the slow lane, also by the council's vote.
contract RulesTest is World {
    /// @dev A vote on it passes, and its execution fails for the given reason.
    function _passesInVain(address target, bytes memory data, bytes memory reason) private {
        Proposal memory p = _pass(target, data);
        (uint32 delay,,) = council.proposalExecutionPlan(p.id);
        skip(delay);
        vm.expectRevert(reason);
        _execute(p);
    }

    function testTheCouncilCannotGovernItself(address target, bytes4 selector, uint32 delay)
        external
    {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        bytes[3] memory calls = [
            abi.encodeCall(Governor.relay, (target, 0, "")),
            abi.encodeCall(GovernorTimelockAccess.setBaseDelaySeconds, (delay)),
            abi.encodeCall(
                GovernorTimelockAccess.setAccessManagerIgnored, (target, selectors, true)
            )
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            _passesInVain(
                address(council), calls[i], abi.encodeWithSelector(Council.RuleFixed.selector)
            );
        }
        assertEq(council.baseDelaySeconds(), 0);
        assertFalse(council.isAccessManagerIgnored(target, selector) && target != address(council));
    }

    /// @dev Everything that the manager can be told, by the council's vote: after seven days.
    function testEveryRuleWaitsSevenDays(address account, uint32 delay) external {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IBlocklist.delist.selector;
        address list = address(blocklist);
        bytes[11] memory calls = [
            abi.encodeCall(IAccessManager.grantRole, (Roles.DELISTER, account, delay)),
            abi.encodeCall(IAccessManager.grantRole, (Roles.DELISTER, address(council), 0)),
            abi.encodeCall(IAccessManager.revokeRole, (Roles.VETO, guardian)),
            abi.encodeCall(IAccessManager.setRoleAdmin, (Roles.DELISTER, Roles.LISTER)),
            abi.encodeCall(IAccessManager.setRoleGuardian, (Roles.DELISTER, Roles.LISTER)),
            abi.encodeCall(IAccessManager.setGrantDelay, (Roles.DELISTER, delay)),
            abi.encodeCall(IAccessManager.labelRole, (Roles.DELISTER, "delister")),
            abi.encodeCall(IAccessManager.setTargetAdminDelay, (list, delay)),
            abi.encodeCall(IAccessManager.setTargetClosed, (list, true)),
            abi.encodeCall(IAccessManager.setTargetFunctionRole, (list, selectors, Roles.LISTER)),
            abi.encodeCall(IAccessManager.updateAuthority, (list, address(council)))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            Proposal memory p = _pass(address(manager), calls[i]);
            assertEq(council.proposalEta(p.id), block.timestamp + 7 days);

            uint256 eta = block.timestamp + 7 days;
            vm.warp(eta - 1);
            vm.expectRevert(
                abi.encodeWithSelector(
                    GovernorTimelockAccess.GovernorUnmetDelay.selector, p.id, eta
                )
            );
            _execute(p);
        }
    }

    function testTheSlowLaneWorks(address account) external {
        _assumeListable(account);
        vm.assume(account != address(council));
        bytes memory data = abi.encodeCall(IAccessManager.grantRole, (Roles.LISTER, account, 0));
        _decide(address(manager), data);

        vm.prank(account);
        blocklist.list(_batchOf(OFAC, address(0x1234)));
        assertTrue(blocklist.isSanctioned(address(0x1234)));
    }

    /// @dev `renounceRole` has no restriction at the manager, and would be a rule changed at once.
    function testTheCouncilCannotDropARole() external {
        uint64[5] memory held =
            [Roles.ADMIN, Roles.LISTER, Roles.DELISTER, Roles.MEMBERSHIP, Roles.PROTECTOR];
        for (uint256 i = 0; i < held.length; ++i) {
            _passesInVain(
                address(manager),
                abi.encodeCall(IAccessManager.renounceRole, (held[i], address(council))),
                abi.encodeWithSelector(IAccessManager.AccessManagerBadConfirmation.selector)
            );
            (bool isMember,) = manager.hasRole(held[i], address(council));
            assertTrue(isMember);
        }
    }

    /// @dev Another authority is another set of rules: it takes the slow lane like one.
    function testSetAuthorityWaits() external {
        address other = address(new AccessManager(deployer));
        bytes memory data = abi.encodeCall(IAccessManaged.setAuthority, (other));
        Proposal memory p = _pass(address(blocklist), data);
        uint256 eta = block.timestamp + 7 days;
        vm.warp(eta - 1);
        vm.expectRevert(
            abi.encodeWithSelector(GovernorTimelockAccess.GovernorUnmetDelay.selector, p.id, eta)
        );
        _execute(p);

        vm.warp(eta);
        _execute(p);
        assertEq(blocklist.authority(), other);
    }

    /// @dev A list and a delisting in one proposal go at the delisting's pace.
    function testTheSlowestCallDecides(address account) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));

        Proposal memory p;
        p.targets = new address[](2);
        p.values = new uint256[](2);
        p.calldatas = new bytes[](2);
        (p.targets[0], p.targets[1]) = (address(blocklist), address(blocklist));
        p.calldatas[0] = abi.encodeCall(IBlocklist.list, (_batchOf(UK, account)));
        p.calldatas[1] = abi.encodeCall(IBlocklist.delist, (_batchOf(OFAC, account)));
        p.id = council.propose(p.targets, p.values, p.calldatas, p.description);
        skip(1);
        _voteFor(p.id, _majority());
        _queue(p);

        assertEq(council.proposalEta(p.id), block.timestamp + 1 days);
        skip(1 days);
        _execute(p);
        assertEq(blocklist.listingOf(account).sources, UK);
    }
}
