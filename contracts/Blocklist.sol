// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {foldAccount, foldAct, foldEntry} from "./Head.sol";
import {IBlocklist} from "./IBlocklist.sol";
import {isOnNeverList} from "./NeverList.sol";
import {Register} from "./Register.sol";
import {FOREVER, PROVISIONAL, Word, toWord} from "./Word.sol";

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
/// A day, from 00:00 UTC, has at most `holdsPerDay` provisional entries. That number never changes.
/// A listing by vote ratifies what is held: the episode goes on from its first moment, without end.
/// A listing by vote may follow a lapsed hold at any time: that is a new episode.
///
/// RETRACTION
/// What is held may be retracted at once, by those who may hold; what a vote has listed may not.
/// What was retracted counts as lapsed: the address cannot be held again for 30 days.
/// A retraction that leaves one of the sources leaves the hold, with its term.
///
/// DELISTING
/// A delisting takes the named sources away; the address stays listed while another source is left.
/// It needs at least one of the named sources to be there.
/// An address that is delisted is not listed from the very block of the delisting.
/// A delisted address may be listed again at once, in either way.
/// All acts by `delist` of one day, from 00:00 UTC, take a source from at most 15 % of the
/// addresses that `count` has before the act, but always from three: a list of twenty loses three,
/// a list of two may lose both. An address counts as often as an act takes a source from it.
/// Only `delistMany` takes more; it counts towards no day.
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
/// FRESHNESS
/// An attestation changes what `freshness` says of its sources, and no address.
/// A later attestation replaces an earlier one, whatever either says, so that an error heals.
/// No attestation is about a publication of the future.
/// A source is attested once in ten minutes at most, so that no keeper can use up the numbers of
/// acts: at that pace all sixteen sources would need twenty years.
/// A listing or delisting is no attestation: it says nothing about the rest of its publication.
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
/// `page` is bounded by its caller and by 500; it meets each address once, the delisted ones too.
/// `wasSanctionedAt` costs one more slot for each earlier episode of that one address.
///
/// LIVENESS
/// Ends of provisional listings need no transaction.
/// If the authority refuses everything, the list stays as it is, and can be read.
/// If nobody attests, `freshness` grows old and says so; the answers stay.
contract Blocklist is Register, AccessManaged {
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

    // Not public, as those above are: each function more makes every query dearer.

    /// @dev Fewer could not take in one day's designations.
    uint24 private constant HOLDS_PER_DAY_MIN = 150;
    uint24 private constant HOLDS_PER_DAY_MAX = 10_000;

    /// @dev How much of the list a day's acts by `delist` may take, in percent of `count`.
    uint256 private constant DELIST_MAX_PERCENT = 15;

    /// @dev How many addresses they may take from a list of any length.
    uint256 private constant DELIST_ALWAYS = 3;

    /// @dev How long after an attestation a source cannot be attested again.
    uint40 private constant ATTEST_PAUSE_SECONDS = 10 minutes;

    /* STORAGE */

    /// @inheritdoc IBlocklist
    uint40 public immutable term;

    /// @inheritdoc IBlocklist
    uint24 public immutable holdsPerDay;

    /// @param authority The AccessManager that knows who may do what.
    /// @param term_ How long a provisional listing holds, in seconds.
    /// @param holdsPerDay_ How many provisional entries a day may have.
    constructor(address authority, uint40 term_, uint24 holdsPerDay_) AccessManaged(authority) {
        require(TERM_MIN_SECONDS <= term_ && term_ <= TERM_MAX_SECONDS, TermOutOfBounds(term_));
        bool inBounds = HOLDS_PER_DAY_MIN <= holdsPerDay_ && holdsPerDay_ <= HOLDS_PER_DAY_MAX;
        require(inBounds, HoldsPerDayOutOfBounds(holdsPerDay_));

        term = term_;
        holdsPerDay = holdsPerDay_;
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

        _countHolds(entries.length);
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
    function retract(Batch calldata batch) external restricted {
        _takeOff(batch, Kind.Retract);
    }

    /// @inheritdoc IBlocklist
    function delist(Batch calldata batch) external restricted {
        uint256 listed = count;
        _checkShare(_takeOff(batch, Kind.Delist), listed);
    }

    /// @inheritdoc IBlocklist
    function delistMany(Batch calldata batch) external restricted {
        _takeOff(batch, Kind.DelistMany);
    }

    /// @inheritdoc IBlocklist
    function attest(uint16 sources, uint40 dataAsOf, bytes32 manifest) external restricted {
        require(sources != 0, NoSources());
        require(manifest != 0, NoManifest());
        require(dataAsOf <= block.timestamp, DataAsOfInFuture(dataAsOf));

        uint40 now_ = uint40(block.timestamp);
        for (uint256 bit = 0; bit < 16; ++bit) {
            if (sources >> bit & 1 == 0) continue;
            uint40 last = _freshness[bit].checkedAt;
            bool rested = last == 0 || last + ATTEST_PAUSE_SECONDS <= now_;
            require(rested, AttestedRecently(uint16(1 << bit), last + ATTEST_PAUSE_SECONDS));
            _freshness[bit] = Freshness({dataAsOf: dataAsOf, checkedAt: now_});
        }

        _close(_draft(sources), Kind.Attest, 0, dataAsOf, manifest);
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

    /* THE DAY */

    // Days are counted from 1970 and fit their 16 bits until 2149; after that they begin anew.

    function _today() private view returns (uint16) {
        unchecked {
            return uint16(block.timestamp / 1 days);
        }
    }

    function _countHolds(uint256 more) private {
        uint16 today = _today();
        uint256 held = (_heldOn == today ? _held : 0) + more;
        require(held <= holdsPerDay, TooManyHolds(held, holdsPerDay));

        (_heldOn, _held) = (today, uint24(held));
    }

    function _checkShare(uint256 more, uint256 listed) private {
        uint16 today = _today();
        uint256 taken = (_takenOn == today ? _taken : 0) + more;
        bool isShare = taken <= DELIST_ALWAYS || taken * 100 <= listed * DELIST_MAX_PERCENT;
        require(isShare, TooManyDelisted(taken, listed));

        (_takenOn, _taken) = (today, uint24(taken));
    }

    /* THE ENTRY */

    function _checkListable(Draft memory draft, address account, Word word) private view {
        require(!isOnNeverList(account, draft.authority), Unlistable(account));
        require(!word.isProtected(), ProtectedAccount(account));
    }

    /// @dev The flag outlives the hold, also a retracted one: only a vote clears it, either way.
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

    /// @dev The three ways off the list. Returns how many addresses lost a source.
    function _takeOff(Batch calldata batch, Kind kind) private returns (uint256 taken) {
        Draft memory draft = _open(batch);
        Entry[] calldata entries = batch.entries;

        for (uint256 i = 0; i < entries.length; ++i) {
            address account = entries[i].account;
            Word word = _words[account];

            if (word.isActive() && word.sources() & draft.sources != 0) {
                bool mayEnd = kind != Kind.Retract || word.isProvisional();
                require(mayEnd, NotProvisional(account));
                _words[account] = _without(draft, word, kind);
                ++taken;
            } else {
                // A second uid in the same act has nothing left to take away.
                require(_isAbove(entries, i), NotListed(account));
            }

            draft.head = foldEntry(draft.head, Delisted.selector, draft.act, entries[i]);
        }

        _close(draft, kind, uint40(block.timestamp), batch.dataAsOf, batch.manifest);
    }

    function _without(Draft memory draft, Word word, Kind kind) private view returns (Word) {
        uint16 left = word.sources() & ~draft.sources;
        if (left != 0) return word.withSources(left);

        // The sources stay, as those under which it was last listed.
        uint40 now_ = uint40(block.timestamp);
        // Retracted and held again would be a renewal: the flag stays, and with it the pause.
        if (kind == Kind.Retract) return word.withUntil(now_);

        if (!word.isProvisional()) draft.count--;
        return word.end(now_);
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
