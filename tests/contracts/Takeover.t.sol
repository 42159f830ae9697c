// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Blocklist} from "../../contracts/Blocklist.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {SignedAct} from "../../contracts/SignedAct.sol";
import {Reader} from "./Reader.sol";
import {World} from "./World.sol";

/// @notice The threats to who rules the list, to its code and to its readers, tried. The number is
/// that of the threat list.
contract TakeoverTest is World {
    /// @dev CVE-2021-39167: whoever could execute made himself the master of the timelock. Here
    /// anyone may execute what the council decided, and nothing of what he wrote himself.
    function testT7ExecutorTakesOver(address stranger, address account, uint8 pick) external {
        _assumeStranger(stranger);
        _assumeListable(account);
        bytes[4] memory calls = [
            abi.encodeCall(manager.grantRole, (Roles.ADMIN, stranger, 0)),
            abi.encodeCall(manager.revokeRole, (Roles.ADMIN, address(council))),
            abi.encodeCall(
                manager.execute,
                (address(blocklist), abi.encodeCall(IBlocklist.list, (_batchOf(OFAC, account))))
            ),
            abi.encodeCall(manager.schedule, (address(manager), "", 0))
        ];
        // A batch whose first call would give him the right to make its second
        bytes[] memory batch = new bytes[](2);
        (batch[0], batch[1]) = (calls[0], calls[1 + pick % 3]);

        vm.startPrank(stranger);
        vm.expectRevert();
        manager.multicall(batch);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool landed,) = address(manager).call(calls[i]);
            assertFalse(landed);
        }
        vm.stopPrank();
        (bool isMember,) = manager.hasRole(Roles.ADMIN, stranger);
        assertFalse(isMember);
        assertFalse(blocklist.isSanctioned(account));
    }

    /// @dev A second proposer or canceller at the manager would bypass or hinder the council: who
    /// has no role can neither schedule nor cancel, for any function of the system.
    function testT8SecondSchedulerOrCanceller(address stranger, address account) external {
        _assumeStranger(stranger);
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        _list(batch);
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        bytes32 id = manager.hashOperation(address(council), address(blocklist), data);

        vm.prank(stranger);
        vm.expectRevert();
        manager.schedule(address(blocklist), data, 0);

        vm.prank(address(council));
        manager.schedule(address(blocklist), data, 0);
        vm.prank(stranger);
        vm.expectRevert();
        manager.cancel(address(council), address(blocklist), data);
        assertNotEq(manager.getSchedule(id), 0, "it still waits");
    }

    /// @dev Nothing in the list's code can hand its storage to other code, or end it: read whole,
    /// with the operands of PUSH left out.
    function testT14CodeCannotChange() external view {
        address[4] memory parts =
            [address(blocklist), address(seats), address(signedAct), address(council)];
        for (uint256 i = 0; i < parts.length; ++i) {
            bytes memory code = parts[i].code;
            for (uint256 at = 0; at < code.length; ++at) {
                uint8 op = uint8(code[at]);
                assertTrue(op != 0xf4, "DELEGATECALL");
                assertTrue(op != 0xf2, "CALLCODE");
                assertTrue(op != 0xff, "SELFDESTRUCT");
                if (op >= 0x60 && op <= 0x7f) at += op - 0x5f;
            }
        }
    }

    /// @dev No pause: whatever the manager is told, a listed address stays listed and readable.
    function testT14NoPause(address account) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));
        bytes memory close = abi.encodeCall(manager.setTargetClosed, (address(blocklist), true));
        _decide(address(manager), close);
        vm.prank(address(council));
        vm.expectRevert();
        blocklist.list(_batchOf(UK, account));

        assertTrue(blocklist.isSanctioned(account));
        assertTrue(blocklist.listingOf(account).sanctioned);
    }

    /// @dev A reader that asks where there is no list gets no answer, and must not take it for
    /// "clear"; one that asks the list is answered whatever little gas a caller leaves it.
    function testT15NoAnswerIsNotClear(address account, address nowhere, uint256 gas_) external {
        _assumeListable(account);
        vm.assume(nowhere.code.length == 0 && uint160(nowhere) > 0x1ff);
        _list(_batchOf(OFAC, account));
        Reader reader = new Reader();
        assertEq(uint8(reader.ask(nowhere, account)), uint8(Reader.Answer.Unknown));
        assertEq(uint8(reader.ask(address(blocklist), account)), uint8(Reader.Answer.Listed));

        gas_ = bound(gas_, 0, 60_000);
        try reader.ask{gas: gas_}(address(blocklist), account) returns (Reader.Answer answer) {
            assertNotEq(uint8(answer), uint8(Reader.Answer.Clear));
        } catch {}
    }

    /// @dev The same address on another chain may be another's: what was signed for one chain's
    /// list says nothing on the list of another.
    function testT16OtherChain(address account, uint64 chain) external {
        vm.assume(chain != block.chainid && chain != 0);
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        uint256 deadline = block.timestamp + 1 hours;
        bytes32 here = signedAct.digest(batch, 0, deadline);
        SignedAct.Signature[] memory signatures = _sign(here, 4);
        vm.chainId(chain);
        assertNotEq(signedAct.digest(batch, 0, deadline), here);
        vm.expectPartialRevert(SignedAct.InvalidSignature.selector);
        signedAct.listProvisional(batch, deadline, signatures);
        assertFalse(blocklist.isSanctioned(account));
    }

    /// @dev An address may be listed before anything is deployed there (CREATE2), and deploying
    /// something there changes no answer, no more than a delegation (EIP-7702) does.
    function testT17CodeAppears(address account, bool delegated) external {
        _assumeListable(account);
        vm.assume(account.code.length == 0);
        _hold(_batchOf(OFAC, account));
        bytes memory designator = abi.encodePacked(hex"ef0100", address(blocklist));
        vm.etch(account, delegated ? designator : bytes(hex"00"));

        assertTrue(blocklist.isSanctioned(account));
        _list(_batchOf(OFAC, account));
        assertFalse(blocklist.listingOf(account).provisional);
        _delist(_batchOf(OFAC, account));
        assertFalse(blocklist.isSanctioned(account));
    }

    /// @dev A list of the same code under another authority is not this list: its acts need its own
    /// roles, and this one's signed acts land on this one only.
    function testT19LookAlikeList(address account) external {
        _assumeListable(account);
        Blocklist alike = new Blocklist(address(manager), TERM, HOLDS_PER_DAY);
        vm.prank(address(signedAct));
        vm.expectPartialRevert(IAccessManaged.AccessManagedUnauthorized.selector);
        alike.listProvisional(_batchOf(OFAC, account));

        _hold(_batchOf(OFAC, account));
        assertTrue(blocklist.isSanctioned(account));
        assertFalse(alike.isSanctioned(account));
        assertEq(alike.head(), bytes32(0));
    }
}
