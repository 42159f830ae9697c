// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {World} from "./World.sol";

contract AttestTest is World {
    bytes32 private constant MANIFEST = keccak256("compared, nothing to change");

    function _attest(uint16 sources, uint40 dataAsOf) private {
        vm.prank(keeper);
        blocklist.attest(sources, dataAsOf, MANIFEST);
    }

    function _assertFresh(uint16 sources, uint256 dataAsOf, uint256 checkedAt) private view {
        (uint40 asOf, uint40 checked) = blocklist.freshness(sources);
        assertEq(asOf, dataAsOf);
        assertEq(checked, checkedAt);
    }

    function testAttest(address stranger, uint16 sources, uint40 dataAsOf) external {
        vm.assume(sources != 0);
        dataAsOf = uint40(bound(dataAsOf, 0, block.timestamp));

        // Access control: neither a stranger nor the council, which gave this away
        _assumeStranger(stranger);
        address[2] memory others = [stranger, address(council)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAccessManaged.AccessManagedUnauthorized.selector, others[i]
                )
            );
            vm.prank(others[i]);
            blocklist.attest(sources, dataAsOf, MANIFEST);
        }

        // Normal path
        bytes32 head = keccak256(
            abi.encode(
                blocklist.head(),
                uint24(2),
                uint8(IBlocklist.Kind.Attest),
                sources,
                uint40(0),
                dataAsOf,
                MANIFEST
            )
        );
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Acted(2, IBlocklist.Kind.Attest, sources, 0, dataAsOf, MANIFEST, head);
        _attest(sources, dataAsOf);

        assertEq(blocklist.head(), head);
        assertEq(blocklist.actOf(2).manifest, bytes26(MANIFEST));
        for (uint256 bit = 0; bit < 16; ++bit) {
            bool named = sources >> bit & 1 == 1;
            if (named) _assertFresh(uint16(1 << bit), dataAsOf, block.timestamp);
            else _assertFresh(uint16(1 << bit), 0, 0);
        }
    }

    /// @dev It changes no answer about any address.
    function testChangesNoAddress(address account, address other) external {
        _assumeListable(account);
        vm.assume(account != other);
        _list(_batchOf(OFAC, account));
        bytes32 before = keccak256(abi.encode(blocklist.listingOf(account)));
        _attest(OFAC, 5);
        assertEq(keccak256(abi.encode(blocklist.listingOf(account))), before);
        assertFalse(blocklist.isSanctioned(other));
        assertEq(blocklist.count(), 1);
    }

    /// @dev Of several sources, each answer is the stalest one's.
    function testSeveralSources() external {
        _attest(OFAC, 100);
        uint256 first = block.timestamp;
        skip(1 hours);
        _attest(UK, 50);

        _assertFresh(OFAC, 100, first);
        _assertFresh(UK, 50, block.timestamp);
        _assertFresh(OFAC | UK, 50, first);
        _assertFresh(OFAC | UK | EU, 0, 0);
        _assertFresh(0, 0, 0);
    }

    /// @dev An attestation by error heals with the next.
    function testTheLatestWordCounts(uint40 right) external {
        _attest(OFAC, uint40(block.timestamp));
        skip(10 minutes);
        right = uint40(bound(right, 0, block.timestamp));
        _attest(OFAC, right);
        _assertFresh(OFAC, right, block.timestamp);
    }

    function testNotTooOften(uint256 wait) external {
        _attest(OFAC | UK, 1);
        uint256 rested = block.timestamp + 10 minutes;

        vm.warp(bound(wait, block.timestamp, rested - 1));
        vm.expectRevert(
            abi.encodeWithSelector(IBlocklist.AttestedRecently.selector, UK, uint40(rested))
        );
        _attest(UK | EU, 1);
        // Another source is not concerned
        _attest(EU, 1);

        vm.warp(rested);
        _attest(UK, 1);
    }

    function testRefusals(uint40 dataAsOf) external {
        dataAsOf = uint40(bound(dataAsOf, block.timestamp + 1, type(uint40).max));
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.DataAsOfInFuture.selector, dataAsOf));
        _attest(OFAC, dataAsOf);

        vm.expectRevert(IBlocklist.NoSources.selector);
        _attest(0, 1);

        vm.expectRevert(IBlocklist.NoManifest.selector);
        vm.prank(keeper);
        blocklist.attest(OFAC, 1, 0);
    }
}
