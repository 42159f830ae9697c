// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Seats} from "../../contracts/Seats.sol";
import {SignedAct} from "../../contracts/SignedAct.sol";
import {World} from "./World.sol";

/// @dev A member that is a contract: it signs what its owner's key signs.
contract Wallet is IERC1271 {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        view
        returns (bytes4)
    {
        (address signer,,) = ECDSA.tryRecover(hash, signature);
        return signer == _owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

contract SignedActTest is World {
    uint256 private _deadline;

    function setUp() public override {
        super.setUp();
        _deadline = block.timestamp + 1 hours;
    }

    function _digest(IBlocklist.Batch memory batch) private view returns (bytes32) {
        return signedAct.digest(batch, signedAct.nonce(), _deadline);
    }

    function testListProvisional(address stranger, address account, uint256 n) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        n = bound(n, signedAct.quorum(), SEATS);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), n);

        // Anyone may relay
        vm.expectEmit(address(blocklist));
        emit IBlocklist.Listed(account, 2, 1, 1_600_000_000);
        vm.prank(stranger);
        signedAct.listProvisional(batch, _deadline, signatures);

        assertTrue(blocklist.listingOf(account).provisional);
        assertEq(signedAct.nonce(), 1);
    }

    /// @dev The typed data written out, as a wallet would hash it.
    function testDigest(IBlocklist.Batch memory batch, uint256 nonce, uint256 deadline)
        external
        view
    {
        string memory entry = "Entry(address account,uint64 uid,uint40 designatedOn)";
        string memory act = string.concat(
            "ListProvisional(bytes32 manifest,uint16 sources,uint40 dataAsOf,Entry[] entries,",
            "uint256 nonce,uint256 deadline)",
            entry
        );
        bytes memory entries;
        for (uint256 i = 0; i < batch.entries.length; ++i) {
            bytes32 one = keccak256(abi.encode(keccak256(bytes(entry)), batch.entries[i]));
            entries = bytes.concat(entries, one);
        }
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(bytes(act)),
                batch.manifest,
                batch.sources,
                batch.dataAsOf,
                keccak256(entries),
                nonce,
                deadline
            )
        );
        assertEq(
            signedAct.digest(batch, nonce, deadline),
            _typed(address(signedAct), "Interdict SignedAct", structHash)
        );
    }

    function testTooFew(address account, uint256 n) external {
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        uint256 needed = signedAct.quorum();
        n = bound(n, 0, needed - 1);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), n);
        vm.expectRevert(abi.encodeWithSelector(SignedAct.TooFewSignatures.selector, n, needed));
        signedAct.listProvisional(batch, _deadline, signatures);
    }

    function testT9Replay(address account) external {
        _assumeListable(account);
        _deadline = block.timestamp + 3 days;
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);
        signedAct.listProvisional(batch, _deadline, signatures);

        // Delisted, so that the list itself would take it again
        _delist(batch);
        vm.expectRevert(abi.encodeWithSelector(SignedAct.InvalidSignature.selector, members[0]));
        signedAct.listProvisional(batch, _deadline, signatures);

        signedAct.listProvisional(batch, _deadline, _sign(_digest(batch), 4));
        assertTrue(blocklist.isSanctioned(account));
    }

    /// @dev Every part of the act is under the signature.
    function testAnyChangeBreaksIt(uint8 part, uint16 sources, address account) external {
        _assumeListable(account);
        vm.assume(sources != 0 && sources != OFAC);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);
        uint256 deadline = _deadline;

        part = uint8(bound(part, 0, 7));
        if (part == 0) batch.manifest = keccak256("another");
        if (part == 1) batch.sources = sources;
        if (part == 2) batch.dataAsOf += 1;
        if (part == 3) batch.entries[0].account = address(uint160(account) ^ 1);
        if (part == 4) batch.entries[0].uid += 1;
        if (part == 5) batch.entries[0].designatedOn += 1;
        if (part == 6) batch.entries = _batchTwice(OFAC, account).entries;
        if (part == 7) deadline += 1;

        vm.expectRevert(abi.encodeWithSelector(SignedAct.InvalidSignature.selector, members[0]));
        signedAct.listProvisional(batch, deadline, signatures);
    }

    function testT9DuplicateSigners(address account, uint256 i, uint256 j) external {
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), SEATS);
        i = bound(i, 0, SEATS - 2);
        j = bound(j, i + 1, SEATS - 1);

        // Swapped
        (signatures[i], signatures[j]) = (signatures[j], signatures[i]);
        vm.expectRevert(
            abi.encodeWithSelector(SignedAct.SignerOutOfOrder.selector, signatures[i + 1].signer)
        );
        signedAct.listProvisional(batch, _deadline, signatures);

        // Twice
        signatures = _sign(_digest(batch), SEATS);
        signatures[i + 1] = signatures[i];
        vm.expectRevert(abi.encodeWithSelector(SignedAct.SignerOutOfOrder.selector, members[i]));
        signedAct.listProvisional(batch, _deadline, signatures);
    }

    function testT9RemovedMember(address account) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        _decide(address(seats), abi.encodeCall(Seats.remove, (members[1])));
        _deadline = block.timestamp + 1 hours;

        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);
        vm.expectRevert(abi.encodeWithSelector(SignedAct.NotMember.selector, members[1]));
        signedAct.listProvisional(batch, _deadline, signatures);
    }

    function testStranger(uint256 key, address account) external {
        key = boundPrivateKey(key);
        address stranger = vm.addr(key);
        vm.assume(!seats.isMember(stranger) && stranger > members[2]);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);

        // With his own name
        signatures[3] = SignedAct.Signature(stranger, _signature(key, _digest(batch)));
        vm.expectRevert(abi.encodeWithSelector(SignedAct.NotMember.selector, stranger));
        signedAct.listProvisional(batch, _deadline, signatures);

        // With a member's
        signatures[3].signer = members[3];
        vm.expectRevert(abi.encodeWithSelector(SignedAct.InvalidSignature.selector, members[3]));
        signedAct.listProvisional(batch, _deadline, signatures);
    }

    function testT9Expired(address account, uint256 late) external {
        _assumeListable(account);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);

        vm.warp(bound(late, _deadline + 1, _deadline + 3650 days));
        vm.expectRevert(abi.encodeWithSelector(SignedAct.Expired.selector, _deadline));
        signedAct.listProvisional(batch, _deadline, signatures);

        // In its last second
        vm.warp(_deadline);
        signedAct.listProvisional(batch, _deadline, signatures);
        assertTrue(blocklist.isSanctioned(account));
    }

    function testDeadlineTooFar(address account, uint256 far) external {
        _deadline = bound(far, block.timestamp + 7 days + 1, type(uint256).max);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);
        vm.expectRevert(abi.encodeWithSelector(SignedAct.DeadlineTooFar.selector, _deadline));
        signedAct.listProvisional(batch, _deadline, signatures);
    }

    function testT9AnotherChain(address account, uint64 chain) external {
        vm.assume(chain != block.chainid && chain != 0);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);
        vm.chainId(chain);
        vm.expectRevert(abi.encodeWithSelector(SignedAct.InvalidSignature.selector, members[0]));
        signedAct.listProvisional(batch, _deadline, signatures);
    }

    function testT9AnotherContract(address account) external {
        SignedAct twin = new SignedAct(seats, blocklist, QUORUM);
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        SignedAct.Signature[] memory signatures = _sign(twin.digest(batch, 0, _deadline), 4);
        vm.expectRevert(abi.encodeWithSelector(SignedAct.InvalidSignature.selector, members[0]));
        signedAct.listProvisional(batch, _deadline, signatures);
    }

    function testRefusedByTheList(address account) external {
        _assumeListable(account);
        _list(_batchOf(OFAC, account));
        IBlocklist.Batch memory batch = _batchOf(UK, account);
        SignedAct.Signature[] memory signatures = _sign(_digest(batch), 4);
        vm.expectRevert(abi.encodeWithSelector(IBlocklist.AlreadyListed.selector, account));
        signedAct.listProvisional(batch, _deadline, signatures);
        assertEq(signedAct.nonce(), 0, "the nonce is not used up");
    }

    function testAMemberThatIsAContract(address account) external {
        _assumeListable(account);
        (address owner, uint256 key) = makeAddrAndKey("owner");
        Wallet wallet = new Wallet(owner);
        address[] memory one = _one(address(wallet));
        SignedAct own = new SignedAct(new Seats(address(manager), one), blocklist, QUORUM);
        _decide(address(manager), abi.encodeCall(manager.grantRole, (3, address(own), 0)));
        _deadline = block.timestamp + 1 hours;
        IBlocklist.Batch memory batch = _batchOf(OFAC, account);
        bytes32 digest = own.digest(batch, 0, _deadline);
        SignedAct.Signature[] memory signatures = new SignedAct.Signature[](1);

        signatures[0] = SignedAct.Signature(address(wallet), _signature(keys[0], digest));
        vm.expectRevert(
            abi.encodeWithSelector(SignedAct.InvalidSignature.selector, address(wallet))
        );
        own.listProvisional(batch, _deadline, signatures);

        signatures[0].signature = _signature(key, digest);
        own.listProvisional(batch, _deadline, signatures);
        assertTrue(blocklist.isSanctioned(account));
    }
}
