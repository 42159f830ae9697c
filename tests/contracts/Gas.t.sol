// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

/// @dev A protocol that asks: what it pays for the call, without what it pays for its own words.
contract Probe {
    function ask(address list, bytes memory first, bytes memory second)
        external
        view
        returns (uint256 cold, uint256 again)
    {
        cold = _ask(list, first);
        again = _ask(list, second);
    }

    function _ask(address list, bytes memory data) private view returns (uint256 used) {
        assembly ("memory-safe") {
            used := gas()
            let done := staticcall(gas(), list, add(data, 0x20), mload(data), 0, 0x20)
            used := sub(used, gas())
            if iszero(and(done, gt(returndatasize(), 0x1f))) { revert(0, 0) }
        }
    }
}

/// @notice What the list costs, kept in snapshots/Blocklist.json. Acts are whole transactions, with
/// their calldata; reads are the call alone, as a contract that asks pays it.
contract GasTest is World {
    /// @dev EIP-7825: no transaction may use more.
    uint256 private constant TRANSACTION_CAP = 16_777_216;

    address private constant LISTED = address(0xabcdef);

    function setUp() public override {
        super.setUp();
        // The first act that lists pays for slots that no later one pays for
        _list(_batchOf(OFAC, LISTED));
        _hold(_batchMany(OFAC, 47, "held"));
    }

    function _listMany(uint256 n) private returns (uint256 used) {
        IBlocklist.Batch memory batch = _batchMany(OFAC, n, "fresh");
        vm.prank(address(council));
        blocklist.list(batch);
        string memory name = string.concat("list ", vm.toString(n), ", transaction");
        used = vm.snapshotGasLastCall("Blocklist", name);
    }

    /// forge-config: default.isolate = true
    function testIsSanctioned() external {
        (uint256 cold, uint256 second) = _ask(
            abi.encodeCall(IBlocklist.isSanctioned, (LISTED)),
            abi.encodeCall(IBlocklist.isSanctioned, (address(this)))
        );
        vm.snapshotValue("Blocklist", "isSanctioned, account and slot cold", cold);
        vm.snapshotValue("Blocklist", "isSanctioned, the second party", second);
        assertGe(cold, 2600 + 2100, "nothing was warm");
        assertLe(cold, 5200);
        assertLe(second, 2700);
    }

    /// @dev A read costs the same for any length of the list.
    /// forge-config: default.isolate = true
    function testTheSameForAnyLength() external {
        bytes memory listed = abi.encodeCall(IBlocklist.isSanctioned, (LISTED));
        bytes memory other = abi.encodeCall(IBlocklist.isSanctioned, (address(this)));
        (uint256 short, uint256 shortOther) = _ask(listed, other);
        _list(_batchMany(OFAC, 500, "long"));
        (uint256 long, uint256 longOther) = _ask(listed, other);
        assertEq(long, short);
        assertEq(longOther, shortOther);
    }

    /// forge-config: default.isolate = true
    function testIsSanctionedBy() external {
        (uint256 cold,) = _ask(
            abi.encodeCall(IBlocklist.isSanctionedBy, (LISTED, OFAC)),
            abi.encodeCall(IBlocklist.isSanctionedBy, (address(this), OFAC))
        );
        vm.snapshotValue("Blocklist", "isSanctionedBy, account and slot cold", cold);
        assertGe(cold, 2600 + 2100, "nothing was warm");
        assertLe(cold, 5420);
    }

    /// forge-config: default.isolate = true
    function testBothParties() external {
        address[] memory parties = new address[](2);
        (parties[0], parties[1]) = (address(this), address(0xbeef));
        bytes memory data = abi.encodeCall(IBlocklist.anySanctioned, (parties));
        (uint256 cold,) = _ask(data, data);
        vm.snapshotValue("Blocklist", "anySanctioned, both parties, cold", cold);
        assertGe(cold, 2600 + 2 * 2100, "nothing was warm");
        assertLe(cold, 7650);
    }

    /// @dev A hundred that are not listed: none of the answers comes early.
    /// forge-config: default.isolate = true
    function testAreSanctioned100() external {
        bytes memory data = abi.encodeCall(IBlocklist.areSanctioned, (_accounts(100)));
        (uint256 cold,) = _ask(data, data);
        vm.snapshotValue("Blocklist", "areSanctioned, each of 100", cold / 100);
        assertGe(cold, 2600 + 100 * 2100, "nothing was warm");
        assertLe(cold, 100 * 2370);
    }

    /// forge-config: default.isolate = true
    function testAnySanctioned100() external {
        bytes memory data = abi.encodeCall(IBlocklist.anySanctioned, (_accounts(100)));
        (uint256 cold,) = _ask(data, data);
        vm.snapshotValue("Blocklist", "anySanctioned, each of 100", cold / 100);
        assertGe(cold, 2600 + 100 * 2100, "nothing was warm");
        assertLe(cold, 100 * 2270);
    }

    function _ask(bytes memory first, bytes memory second) private returns (uint256, uint256) {
        return new Probe().ask(address(blocklist), first, second);
    }

    function _accounts(uint256 n) private pure returns (address[] memory accounts) {
        accounts = new address[](n);
        for (uint256 i = 0; i < n; ++i) {
            accounts[i] = address(uint160(uint256(keccak256(abi.encode("nobody", i)))));
        }
    }

    /// forge-config: default.isolate = true
    function testList1() external {
        _listMany(1);
    }

    /// forge-config: default.isolate = true
    function testList47() external {
        assertLe(_listMany(47), 1_330_000);
    }

    /// forge-config: default.isolate = true
    function testList100() external {
        _listMany(100);
    }

    /// @dev All of one day's additions go in one transaction.
    /// forge-config: default.isolate = true
    function testList500() external {
        assertLe(_listMany(500), TRANSACTION_CAP);
    }

    /// @dev What one more address adds to an act, all in.
    /// forge-config: default.isolate = true
    function testOneMoreAddress() external {
        IBlocklist.Batch memory few = _batchMany(OFAC, 50, "few");
        IBlocklist.Batch memory many = _batchMany(OFAC, 100, "many");
        vm.startPrank(address(council));
        blocklist.list(few);
        uint256 base = vm.lastCallGas().gasTotalUsed;
        blocklist.list(many);
        uint256 each = (vm.lastCallGas().gasTotalUsed - base) / 50;
        vm.stopPrank();

        vm.snapshotValue("Blocklist", "list, one more address", each);
        assertLe(each, 26_500);
    }

    /// forge-config: default.isolate = true
    function testRatify47() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 47, "held");
        vm.prank(address(council));
        blocklist.list(batch);
        vm.snapshotGasLastCall("Blocklist", "ratify 47, transaction");
    }

    /// forge-config: default.isolate = true
    function testRatifyOneMoreAddress() external {
        IBlocklist.Batch memory all = _batchMany(OFAC, 47, "held");
        IBlocklist.Entry[] memory few = new IBlocklist.Entry[](7);
        IBlocklist.Entry[] memory many = new IBlocklist.Entry[](40);
        for (uint256 i = 0; i < 47; ++i) {
            if (i < 7) few[i] = all.entries[i];
            else many[i - 7] = all.entries[i];
        }
        vm.startPrank(address(council));
        blocklist.list(_batch(OFAC, few));
        uint256 base = vm.lastCallGas().gasTotalUsed;
        blocklist.list(_batch(OFAC, many));
        uint256 each = (vm.lastCallGas().gasTotalUsed - base) / 33;
        vm.stopPrank();

        vm.snapshotValue("Blocklist", "ratify, one more address", each);
        assertLe(each, 10_500);
    }

    /// @dev The way that an addition really takes: four of seven signatures.
    /// forge-config: default.isolate = true
    function testHold47() external {
        IBlocklist.Batch memory batch = _batchMany(OFAC, 47, "signed");
        _hold(batch);
        vm.snapshotGasLastCall("Blocklist", "hold 47 by 4 signatures, transaction");
    }
}
