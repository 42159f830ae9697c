// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ASKING_GAS, GAS_BEFORE_ASKING, TooLittleGas} from "../../../contracts/guards/Ask.sol";
import {Policy, Screened} from "../../../contracts/guards/Screened.sol";
import {World} from "../World.sol";
import {Fault, FaultyRegistry, HungryRegistry, Oracle, VerboseRegistry} from "./Registries.sol";

/// @notice The shortest guard: it counts who passed.
contract Door is Screened {
    uint256 public passed;

    constructor(address registry_, uint16 sources_, Policy onUnknown_)
        Screened(registry_, sources_, onUnknown_)
    {}

    function pass(address from, address to) external screened(from, to) {
        ++passed;
    }

    function screen(address account) external view {
        _screen(account);
    }

    function admits(address account) external view returns (bool) {
        return _isAdmitted(account);
    }
}

contract ScreenedTest is World {
    address private constant CLEAR = address(0xc1ea5);

    function _policy(bool allow) private pure returns (Policy) {
        return allow ? Policy.Allow : Policy.Refuse;
    }

    function _door(uint16 sources, bool allow) private returns (Door) {
        return new Door(address(blocklist), sources, _policy(allow));
    }

    function _faulty(uint8 seed, uint16 sources, bool allow) private returns (Door door) {
        Fault fault = Fault(seed % (uint8(type(Fault).max) + 1));
        address registry = address(new FaultyRegistry(fault));
        door = new Door(registry, sources, _policy(allow));
        if (fault == Fault.NoCode) vm.etch(registry, "");
    }

    function _assertRefused(Door door, address account) private {
        bytes memory error = abi.encodeWithSelector(Screened.PartyListed.selector, account);
        vm.expectRevert(error);
        door.pass(account, CLEAR);
        vm.expectRevert(error);
        door.pass(CLEAR, account);
        assertFalse(door.admits(account));
        assertEq(door.passed(), 0);
    }

    function _assertPasses(Door door, address account) private {
        uint256 before = door.passed();
        door.pass(account, CLEAR);
        door.pass(CLEAR, account);
        assertEq(door.passed(), before + 2);
        assertTrue(door.admits(account));
    }

    /* REGISTRY */

    function testRegistryMustHaveCode(address registry, uint16 sources, bool allow) external {
        vm.assume(registry.code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(Screened.NoCode.selector, registry));
        new Door(registry, sources, _policy(allow));
    }

    function testWhatWasChosenStands(uint16 sources, bool allow) external {
        Door door = _door(sources, allow);
        assertEq(door.registry(), address(blocklist));
        assertEq(door.sources(), sources);
        assertEq(uint8(door.onUnknown()), uint8(_policy(allow)));
    }

    function testStrangersPass(address stranger, uint16 sources, bool allow) external {
        _assertPasses(_door(sources, allow), stranger);
    }

    function testListedIsRefused(address account, bool allow) external {
        _assumeListable(account);
        vm.assume(account != CLEAR);
        Door door = _door(0, allow);
        _list(_batchOf(OFAC, account));
        _assertRefused(door, account);
    }

    /// @dev Held: from the same block, until the second in which the hold lapses.
    function testHoldLapses(address account, uint40 after_, bool allow) external {
        _assumeListable(account);
        vm.assume(account != CLEAR);
        Door door = _door(0, allow);
        _hold(_batchOf(OFAC, account));
        skip(bound(after_, 0, TERM - 1));
        _assertRefused(door, account);

        vm.warp(blocklist.listingOf(account).until);
        _assertPasses(door, account);
    }

    function testDelistedPasses(address account, bool allow) external {
        _assumeListable(account);
        vm.assume(account != CLEAR);
        Door door = _door(0, allow);
        _list(_batchOf(OFAC, account));
        _delist(_batchOf(OFAC, account));
        _assertPasses(door, account);
    }

    function testMask(address account, uint16 sources, uint16 mask, bool allow) external {
        _assumeListable(account);
        vm.assume(account != CLEAR && sources != 0);
        Door door = _door(mask, allow);
        _list(_batchOf(sources, account));
        if (mask == 0 || mask & sources != 0) _assertRefused(door, account);
        else _assertPasses(door, account);
    }

    /// @dev Without a mask, nothing but the oracle's one question is asked.
    function testOracleWillDo(address account, bool allow) external {
        vm.assume(account != CLEAR);
        Oracle oracle = new Oracle();
        Door door = new Door(address(oracle), 0, _policy(allow));
        _assertPasses(door, account);

        oracle.set(account, true);
        vm.expectRevert(abi.encodeWithSelector(Screened.PartyListed.selector, account));
        door.pass(CLEAR, account);
    }

    /* POLICY */

    function testUnknownIsRefused(uint8 seed, address account, uint16 sources) external {
        Door door = _faulty(seed, sources, false);
        vm.expectRevert(abi.encodeWithSelector(Screened.RegistryUnavailable.selector, account));
        door.pass(account, CLEAR);
        assertFalse(door.admits(account));
    }

    function testUnknownIsAllowed(uint8 seed, address account, uint16 sources) external {
        _assertPasses(_faulty(seed, sources, true), account);
    }

    /// @dev An oracle has no answer to a mask: under Refuse, that shows at once.
    function testMaskNeedsABlocklist(address account, uint16 sources) external {
        vm.assume(sources != 0);
        Door door = new Door(address(new Oracle()), sources, Policy.Refuse);
        vm.expectRevert(abi.encodeWithSelector(Screened.RegistryUnavailable.selector, account));
        door.pass(account, CLEAR);
    }

    /* ANSWERS */

    function testFirstWordCounts(address account, uint16 size, bool listed, bool allow) external {
        size = uint16(bound(size, 32, 4096));
        address registry = address(new VerboseRegistry(listed ? 1 : 0, size));
        Door door = new Door(registry, 0, _policy(allow));
        if (listed) {
            vm.expectRevert(abi.encodeWithSelector(Screened.PartyListed.selector, account));
        }
        door.pass(account, CLEAR);
        assertEq(door.passed(), listed ? 0 : 1);
    }

    function testLongAnswerIsNotCopied(address account) external {
        Door door = new Door(address(new VerboseRegistry(0, 50_000)), 0, Policy.Refuse);
        uint256 before = gasleft();
        door.screen(account);
        // The registry's own memory of 50,000 bytes costs 9,500; a copy would cost as much again
        assertLt(before - gasleft(), 9500 + 2600 + 2600 + 2000);
    }

    /* GAS */

    function testBurningIsBounded(address from, address to) external {
        Door door = new Door(address(new FaultyRegistry(Fault.Burns)), 0, Policy.Allow);
        uint256 before = gasleft();
        door.pass(from, to);
        uint256 spent = before - gasleft();
        assertGt(spent, 2 * ASKING_GAS, "nothing was burnt");
        assertLt(spent, 2 * ASKING_GAS + 35_000);
    }

    /// @dev Under Allow, starving the question would be a way in.
    function testNobodyStarvesTheQuestion(address account, uint256 gas_) external {
        Door door = new Door(address(new HungryRegistry()), 0, Policy.Allow);
        gas_ = bound(gas_, 1000, 2 * GAS_BEFORE_ASKING);
        (bool passed,) = address(door).call{gas: gas_}(abi.encodeCall(Door.screen, (account)));
        assertFalse(passed);
    }

    /// @dev Around the limit, gas by gas: too little is said to be too little, never unknown.
    function testStarvingIsNamed(address account) external {
        Door door = new Door(address(new HungryRegistry()), 0, Policy.Allow);
        bytes memory listed = abi.encodeWithSelector(Screened.PartyListed.selector, account);
        bytes memory little = abi.encodeWithSelector(TooLittleGas.selector);
        (bool starved, bool enough) = (false, false);
        for (uint256 g = GAS_BEFORE_ASKING - 200; g < GAS_BEFORE_ASKING + 1500; g += 7) {
            vm.cool(door.registry());
            (bool passed, bytes memory why) =
                address(door).call{gas: g}(abi.encodeCall(Door.screen, (account)));
            assertFalse(passed);
            enough = enough || keccak256(why) != keccak256(little);
            starved = starved || !enough;
            assertEq(why, enough ? listed : little);
        }
        assertTrue(starved && enough, "the limit is not in this range");
    }
}
