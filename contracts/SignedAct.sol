// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IBlocklist} from "./IBlocklist.sol";
import {Quorum} from "./Quorum.sol";
import {Seats} from "./Seats.sol";

/// @title SignedAct
/// @notice The council's signed act: a quorum of seats, signing off chain, holds addresses, or
/// retracts what is held.
///
/// SIGNING
/// A signature binds this contract, this chain, what is to be done, the whole batch with every
/// address, a nonce and a deadline; a member's wallet can show all of it.
/// Every signer is a member when the act lands, and they are a quorum of the seats then: more than
/// a percentage of them that is fixed for ever, and is never less than half.
/// A member may be a contract that answers ERC-1271.
/// Signatures stand in the strictly ascending order of their signers: none counts twice.
///
/// RELAYING
/// Anyone may relay the act. Nothing of it is public before it lands, unless its relayer tells.
/// Nonces are used one after the other: of two acts signed for the same nonce, only one lands.
/// No act lands after its deadline, and none whose deadline is more than 7 days away.
/// An act that the list refuses leaves the nonce as it was.
///
/// LIMITS
/// A signed act can only list provisionally, or retract such a listing. It cannot list for good,
/// end what a vote listed, or change a rule.
contract SignedAct is EIP712 {
    /* TYPES */

    /// @notice A member's signature under an act.
    /// @param signer The member.
    /// @param signature 65 bytes r, s, v of a key, or what the member's ERC-1271 code understands.
    struct Signature {
        address signer;
        bytes signature;
    }

    /* ERRORS */

    /// @notice The deadline has passed.
    error Expired(uint256 deadline);

    /// @notice The deadline is more than DEADLINE_MAX_SECONDS away.
    error DeadlineTooFar(uint256 deadline);

    /// @notice Fewer signatures than a quorum of the present seats.
    error TooFewSignatures(uint256 given, uint256 needed);

    /// @notice The signer stands before a smaller one, or twice.
    error SignerOutOfOrder(address signer);

    /// @notice The signer has no seat now.
    error NotMember(address signer);

    /// @notice The signature is not the signer's, or is one under something else.
    error InvalidSignature(address signer);

    /* CONSTANTS */

    /// @notice How far away a deadline may be.
    uint256 public constant DEADLINE_MAX_SECONDS = 7 days;

    /// @notice EIP-712 type of an entry.
    bytes32 public constant ENTRY_TYPEHASH =
        keccak256("Entry(address account,uint64 uid,uint40 designatedOn)");

    /// @notice EIP-712 type of the act.
    bytes32 public constant LIST_PROVISIONAL_TYPEHASH = keccak256(
        "ListProvisional(bytes32 manifest,uint16 sources,uint40 dataAsOf,Entry[] entries,"
        "uint256 nonce,uint256 deadline)" "Entry(address account,uint64 uid,uint40 designatedOn)"
    );

    /// @notice EIP-712 type of a retraction: of the same shape under another name.
    bytes32 public constant RETRACT_TYPEHASH = keccak256(
        "Retract(bytes32 manifest,uint16 sources,uint40 dataAsOf,Entry[] entries,"
        "uint256 nonce,uint256 deadline)" "Entry(address account,uint64 uid,uint40 designatedOn)"
    );

    /* STORAGE */

    /// @notice Who may sign.
    Seats public immutable seats;

    /// @notice Where the act lands.
    IBlocklist public immutable blocklist;

    /// @notice More than this percentage of the seats decides.
    uint256 public immutable quorumPercent;

    /// @notice The nonce of the next act.
    uint256 public nonce;

    /// @param seats_ Who may sign.
    /// @param blocklist_ Where the act lands.
    /// @param quorumPercent_ More than this percentage of the seats decides; from 50 to 90.
    constructor(Seats seats_, IBlocklist blocklist_, uint256 quorumPercent_)
        EIP712("Interdict SignedAct", "1")
    {
        Quorum.check(quorumPercent_);

        seats = seats_;
        blocklist = blocklist_;
        quorumPercent = quorumPercent_;
    }

    /// @notice How many of the present seats must sign.
    function quorum() public view returns (uint256) {
        return Quorum.needed(seats.size(), quorumPercent);
    }

    /// @notice What the members sign to list: the EIP-712 digest of the act.
    /// @param batch What is to be listed.
    /// @param nonce_ The nonce of the act; `nonce()` for the next one.
    /// @param deadline The last moment at which it may land, unix seconds.
    function digest(IBlocklist.Batch calldata batch, uint256 nonce_, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _digest(LIST_PROVISIONAL_TYPEHASH, batch, nonce_, deadline);
    }

    /// @notice What the members sign to retract; the parameters as those of `digest`.
    function retractDigest(IBlocklist.Batch calldata batch, uint256 nonce_, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _digest(RETRACT_TYPEHASH, batch, nonce_, deadline);
    }

    /// @notice Lists the batch provisionally, at once.
    /// @param batch What is listed.
    /// @param deadline The last moment at which it may land, unix seconds.
    /// @param signatures At least `quorum()` of them, in the ascending order of signers.
    function listProvisional(
        IBlocklist.Batch calldata batch,
        uint256 deadline,
        Signature[] calldata signatures
    ) external {
        _use(digest(batch, nonce, deadline), deadline, signatures);

        blocklist.listProvisional(batch);
    }

    /// @notice Ends, at once, what is held provisionally; the parameters as of `listProvisional`.
    function retract(
        IBlocklist.Batch calldata batch,
        uint256 deadline,
        Signature[] calldata signatures
    ) external {
        _use(retractDigest(batch, nonce, deadline), deadline, signatures);

        blocklist.retract(batch);
    }

    function _use(bytes32 signed, uint256 deadline, Signature[] calldata signatures) private {
        require(block.timestamp <= deadline, Expired(deadline));
        require(deadline <= block.timestamp + DEADLINE_MAX_SECONDS, DeadlineTooFar(deadline));
        _checkSignatures(signed, signatures);

        ++nonce;
    }

    function _checkSignatures(bytes32 signed, Signature[] calldata signatures) private view {
        uint256 needed = quorum();
        require(signatures.length >= needed, TooFewSignatures(signatures.length, needed));

        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = signatures[i].signer;
            require(signer > previous, SignerOutOfOrder(signer));
            require(seats.isMember(signer), NotMember(signer));
            bool valid =
                SignatureChecker.isValidSignatureNow(signer, signed, signatures[i].signature);
            require(valid, InvalidSignature(signer));
            previous = signer;
        }
    }

    function _digest(
        bytes32 typeHash,
        IBlocklist.Batch calldata batch,
        uint256 nonce_,
        uint256 deadline
    ) private view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    typeHash,
                    batch.manifest,
                    batch.sources,
                    batch.dataAsOf,
                    _hash(batch.entries),
                    nonce_,
                    deadline
                )
            )
        );
    }

    function _hash(IBlocklist.Entry[] calldata entries) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](entries.length);
        for (uint256 i = 0; i < entries.length; ++i) {
            IBlocklist.Entry calldata entry = entries[i];
            hashes[i] = keccak256(
                abi.encode(ENTRY_TYPEHASH, entry.account, entry.uid, entry.designatedOn)
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
