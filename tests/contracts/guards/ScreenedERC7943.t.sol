// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Policy} from "../../../contracts/guards/Screened.sol";
import {ScreenedERC7943} from "../../../contracts/guards/ScreenedERC7943.sol";
import {World} from "../World.sol";
import {Fault, FaultyRegistry} from "./Registries.sol";
import {Coin} from "./ScreenedERC20.t.sol";

contract ScreenedERC7943Test is World {
    Coin private _coin;

    function setUp() public override {
        super.setUp();
        _coin = new Coin(address(blocklist), Policy.Refuse);
    }

    function _transfers(Coin coin, address from, address to, uint256 value)
        private
        returns (bool done)
    {
        vm.prank(from);
        (done,) = address(coin).call(abi.encodeCall(coin.transfer, (to, value)));
    }

    /// @dev Our three questions are the revision's: with its other three they make its interface.
    function testRevision() external pure {
        bytes4 questions = ScreenedERC7943.canSend.selector ^ ScreenedERC7943.canReceive.selector
            ^ ScreenedERC7943.canTransfer.selector;
        bytes4 rest = bytes4(keccak256("forcedTransfer(address,address,uint256)"))
            ^ bytes4(keccak256("setFrozenTokens(address,uint256)"))
            ^ bytes4(keccak256("getFrozenTokens(address)"));
        assertEq(questions ^ rest, bytes4(0x3edbb4c4));
    }

    /// @dev Whoever has the tokens can transfer exactly when `canTransfer` says so.
    function testAnswersAreWhatHappens(
        address from,
        address to,
        uint256 value,
        bool fromListed,
        bool toListed
    ) external {
        _assumeListable(from);
        _assumeListable(to);
        vm.assume(from != to);
        _coin.mint(from, value);
        if (fromListed) _list(_batchOf(OFAC, from));
        if (toListed) _list(_batchOf(UK, to));

        assertEq(_coin.canSend(from), !fromListed);
        assertEq(_coin.canReceive(from), !fromListed);
        assertEq(_coin.canSend(to), !toListed);
        assertEq(_coin.canReceive(to), !toListed);
        assertEq(_coin.canTransfer(from, to, value), !fromListed && !toListed);
        assertEq(_transfers(_coin, from, to, value), !fromListed && !toListed);
    }

    function testBalancesDoNotMatter(address from, address to, uint256 value) external view {
        assertTrue(_coin.canTransfer(from, to, value));
    }

    /// @dev Also of a registry that gives no answer, in whatever way.
    function testNeverReverts(address from, address to, uint8 seed, bool allow) external {
        vm.assume(from != address(0) && to != address(0) && from != to);
        Fault fault = Fault(seed % (uint8(type(Fault).max) + 1));
        address registry = address(new FaultyRegistry(fault));
        Coin coin = new Coin(registry, allow ? Policy.Allow : Policy.Refuse);
        if (fault == Fault.NoCode) vm.etch(registry, "");

        assertEq(coin.canSend(from), allow);
        assertEq(coin.canReceive(to), allow);
        assertEq(coin.canTransfer(from, to, 0), allow);
        assertEq(_transfers(coin, from, to, 0), allow);
    }

    function testInterfaceIsNotClaimed() external {
        (bool answered,) = address(_coin)
            .call(abi.encodeWithSignature("supportsInterface(bytes4)", bytes4(0x3edbb4c4)));
        assertFalse(answered);
    }
}
