//! What is asked of the council, its seats and its access manager. A test compares it with the
//! committed artifacts.

#![allow(missing_docs, clippy::pedantic, clippy::all, reason = "generated from the declarations")]

alloy_sol_types::sol! {
    event ProposalCreated(
        uint256 proposalId, address proposer, address[] targets, uint256[] values,
        string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd,
        string description
    );

    function state(uint256 proposalId) external view returns (uint8);
    function proposalVotes(uint256 proposalId) external view
        returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes);
    function proposalEta(uint256 proposalId) external view returns (uint256);
    function quorum(uint256 timepoint) external view returns (uint256);

    function hashOperation(address caller, address target, bytes data) external view
        returns (bytes32);
    function getSchedule(bytes32 id) external view returns (uint48);
    function expiration() external view returns (uint32);

    function add(address account) external;
    function remove(address account) external;
}
