// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IBlocklist
/// @notice Addresses of sanctioned persons, each with the source list, the person's uid and the
/// evidence that put it there. This file is the contract's whole face and imports nothing: the Rust
/// bindings are compiled from it.
/// @dev Reads never revert and make no external call. A reader that gets no answer (no code, a call
/// that fails, an empty return) must treat the address as unknown, never as clear.
interface IBlocklist {
    /* TYPES */

    /// @notice What an act did.
    /// @dev The number is part of `head`: append, never reorder.
    enum Kind {
        ListProvisional,
        List,
        Delist,
        Protect,
        Unprotect,
        Retract,
        DelistMany,
        Attest
    }

    /// @notice One listing: an address, under a person, as the source names them.
    /// @param account The listed address.
    /// @param uid The designated person, by the authority's own id: the number itself where it is a
    /// plain decimal number (OFAC's uid, the EU's logicalId), else the first eight bytes, as a
    /// big-endian number, of keccak256 of the id as published (`CYB0042`, `ASO 12/23`), which the
    /// manifest has.
    /// @param designatedOn The day on which the source says the person was designated, as unix
    /// seconds at 00:00 UTC; 0 if the source does not say.
    struct Entry {
        address account;
        uint64 uid;
        uint40 designatedOn;
    }

    /// @notice The entries of one act and where they come from.
    /// @param manifest SHA-256 of the manifest: the canonical JSON that carries the evidence.
    /// @param sources The source lists concerned, one bit each; never zero.
    /// @param dataAsOf The publication's own timestamp, unix seconds.
    /// @param entries At least one.
    struct Batch {
        bytes32 manifest;
        uint16 sources;
        uint40 dataAsOf;
        Entry[] entries;
    }

    /// @notice What the list says of one address now.
    /// @param sanctioned The answer of `isSanctioned`.
    /// @param provisional Held now by signatures, and not ratified by a vote.
    /// @param isProtected Cannot be listed until unprotected.
    /// @param episode How often the address has been listed; 0 if never.
    /// @param sources The source lists of the current, or last, episode.
    /// @param act The act that began the current, or last, episode.
    /// @param since When that act happened, unix seconds; 0 if never listed.
    /// @param until End of the episode: the maximum if ratified, the deadline if provisional, the
    /// moment of delisting if delisted; 0 if never listed.
    struct Listing {
        bool sanctioned;
        bool provisional;
        bool isProtected;
        uint8 episode;
        uint16 sources;
        uint24 act;
        uint40 since;
        uint40 until;
    }

    /// @notice An episode that is over.
    /// @param start When it began, unix seconds; 0 if there is no such episode, or it is the last.
    /// @param end When it ended, unix seconds: the first moment at which it held no more.
    /// @param sources The source lists it ended with.
    struct Interval {
        uint40 start;
        uint40 end;
        uint16 sources;
    }

    /// @notice What is kept on chain of an act.
    /// @param time When it happened, unix seconds; 0 if there is no such act.
    /// @param kind What it did.
    /// @param manifest The first 26 bytes of the manifest's SHA-256; the whole is in `Acted`.
    struct Act {
        uint40 time;
        Kind kind;
        bytes26 manifest;
    }

    /* ERRORS */

    /// @notice A batch without entries, or a protection of nothing.
    error EmptyBatch();

    /// @notice A batch that names no source list.
    error NoSources();

    /// @notice A batch without a manifest.
    error NoManifest();

    /// @notice The address can never be listed: zero, burn, precompile, or part of this system.
    error Unlistable(address account);

    /// @notice The address is protected; the council must unprotect it first.
    error ProtectedAccount(address account);

    /// @notice The address is listed already: a provisional listing would add nothing or renew.
    error AlreadyListed(address account);

    /// @notice The address was held provisionally, was not ratified, and may not be held again yet.
    /// @param until The moment from which it may be held again, unix seconds. A vote may list it
    /// before.
    error HeldRecently(address account, uint40 until);

