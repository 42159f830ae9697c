// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {Blocklist} from "../../../contracts/Blocklist.sol";
import {IBlocklist} from "../../../contracts/IBlocklist.sol";

/// @notice The list's laws for every input, by symbolic execution: `halmos --contract Laws`.
/// Attestations, pages and freshness loop, and are left to the fuzzer.
/// @dev Each `check_` begins with a list in which one address may stand in any way that acts can
/// bring about, and tries to break one law. This contract is the authority and lets only itself
/// act.
contract Laws is Test {
    uint40 private constant TERM = 7 days;
    uint24 private constant HOLDS_PER_DAY = 1000;
    uint40 private constant START = 1_700_000_000;
    bytes32 private constant MANIFEST = keccak256("manifest");

    Blocklist private list;

    function setUp() public {
        vm.warp(START);
        list = new Blocklist(address(this), TERM, HOLDS_PER_DAY);
    }

    /// @dev Asked by the list: only this contract may act, at once.
    function canCall(address caller, address, bytes4) external view returns (bool, uint32) {
        return (caller == address(this), 0);
    }

    /* LAWS */

    /// @notice A provisional listing holds up to the last second before its deadline, and not at
    /// it.
    function check_provisionalLapsesAtTheSecond(address account, uint16 sources, uint40 later)
        external
    {
        vm.assume(sources != 0 && later <= 365 days);
        list.listProvisional(_batch(account, sources));

        vm.warp(uint256(START) + later);

        assert(list.isSanctioned(account) == (later < TERM));
        assert(list.isSanctionedBy(account, sources) == (later < TERM));
    }

    /// @notice Nobody whom the authority does not let act changes anything.
    function check_onlyTheAuthorityWrites(
        address stranger,
        address account,
        uint16 sources,
        uint8 which
    ) external {
        vm.assume(stranger != address(this));
        bytes32 head = list.head();
        bool answer = list.isSanctioned(account);

        vm.prank(stranger);
        (bool success,) = address(list).call(_call(which, account, sources));

        assert(!success);
        assert(list.head() == head && list.actCount() == 0 && list.count() == 0);
        assert(list.isSanctioned(account) == answer);
    }

    /// @notice No act changes the answer about an address that it does not name.
    function check_noActTouchesAnother(
        address account,
        address other,
        uint16 sources,
        uint16 named,
        uint8 before,
        uint8 which
    ) external {
        vm.assume(account != other);
        _bring(other, named, before);
        bool answer = list.isSanctioned(other);
        bool answerBy = list.isSanctionedBy(other, named);
        IBlocklist.Listing memory listing = list.listingOf(other);

        (bool success,) = address(list).call(_call(which, account, sources));
        success;

        assert(list.isSanctioned(other) == answer);
        assert(list.isSanctionedBy(other, named) == answerBy);
        assert(_same(list.listingOf(other), listing));
    }

    /// @notice A mask sees a listing exactly if it shares a source with it; any mask is no wider
    /// than the plain question.
    function check_masks(address account, uint16 sources, uint16 mask) external {
        vm.assume(sources != 0);
        list.list(_batch(account, sources));

        assert(list.isSanctioned(account));
        assert(list.isSanctionedBy(account, mask) == (sources & mask != 0));
    }

    /// @notice A delisting of some sources leaves the others; of all, nothing.
    function check_delistingBySource(address account, uint16 sources, uint16 removed) external {
        vm.assume(sources & removed != 0);
        list.list(_batch(account, sources));

        list.delist(_batch(account, removed));

        assert(list.isSanctioned(account) == (sources & ~removed != 0));
        assert(list.isSanctionedBy(account, sources & ~removed) == (sources & ~removed != 0));
        assert(list.isSanctionedBy(account, removed & ~sources) == false);
    }

    /// @notice A delisting, and a listing after it, leave the past as it was.
    function check_delistingKeepsHistory(
        address account,
        uint32 held,
        uint32 rested,
        uint32 asked,
        bool again
    ) external {
        vm.assume(held > 0 && rested > 0);
        uint256 end = uint256(START) + held;
        list.list(_batch(account, 1));
        vm.warp(end);
        list.delist(_batch(account, 1));
        vm.warp(end + rested);
        if (again) list.list(_batch(account, 1));
        vm.assume(asked < uint256(held) + rested);

        bool was = list.wasSanctionedAt(account, uint40(uint256(START) + asked));

        assert(was == (asked < held));
    }

    /// @notice What signatures hold, the same signatures take back, at once and whole.
    function check_retractionEndsAHold(address account, uint16 sources, uint40 later) external {
        vm.assume(sources != 0 && later < TERM);
        list.listProvisional(_batch(account, sources));
        vm.warp(uint256(START) + later);

        list.retract(_batch(account, sources));

        assert(!list.isSanctioned(account));
        assert(list.count() == 0);
    }

    /// @notice What a vote has listed, no signatures take back.
    function check_retractionLeavesWhatIsRatified(address account, uint16 sources, uint16 removed)
        external
    {
        vm.assume(sources != 0);
        list.list(_batch(account, sources));

        (bool success,) = address(list).call(_call(5, account, removed));

        assert(!success);
        assert(list.isSanctioned(account));
    }

    /// @notice A read never reverts, whatever it is asked.
    function check_readsNeverRevert(
        address account,
        address asked,
        uint16 sources,
        uint40 time,
        uint24 act,
        uint8 before
    ) external {
        _bring(account, sources, before);
        address[] memory two = new address[](2);
        (two[0], two[1]) = (account, asked);

        bytes[8] memory reads = [
            abi.encodeCall(list.isSanctioned, (asked)),
            abi.encodeCall(list.isSanctionedBy, (asked, sources)),
            abi.encodeCall(list.areSanctioned, (two)),
            abi.encodeCall(list.wasSanctionedAt, (asked, time)),
            abi.encodeCall(list.listingOf, (asked)),
            abi.encodeCall(list.actOf, (act)),
            abi.encodeCall(list.next, (asked)),
            abi.encodeCall(list.anySanctioned, (two))
        ];
        for (uint256 i = 0; i < reads.length; ++i) {
            (bool success,) = address(list).staticcall(reads[i]);
            assert(success);
        }
    }

    /// @notice What can never be listed is not, by either act.
    function check_neverListed(address account, uint16 sources, bool provisional) external {
        bool never = uint160(account) <= 0x1ff || account == address(list)
            || account == address(this) || account == 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE
            || account == 0x000000000000000000000000000000000000dEaD;
        vm.assume(never);

        (bool success,) = address(list).call(_call(provisional ? 1 : 0, account, sources));

        assert(!success && !list.isSanctioned(account));
    }

    /* HOW AN ADDRESS MAY STAND */

    function _bring(address account, uint16 sources, uint8 how) private {
        if (how == 0) return;
        (bool success,) = address(list).call(_call(how == 1 ? 0 : 1, account, sources));
        if (success && how == 3) vm.warp(uint256(START) + TERM);
        if (success && how == 4) list.retract(_batch(account, sources));
    }

    function _call(uint8 which, address account, uint16 sources)
        private
        view
        returns (bytes memory)
    {
        if (which == 0) return abi.encodeCall(list.list, (_batch(account, sources)));
        if (which == 1) return abi.encodeCall(list.listProvisional, (_batch(account, sources)));
        if (which == 2) return abi.encodeCall(list.delist, (_batch(account, sources)));
        address[] memory one = new address[](1);
        one[0] = account;
        if (which == 3) return abi.encodeCall(list.protect, (one));
        if (which == 4) return abi.encodeCall(list.unprotect, (one));
        if (which == 5) return abi.encodeCall(list.retract, (_batch(account, sources)));
        return abi.encodeCall(list.delistMany, (_batch(account, sources)));
    }

    function _same(IBlocklist.Listing memory a, IBlocklist.Listing memory b)
        private
        pure
        returns (bool)
    {
        return a.sanctioned == b.sanctioned && a.provisional == b.provisional
            && a.isProtected == b.isProtected && a.episode == b.episode && a.sources == b.sources
            && a.act == b.act && a.since == b.since && a.until == b.until;
    }

    function _batch(address account, uint16 sources)
        private
        pure
        returns (IBlocklist.Batch memory batch)
    {
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](1);
        entries[0] = IBlocklist.Entry({account: account, uid: 7, designatedOn: 0});
        batch = IBlocklist.Batch({
            manifest: MANIFEST, sources: sources, dataAsOf: START, entries: entries
        });
    }
}
