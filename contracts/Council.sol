// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {
    GovernorCountingSimple
} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {
    GovernorNoncesKeyed
} from "@openzeppelin/contracts/governance/extensions/GovernorNoncesKeyed.sol";
import {
    GovernorSuperQuorum
} from "@openzeppelin/contracts/governance/extensions/GovernorSuperQuorum.sol";
import {
    GovernorTimelockAccess
} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockAccess.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {Quorum} from "./Quorum.sol";
import {Seats} from "./Seats.sol";

/// @title Council
/// @notice The vote of the seats.
///
/// PROPOSALS
/// Anyone may propose, so that a member needs no gas; only seats decide.
/// A proposal's id binds its targets, values, calldatas and description.
/// A proposal cannot be cancelled, not by its proposer either: it can only fail to find its quorum.
/// What is queued can be cancelled at the AccessManager, by the guardian of the function's role.
///
/// VOTES
/// The seats of the proposal's second decide, and the vote opens in the second after it.
/// A proposal succeeds as soon as a quorum of those seats voted for it, and only so: more than a
/// percentage of them that is fixed for ever, and is never less than half. To abstain counts
/// towards nothing.
/// A vote cannot be changed. Votes may be cast by signature, relayed by anyone.
///
/// EXECUTION
/// Anyone may execute what succeeded, once the AccessManager's delay for its slowest call is over.
/// What succeeded must be executed, or queued where there is a delay, within 7 days after the end
/// of its voting period; then it expires. What is queued expires 7 days after its delay, as the
/// AccessManager's operations do.
/// A proposal is executed whole or not at all.
///
/// RULES
/// The voting period is fixed for ever. There is no voting delay, no threshold and no base delay.
/// The council cannot change its own rules: every function by which a Governor could govern itself
/// is closed. A base delay could lock the council for ever; ignoring the AccessManager, or
/// relaying, would let it drop a role without the slow lane.
/// Hence roles and delays change only through the AccessManager, where the council is ADMIN with a
/// delay of 7 days; and no delay there can be shortened by a vote here.
/// A new council is a new contract, to which the AccessManager's roles are given.
contract Council is
    GovernorCountingSimple,
    GovernorVotes,
    GovernorSuperQuorum,
    GovernorTimelockAccess,
    GovernorNoncesKeyed
{
    /* ERRORS */

    /// @notice The voting period is outside its bounds.
    error VotingPeriodOutOfBounds(uint32 seconds_);

    /// @notice The council's rules are not its own to change.
    error RuleFixed();

    /* CONSTANTS */

    /// @notice Shortest voting period. A demonstration needs minutes; a working council takes days,
    /// for whoever has not voted by then has not been heard.
    uint32 public constant VOTING_PERIOD_MIN_SECONDS = 5 minutes;

    /// @notice Longest voting period, after which the evidence would be another.
    uint32 public constant VOTING_PERIOD_MAX_SECONDS = 30 days;

    /// @notice How long after its voting period a success can be executed or queued. Else whoever
    /// kept an old one could list again, much later, what has been delisted since.
    uint32 public constant EXECUTION_WINDOW_SECONDS = 7 days;

    /// @notice More than this percentage of the seats decides.
    uint256 public immutable quorumPercent;

    uint32 private immutable _votingPeriodSeconds;

    /// @param authority The AccessManager whose delays the council obeys.
    /// @param seats Who votes.
    /// @param votingPeriodSeconds How long a vote stays open that finds no quorum before.
    /// @param quorumPercent_ More than this percentage of the seats decides; from 50 to 90.
    constructor(address authority, Seats seats, uint32 votingPeriodSeconds, uint256 quorumPercent_)
        Governor("Interdict Council")
        GovernorVotes(seats)
        GovernorTimelockAccess(authority, 0)
    {
        bool inBounds = VOTING_PERIOD_MIN_SECONDS <= votingPeriodSeconds
            && votingPeriodSeconds <= VOTING_PERIOD_MAX_SECONDS;
        require(inBounds, VotingPeriodOutOfBounds(votingPeriodSeconds));
        Quorum.check(quorumPercent_);

        _votingPeriodSeconds = votingPeriodSeconds;
        quorumPercent = quorumPercent_;
    }

    /* RULES */

    /// @notice None: the vote opens in the second after the proposal.
    function votingDelay() public pure override returns (uint256) {
        return 0;
    }

    /// @notice How long a vote stays open that finds no quorum before, in seconds.
    function votingPeriod() public view override returns (uint256) {
        return _votingPeriodSeconds;
    }

    /// @notice How many of the seats of a past moment decide.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return Quorum.needed(token().getPastTotalSupply(timepoint), quorumPercent);
    }

    /// @notice The same: a quorum needs not wait for the others.
    function superQuorum(uint256 timepoint) public view override returns (uint256) {
        return quorum(timepoint);
    }

    /// @notice Votes are against, for or abstain; only those for it count towards the quorum.
    // forge-lint: disable-next-line(mixed-case-function)
    function COUNTING_MODE()
        public
        pure
        override(IGovernor, GovernorCountingSimple)
        returns (string memory)
    {
        return "support=bravo&quorum=for";
    }

    /* THE COURSE OF A PROPOSAL */

    /// @inheritdoc Governor
    function state(uint256 proposalId)
        public
        view
        override(Governor, GovernorSuperQuorum)
        returns (ProposalState)
    {
        ProposalState current = super.state(proposalId);
        bool isLate = clock() > proposalDeadline(proposalId) + EXECUTION_WINDOW_SECONDS;
        return current == ProposalState.Succeeded && isLate ? ProposalState.Expired : current;
    }

    /// @inheritdoc GovernorCountingSimple
    function proposalVotes(uint256 proposalId)
        public
        view
        override(GovernorCountingSimple, GovernorSuperQuorum)
        returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes)
    {
        return super.proposalVotes(proposalId);
    }

    /// @inheritdoc GovernorTimelockAccess
    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockAccess)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @inheritdoc GovernorTimelockAccess
    function propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description
    ) public override(Governor, GovernorTimelockAccess) returns (uint256) {
        return super.propose(targets, values, calldatas, description);
    }

    /* CLOSED */

    /// @notice Closed: the council has no hands outside the AccessManager.
    function relay(address, uint256, bytes calldata) public payable override {
        revert RuleFixed();
    }

    /// @notice Closed: delays belong to the AccessManager.
    function setBaseDelaySeconds(uint32) public pure override {
        revert RuleFixed();
    }

    /// @notice Closed: what the AccessManager restricts goes through it.
    function setAccessManagerIgnored(address, bytes4[] calldata, bool) public pure override {
        revert RuleFixed();
    }

    /* INSIDE */

    function _quorumReached(uint256 proposalId)
        internal
        view
        override(Governor, GovernorCountingSimple)
        returns (bool)
    {
        (, uint256 forVotes,) = proposalVotes(proposalId);
        return quorum(proposalSnapshot(proposalId)) <= forVotes;
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockAccess) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockAccess) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    /// @dev Closed. It would be open to the proposer within the proposal's own second, where it
    /// serves nobody but one who copied another's proposal to spoil it.
    function _cancel(address[] memory, uint256[] memory, bytes[] memory, bytes32)
        internal
        pure
        override(Governor, GovernorTimelockAccess)
        returns (uint256)
    {
        revert RuleFixed();
    }

    function _validateVoteSig(
        uint256 proposalId,
        uint8 support,
        address voter,
        bytes memory signature
    ) internal override(Governor, GovernorNoncesKeyed) returns (bool) {
        return super._validateVoteSig(proposalId, support, voter, signature);
    }

    function _validateExtendedVoteSig(
        uint256 proposalId,
        uint8 support,
        address voter,
        string memory reason,
        bytes memory params,
        bytes memory signature
    ) internal override(Governor, GovernorNoncesKeyed) returns (bool) {
        return super._validateExtendedVoteSig(
                proposalId, support, voter, reason, params, signature
            );
    }

    function _useCheckedNonce(address owner, uint256 nonce)
        internal
        override(Nonces, GovernorNoncesKeyed)
    {
        super._useCheckedNonce(owner, nonce);
    }
}
