// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {
    GovernorTimelockAccess
} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockAccess.sol";

import {Council} from "../../contracts/Council.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Quorum} from "../../contracts/Quorum.sol";
import {Seats} from "../../contracts/Seats.sol";
import {SignedAct} from "../../contracts/SignedAct.sol";
import {World} from "./World.sol";

contract CouncilTest is World {
    function _listCall(address account) private pure returns (bytes memory) {
        return abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, account)));
    }

    function _assertState(uint256 id, IGovernor.ProposalState expected) private view {
        assertEq(uint8(council.state(id)), uint8(expected));
    }

    /// @dev A stranger proposes, relays and executes; only the members' signatures decide.
    function testList(address stranger, address account) external {
        _assumeListable(account);
        _assumeStranger(stranger);
        vm.startPrank(stranger);
        Proposal memory p = _propose(address(blocklist), _listCall(account));
        _assertState(p.id, IGovernor.ProposalState.Pending);

        skip(1);
        _voteFor(p.id, _majority() - 1);
        _assertState(p.id, IGovernor.ProposalState.Active);
        bytes32 onlySucceeded = bytes32(1 << uint8(IGovernor.ProposalState.Succeeded));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorUnexpectedProposalState.selector,
                p.id,
                IGovernor.ProposalState.Active,
                onlySucceeded
            )
        );
        _execute(p);

        // The majority, in the second after the proposal
        _vote(p.id, _majority() - 1, 1);
        _assertState(p.id, IGovernor.ProposalState.Succeeded);
        assertLt(block.timestamp, council.proposalDeadline(p.id));
        _execute(p);
        vm.stopPrank();

        assertTrue(blocklist.isSanctioned(account));
        assertFalse(blocklist.listingOf(account).provisional);
        _assertState(p.id, IGovernor.ProposalState.Executed);
    }

    /// @dev The way of the command line: held by signatures, then ratified by the vote.
    function testRatify(address account) external {
        _assumeListable(account);
        _hold(_batchOf(OFAC, account));
        _decide(address(blocklist), _listCall(account));
        assertEq(blocklist.listingOf(account).episode, 1);
        assertEq(blocklist.count(), 1);
    }

    function testDelistWaitsADay(address account, uint256 wait) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        _list(batch);

        Proposal memory p =
            _propose(address(blocklist), abi.encodeCall(IBlocklist.delist, (batch)));
        skip(1);
        _voteFor(p.id, _majority());
        assertTrue(council.proposalNeedsQueuing(p.id));

        // Not without the queue
        vm.expectRevert();
        _execute(p);

        // Not before its time
        _queue(p);
        _assertState(p.id, IGovernor.ProposalState.Queued);
        uint256 eta = block.timestamp + 1 days;
        assertEq(council.proposalEta(p.id), eta);
        vm.warp(bound(wait, block.timestamp, eta - 1));
        vm.expectRevert(
            abi.encodeWithSelector(GovernorTimelockAccess.GovernorUnmetDelay.selector, p.id, eta)
        );
        _execute(p);

        vm.warp(eta);
        _execute(p);
        assertFalse(blocklist.isSanctioned(account));
    }

    function testGuardianCancelsADelisting(address stranger, address account) external {
        _assumeListable(account);
        _assumeStranger(stranger);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        _list(batch);
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        Proposal memory p = _pass(address(blocklist), data);

        // Access control
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedCancel.selector,
                stranger,
                address(council),
                address(blocklist),
                IBlocklist.delist.selector
            )
        );
        vm.prank(stranger);
        manager.cancel(address(council), address(blocklist), data);

        // Normal path
        vm.prank(guardian);
        manager.cancel(address(council), address(blocklist), data);
        skip(1 days);
        bytes32 operation = manager.hashOperation(address(council), address(blocklist), data);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation)
        );
        _execute(p);
        assertTrue(blocklist.isSanctioned(account));
    }

    function testGuardianCannotHinderAChangeOfRules() external {
        bytes memory data = abi.encodeCall(IAccessManager.revokeRole, (6, guardian));
        _pass(address(manager), data);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedCancel.selector,
                guardian,
                address(council),
                address(manager),
                IAccessManager.revokeRole.selector
            )
        );
        vm.prank(guardian);
        manager.cancel(address(council), address(manager), data);
    }

    function testStrangersHaveNoVote(uint256 key, address account) external {
        _assumeListable(account);
        key = boundPrivateKey(key);
        vm.assume(!seats.isMember(vm.addr(key)));
        Proposal memory p = _propose(address(blocklist), _listCall(account));
        skip(1);
        _voteFor(p.id, _majority() - 1);

        vm.prank(vm.addr(key));
        council.castVote(p.id, 1);

        (, uint256 forVotes,) = council.proposalVotes(p.id);
        assertEq(forVotes, _majority() - 1);
        skip(VOTING_PERIOD);
        _assertState(p.id, IGovernor.ProposalState.Defeated);
    }

    /// @dev Whatever the seats say, it passes if, and only if, more than half of them said yes.
    function testOnlyAMajorityOfAllSeatsPasses(uint8[7] memory says, address account) external {
        _assumeListable(account);
        Proposal memory p = _propose(address(blocklist), _listCall(account));
        skip(1);
        uint256 yes = 0;
        for (uint256 i = 0; i < SEATS; ++i) {
            says[i] = says[i] % 4;
            if (says[i] == 3) continue; // was not there
            if (council.state(p.id) != IGovernor.ProposalState.Active) break;
            _vote(p.id, i, says[i]);
            if (says[i] == 1) ++yes;
        }

        skip(VOTING_PERIOD);
        _assertState(
            p.id, yes >= 4 ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Defeated
        );
    }

    function testQuorums(uint8 n, uint256 percent) external {
        n = uint8(bound(n, 1, 64));
        percent = bound(percent, Quorum.PERCENT_MIN, Quorum.PERCENT_MAX);
        address[] memory accounts = new address[](n);
        for (uint256 i = 0; i < n; ++i) {
            accounts[i] = address(uint160(0x1000 + i));
        }
        Seats some = new Seats(address(manager), accounts);
        Council other = new Council(address(manager), some, VOTING_PERIOD, percent);
        SignedAct signed = new SignedAct(some, blocklist, percent);
        skip(1);
        uint256 needed = other.quorum(block.timestamp - 1);
        assertGt(100 * needed, percent * n, "more than the percentage");
        assertLe(100 * (needed - 1), percent * n, "and not one more");
        assertGt(2 * needed, n, "never half");
        assertLe(needed, n, "never more than there are");
        assertEq(other.superQuorum(block.timestamp - 1), needed, "never below the quorum");
        assertEq(signed.quorum(), needed, "signing by the same percentage needs as many");
        assertEq(other.quorumPercent(), percent);
        assertEq(signed.quorumPercent(), percent);
    }

    /// @dev At 50 percent four of seven decide; at 60 percent five.
    function testAHigherQuorum(address account) external {
        _assumeListable(account);
        Council other = new Council(address(manager), seats, VOTING_PERIOD, 60);
        assertEq(council.quorum(block.timestamp - 1), 4);
        assertEq(other.quorum(block.timestamp - 1), 5);
        council = other;
        Proposal memory p = _propose(
            address(blocklist), abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, account)))
        );
        skip(1);
        _voteFor(p.id, 4);
        _assertState(p.id, IGovernor.ProposalState.Active);
        _vote(p.id, 4, 1);
        _assertState(p.id, IGovernor.ProposalState.Succeeded);
    }

    function testQuorumBounds(uint256 percent) external {
        if (Quorum.PERCENT_MIN <= percent && percent <= Quorum.PERCENT_MAX) return;
        bytes memory refusal = abi.encodeWithSelector(Quorum.QuorumOutOfBounds.selector, percent);
        vm.expectRevert(refusal);
        new Council(address(manager), seats, VOTING_PERIOD, percent);
        vm.expectRevert(refusal);
        new SignedAct(seats, blocklist, percent);
    }

    function testQuorumBoundsAreIncluded() external {
        for (uint256 percent = 49; percent <= 91; percent += percent == 50 ? 40 : 1) {
            bool refused = percent == 49 || percent == 91;
            if (refused) vm.expectPartialRevert(Quorum.QuorumOutOfBounds.selector);
            new Council(address(manager), seats, VOTING_PERIOD, percent);
            if (refused) vm.expectPartialRevert(Quorum.QuorumOutOfBounds.selector);
            new SignedAct(seats, blocklist, percent);
        }
    }

    /// @dev A ballot that gives its reason is signed with it, and counts once.
    function testAVoteWithItsReasonBySignature(address account, address relayer) external {
        _assumeListable(account);
        Proposal memory p = _propose(address(blocklist), _listCall(account));
        skip(1);
        address voter = members[0];
        bytes32 ballot = keccak256(
            abi.encode(
                council.EXTENDED_BALLOT_TYPEHASH(),
                p.id,
                uint8(1),
                voter,
                council.nonces(voter, uint192(p.id)),
                keccak256("the publication has it"),
                keccak256("")
            )
        );
        bytes memory signature =
            _signature(keys[0], _typed(address(council), "Interdict Council", ballot));

        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, voter));
        council.castVoteWithReasonAndParamsBySig(p.id, 1, voter, "another", "", signature);
        council.castVoteWithReasonAndParamsBySig(
            p.id, 1, voter, "the publication has it", "", signature
        );
        (, uint256 votesFor,) = council.proposalVotes(p.id);
        assertEq(votesFor, 1);
        vm.stopPrank();
    }

    function testNoVoteTwice(address account) external {
        _assumeListable(account);
        Proposal memory p = _propose(address(blocklist), _listCall(account));
        Proposal memory other = _propose(address(blocklist), _listCall(account));
        skip(1);

        // A ballot is for one proposal
        bytes32 ballot = keccak256(
            abi.encode(
                council.BALLOT_TYPEHASH(),
                p.id,
                uint8(1),
                members[0],
                council.nonces(members[0], uint192(p.id))
            )
        );
        bytes memory signature =
            _signature(keys[0], _typed(address(council), "Interdict Council", ballot));
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, members[0])
        );
        council.castVoteBySig(other.id, 1, members[0], signature);

        // And for one vote
        council.castVoteBySig(p.id, 1, members[0], signature);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInvalidSignature.selector, members[0])
        );
        council.castVoteBySig(p.id, 1, members[0], signature);
        vm.prank(members[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, members[0])
        );
        council.castVote(p.id, 1);
    }

    /// @dev The seats of the proposal's second decide: who came later does not.
    function testSeatsOfTheStart(address account, address late) external {
        _assumeListable(account);
        vm.assume(late != address(0) && late != address(seats) && !seats.isMember(late));
        bytes memory adding = abi.encodeCall(Seats.add, (late));
        Proposal memory change = _pass(address(seats), adding);
        skip(3 days);

        Proposal memory p = _propose(address(blocklist), _listCall(account));
        skip(1);
        _execute(change);
        assertTrue(seats.isMember(late));

        skip(1);
        vm.prank(late);
        council.castVote(p.id, 1);
        (, uint256 forVotes,) = council.proposalVotes(p.id);
        assertEq(forVotes, 0);
    }

    /// @dev Whoever keeps an old success cannot list again what has been delisted since.
    function testSuccessExpires(address account, uint256 wait) external {
        _assumeListable(account);
        Proposal memory p = _propose(address(blocklist), _listCall(account));
        skip(1);
        _voteFor(p.id, _majority());
        uint256 last = council.proposalDeadline(p.id) + 7 days;

        vm.warp(last);
        _assertState(p.id, IGovernor.ProposalState.Succeeded);

        vm.warp(bound(wait, last + 1, last + 3650 days));
        _assertState(p.id, IGovernor.ProposalState.Expired);
        vm.expectRevert();
        _execute(p);
        assertFalse(blocklist.isSanctioned(account));
    }

    /// @dev Only a success that nobody executed expires: what was decided otherwise stays so.
    function testWhatIsOverStaysWhatItIs(address account) external {
        _assumeListable(account);
        Proposal memory refused = _propose(address(blocklist), _listCall(account));
        skip(1);
        _vote(refused.id, 0, 0);
        Proposal memory executed = _pass(address(blocklist), _listCall(account));
        _execute(executed);
        bytes memory data = abi.encodeCall(IBlocklist.delist, (_batchOf(OFAC, account)));
        Proposal memory queued = _pass(address(blocklist), data);

        skip(3650 days);
        _assertState(refused.id, IGovernor.ProposalState.Defeated);
        _assertState(executed.id, IGovernor.ProposalState.Executed);
        _assertState(queued.id, IGovernor.ProposalState.Queued);
    }

    /// @dev Not its proposer, in the only second in which a Governor would let them; nobody else
    /// ever.
    function testNobodyCancelsAProposal(address proposer, address stranger, address account)
        external
    {
        vm.assume(proposer != stranger);
        vm.prank(proposer);
        Proposal memory p = _propose(address(blocklist), _listCall(account));
        bytes32 description = keccak256(bytes(p.description));
        vm.expectRevert(Council.RuleFixed.selector);
        vm.prank(proposer);
        council.cancel(p.targets, p.values, p.calldatas, description);

        bytes memory refusal =
            abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, p.id, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        council.cancel(p.targets, p.values, p.calldatas, description);

        skip(1);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, p.id, proposer)
        );
        vm.prank(proposer);
        council.cancel(p.targets, p.values, p.calldatas, description);
    }

    function _refusesVotingPeriod(uint32 period) private {
        vm.expectRevert(abi.encodeWithSelector(Council.VotingPeriodOutOfBounds.selector, period));
        new Council(address(manager), seats, period, QUORUM);
    }

    function testNoVotingPeriodBelowFiveMinutes() external {
        _refusesVotingPeriod(5 minutes - 1);
    }

    function testNoVotingPeriodAboveThirtyDays() external {
        _refusesVotingPeriod(30 days + 1);
    }

    function testVotingPeriodsAtTheirBounds() external {
        assertEq(new Council(address(manager), seats, 5 minutes, QUORUM).votingPeriod(), 5 minutes);
        assertEq(new Council(address(manager), seats, 30 days, QUORUM).votingPeriod(), 30 days);
    }

    function testVotingPeriodBounds(uint32 period) external {
        period = uint32(bound(period, 5 minutes, 30 days));
        Council other = new Council(address(manager), seats, period, QUORUM);
        assertEq(other.votingPeriod(), period);
        assertEq(other.votingDelay(), 0);
        assertEq(other.proposalThreshold(), 0);
        assertEq(other.baseDelaySeconds(), 0);
        assertEq(other.COUNTING_MODE(), "support=bravo&quorum=for");
    }
}
