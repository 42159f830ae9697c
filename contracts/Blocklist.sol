// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {foldAccount, foldAct, foldEntry} from "./Head.sol";
import {IBlocklist} from "./IBlocklist.sol";
import {isOnNeverList} from "./NeverList.sol";
import {FOREVER, PROVISIONAL, UNTIL_SHIFT, Word, toWord} from "./Word.sol";

/// @title Blocklist
/// @notice The list itself.
///
/// LISTING
/// An address is listed while its `until` lies after the block's timestamp. Nothing else decides.
/// A listing by vote has no end; it ends only by a delisting.
/// Listing what is listed by vote already adds the act's sources to it and changes nothing else.
/// Zero, 0x…dEaD, the precompiles' range up to 0x1ff, 0xff…fe, this contract and its authority can
/// never be listed, by any act.
/// An act is whole or not at all: one bad entry reverts it.
/// The same address may stand in one act under several uids: each has its event and its fold.
///
/// PROVISIONAL
/// A provisional listing holds for `term` seconds from its act, and then ends by itself.
/// `term` never changes.
/// A provisional listing cannot be renewed: while it holds, another one reverts, and after it
/// lapsed unratified the address cannot be held again for 30 days.
/// A listing by vote ratifies what is held: the episode goes on from its first moment, without end.
/// A listing by vote may follow a lapsed hold at any time: that is a new episode.
///
/// DELISTING
/// A delisting takes the named sources away; the address stays listed while another source is left.
/// It needs at least one of the named sources to be there.
/// An address that is delisted is not listed from the very block of the delisting.
/// A delisted address may be listed again at once, in either way.
///
/// HISTORY
/// An episode runs from the act that began it to its `until`, the latter not included.
/// Each new episode files the interval of the one before it; no interval is ever changed.
/// The answer about a past moment never changes; about a future one it is no.
/// An address has at most 255 episodes.
/// Which sources held within an episode is in the events, not in storage.
///
/// HEAD
/// Each act has a number, from 1 without gaps, and leaves its time, kind and evidence.
/// `head` changes with each act and with nothing else.
/// Whoever folds the events as `IBlocklist.head` says and arrives at `head` has all of them,
/// unaltered and in order.
/// `count` is the number of addresses that are listed and ratified, at all times.
///
/// ROLES
/// Each act is for the role that the authority, an AccessManager, gives to its function.
/// Roles.sol says which roles there are. The contract cannot tell a council from a key.
/// Nobody can change an entry in any other way, and nobody can change this code.
///
/// PROTECTION
/// A protected address cannot be listed; a listed one cannot be protected before it is delisted.
/// Protecting twice, or unprotecting what is not protected, is an act without effect.
///
/// READS
/// A read never reverts and calls no other contract.
/// `isSanctioned` costs the same whatever the length of the list.
/// `wasSanctionedAt` costs one more slot for each earlier episode of that one address.
///
/// LIVENESS
/// Ends of provisional listings need no transaction.
/// If the authority refuses everything, the list stays as it is, and can be read.
/// How fresh the list is, the contract does not know; `actOf` says when it last changed.
contract Blocklist is IBlocklist, AccessManaged {
    /* TYPES */

    /// @dev An act while it is being written: what would cost a slot at each entry waits here.
    struct Draft {
        uint24 act;
        uint16 sources;
        uint32 count;
        address newest;
        address authority;
        bytes32 head;
    }

    /* CONSTANTS */

    uint40 public constant TERM_MIN_SECONDS = 1 hours;
    uint40 public constant TERM_MAX_SECONDS = 30 days;

    /// @notice How long after an unratified hold the address cannot be held again.
    uint40 public constant HOLD_PAUSE_SECONDS = 30 days;

    /* STORAGE */

    /// @inheritdoc IBlocklist
    uint40 public immutable term;

    /// @inheritdoc IBlocklist
    bytes32 public head;

    // These three share a slot.
    /// @inheritdoc IBlocklist
    uint24 public actCount;
    /// @inheritdoc IBlocklist
    uint32 public count;
    /// @inheritdoc IBlocklist
    address public newest;

    mapping(address account => Word) private _words;
    mapping(uint24 act => Act) private _acts;
    mapping(address account => mapping(uint8 episode => Interval)) private _history;

    /// @param authority The AccessManager that knows who may do what.
    /// @param term_ How long a provisional listing holds, in seconds.
    constructor(address authority, uint40 term_) AccessManaged(authority) {
        require(TERM_MIN_SECONDS <= term_ && term_ <= TERM_MAX_SECONDS, TermOutOfBounds(term_));

        term = term_;
    }

    /* READS */

    /// @inheritdoc IBlocklist
    function isSanctioned(address account) external view returns (bool) {
        // What everyone calls before every transfer: `isActive` without the jumps and the encoder.
        assembly ("memory-safe") {
            mstore(0, account)
            mstore(0x20, _words.slot)
            let word := sload(keccak256(0, 0x40))
            mstore(0, gt(shr(UNTIL_SHIFT, word), timestamp()))
            return(0, 0x20)
        }
    }

    /// @inheritdoc IBlocklist
    function isSanctionedBy(address account, uint16 sources) external view returns (bool) {
        Word word = _words[account];
        return word.isActive() && word.sources() & sources != 0;
    }

    /// @inheritdoc IBlocklist
    function areSanctioned(address[] calldata accounts) external view returns (bool[] memory) {
        bool[] memory answers = new bool[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            answers[i] = _words[accounts[i]].isActive();
        }
        return answers;
    }

    /// @inheritdoc IBlocklist
    function wasSanctionedAt(address account, uint40 time) external view returns (bool) {
        if (time > block.timestamp) return false;

        Word word = _words[account];
        uint8 episode = word.episode();
        if (episode == 0) return false;
        if (time >= _acts[word.act()].time) return time < word.until();

        // An episode begins only when the one before it is over: the latest that had begun decides.
        while (--episode > 0) {
            Interval memory past = _history[account][episode];
            if (time >= past.start) return time < past.end;
        }
        return false;
    }

    /// @inheritdoc IBlocklist
    function listingOf(address account) external view returns (Listing memory) {
        Word word = _words[account];
        bool active = word.isActive();
        return Listing({
            sanctioned: active,
            provisional: active && word.isProvisional(),
            isProtected: word.isProtected(),
            episode: word.episode(),
            sources: word.sources(),
            act: word.act(),
            since: _acts[word.act()].time,
            until: word.until()
        });
    }

    /// @inheritdoc IBlocklist
    function episodeOf(address account, uint8 episode) external view returns (Interval memory) {
        return _history[account][episode];
    }

    /// @inheritdoc IBlocklist
    function actOf(uint24 act) external view returns (Act memory) {
        return _acts[act];
    }

    /// @inheritdoc IBlocklist
    function next(address account) external view returns (address) {
        return _words[account].next();
    }

    /* ACTS */

    /// @inheritdoc IBlocklist
    function listProvisional(Batch calldata batch) external restricted {
        Draft memory draft = _open(batch);
        Entry[] calldata entries = batch.entries;
        uint40 until = uint40(block.timestamp) + term;

        for (uint256 i = 0; i < entries.length; ++i) {
            Entry calldata entry = entries[i];
            address account = entry.account;
            Word word = _words[account];
            _checkListable(draft, account, word);

            if (word.isActive()) {
                // A second uid in the same act; from any other act it would be a renewal.
                require(word.act() == draft.act, AlreadyListed(account));
            } else {
                _checkRested(account, word);
                _words[account] = _begin(draft, account, word, until, PROVISIONAL);
            }

            draft.head = foldEntry(draft.head, Listed.selector, draft.act, entry);
        }

        _close(draft, Kind.ListProvisional, until, batch.dataAsOf, batch.manifest);
    }

    /// @inheritdoc IBlocklist
    function list(Batch calldata batch) external restricted {
        Draft memory draft = _open(batch);
        Entry[] calldata entries = batch.entries;

        for (uint256 i = 0; i < entries.length; ++i) {
            Entry calldata entry = entries[i];
            address account = entry.account;
            Word word = _words[account];
            _checkListable(draft, account, word);

            if (word.isActive()) {
                if (word.isProvisional()) draft.count++;
                _words[account] = word.ratify().withSources(word.sources() | draft.sources);
            } else {
                draft.count++;
                _words[account] = _begin(draft, account, word, FOREVER, 0);
            }

            draft.head = foldEntry(draft.head, Listed.selector, draft.act, entry);
        }

        _close(draft, Kind.List, FOREVER, batch.dataAsOf, batch.manifest);
    }

    /// @inheritdoc IBlocklist
    function delist(Batch calldata batch) external restricted {
        Draft memory draft = _open(batch);
        Entry[] calldata entries = batch.entries;

        for (uint256 i = 0; i < entries.length; ++i) {
            Entry calldata entry = entries[i];
            address account = entry.account;
            Word word = _words[account];

            if (word.isActive() && word.sources() & draft.sources != 0) {
                _words[account] = _remove(draft, word);
            } else {
                // A second uid in the same act has nothing left to take away.
                require(_isAbove(entries, i), NotListed(account));
            }

            draft.head = foldEntry(draft.head, Delisted.selector, draft.act, entry);
        }

        _close(draft, Kind.Delist, uint40(block.timestamp), batch.dataAsOf, batch.manifest);
    }

    /// @inheritdoc IBlocklist
    function protect(address[] calldata accounts) external restricted {
        Draft memory draft = _open(accounts);

        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            Word word = _words[account];
            require(!word.isActive(), AlreadyListed(account));

            _words[account] = word.protect();
            draft.head = foldAccount(draft.head, account);

            emit Protected(account, draft.act);
        }

        _close(draft, Kind.Protect, 0, 0, 0);
    }

    /// @inheritdoc IBlocklist
    function unprotect(address[] calldata accounts) external restricted {
        Draft memory draft = _open(accounts);

        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];

            _words[account] = _words[account].unprotect();
            draft.head = foldAccount(draft.head, account);

            emit Unprotected(account, draft.act);
        }

        _close(draft, Kind.Unprotect, 0, 0, 0);
    }

    /* THE ACT'S FRAME */

    function _open(Batch calldata batch) private view returns (Draft memory) {
        require(batch.entries.length > 0, EmptyBatch());
        require(batch.sources != 0, NoSources());
        require(batch.manifest != 0, NoManifest());
        return _draft(batch.sources);
    }

    function _open(address[] calldata accounts) private view returns (Draft memory) {
        require(accounts.length > 0, EmptyBatch());
        return _draft(0);
    }

    function _draft(uint16 sources) private view returns (Draft memory) {
        return Draft({
            act: actCount + 1,
            sources: sources,
            count: count,
            newest: newest,
            authority: authority(),
            head: head
        });
    }

    function _close(Draft memory draft, Kind kind, uint40 until, uint40 dataAsOf, bytes32 manifest)
        private
    {
        uint16 sources = draft.sources;
        bytes32 folded = foldAct(draft.head, draft.act, kind, sources, until, dataAsOf, manifest);

        head = folded;
        actCount = draft.act;
        count = draft.count;
        newest = draft.newest;
        _acts[draft.act] =
            Act({time: uint40(block.timestamp), kind: kind, manifest: bytes26(manifest)});

        emit Acted(draft.act, kind, sources, until, dataAsOf, manifest, folded);
    }

    /* THE ENTRY */

    function _checkListable(Draft memory draft, address account, Word word) private view {
        require(!isOnNeverList(account, draft.authority), Unlistable(account));
        require(!word.isProtected(), ProtectedAccount(account));
    }

    /// @dev The flag outlives the hold: it is cleared only by a vote, either way.
    function _checkRested(address account, Word word) private view {
        if (!word.isProvisional()) return;
        uint256 rested = uint256(word.until()) + HOLD_PAUSE_SECONDS;
        require(rested <= block.timestamp, HeldRecently(account, uint40(rested)));
    }

    function _begin(Draft memory draft, address account, Word word, uint40 until, uint8 flags)
        private
        returns (Word)
    {
        uint8 episode = word.episode();
        require(episode < type(uint8).max, EpisodesExhausted(account));

        address next_ = word.next();
        if (episode == 0) {
            next_ = draft.newest;
            draft.newest = account;
        } else {
            _history[account][episode] = Interval({
                start: _acts[word.act()].time, end: word.until(), sources: word.sources()
            });
        }

        unchecked {
            return toWord(until, draft.act, draft.sources, episode + 1, flags, next_);
        }
    }

    function _remove(Draft memory draft, Word word) private view returns (Word) {
        uint16 left = word.sources() & ~draft.sources;
        if (left != 0) return word.withSources(left);

        if (!word.isProvisional()) draft.count--;
        // The sources stay, as those under which it was last listed.
        return word.end(uint40(block.timestamp));
    }

    /// @dev Whether the entry's address stands in the batch before it. Walks only where the act
    /// would else revert, so that the common delisting pays nothing for it.
    function _isAbove(Entry[] calldata entries, uint256 index) private pure returns (bool) {
        for (uint256 i = 0; i < index; ++i) {
            if (entries[i].account == entries[index].account) return true;
        }
        return false;
    }
}
