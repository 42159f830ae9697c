// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {
    IModuleGuard,
    ITransactionGuard,
    Operation
} from "../../../contracts/guards/ISafeGuard.sol";
import {Policy, Screened} from "../../../contracts/guards/Screened.sol";
import {ScreenedSafeGuard} from "../../../contracts/guards/ScreenedSafeGuard.sol";
import {DemoToken} from "../DemoToken.sol";
import {World} from "../World.sol";
import {SafeDouble, SafeTransaction} from "./SafeDouble.sol";

contract ScreenedSafeGuardTest is World {
    address payable private constant NOBODY = payable(address(0));

    ScreenedSafeGuard private _guard;
    SafeDouble private _safe;
    DemoToken private _token;

    function setUp() public override {
        super.setUp();
        _guard = new ScreenedSafeGuard(address(blocklist), 0, Policy.Refuse);
        _token = new DemoToken();
        _safe = _guarded(_guard);
    }

    function _guarded(ScreenedSafeGuard guard) private returns (SafeDouble safe) {
        safe = new SafeDouble();
        // Before it has a guard, a Safe sets its guards as it does everything: by its own call
        _exec(safe, address(safe), abi.encodeCall(safe.setGuard, (address(guard))));
        _exec(safe, address(safe), abi.encodeCall(safe.setModuleGuard, (address(guard))));
        assertEq(address(safe.guard()), address(guard));
        assertEq(address(safe.moduleGuard()), address(guard));
        _token.mint(address(safe), 100);
        vm.deal(address(safe), 1 ether);
    }

    function _tx(address to, bytes memory data) private pure returns (SafeTransaction memory) {
        return SafeTransaction(to, 0, data, Operation.Call, 0, NOBODY);
    }

    function _exec(SafeDouble safe, address to, bytes memory data) private returns (bool) {
        return safe.execTransaction(_tx(to, data));
    }

    /// @dev The same by both ways: refused for the listed party, or executed.
    function _check(address to, bytes memory data, address listed) private {
        bytes memory error = abi.encodeWithSelector(Screened.PartyListed.selector, listed);
        if (listed != address(0)) vm.expectRevert(error);
        _exec(_safe, to, data);
        if (listed != address(0)) vm.expectRevert(error);
        bool done = _safe.execTransactionFromModule(to, 0, data, Operation.Call);
        assertEq(done, listed == address(0));
    }

    function _assumeParty(address account) private view {
        _assumeListable(account);
        vm.assume(account != address(_token) && account != address(_safe));
        vm.assume(account.code.length == 0 && account != address(this));
    }

    /* INTERFACES */

    function testInterfaces(bytes4 other) external view {
        assertEq(type(ITransactionGuard).interfaceId, bytes4(0xe6d7a83a));
        assertEq(type(IModuleGuard).interfaceId, bytes4(0x58401ed8));
        assertTrue(_guard.supportsInterface(0xe6d7a83a));
        assertTrue(_guard.supportsInterface(0x58401ed8));
        assertTrue(_guard.supportsInterface(type(IERC165).interfaceId));
        vm.assume(other != 0xe6d7a83a && other != 0x58401ed8 && other != 0x01ffc9a7);
        assertFalse(_guard.supportsInterface(other));
    }

    /* SCREENED */

    function testTarget(address to, bytes calldata data, bool listed) external {
        _assumeParty(to);
        vm.assume(bytes4(data) != IERC20.transfer.selector);
        if (listed) _list(_batchOf(OFAC, to));
        _check(to, data, listed ? to : address(0));
    }

    function testEther(address to, uint96 value, bool listed) external {
        _assumeParty(to);
        value = uint96(bound(value, 0, 0.5 ether));
        uint256 before = to.balance;
        if (listed) _list(_batchOf(OFAC, to));
        SafeTransaction memory t = _tx(to, "");
        t.value = value;
        if (listed) vm.expectRevert(abi.encodeWithSelector(Screened.PartyListed.selector, to));
        _safe.execTransaction(t);
        assertEq(to.balance - before, listed ? 0 : value);
    }

    function testTransfer(address to, bool listed) external {
        _assumeParty(to);
        if (listed) _list(_batchOf(OFAC, to));
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, 1));
        _check(address(_token), data, listed ? to : address(0));
        assertEq(_token.balanceOf(to), listed ? 0 : 2);
    }

    function testTransferFrom(address from, address to, uint8 who) external {
        _assumeParty(from);
        _assumeParty(to);
        vm.assume(from != to);
        _token.mint(from, 2);
        vm.prank(from);
        _token.approve(address(_safe), 2);
        address[3] memory candidates = [address(0), from, to];
        address listed = candidates[who % 3];
        if (listed != address(0)) _list(_batchOf(OFAC, listed));

        _check(address(_token), abi.encodeCall(IERC20.transferFrom, (from, to, 1)), listed);
        assertEq(_token.balanceOf(to), listed == address(0) ? 2 : 0);
    }

    function testApprove(address spender, uint256 value, bool listed) external {
        _assumeParty(spender);
        value = bound(value, 1, type(uint256).max);
        if (listed) _list(_batchOf(OFAC, spender));
        bytes memory data = abi.encodeCall(IERC20.approve, (spender, value));
        _check(address(_token), data, listed ? spender : address(0));
        assertEq(_token.allowance(address(_safe), spender), listed ? 0 : value);
    }

    /// @dev Who was approved and then listed can be cut off; a transfer of 0 to them is refused.
    function testRevocation(address spender) external {
        _assumeParty(spender);
        _check(address(_token), abi.encodeCall(IERC20.approve, (spender, 7)), address(0));
        _list(_batchOf(OFAC, spender));
        _check(address(_token), abi.encodeCall(IERC20.approve, (spender, 0)), address(0));
        assertEq(_token.allowance(address(_safe), spender), 0);
        _check(address(_token), abi.encodeCall(IERC20.transfer, (spender, 0)), spender);
    }

    function testRefund(address payable receiver, uint64 price, bool listed) external {
        _assumeParty(receiver);
        price = uint64(bound(price, 0, 0.5 ether));
        uint256 before = receiver.balance;
        if (listed) _list(_batchOf(OFAC, receiver));
        SafeTransaction memory t = _tx(address(_token), "");
        (t.gasPrice, t.refundReceiver) = (price, receiver);
        t.data = abi.encodeCall(IERC20.approve, (address(this), 1));

        bool refused = listed && price > 0;
        if (refused) {
            vm.expectRevert(abi.encodeWithSelector(Screened.PartyListed.selector, receiver));
        }
        _safe.execTransaction(t);
        assertEq(receiver.balance - before, refused ? 0 : price);
    }

    /// @dev Without a receiver, the Safe refunds the origin.
    function testRefundOfOrigin(address origin, uint64 price) external {
        _assumeParty(origin);
        vm.assume(price > 0);
        _list(_batchOf(OFAC, origin));
        SafeTransaction memory t = _tx(address(_token), "");
        t.gasPrice = price;
        vm.prank(address(this), origin);
        vm.expectRevert(abi.encodeWithSelector(Screened.PartyListed.selector, origin));
        _safe.execTransaction(t);
    }

    /* REFUSED UNSEEN */

    function testDelegateCall(address to, bytes calldata data) external {
        bytes memory error =
            abi.encodeWithSelector(ScreenedSafeGuard.DelegateCallRefused.selector, to);
        SafeTransaction memory t = _tx(to, data);
        t.operation = Operation.DelegateCall;
        vm.expectRevert(error);
        _safe.execTransaction(t);
        vm.expectRevert(error);
        _safe.execTransactionFromModule(to, 0, data, Operation.DelegateCall);
    }

    function testCutShort(uint8 verb, uint256 length, address to) external {
        bytes[3] memory calls = [
            abi.encodeCall(IERC20.transfer, (to, 1)),
            abi.encodeCall(IERC20.approve, (to, 1)),
            abi.encodeCall(IERC20.transferFrom, (to, to, 1))
        ];
        bytes memory data = calls[verb % 3];
        length = bound(length, 4, data.length - 1);
        assembly {
            mstore(data, length)
        }
        vm.expectRevert(bytes(""));
        _exec(_safe, address(_token), data);
    }

    function testDirt(address to, uint96 dirt) external {
        vm.assume(dirt != 0);
        uint256 word = uint256(dirt) << 160 | uint160(to);
        vm.expectRevert(bytes(""));
        _exec(_safe, address(_token), abi.encodeWithSelector(IERC20.transfer.selector, word, 1));
    }

    /* NOT SCREENED */

    /// @dev The way out: registry gone, policy Refuse, the Safe itself listed.
    function testGuardComesOff(address to) external {
        _assumeParty(to);
        _list(_batchOf(OFAC, address(_safe)));
        vm.etch(address(blocklist), "");
        vm.expectRevert(abi.encodeWithSelector(Screened.RegistryUnavailable.selector, to));
        _exec(_safe, to, "");

        _exec(_safe, address(_safe), abi.encodeCall(_safe.setGuard, (address(0))));
        _exec(_safe, address(_safe), abi.encodeCall(_safe.setModuleGuard, (address(0))));
        assertTrue(_exec(_safe, to, ""));
        assertTrue(_safe.execTransactionFromModule(to, 0, "", Operation.Call));
    }

    function testAllowWithoutRegistry(address to) external {
        _assumeParty(to);
        ScreenedSafeGuard guard = new ScreenedSafeGuard(address(blocklist), 0, Policy.Allow);
        SafeDouble safe = _guarded(guard);
        vm.etch(address(blocklist), "");
        assertTrue(_exec(safe, address(_token), abi.encodeCall(IERC20.transfer, (to, 1))));
    }

    /// @dev What looks like the revocation of token 0's approval, and is none.
    function testTokenZeroOfAnERC721(address spender) external {
        _assumeParty(spender);
        _list(_batchOf(OFAC, spender));
        bytes memory data = abi.encodeWithSignature("approve(address,uint256)", spender, 0);
        _check(address(_token), data, address(0));
    }

    function testAnotherWayIsNotSeen(address to) external {
        _assumeParty(to);
        _list(_batchOf(OFAC, to));
        _check(address(_token), abi.encodeCall(DemoToken.mint, (to, 1)), address(0));
        assertEq(_token.balanceOf(to), 2);
    }

    function testManySafes(address to) external {
        _assumeParty(to);
        SafeDouble second = _guarded(_guard);
        _list(_batchOf(OFAC, to));
        bytes memory error = abi.encodeWithSelector(Screened.PartyListed.selector, to);
        vm.expectRevert(error);
        _exec(_safe, to, "");
        vm.expectRevert(error);
        _exec(second, to, "");
    }
}