    /// @notice The address is not listed now by any of the sources that the delisting names.
    error NotListed(address account);

    /// @notice The address has been listed 255 times, and a further episode could not be numbered.
    error EpisodesExhausted(address account);

    /// @notice The provisional term is outside its bounds.
    error TermOutOfBounds(uint40 term);

    /// @notice The address is listed by vote: signatures may retract only what they hold.
    error NotProvisional(address account);

    /// @notice The day's provisional entries would be more than `limit`. A day ends at 00:00 UTC.
    error TooManyHolds(uint256 held, uint256 limit);

    /// @notice The daily limit of provisional entries is outside its bounds.
    error HoldsPerDayOutOfBounds(uint24 holdsPerDay);

    /// @notice The day's delistings would be more than 15 % of the list: use `delistMany`.
    /// @param taken The addresses that today's acts by `delist` take off some list, this one's too.
    /// @param listed The `count` before the act.
    error TooManyDelisted(uint256 taken, uint256 listed);

    /// @notice An attestation about a publication of the future.
    error DataAsOfInFuture(uint40 dataAsOf);

    /// @notice The source was attested less than ten minutes ago.
    /// @param until The moment from which it may be attested again, unix seconds.
    error AttestedRecently(uint16 source, uint40 until);

    /* EVENTS */

    /// @notice An address was listed, or its listing was ratified or joined by another.
    /// @dev Belongs to the next `Acted` of the same transaction, whose number it carries.
    event Listed(address indexed account, uint24 act, uint64 uid, uint40 designatedOn);

    /// @notice An address was taken off the list of the act's sources, by vote or by retraction.
    /// @dev Belongs to the next `Acted` of the same transaction, whose number it carries.
    event Delisted(address indexed account, uint24 act, uint64 uid, uint40 designatedOn);

    /// @notice An address was protected from being listed.
    event Protected(address indexed account, uint24 act);

    /// @notice An address lost its protection from being listed.
    event Unprotected(address indexed account, uint24 act);

    /// @notice An act is complete. Emitted after the events of its entries.
    /// @param act The act's number, from 1, without gaps.
    /// @param kind What it did.
    /// @param sources The source lists concerned; 0 for protections.
    /// @param until End of the listings it made: the maximum, or a provisional deadline; for a
    /// delisting or a retraction the moment of it; 0 for protections and attestations.
    /// @param dataAsOf The publication's own timestamp, unix seconds; 0 for protections.
    /// @param manifest SHA-256 of the manifest; 0 for protections.
    /// @param head The list's head after this act.
    event Acted(
        uint24 indexed act,
        Kind kind,
        uint16 sources,
        uint40 until,
        uint40 dataAsOf,
        bytes32 indexed manifest,
        bytes32 head
    );

    /* READS */

    /// @notice Whether the address is listed now, by any source.
    /// @dev The selector of the Chainalysis oracle, 0xdf592f7d.
    function isSanctioned(address account) external view returns (bool);

    /// @notice Whether the address is listed now by at least one of the sources in the mask.
    function isSanctionedBy(address account, uint16 sources) external view returns (bool);

    /// @notice `isSanctioned` of each address, in order.
    function areSanctioned(address[] calldata accounts) external view returns (bool[] memory);

    /// @notice Whether at least one of the addresses is listed now: both parties of a transfer in
    /// one call.
    function anySanctioned(address[] calldata accounts) external view returns (bool);

    /// @notice Whether the address was listed at a moment in the past or now; false for the future.
    function wasSanctionedAt(address account, uint40 time) external view returns (bool);

    /// @notice What the list says of the address, and why.
    function listingOf(address account) external view returns (Listing memory);

    /// @notice An earlier episode of the address, from 1; all zero for the current or last one,
    /// which is in `listingOf`, and for one that never was.
    function episodeOf(address account, uint8 episode) external view returns (Interval memory);

