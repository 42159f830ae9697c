// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Test} from "forge-std/Test.sol";

import {Blocklist} from "../../contracts/Blocklist.sol";
import {Council} from "../../contracts/Council.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {Seats} from "../../contracts/Seats.sol";
import {SignedAct} from "../../contracts/SignedAct.sol";

/// @notice The whole system, deployed as production deploys it, and what a council does with it.
abstract contract World is Test {
    /* CONSTANTS */

    uint40 internal constant TERM = 7 days;
    uint24 internal constant HOLDS_PER_DAY = 1000;
    uint32 internal constant VOTING_PERIOD = 3 days;
    uint256 internal constant QUORUM = 50;
    uint256 internal constant SEATS = 7;
    uint256 internal constant START = 1_700_000_000;

    uint16 internal constant OFAC = 1;
    uint16 internal constant UK = 2;
    uint16 internal constant EU = 4;

    /* STATE */

    AccessManager internal manager;
    Seats internal seats;
    Council internal council;
    Blocklist internal blocklist;
    SignedAct internal signedAct;

    address internal deployer = makeAddr("deployer");
    address internal guardian = makeAddr("guardian");
    address internal keeper = makeAddr("keeper");

    /// @dev Members in the ascending order of their addresses, each beside its key.
    address[] internal members;
    uint256[] internal keys;

    uint256 private _proposals;

    function setUp() public virtual {
        vm.warp(_start());
        _seat(SEATS);

        vm.startPrank(deployer);
        manager = new AccessManager(deployer);
        seats = new Seats(address(manager), members);
        council = new Council(address(manager), seats, VOTING_PERIOD, QUORUM);
        blocklist = new Blocklist(address(manager), TERM, HOLDS_PER_DAY);
        signedAct = new SignedAct(seats, blocklist, QUORUM);
        manager.multicall(_handOver());
        vm.stopPrank();

        // A seat's vote counts from the second after it was given.
        skip(1);
    }

    /// @dev When the system is deployed, unix seconds.
    function _start() internal pure virtual returns (uint256) {
        return START;
    }

    /* DEPLOYMENT */

    /// @dev All that the deployer does with its role, as one transaction: the list's first act, the
    /// roles, and the end of the deployer's own.
    function _handOver() private view returns (bytes[] memory calls) {
        calls = new bytes[](24);
        address vote = address(council);
        address list = address(blocklist);

        calls[0] = abi.encodeCall(manager.execute, (list, _protectOwn()));

        calls[1] = _allow(list, IBlocklist.list.selector, Roles.LISTER);
        calls[2] = _allow(list, IBlocklist.delist.selector, Roles.DELISTER);
        calls[3] = _allow(list, IBlocklist.delistMany.selector, Roles.MASS_DELISTER);
        calls[4] = _allow(list, IBlocklist.listProvisional.selector, Roles.EMERGENCY);
        calls[5] = _allow(list, IBlocklist.retract.selector, Roles.EMERGENCY);
        calls[6] = _allow(list, IBlocklist.attest.selector, Roles.KEEPER);
        calls[7] = _allow(list, IBlocklist.protect.selector, Roles.PROTECTOR);
        calls[8] = _allow(list, IBlocklist.unprotect.selector, Roles.PROTECTOR);
        calls[9] = _allow(address(seats), Seats.add.selector, Roles.MEMBERSHIP);
        calls[10] = _allow(address(seats), Seats.remove.selector, Roles.MEMBERSHIP);

        calls[11] = abi.encodeCall(manager.setRoleGuardian, (Roles.DELISTER, Roles.VETO));
        calls[12] = abi.encodeCall(manager.setRoleGuardian, (Roles.MASS_DELISTER, Roles.VETO));
        calls[13] = abi.encodeCall(manager.setRoleGuardian, (Roles.MEMBERSHIP, Roles.VETO));

        calls[14] = _grant(Roles.LISTER, vote, Roles.LISTER_DELAY_SECONDS);
        calls[15] = _grant(Roles.DELISTER, vote, Roles.DELISTER_DELAY_SECONDS);
        calls[16] = _grant(Roles.MASS_DELISTER, vote, Roles.MASS_DELISTER_DELAY_SECONDS);
        calls[17] = _grant(Roles.MEMBERSHIP, vote, Roles.MEMBERSHIP_DELAY_SECONDS);
        calls[18] = _grant(Roles.PROTECTOR, vote, Roles.PROTECTOR_DELAY_SECONDS);
        calls[19] = _grant(Roles.EMERGENCY, address(signedAct), Roles.EMERGENCY_DELAY_SECONDS);
        calls[20] = _grant(Roles.VETO, guardian, Roles.VETO_DELAY_SECONDS);
        calls[21] = _grant(Roles.KEEPER, keeper, Roles.KEEPER_DELAY_SECONDS);

        calls[22] = _grant(Roles.ADMIN, vote, Roles.ADMIN_DELAY_SECONDS);
        calls[23] = abi.encodeCall(manager.renounceRole, (Roles.ADMIN, deployer));
    }

    function _protectOwn() private view returns (bytes memory) {
        address[] memory own = new address[](4);
        (own[0], own[1]) = (address(manager), address(seats));
        (own[2], own[3]) = (address(council), address(signedAct));
        return abi.encodeCall(IBlocklist.protect, (own));
    }

    function _allow(address target, bytes4 selector, uint64 role)
        private
        view
        returns (bytes memory)
    {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        return abi.encodeCall(manager.setTargetFunctionRole, (target, selectors, role));
    }

    function _grant(uint64 role, address account, uint32 delay)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(manager.grantRole, (role, account, delay));
    }

    function _seat(uint256 n) private {
        for (uint256 i = 0; i < n; ++i) {
            (address member, uint256 key) =
                makeAddrAndKey(string.concat("member ", vm.toString(i)));
            members.push(member);
            keys.push(key);
            for (uint256 j = i; j > 0 && members[j] < members[j - 1]; --j) {
                (members[j], members[j - 1]) = (members[j - 1], members[j]);
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
    }

    /* BATCHES */

    function _batch(uint16 sources, IBlocklist.Entry[] memory entries)
        internal
        pure
        returns (IBlocklist.Batch memory)
    {
        // Not SHA-256, as in production: that is a call, and an expected revert would watch it.
        bytes32 manifest = keccak256(abi.encode(sources, entries));
        return IBlocklist.Batch({
            manifest: manifest, sources: sources, dataAsOf: uint40(START), entries: entries
        });
    }

    function _batchOf(uint16 sources, address account)
        internal
        pure
        returns (IBlocklist.Batch memory)
    {
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](1);
        entries[0] = IBlocklist.Entry({account: account, uid: 1, designatedOn: 1_600_000_000});
        return _batch(sources, entries);
    }

    /// @dev The address under two uids.
    function _batchTwice(uint16 sources, address account)
        internal
        pure
        returns (IBlocklist.Batch memory)
    {
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](2);
        entries[0] = IBlocklist.Entry({account: account, uid: 1, designatedOn: 1_600_000_000});
        entries[1] = IBlocklist.Entry({account: account, uid: 2, designatedOn: 0});
        return _batch(sources, entries);
    }

    /// @dev `n` addresses that nobody else uses, the same for the same salt.
    function _batchMany(uint16 sources, uint256 n, string memory salt)
        internal
        pure
        returns (IBlocklist.Batch memory)
    {
        IBlocklist.Entry[] memory entries = new IBlocklist.Entry[](n);
        for (uint256 i = 0; i < n; ++i) {
            address account = address(uint160(uint256(keccak256(abi.encode(salt, i)))));
            entries[i] = IBlocklist.Entry({
                account: account, uid: uint64(10_000 + i), designatedOn: 1_600_000_000
            });
        }
        return _batch(sources, entries);
    }

    function _one(address account) internal pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }

    /// @dev Whether a fresh list neither refuses nor protects the address.
    function _isListable(address account) internal view returns (bool) {
        if (uint160(account) <= 0x1ff) return false;
        if (account == 0x000000000000000000000000000000000000dEaD) return false;
        if (account == 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE) return false;
        if (account == address(blocklist) || account == address(manager)) return false;
        if (account == address(seats) || account == address(council)) return false;
        return account != address(signedAct);
    }

    function _assumeListable(address account) internal view {
        vm.assume(_isListable(account));
    }

    /// @dev Addresses that hold no role.
    function _assumeStranger(address account) internal view {
        vm.assume(account != address(council) && account != address(signedAct));
        vm.assume(account != address(manager) && account != guardian && account != keeper);
    }

    /* SIGNED ACTS */

    /// @dev The signatures of the first `n` members, in order.
    function _sign(bytes32 digest, uint256 n)
        internal
        view
        returns (SignedAct.Signature[] memory signatures)
    {
        signatures = new SignedAct.Signature[](n);
        for (uint256 i = 0; i < n; ++i) {
            signatures[i] = SignedAct.Signature(members[i], _signature(keys[i], digest));
        }
    }

    function _signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The whole signed act: a majority signs, and whoever calls relays.
    function _hold(IBlocklist.Batch memory batch) internal {
        uint256 deadline = block.timestamp + 1 hours;
        bytes32 digest = signedAct.digest(batch, signedAct.nonce(), deadline);
        signedAct.listProvisional(batch, deadline, _sign(digest, signedAct.quorum()));
    }

    /// @dev The same, for what is held.
    function _retract(IBlocklist.Batch memory batch) internal {
        uint256 deadline = block.timestamp + 1 hours;
        bytes32 digest = signedAct.retractDigest(batch, signedAct.nonce(), deadline);
        signedAct.retract(batch, deadline, _sign(digest, signedAct.quorum()));
    }

    /* VOTES */

    /// @dev A proposal of one call, as its four arguments.
    struct Proposal {
        uint256 id;
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        string description;
    }

    function _propose(address target, bytes memory data) internal returns (Proposal memory p) {
        p.targets = _one(target);
        p.values = new uint256[](1);
        p.calldatas = new bytes[](1);
        p.calldatas[0] = data;
        p.description = string.concat("proposal ", vm.toString(_proposals++));
        p.id = council.propose(p.targets, p.values, p.calldatas, p.description);
    }

    /// @dev A member's vote by signature, relayed by whoever calls.
    function _vote(uint256 id, uint256 member, uint8 support) internal {
        address voter = members[member];
        uint256 nonce = council.nonces(voter, uint192(id));
        bytes32 ballot =
            keccak256(abi.encode(council.BALLOT_TYPEHASH(), id, support, voter, nonce));
        bytes32 digest = _typed(address(council), "Interdict Council", ballot);
        council.castVoteBySig(id, support, voter, _signature(keys[member], digest));
    }

    /// @dev How many of the seats decide here.
    function _majority() internal view returns (uint256) {
        return seats.size() / 2 + 1;
    }

    function _voteFor(uint256 id, uint256 n) internal {
        for (uint256 i = 0; i < n; ++i) {
            _vote(id, i, 1);
        }
    }

    function _typed(address at, string memory name, bytes32 structHash)
        internal
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,"
                    "address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                block.chainid,
                at
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _queue(Proposal memory p) internal {
        council.queue(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    function _execute(Proposal memory p) internal {
        council.execute(p.targets, p.values, p.calldatas, keccak256(bytes(p.description)));
    }

    /// @dev Proposed, voted by a majority, queued if it has to wait: ready but for its delay.
    function _pass(address target, bytes memory data) internal returns (Proposal memory p) {
        p = _propose(target, data);
        skip(1);
        _voteFor(p.id, _majority());
        if (council.proposalNeedsQueuing(p.id)) _queue(p);
    }

    /// @dev The whole vote, its delay included.
    function _decide(address target, bytes memory data) internal {
        Proposal memory p = _pass(target, data);
        (uint32 delay,,) = council.proposalExecutionPlan(p.id);
        skip(delay);
        _execute(p);
    }

    /* THE COUNCIL WITHOUT ITS VOTE */

    // What the vote would do once it had passed, delays included: for tests of the list itself.

    /// @dev Schedules the call as the council, where the manager asks for it, and waits it out.
    function _schedule(bytes memory data) internal {
        (, uint32 delay) = manager.canCall(address(council), address(blocklist), bytes4(data));
        if (delay == 0) return;
        vm.prank(address(council));
        manager.schedule(address(blocklist), data, 0);
        skip(delay);
    }

    function _perform(bytes memory data) internal {
        vm.prank(address(council));
        manager.execute(address(blocklist), data);
    }

    function _list(IBlocklist.Batch memory batch) internal {
        _perform(abi.encodeCall(IBlocklist.list, (batch)));
    }

    function _delist(IBlocklist.Batch memory batch) internal {
        bytes memory data = abi.encodeCall(IBlocklist.delist, (batch));
        _schedule(data);
        _perform(data);
    }

    function _delistMany(IBlocklist.Batch memory batch) internal {
        bytes memory data = abi.encodeCall(IBlocklist.delistMany, (batch));
        _schedule(data);
        _perform(data);
    }

    function _protect(address account) internal {
        bytes memory data = abi.encodeCall(IBlocklist.protect, (_one(account)));
        _schedule(data);
        _perform(data);
    }

    function _unprotect(address account) internal {
        bytes memory data = abi.encodeCall(IBlocklist.unprotect, (_one(account)));
        _schedule(data);
        _perform(data);
    }
}
