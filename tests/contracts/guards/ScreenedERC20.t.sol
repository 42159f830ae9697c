// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IBlocklist} from "../../../contracts/IBlocklist.sol";
import {Policy, Screened} from "../../../contracts/guards/Screened.sol";
import {ScreenedERC20} from "../../../contracts/guards/ScreenedERC20.sol";
import {ScreenedERC7943} from "../../../contracts/guards/ScreenedERC7943.sol";
import {World} from "../World.sol";

/// @notice A screened token that anyone mints, burns and seizes.
contract Coin is ScreenedERC7943 {
    constructor(address registry_, Policy onUnknown_)
        ERC20("Coin", "C")
        Screened(registry_, 0, onUnknown_)
    {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function burn(address from, uint256 value) external {
        _burn(from, value);
    }

    function seize(address from, address to, uint256 value) external {
        ERC20._update(from, to, value);
    }
}

contract ScreenedERC20Test is World {
    Coin private _coin;

    function setUp() public override {
        super.setUp();
        _coin = new Coin(address(blocklist), Policy.Refuse);
    }

    function _assumePair(address listed, address other) private view {
        _assumeListable(listed);
        vm.assume(other != listed && other != address(0));
    }

    function _expectRefusal(address account) private {
        vm.expectRevert(abi.encodeWithSelector(Screened.PartyListed.selector, account));
    }

    function testTransfer(address from, address to, uint256 value) external {
        vm.assume(from != address(0) && to != address(0) && from != to);
        _coin.mint(from, value);
        vm.prank(from);
        assertTrue(_coin.transfer(to, value));
        assertEq(_coin.balanceOf(to), value);
    }

    function testListedMovesNothing(address listed, address other, uint256 value) external {
        _assumePair(listed, other);
        _coin.mint(listed, value);
        _list(_batchOf(OFAC, listed));

        vm.prank(listed);
        _expectRefusal(listed);
        _coin.transfer(other, value);

        // Approvals are no movement, and what they allow is
        vm.prank(listed);
        _coin.approve(other, value);
        vm.prank(other);
        _expectRefusal(listed);
        _coin.transferFrom(listed, other, value);

        _expectRefusal(listed);
        _coin.burn(listed, value);
        assertEq(_coin.balanceOf(listed), value);
    }

    function testListedGetsNothing(address listed, address other, uint256 value) external {
        _assumePair(listed, other);
        _coin.mint(other, value);
        _list(_batchOf(OFAC, listed));

        vm.prank(other);
        _expectRefusal(listed);
        _coin.transfer(listed, value);

        _expectRefusal(listed);
        _coin.mint(listed, value);
        assertEq(_coin.balanceOf(listed), 0);
    }

    function testSpenderIsNoParty(address listed, address from, address to) external {
        _assumePair(listed, from);
        vm.assume(to != listed && to != address(0));
        _coin.mint(from, 1);
        vm.prank(from);
        _coin.approve(listed, 1);
        _list(_batchOf(OFAC, listed));

        vm.prank(listed);
        assertTrue(_coin.transferFrom(from, to, 1));
    }

    function testZeroIsNeverAskedAbout(address holder, uint256 value) external {
        vm.assume(holder != address(0));
        vm.expectCall(address(blocklist), abi.encodeCall(IBlocklist.isSanctioned, (address(0))), 0);
        vm.expectCall(address(blocklist), abi.encodeCall(IBlocklist.isSanctioned, (holder)), 2);
        _coin.mint(holder, value);
        _coin.burn(holder, value);
    }

    function testSeizure(address listed, address court, uint256 value) external {
        _assumePair(listed, court);
        _coin.mint(listed, value);
        _list(_batchOf(OFAC, listed));
        _coin.seize(listed, court, value);
        assertEq(_coin.balanceOf(court), value);
    }

    function testRegistryGone(address from, address to, uint256 value) external {
        vm.assume(from != address(0) && to != address(0) && from != to);
        Coin open = new Coin(address(blocklist), Policy.Allow);
        _coin.mint(from, value);
        vm.etch(address(blocklist), "");

        vm.prank(from);
        vm.expectRevert(abi.encodeWithSelector(Screened.RegistryUnavailable.selector, from));
        _coin.transfer(to, value);

        open.mint(from, value);
        vm.prank(from);
        assertTrue(open.transfer(to, value));
    }
}
