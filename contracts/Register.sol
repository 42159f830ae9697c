// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "./IBlocklist.sol";
import {SOURCES_SHIFT, UNTIL_SHIFT, Word} from "./Word.sol";

/// @title Register
/// @notice What the list keeps, and every question about it. It changes nothing: that is for
/// `Blocklist`, whose rules speak of both.
abstract contract Register is IBlocklist {
    /* TYPES */

    /// @dev What the keeper last said of a source.
    struct Freshness {
        uint40 dataAsOf;
        uint40 checkedAt;
    }

    /* CONSTANTS */

    /// @dev The most addresses of one page.
    uint256 private constant PAGE_MAX = 500;

    /* STORAGE */

    /// @inheritdoc IBlocklist
    bytes32 public head;

    // These five share a slot.
    /// @inheritdoc IBlocklist
    uint24 public actCount;
    /// @inheritdoc IBlocklist
    uint32 public count;
    /// @inheritdoc IBlocklist
    address public newest;
    /// @dev The last day with provisional entries, and how many it had.
    uint16 internal _heldOn;
    uint24 internal _held;

    /// @dev The last day with delistings by `delist`, and how many addresses it had.
    uint16 internal _takenOn;
    uint24 internal _taken;

    mapping(address account => Word) internal _words;
    mapping(uint24 act => Act) internal _acts;
    mapping(address account => mapping(uint8 episode => Interval)) internal _history;
    mapping(uint256 bit => Freshness) internal _freshness;

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
        assembly ("memory-safe") {
            mstore(0, account)
            mstore(0x20, _words.slot)
            let word := sload(keccak256(0, 0x40))
            let named := iszero(iszero(and(shr(SOURCES_SHIFT, word), sources)))
            mstore(0, and(gt(shr(UNTIL_SHIFT, word), timestamp()), named))
            return(0, 0x20)
        }
    }

    /// @inheritdoc IBlocklist
    function areSanctioned(address[] calldata accounts) external view returns (bool[] memory) {
        // Written where it is returned from, as `isSanctioned` is. Of each word of calldata only
        // the last 20 bytes are taken: what stands above them must not make an address another's.
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mstore(answer, 0x20)
            mstore(add(answer, 0x20), accounts.length)
            let at := add(answer, 0x40)
            let from := add(accounts.offset, 0x0c)
            let end := add(from, shl(5, accounts.length))

            mstore(0, 0)
            mstore(0x20, _words.slot)
            for {} lt(from, end) {} {
                calldatacopy(0x0c, from, 0x14)
                mstore(at, gt(shr(UNTIL_SHIFT, sload(keccak256(0, 0x40))), timestamp()))
                from := add(from, 0x20)
                at := add(at, 0x20)
            }
            return(answer, sub(at, answer))
        }
    }

    /// @inheritdoc IBlocklist
    function anySanctioned(address[] calldata accounts) external view returns (bool) {
        assembly ("memory-safe") {
            let any := 0
            let from := add(accounts.offset, 0x0c)
            let end := add(from, shl(5, accounts.length))

            mstore(0, 0)
            mstore(0x20, _words.slot)
            for {} gt(lt(from, end), any) { from := add(from, 0x20) } {
                calldatacopy(0x0c, from, 0x14)
                any := gt(shr(UNTIL_SHIFT, sload(keccak256(0, 0x40))), timestamp())
            }
            mstore(0, any)
            return(0, 0x20)
        }
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
        return _listing(_words[account]);
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

    /// @inheritdoc IBlocklist
    function page(address from, uint256 max)
        external
        view
        returns (address[] memory accounts, Listing[] memory listings, address then_)
    {
        if (max > PAGE_MAX) max = PAGE_MAX;
        if (max == 0) max = 1;
        accounts = new address[](max);
        listings = new Listing[](max);
        then_ = from == address(0) ? newest : from;

        uint256 n = 0;
        while (n < max && then_ != address(0)) {
            Word word = _words[then_];
            if (word.episode() == 0) break;
            accounts[n] = then_;
            listings[n++] = _listing(word);
            then_ = word.next();
        }
        if (n == 0) then_ = address(0);

        assembly ("memory-safe") {
            mstore(accounts, n)
            mstore(listings, n)
        }
    }

    /// @inheritdoc IBlocklist
    function freshness(uint16 sources) external view returns (uint40 dataAsOf, uint40 checkedAt) {
        if (sources == 0) return (0, 0);
        (dataAsOf, checkedAt) = (type(uint40).max, type(uint40).max);
        for (uint256 bit = 0; bit < 16; ++bit) {
            if (sources >> bit & 1 == 0) continue;
            Freshness memory known = _freshness[bit];
            if (known.checkedAt == 0) return (0, 0);
            if (known.dataAsOf < dataAsOf) dataAsOf = known.dataAsOf;
            if (known.checkedAt < checkedAt) checkedAt = known.checkedAt;
        }
    }

    function _listing(Word word) private view returns (Listing memory) {
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
}
