// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Fold} from "./Fold.sol";
import {World} from "./World.sol";

contract HeadTest is World {
    bytes32 private _from;

    function setUp() public override {
        vm.recordLogs();
        super.setUp();
        _from = blocklist.head();
    }

    /// @dev Each kind of act, some with several entries; the events of it all.
    function _history(uint8 n, address account) private returns (Vm.Log[] memory) {
        IBlocklist.Batch memory batch = _batchMany(OFAC, bound(n, 2, 12), "head");
        vm.getRecordedLogs();

        _hold(batch);
        _list(batch);
        _hold(_batchTwice(UK, account));
        _delistMany(batch);
        _delist(_batchTwice(UK, account));
        _protect(account);
        _unprotect(account);
        _hold(_batchOf(EU, account));
        _retract(_batchOf(EU, account));
        vm.prank(keeper);
        blocklist.attest(OFAC | UK, 7, keccak256("checked"));

        return Fold.only(vm.getRecordedLogs(), address(blocklist));
    }

    function testFromTheFirstAct() external {
        Vm.Log[] memory logs = Fold.only(vm.getRecordedLogs(), address(blocklist));
        // The constructor tells its authority; that is no part of the list
        assertEq(logs.length, 6);
        bytes32 head = 0;
        for (uint256 i = 1; i < logs.length; ++i) {
            head = Fold.one(head, logs[i]);
        }
        assertEq(head, _from);
    }

    function testFoldsToTheHead(uint8 n, address account) external {
        _assumeListable(account);
        (bytes32 head, uint256 acts) = Fold.all(_from, _history(n, account));
        assertEq(head, blocklist.head());
        assertEq(acts, 10);
        assertEq(blocklist.actCount(), 1 + acts);
    }

    /// @dev The head in each act's own event is the head at that point.
    function testEachActTellsItsHead(uint8 n, address account) external {
        _assumeListable(account);
        Vm.Log[] memory logs = _history(n, account);
        bytes32 head = _from;
        uint24 act = 1;
        for (uint256 i = 0; i < logs.length; ++i) {
            head = Fold.one(head, logs[i]);
            if (logs[i].topics[0] != IBlocklist.Acted.selector) continue;
            (,,,, bytes32 told) =
                abi.decode(logs[i].data, (uint8, uint16, uint40, uint40, bytes32));
            assertEq(told, head);
            assertEq(uint256(logs[i].topics[1]), ++act, "without gaps");
        }
    }

    function testADroppedEventShows(uint8 n, address account, uint256 pick) external {
        _assumeListable(account);
        Vm.Log[] memory logs = _history(n, account);
        pick = bound(pick, 0, logs.length - 1);
        Vm.Log[] memory fewer = new Vm.Log[](logs.length - 1);
        for (uint256 i = 0; i < fewer.length; ++i) {
            fewer[i] = logs[i < pick ? i : i + 1];
        }
        (bytes32 head,) = Fold.all(_from, fewer);
        assertNotEq(head, blocklist.head());
    }

    function testAnAlteredEventShows(uint8 n, address account, uint256 pick, uint8 bit) external {
        _assumeListable(account);
        Vm.Log[] memory logs = _history(n, account);
        Vm.Log memory log = logs[bound(pick, 0, logs.length - 1)];
        // Of an entry the address, of an act the number: both are the first indexed value
        log.topics[1] = bytes32(uint256(log.topics[1]) ^ 1 << bound(bit, 0, 23));
        (bytes32 head,) = Fold.all(_from, logs);
        assertNotEq(head, blocklist.head());
    }

    function testAnAlteredUidShows(uint8 n, address account, uint256 pick, uint64 uid) external {
        _assumeListable(account);
        Vm.Log[] memory logs = _history(n, account);
        pick = bound(pick, 0, 1);
        (uint24 act, uint64 real, uint40 designatedOn) =
            abi.decode(logs[pick].data, (uint24, uint64, uint40));
        vm.assume(uid != real);
        logs[pick].data = abi.encode(act, uid, designatedOn);
        (bytes32 head,) = Fold.all(_from, logs);
        assertNotEq(head, blocklist.head());
    }

    function testReorderedEventsShow(uint8 n, address account, uint256 pick) external {
        _assumeListable(account);
        Vm.Log[] memory logs = _history(n, account);
        pick = bound(pick, 0, logs.length - 2);
        (logs[pick], logs[pick + 1]) = (logs[pick + 1], logs[pick]);
        (bytes32 head,) = Fold.all(_from, logs);
        assertNotEq(head, blocklist.head());
    }
}
