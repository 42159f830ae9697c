// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @dev All that the list keeps of one address, in one slot:
/// `until40 | act24 | sources16 | episode8 | flags8 | next160`, the first at the top. `until` is at
/// the top so that the query needs no mask, `next` at the bottom so that it needs no shift.
type Word is uint256;

using {
    isActive,
    isProvisional,
    isProtected,
    until,
    act,
    sources,
    episode,
    next,
    withSources,
    withUntil,
    ratify,
    end,
    protect,
    unprotect
} for Word global;

uint256 constant UNTIL_SHIFT = 216;
uint256 constant ACT_SHIFT = 192;
uint256 constant SOURCES_SHIFT = 176;
uint256 constant EPISODE_SHIFT = 168;
uint256 constant FLAGS_SHIFT = 160;

/// @dev The episode was begun by signatures, and no vote has ratified or ended it.
uint8 constant PROVISIONAL = 1;

/// @dev The address cannot be listed.
uint8 constant PROTECTED = 2;

/// @dev The `until` of an episode without end.
uint40 constant FOREVER = type(uint40).max;

function toWord(
    uint40 until_,
    uint24 act_,
    uint16 sources_,
    uint8 episode_,
    uint8 flags_,
    address next_
) pure returns (Word) {
    return Word.wrap(
        uint256(until_) << UNTIL_SHIFT | uint256(act_) << ACT_SHIFT | uint256(sources_)
            << SOURCES_SHIFT | uint256(episode_) << EPISODE_SHIFT | uint256(flags_) << FLAGS_SHIFT
            | uint160(next_)
    );
}

/* READS */

function isActive(Word word) view returns (bool) {
    return Word.unwrap(word) >> UNTIL_SHIFT > block.timestamp;
}

function isProvisional(Word word) pure returns (bool) {
    return Word.unwrap(word) & uint256(PROVISIONAL) << FLAGS_SHIFT != 0;
}

function isProtected(Word word) pure returns (bool) {
    return Word.unwrap(word) & uint256(PROTECTED) << FLAGS_SHIFT != 0;
}

function until(Word word) pure returns (uint40) {
    return uint40(Word.unwrap(word) >> UNTIL_SHIFT);
}

function act(Word word) pure returns (uint24) {
    return uint24(Word.unwrap(word) >> ACT_SHIFT);
}

function sources(Word word) pure returns (uint16) {
    return uint16(Word.unwrap(word) >> SOURCES_SHIFT);
}

function episode(Word word) pure returns (uint8) {
    return uint8(Word.unwrap(word) >> EPISODE_SHIFT);
}

function next(Word word) pure returns (address) {
    return address(uint160(Word.unwrap(word)));
}

/* CHANGES */

function withSources(Word word, uint16 sources_) pure returns (Word) {
    uint256 rest = Word.unwrap(word) & ~(uint256(type(uint16).max) << SOURCES_SHIFT);
    return Word.wrap(rest | uint256(sources_) << SOURCES_SHIFT);
}

function withUntil(Word word, uint40 until_) pure returns (Word) {
    return Word.wrap(Word.unwrap(word) << 40 >> 40 | uint256(until_) << UNTIL_SHIFT);
}

function ratify(Word word) pure returns (Word) {
    return end(word, FOREVER);
}

/// @dev Settles when the episode ends, by a vote: it is provisional no more, either way.
function end(Word word, uint40 until_) pure returns (Word) {
    uint256 rest = Word.unwrap(word) & ~(uint256(PROVISIONAL) << FLAGS_SHIFT);
    return Word.wrap(rest << 40 >> 40 | uint256(until_) << UNTIL_SHIFT);
}

function protect(Word word) pure returns (Word) {
    return Word.wrap(Word.unwrap(word) | uint256(PROTECTED) << FLAGS_SHIFT);
}

function unprotect(Word word) pure returns (Word) {
    return Word.wrap(Word.unwrap(word) & ~(uint256(PROTECTED) << FLAGS_SHIFT));
}
