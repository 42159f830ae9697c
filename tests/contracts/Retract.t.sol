// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {SignedAct} from "../../contracts/SignedAct.sol";
import {World} from "./World.sol";

contract RetractTest is World {
    /// @dev As the holder of the role, with one call, so that a revert can be expected.
    function _emergency(IBlocklist.Batch memory batch) private {
        vm.prank(address(signedAct));
        blocklist.retract(batch);
    }

    function testRetract(address stranger, address account, uint16 sources, uint256 wait)
        external
    {
        _assumeListable(account);
        vm.assume(sources != 0);
        IBlocklist.Batch memory batch = _batchOf(sources, account);
        _hold(batch);
        uint40 since = uint40(block.timestamp);
        skip(bound(wait, 0, TERM - 1));

        // Access control
        _assumeStranger(stranger);
        bytes4 unauthorized = IAccessManaged.AccessManagedUnauthorized.selector;
        vm.expectRevert(abi.encodeWithSelector(unauthorized, stranger));
        vm.prank(stranger);
        blocklist.retract(batch);

        // The council's vote has its own way
        vm.expectRevert(abi.encodeWithSelector(unauthorized, address(council)));
        vm.prank(address(council));
        blocklist.retract(batch);

        // Normal path: at once, by the quorum that held
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Delisted(account, 3, 1, 1_600_000_000);
        _retract(batch);

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertFalse(listing.sanctioned || listing.provisional);
        assertEq(listing.since, since);
        assertEq(listing.until, block.timestamp);
        assertEq(listing.sources, sources, "what it was held under");
        assertEq(blocklist.count(), 0);
        assertEq(uint8(blocklist.actOf(3).kind), uint8(IBlocklist.Kind.Retract));
    }

    function testNotWhatAVoteListed(address account, bool held) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        if (held) _hold(batch);
        _list(batch);

        vm.expectRevert(abi.encodeWithSelector(IBlocklist.NotProvisional.selector, account));
        _emergency(batch);
        assertTrue(blocklist.isSanctioned(account));
    }

    /// @dev Else a hold could be renewed for ever, a second before its end.
    function testIsNoRenewal(address account, uint256 wait) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        _hold(batch);
        _retract(batch);
        uint256 rested = block.timestamp + 30 days;

        vm.warp(bound(wait, block.timestamp, rested - 1));
        vm.expectRevert(
            abi.encodeWithSelector(IBlocklist.HeldRecently.selector, account, uint40(rested))
        );
        vm.prank(address(signedAct));
        blocklist.listProvisional(batch);

        vm.warp(rested);
        _hold(batch);
        assertEq(blocklist.listingOf(account).episode, 2);
        assertEq(blocklist.episodeOf(account, 1).end, rested - 30 days);
    }

    function testAVoteMayListAfterIt(address account) external {
        _assumeListable(account);
        _hold(_batchOf(OFAC, account));
        _retract(_batchOf(OFAC, account));
        _list(_batchOf(OFAC, account));
        assertTrue(blocklist.isSanctioned(account));
        assertEq(blocklist.count(), 1);
    }

    function testOneSourceOfSeveral(address account) external {
        _assumeListable(account);
        _hold(_batchOf(OFAC | UK, account));
        uint40 until = blocklist.listingOf(account).until;
        skip(1 days);

        _retract(_batchOf(UK, account));

        IBlocklist.Listing memory listing = blocklist.listingOf(account);
        assertTrue(listing.sanctioned && listing.provisional);
        assertEq(listing.sources, OFAC);
        assertEq(listing.until, until, "the term is not touched");
    }

    function testSameAddressUnderTwoUids(address account) external {
        _assumeListable(account);
        _hold(_batchTwice(OFAC, account));
        _retract(_batchTwice(OFAC, account));
        assertFalse(blocklist.isSanctioned(account));
    }

    function testNotHeld(address account, uint256 wait) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        bytes memory refusal = abi.encodeWithSelector(IBlocklist.NotListed.selector, account);

        vm.expectRevert(refusal);
        _emergency(batch);

        _hold(batch);
        vm.expectRevert(refusal);
        _emergency(_batchOf(UK, account));

        skip(bound(wait, TERM, 3650 days));
        vm.expectRevert(refusal);
        _emergency(batch);
    }

    /// @dev A signature to hold is none to retract, and the other way round.
    function testSignedForTheOther(address account) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory refusal =
            abi.encodeWithSelector(SignedAct.InvalidSignature.selector, members[0]);

        SignedAct.Signature[] memory signatures =
            _sign(signedAct.retractDigest(batch, 0, deadline), 4);
        vm.expectRevert(refusal);
        signedAct.listProvisional(batch, deadline, signatures);

        _hold(batch);
        signatures = _sign(signedAct.digest(batch, 1, deadline), 4);
        vm.expectRevert(refusal);
        signedAct.retract(batch, deadline, signatures);
    }

    /// @dev The typed data written out, as a wallet would hash it.
    function testDigest(IBlocklist.Batch memory batch, uint256 nonce, uint256 deadline)
        external
        view
    {
        bytes32[] memory hashes = new bytes32[](batch.entries.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            hashes[i] = keccak256(
                abi.encode(
                    keccak256("Entry(address account,uint64 uid,uint40 designatedOn)"),
                    batch.entries[i]
                )
            );
        }
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Retract(bytes32 manifest,uint16 sources,uint40 dataAsOf,Entry[] entries,"
                    "uint256 nonce,uint256 deadline)"
                    "Entry(address account,uint64 uid,uint40 designatedOn)"
                ),
                batch.manifest,
                batch.sources,
                batch.dataAsOf,
                keccak256(abi.encodePacked(hashes)),
                nonce,
                deadline
            )
        );
        assertEq(
            signedAct.retractDigest(batch, nonce, deadline),
            _typed(address(signedAct), "Interdict SignedAct", structHash)
        );
    }
}
