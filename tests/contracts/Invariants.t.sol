// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {Seats} from "../../contracts/Seats.sol";
import {Handler} from "./Handler.sol";
import {World} from "./World.sol";

/// @notice The list's laws.
///
/// 1. The set implied by the events is the set in storage, at any time, for every source.
/// 2. A provisional listing always ends, and within its term.
/// 3. What is protected is never listed.
/// 4. There is no change without an act: head and number of acts are those that the events give.
/// 5. The count is the number of addresses that are listed and ratified.
/// 6. The past does not change: what was answered about a moment is answered about it for ever.
/// 7. The chain from `newest` meets each address that was ever listed, once.
/// 8. A read never reverts, whatever the list has been through.
/// 9. Delisting is never faster than its delay, not for the council either (the handler's `hurry`).
/// 10. Roles change only through the slow lane: nobody changes one at once (the handler's `usurp`).
contract InvariantsTest is World {
    Handler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new Handler(
            manager, blocklist, address(council), address(signedAct), keeper, guardian
        );
        targetContract(address(_handler));
        bytes4[] memory selectors = new bytes4[](12);
        (selectors[0], selectors[1]) = (Handler.hold.selector, Handler.list.selector);
        (selectors[2], selectors[3]) = (Handler.delist.selector, Handler.protect.selector);
        (selectors[4], selectors[5]) = (Handler.unprotect.selector, Handler.wait.selector);
        (selectors[6], selectors[7]) = (Handler.intrude.selector, Handler.retract.selector);
        (selectors[8], selectors[9]) = (Handler.delistMany.selector, Handler.attest.selector);
        (selectors[10], selectors[11]) = (Handler.hurry.selector, Handler.usurp.selector);
        targetSelector(FuzzSelector(address(_handler), selectors));
    }

    function invariant_eventsImplyTheSet() public view {
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            address account = _handler.account(i);
            Handler.Told memory told = _handler.told(account);
            bool active = told.until > block.timestamp;
            assertEq(blocklist.isSanctioned(account), active);
            for (uint16 bit = 0; bit < 16; ++bit) {
                uint16 source = uint16(1 << bit);
                bool named = active && told.sources & source != 0;
                assertEq(blocklist.isSanctionedBy(account, source), named);
            }
            assertEq(blocklist.listingOf(account).isProtected, told.isProtected);
        }
    }

    function invariant_provisionalEnds() external view {
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            IBlocklist.Listing memory listing = blocklist.listingOf(_handler.account(i));
            if (listing.provisional) assertEq(listing.until, listing.since + TERM);
            else if (listing.sanctioned) assertEq(listing.until, type(uint40).max);
        }
    }

    function invariant_protectedIsNeverListed() external view {
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            IBlocklist.Listing memory listing = blocklist.listingOf(_handler.account(i));
            assertFalse(listing.isProtected && listing.sanctioned);
        }
    }

    function invariant_noChangeWithoutAnAct() public view {
        assertEq(blocklist.head(), _handler.head());
        assertEq(blocklist.actCount(), _handler.acts());
        assertEq(blocklist.actOf(_handler.acts() + 1).time, 0);
    }

    function invariant_countIsExact() public view {
        uint256 ratified = 0;
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            Handler.Told memory told = _handler.told(_handler.account(i));
            if (told.until > block.timestamp && !told.provisional) ++ratified;
        }
        assertEq(blocklist.count(), ratified);
    }

    function invariant_chainMeetsEachOnce() public view {
        uint256 ever = 0;
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            if (blocklist.listingOf(_handler.account(i)).episode > 0) ++ever;
        }
        address at = blocklist.newest();
        for (; ever > 0; --ever) {
            assertNotEq(at, address(0));
            at = blocklist.next(at);
        }
        assertEq(at, address(0));
    }

    function invariant_readsNeverRevert() external view {
        uint256 word = uint256(keccak256(abi.encode(blocklist.head(), block.timestamp)));
        address[] memory accounts = new address[](_handler.ACCOUNTS() + 1);
        accounts[0] = address(uint160(word));
        for (uint256 i = 0; i < _handler.ACCOUNTS(); ++i) {
            accounts[i + 1] = _handler.account(i);
        }
        blocklist.areSanctioned(accounts);
        blocklist.anySanctioned(accounts);
        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            blocklist.isSanctioned(account);
            blocklist.isSanctionedBy(account, uint16(word >> 160));
            blocklist.wasSanctionedAt(account, uint40(word >> 176));
            blocklist.listingOf(account);
            blocklist.episodeOf(account, uint8(word >> 216));
            blocklist.next(account);
            blocklist.page(account, word >> 224);
        }
        blocklist.freshness(uint16(word >> 160));
        blocklist.actOf(uint24(word >> 232));
    }

    /// @dev What the handler's `usurp` tries, it tries in vain: every role is where it was.
    function invariant_rolesStand() external view {
        address vote = address(council);
        _assertHolds(Roles.ADMIN, vote, Roles.ADMIN_DELAY_SECONDS);
        _assertHolds(Roles.LISTER, vote, Roles.LISTER_DELAY_SECONDS);
        _assertHolds(Roles.DELISTER, vote, Roles.DELISTER_DELAY_SECONDS);
        _assertHolds(Roles.MASS_DELISTER, vote, Roles.MASS_DELISTER_DELAY_SECONDS);
        _assertHolds(Roles.MEMBERSHIP, vote, Roles.MEMBERSHIP_DELAY_SECONDS);
        _assertHolds(Roles.PROTECTOR, vote, Roles.PROTECTOR_DELAY_SECONDS);
        _assertHolds(Roles.EMERGENCY, address(signedAct), Roles.EMERGENCY_DELAY_SECONDS);
        _assertHolds(Roles.VETO, guardian, Roles.VETO_DELAY_SECONDS);
        _assertHolds(Roles.KEEPER, keeper, Roles.KEEPER_DELAY_SECONDS);

        address list = address(blocklist);
        assertEq(blocklist.authority(), address(manager));
        assertFalse(manager.isTargetClosed(list));
        assertEq(manager.getTargetFunctionRole(list, IBlocklist.list.selector), Roles.LISTER);
        assertEq(manager.getTargetFunctionRole(list, IBlocklist.delist.selector), Roles.DELISTER);
        bytes4 many = IBlocklist.delistMany.selector;
        assertEq(manager.getTargetFunctionRole(list, many), Roles.MASS_DELISTER);
        uint64 membership = manager.getTargetFunctionRole(address(seats), Seats.add.selector);
        assertEq(membership, Roles.MEMBERSHIP);
    }

    function _assertHolds(uint64 role, address holder, uint32 delay) private view {
        (bool isMember, uint32 found) = manager.hasRole(role, holder);
        assertTrue(isMember);
        assertEq(found, delay);
        assertEq(manager.getRoleAdmin(role), Roles.ADMIN);
    }

    /// @dev Asked once, at the end of a run: what the list says of all the moments it was asked in.
    /// Within one second several acts may land; the last answer about it is the one that stays.
    function afterInvariant() public view {
        Handler.Answer[] memory answers = _handler.answers();
        uint256 n = _handler.ACCOUNTS();
        for (uint256 i = 0; i < answers.length; ++i) {
            Handler.Answer memory a = answers[i];
            if (i + n < answers.length && answers[i + n].time == a.time) continue;
            assertEq(blocklist.wasSanctionedAt(a.account, a.time), a.sanctioned);
        }
    }

    /// @dev Acts that are all refused would prove nothing: of the handler's, every kind lands.
    function testTheHandlerLands() external {
        for (uint256 seed = 0; seed < 40; ++seed) {
            uint256 spread = uint256(keccak256(abi.encode(seed)));
            _handler.hold(spread);
            _handler.list(spread >> 1);
            _handler.delist(spread >> 2);
            _handler.protect(spread >> 3);
            _handler.unprotect(spread >> 4);
            _handler.hold(spread >> 5);
            _handler.retract(spread >> 5);
            _handler.list(spread >> 6);
            _handler.delistMany(spread >> 6);
            _handler.attest(spread >> 7);
            _handler.wait(spread);
            _handler.hurry(spread >> 8, spread);
            _handler.usurp(spread >> 9, address(uint160(spread)), spread >> 10);
        }
        for (uint8 kind = 0; kind <= uint8(type(IBlocklist.Kind).max); ++kind) {
            assertGt(_handler.landed(IBlocklist.Kind(kind)), 0);
        }
        invariant_eventsImplyTheSet();
        invariant_noChangeWithoutAnAct();
        invariant_countIsExact();
        invariant_chainMeetsEachOnce();
        afterInvariant();
    }
}