    /// @notice What is kept of an act; all zero if there is none of that number.
    function actOf(uint24 act) external view returns (Act memory);

    /// @notice A keccak fold over everything that ever happened to the list.
    /// @dev Let h be the head before an act. For each entry in order,
    /// h = keccak256(abi.encode(h, account, uid, designatedOn)), with uid and designatedOn 0 for
    /// protections; then head = keccak256(abi.encode(h, act, kind, sources, until, dataAsOf,
    /// manifest)). It begins at 0. Whoever folds the events and arrives here has them all.
    function head() external view returns (bytes32);

    /// @notice How many acts there have been.
    function actCount() external view returns (uint24);

    /// @notice How many addresses are listed and ratified. Provisional ones do not count.
    function count() external view returns (uint32);

    /// @notice The address that was first listed most recently: where the chain of `next` begins.
    function newest() external view returns (address);

    /// @notice The address that was first listed just before this one; zero after the oldest, and
    /// for an address that never was listed. Whoever walks from `newest` meets each address once,
    /// the delisted ones too.
    function next(address account) external view returns (address);

    /// @notice A stretch of the chain of `next`, with what the list says of each address.
    /// @dev Begin with zero, go on with what came back as `then_`, end when that is zero. What is
    /// first listed meanwhile stands before the beginning, so that no walk misses what it would
    /// have met; `head` before and after tells whether anything changed at all.
    /// @param from Where to begin; zero for `newest`. From an address that never was listed there
    /// is nothing.
    /// @param max How many at the most; more than 500 is taken for 500, none for one.
    function page(address from, uint256 max)
        external
        view
        returns (address[] memory accounts, Listing[] memory listings, address then_);

    /// @notice How fresh the list is, by its keeper's word.
    /// @param sources One source list, or several: then each answer is that of the stalest.
    /// @return dataAsOf The timestamp of the publication that the list was last compared with.
    /// @return checkedAt When that was attested. Both in unix seconds, and 0 if one of the sources
    /// was never attested.
    function freshness(uint16 sources) external view returns (uint40 dataAsOf, uint40 checkedAt);

    /// @notice How long a provisional listing holds, in seconds.
    function term() external view returns (uint40);

    /// @notice How many provisional entries a day may have, from 00:00 to 24:00 UTC.
    function holdsPerDay() external view returns (uint24);

    /* ACTS */

    /// @notice Lists at once, for `term`, what is not listed. For the council's signed act.
    /// @dev Reverts with AlreadyListed if an address is listed by an earlier act, HeldRecently if
    /// an unratified hold of it ended less than 30 days ago, TooManyHolds beyond the day's limit.
    function listProvisional(Batch calldata batch) external;

    /// @notice Ends at once what is held provisionally. For the council's signed act.
    /// @dev Reverts with NotProvisional if an address is listed by vote. What was retracted is like
    /// a hold that lapsed: it cannot be held again for 30 days.
    function retract(Batch calldata batch) external;

    /// @notice Lists without end, and ratifies what is held provisionally. For the council's vote.
    function list(Batch calldata batch) external;

    /// @notice Takes addresses off the sources' lists. An address stays listed while another
    /// source names it. For the council's vote, after a delay.
    /// @dev Reverts with TooManyDelisted if the day's delistings would be more than three and more
    /// than 15 % of `count`.
    function delist(Batch calldata batch) external;

    /// @notice `delist` for any share of the list. For the council's vote, after a longer delay.
    function delistMany(Batch calldata batch) external;

    /// @notice Says that the list was compared with the sources' publication of `dataAsOf`, and
    /// that nothing is to be changed. For the keeper.
    /// @param manifest SHA-256 of the manifest of that comparison.
    function attest(uint16 sources, uint40 dataAsOf, bytes32 manifest) external;

    /// @notice Protects addresses from being listed.
    function protect(address[] calldata accounts) external;

    /// @notice Takes the protection away.
    function unprotect(address[] calldata accounts) external;
}
