// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Vm} from "forge-std/Vm.sol";

import {Council} from "../../contracts/Council.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {Seats} from "../../contracts/Seats.sol";
import {SignedAct} from "../../contracts/SignedAct.sol";
import {World} from "./World.sol";

/// @dev What the council voted to call, before and after it became something else.
contract Harmless {
    function run() external {}
}

contract Metamorphosed {
    IBlocklist private immutable _list;

    constructor(IBlocklist list) {
        _list = list;
    }

    /// @dev Tries to use that it is called in the council's name, in each way that might give it
    /// something.
    function run() external {
        IAccessManager manager = IAccessManager(msg.sender);
        address[] memory accounts = new address[](1);
        bytes memory protect = abi.encodeCall(IBlocklist.protect, (accounts));
        bytes[3] memory calls = [
            abi.encodeCall(manager.grantRole, (Roles.LISTER, address(this), 0)),
            abi.encodeCall(manager.execute, (address(_list), protect)),
            abi.encodeCall(manager.updateAuthority, (address(_list), address(this)))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool landed,) = address(manager).call(calls[i]);
            require(!landed, "the manager obeyed");
        }
        (bool done,) = address(_list).call(protect);
        require(!done, "the list obeyed");
    }
}

/// @dev Calls back into whatever calls it.
contract Reentrant is IERC1271 {
    address private _target;
    bytes private _data;
    uint256 public landed;

    function arm(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function run() external {
        (bool done,) = _target.call(_data);
        if (done) ++landed;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        // A static call: whatever it calls can change nothing.
        (bool done,) = _target.staticcall{gas: 1_000_000}(_data);
        return done ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}

/// @notice The threats of the contracts, tried. The number is that of the threat list.
contract AttacksTest is World {
    /// @dev A member's ballot, for whoever wants to use it.
    function _ballot(uint256 id, uint256 member) private view returns (bytes memory) {
        address voter = members[member];
        uint256 nonce = council.nonces(voter, uint192(id));
        bytes32 ballot =
            keccak256(abi.encode(council.BALLOT_TYPEHASH(), id, uint8(1), voter, nonce));
        return _signature(keys[member], _typed(address(council), "Interdict Council", ballot));
    }

    function _invalid(address voter) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, voter);
    }

    /// @dev Nobody can move ahead of a listing: everything before its transaction happens off
    /// chain, no log names an address before it holds, and from that same transaction on it holds.
    function testT1NothingIsPublicBeforeItHolds(address account, address relayer) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        uint256 deadline = block.timestamp + 1 hours;

        // Gathering signatures leaves no trace
        vm.startStateDiffRecording();
        vm.recordLogs();
        SignedAct.Signature[] memory signatures = _sign(signedAct.digest(batch, 0, deadline), 4);
        assertEq(vm.getRecordedLogs().length, 0);
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        for (uint256 i = 0; i < accesses.length; ++i) {
            assertNotEq(accesses[i].account, account);
            for (uint256 j = 0; j < accesses[i].storageAccesses.length; ++j) {
                assertFalse(accesses[i].storageAccesses[j].isWrite);
            }
        }
        assertFalse(blocklist.isSanctioned(account));

        // The first log that names it is the one of the act by which it is held
        vm.recordLogs();
        vm.prank(relayer);
        signedAct.listProvisional(batch, deadline, signatures);
        assertTrue(blocklist.isSanctioned(account), "from this very transaction");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs[0].topics[0], IBlocklist.Listed.selector);
        assertEq(logs[0].topics[1], bytes32(uint256(uint160(account))));
    }

    /// @dev A seat that is won during a vote has no part in it.
    function testT2SeatsOfThePastDecide(address late) external {
        vm.assume(late != address(0) && !seats.isMember(late) && late != address(seats));
        bytes memory data = abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, address(0xbad))));
        Proposal memory p = _propose(address(blocklist), data);
        vm.warp(council.proposalSnapshot(p.id) + 1);
        vm.mockCall(
            address(manager),
            abi.encodeWithSelector(IAccessManager.canCall.selector),
            abi.encode(true, uint32(0))
        );
        vm.prank(late);
        seats.add(late);
        vm.clearMockedCalls();
        skip(1);

        vm.prank(late);
        council.castVote(p.id, 1);
        (, uint256 votesFor,) = council.proposalVotes(p.id);
        assertEq(votesFor, 0);
        assertEq(council.quorum(council.proposalSnapshot(p.id)), 4);
    }

    /// @dev What was voted upon is other code when it is executed: it is a stranger then, too.
    function testT3MetamorphicTarget() external {
        address target = address(new Harmless());
        Proposal memory p = _pass(target, abi.encodeCall(Harmless.run, ()));
        vm.etch(target, address(new Metamorphosed(blocklist)).code);
        bytes32 head = blocklist.head();

        // What is of no role is of ADMIN, and waits like a rule
        skip(7 days);
        _execute(p);

        assertEq(blocklist.head(), head);
        (bool isMember,) = manager.hasRole(Roles.LISTER, target);
        assertFalse(isMember);
    }

    /// @dev Whoever copies a proposal and is first can neither take it nor spoil it.
    function testT4ProposalIsFrontRun(address thief, address account) external {
        _assumeListable(account);
        vm.assume(thief != address(this));
        Proposal memory p;
        (p.targets, p.values) = (_one(address(blocklist)), new uint256[](1));
        p.calldatas = new bytes[](1);
        p.calldatas[0] = abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, account)));

        // With its proposer's name in it, nobody else can make it
        p.description = string.concat("why#proposer=", vm.toString(address(this)));
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorRestrictedProposer.selector, thief)
        );
        vm.prank(thief);
        council.propose(p.targets, p.values, p.calldatas, p.description);

        // Without, the thief makes the very same proposal, and cannot cancel it
        p.description = "why";
        vm.startPrank(thief);
        p.id = council.propose(p.targets, p.values, p.calldatas, p.description);
        vm.expectRevert(Council.RuleFixed.selector);
        council.cancel(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
        vm.stopPrank();
        skip(1);
        _voteFor(p.id, 4);
        _execute(p);
        assertTrue(blocklist.isSanctioned(account));
    }

    /// @dev CVE-2023-30542: calls and their data are of one number, none is cut off.
    function testT5TrimmedCalldatas(uint8 targets, uint8 calldatas) external {
        targets = uint8(bound(targets, 1, 8));
        calldatas = uint8(bound(calldatas, 0, 8));
        vm.assume(targets != calldatas);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorInvalidProposalLength.selector, targets, calldatas, targets
            )
        );
        council.propose(
            new address[](targets), new uint256[](targets), new bytes[](calldatas), "why"
        );
    }

    /// @dev Fewer seats do not revive what failed when there were more.
    function testT6QuorumOfThePast() external {
        bytes memory data = abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, address(0xbad))));
        Proposal memory p = _propose(address(blocklist), data);
        skip(1);
        _voteFor(p.id, 3);
        skip(VOTING_PERIOD + 1);
        assertEq(uint8(council.state(p.id)), uint8(IGovernor.ProposalState.Defeated));

        _decide(address(seats), abi.encodeCall(Seats.remove, (members[6])));
        _decide(address(seats), abi.encodeCall(Seats.remove, (members[5])));
        assertEq(_majority(), 3);
        assertEq(uint8(council.state(p.id)), uint8(IGovernor.ProposalState.Defeated));
    }

    function testT9BallotIsReplayed(address relayer) external {
        bytes memory data = abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, address(0xbad))));
        Proposal memory p = _propose(address(blocklist), data);
        Proposal memory other = _propose(address(blocklist), data);
        skip(1);
        bytes memory ballot = _ballot(p.id, 0);
        vm.startPrank(relayer);
        council.castVoteBySig(p.id, 1, members[0], ballot);

        // Again, upon another proposal, for the other side, in another's name, on another chain
        vm.expectRevert(_invalid(members[0]));
        council.castVoteBySig(p.id, 1, members[0], ballot);
        vm.expectRevert(_invalid(members[0]));
        council.castVoteBySig(other.id, 1, members[0], ballot);
        ballot = _ballot(p.id, 1);
        vm.expectRevert(_invalid(members[1]));
        council.castVoteBySig(p.id, 0, members[1], ballot);
        vm.expectRevert(_invalid(members[2]));
        council.castVoteBySig(p.id, 1, members[2], ballot);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(_invalid(members[1]));
        council.castVoteBySig(p.id, 1, members[1], ballot);
    }

    /// @dev Two acts are signed; the later one cannot be brought first.
    function testT9SignedActsAreReordered(address account, address other) external {
        _assumeListable(account);
        _assumeListable(other);
        vm.assume(account != other);
        uint256 deadline = block.timestamp + 1 hours;
        IBlocklist.Batch memory second = _batchOf(OFAC, other);
        SignedAct.Signature[] memory later = _sign(signedAct.digest(second, 1, deadline), 4);
        vm.expectRevert(abi.encodeWithSelector(SignedAct.InvalidSignature.selector, members[0]));
        signedAct.listProvisional(second, deadline, later);

        _hold(_batchOf(OFAC, account));
        signedAct.listProvisional(second, deadline, later);
        assertTrue(blocklist.isSanctioned(other));
    }

    /// @dev Early success needs as many as success does.
    function testT10SuperQuorumIsNotBelowQuorum(uint256 seats_, uint256 votes) external {
        seats_ = bound(seats_, 1, SEATS);
        for (uint256 i = SEATS; i > seats_; --i) {
            _decide(address(seats), abi.encodeCall(Seats.remove, (members[i - 1])));
        }
        skip(1);
        uint256 now_ = block.timestamp - 1;
        assertEq(council.superQuorum(now_), council.quorum(now_));
        assertGt(2 * council.quorum(now_), seats_);

        votes = bound(votes, 0, council.quorum(now_) - 1);
        bytes memory data = abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, address(0xbad))));
        Proposal memory p = _propose(address(blocklist), data);
        skip(1);
        _voteFor(p.id, votes);
        assertEq(uint8(council.state(p.id)), uint8(IGovernor.ProposalState.Active));
        skip(VOTING_PERIOD + 1);
        assertEq(uint8(council.state(p.id)), uint8(IGovernor.ProposalState.Defeated));
    }

    /// @dev The guardian can stop neither a listing nor its own replacement, and can do nothing.
    function testT11GuardianAbuse(address account) external {
        _assumeListable(account);
        bytes[3] memory calls = [
            abi.encodeCall(IAccessManager.revokeRole, (Roles.VETO, guardian)),
            abi.encodeCall(IAccessManager.setRoleGuardian, (Roles.DELISTER, Roles.ADMIN)),
            abi.encodeCall(IAccessManager.grantRole, (Roles.VETO, account, 0))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            Proposal memory p = _pass(address(manager), calls[i]);
            vm.prank(guardian);
            vm.expectRevert();
            manager.cancel(address(council), address(manager), calls[i]);
            skip(7 days);
            _execute(p);
        }

        vm.startPrank(guardian);
        vm.expectRevert();
        blocklist.list(_batchOf(OFAC, account));
        vm.expectRevert();
        blocklist.retract(_batchOf(OFAC, account));
        vm.expectRevert();
        blocklist.delistMany(_batchOf(OFAC, account));
        vm.expectRevert();
        manager.grantRole(Roles.LISTER, guardian, 0);
        vm.stopPrank();
    }

    /// @dev The list and all that governs it, by every way that lists.
    function testT12ListingTheList() external {
        address[5] memory own = [
            address(blocklist),
            address(manager),
            address(seats),
            address(council),
            address(signedAct)
        ];
        for (uint256 i = 0; i < own.length; ++i) {
            IBlocklist.Batch memory batch = _batchOf(OFAC, own[i]);
            bytes4 refusal =
                i < 2 ? IBlocklist.Unlistable.selector : IBlocklist.ProtectedAccount.selector;
            vm.expectRevert(abi.encodeWithSelector(refusal, own[i]));
            vm.prank(address(signedAct));
            blocklist.listProvisional(batch);
            vm.expectRevert(abi.encodeWithSelector(refusal, own[i]));
            vm.prank(address(council));
            blocklist.list(batch);
            assertFalse(blocklist.isSanctioned(own[i]));
        }
    }

    /// @dev A batch that no block can take changes nothing, and hinders no smaller one.
    function testT13GasBomb() external {
        IBlocklist.Batch memory bomb = _batchMany(OFAC, 800, "bomb");
        bytes32 head = blocklist.head();
        vm.prank(address(council));
        (bool done,) =
            address(blocklist).call{gas: 16_777_216}(abi.encodeCall(IBlocklist.list, (bomb)));
        assertFalse(done);
        assertEq(blocklist.head(), head);
        _list(_batchMany(OFAC, 5, "bomb"));
        assertEq(blocklist.count(), 5);
    }

    /// @dev The same address as often as fits: what it costs grows with the square, and stays in
    /// the act that is so foolish.
    function testT13DuplicatesInADelisting() external {
        address account = address(0xbad);
        _list(_batchOf(OFAC, account));
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](150);
        for (uint256 i = 0; i < entries.length; ++i) {
            entries[i] = IBlocklist.Entry({account: account, uid: uint64(i), designatedOn: 0});
        }
        IBlocklist.Batch memory batch = _batch(OFAC, entries);
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        _schedule(data);
        uint256 before = gasleft();
        _perform(data);
        assertLt(before - gasleft(), 16_777_216);
        assertFalse(blocklist.isSanctioned(account));
    }

    /// @dev A member's contract that calls back while its signature is checked changes nothing.
    function testT9ReentrantMember(address account) external {
        _assumeListable(account);
        Reentrant member = new Reentrant();
        SignedAct own =
            new SignedAct(new Seats(address(manager), _one(address(member))), blocklist, QUORUM);
        _decide(
            address(manager), abi.encodeCall(manager.grantRole, (Roles.EMERGENCY, address(own), 0))
        );
        uint256 deadline = block.timestamp + 1 hours;
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = new SignedAct.Signature[](1);
        signatures[0].signer = address(member);
        member.arm(
            address(own), abi.encodeCall(own.listProvisional, (batch, deadline, signatures))
        );

        own.listProvisional(batch, deadline, signatures);
        assertEq(own.nonce(), 1, "once");
        assertEq(blocklist.listingOf(account).episode, 1);
    }

    /// @dev A proposal calls a token of the attacker's, which executes the proposal again.
    function testT2ReentrancyThroughAToken() external {
        Reentrant token = new Reentrant();
        Proposal memory p = _pass(address(token), abi.encodeCall(Reentrant.run, ()));
        bytes32 description = keccak256(bytes(p.description));
        token.arm(
            address(council),
            abi.encodeCall(council.execute, (p.targets, p.values, p.calldatas, description))
        );
        skip(7 days);
        _execute(p);
        assertEq(token.landed(), 0);
    }

    /// @dev A reader sees how old the list is, whatever its keeper does not do.
    function testT20Staleness(uint256 wait) external {
        vm.prank(keeper);
        blocklist.attest(OFAC, uint40(block.timestamp), keccak256("checked"));
        uint256 then_ = block.timestamp;
        skip(bound(wait, 0, 3650 days));
        (, uint40 checkedAt) = blocklist.freshness(OFAC);
        assertEq(checkedAt, then_);
    }
}
