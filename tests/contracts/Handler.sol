// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Test} from "forge-std/Test.sol";
import {Vm} from "forge-std/Vm.sol";

import {Blocklist} from "../../contracts/Blocklist.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";
import {Roles} from "../../contracts/Roles.sol";
import {Fold} from "./Fold.sol";

/// @notice Acts on the list at random, with few addresses so that they meet, and keeps a second
/// list beside it that knows nothing but the events. Much that it tries is refused, rightly.
contract Handler is Test {
    /* TYPES */

    /// @dev What the events say of an address.
    struct Told {
        uint40 until;
        uint16 sources;
        bool provisional;
        bool isProtected;
    }

    /// @dev What the list once answered about a moment that was then the present.
    struct Answer {
        address account;
        uint40 time;
        bool sanctioned;
    }

    /* CONSTANTS */

    uint256 public constant ACCOUNTS = 5;
    uint40 private constant FOREVER = type(uint40).max;

    /* STATE */

    AccessManager private immutable _manager;
    Blocklist private immutable _blocklist;
    address private immutable _council;
    address private immutable _signedAct;
    address private immutable _keeper;
    address private immutable _guardian;

    bytes32 public head;
    uint24 public acts;
    mapping(IBlocklist.Kind kind => uint256) public landed;
    mapping(address account => Told) private _told;
    Answer[] private _answers;
    Vm.Log[] private _pending;

    constructor(
        AccessManager manager,
        Blocklist blocklist,
        address council,
        address signedAct,
        address keeper,
        address guardian
    ) {
        (_manager, _blocklist) = (manager, blocklist);
        (_council, _signedAct) = (council, signedAct);
        (_keeper, _guardian) = (keeper, guardian);
        (head, acts) = (blocklist.head(), blocklist.actCount());
    }

    /* READS */

    function account(uint256 i) public pure returns (address) {
        return address(uint160(0x1000 + i % ACCOUNTS));
    }

    function told(address of_) external view returns (Told memory) {
        return _told[of_];
    }

    function answers() external view returns (Answer[] memory) {
        return _answers;
    }

    /* ACTS */

    function hold(uint256 seed) external {
        vm.prank(_signedAct);
        _try(address(_blocklist), abi.encodeCall(IBlocklist.listProvisional, (_batch(seed))));
    }

    function list(uint256 seed) external {
        vm.prank(_council);
        _try(address(_blocklist), abi.encodeCall(IBlocklist.list, (_batch(seed))));
    }

    function delist(uint256 seed) external {
        _delayed(abi.encodeCall(IBlocklist.delist, (_batch(seed))), 24 hours);
    }

    function delistMany(uint256 seed) external {
        _delayed(abi.encodeCall(IBlocklist.delistMany, (_batch(seed))), 72 hours);
    }

    function retract(uint256 seed) external {
        vm.prank(_signedAct);
        _try(address(_blocklist), abi.encodeCall(IBlocklist.retract, (_batch(seed))));
    }

    function attest(uint256 seed) external {
        uint16 sources = uint16(bound(seed >> 128, 1, 7));
        uint40 dataAsOf = uint40(bound(seed >> 64, 0, block.timestamp));
        vm.prank(_keeper);
        _try(
            address(_blocklist),
            abi.encodeCall(IBlocklist.attest, (sources, dataAsOf, bytes32(seed | 1)))
        );
    }

    function protect(uint256 seed) external {
        _delayed(abi.encodeCall(IBlocklist.protect, (_accounts(seed))), 7 days);
    }

    function unprotect(uint256 seed) external {
        _delayed(abi.encodeCall(IBlocklist.unprotect, (_accounts(seed))), 7 days);
    }

    function wait(uint256 seconds_) external {
        skip(bound(seconds_, 0, 20 days));
        _ask();
    }

    /// @dev An act by whoever has no role: lands never.
    function intrude(address stranger, uint256 seed) external {
        if (stranger == _council || stranger == address(_manager)) return;
        vm.prank(stranger);
        (bool done,) = address(_blocklist).call(abi.encodeCall(IBlocklist.list, (_batch(seed))));
        assertFalse(done, "an act by a stranger");
    }

    /// @dev A delisting by whoever may decide it, sooner than it may be: lands never.
    function hurry(uint256 seed, uint256 early) external {
        bool isMany = seed & 1 == 1;
        uint256 delay = isMany ? 72 hours : 24 hours;
        bytes memory data = isMany
            ? abi.encodeCall(IBlocklist.delistMany, (_batch(seed)))
            : abi.encodeCall(IBlocklist.delist, (_batch(seed)));
        bytes32 id = _manager.hashOperation(_council, address(_blocklist), data);
        if (_manager.getSchedule(id) != 0) return;

        _refused(_council, address(_blocklist), data);
        vm.prank(_council);
        _manager.schedule(address(_blocklist), data, 0);
        skip(bound(early, 0, delay - 1));
        _refused(_council, address(_blocklist), data);
        _refused(
            _council,
            address(_manager),
            abi.encodeCall(_manager.execute, (address(_blocklist), data))
        );
        vm.prank(_council);
        _manager.cancel(_council, address(_blocklist), data);
        _ask();
    }

    /// @dev A change of rules at once, by whoever holds a role or none: lands never.
    function usurp(uint256 pick, address stranger, uint256 seed) external {
        address[5] memory callers = [_council, _signedAct, _keeper, _guardian, stranger];
        address caller = callers[pick % callers.length];
        if (caller == address(_manager)) return;
        uint64 role = uint64(seed >> 8) % (Roles.MASS_DELISTER + 1);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IBlocklist.delistMany.selector;
        bytes[8] memory calls = [
            abi.encodeCall(_manager.grantRole, (role, caller, 0)),
            abi.encodeCall(_manager.revokeRole, (role, _council)),
            abi.encodeCall(_manager.setRoleGuardian, (role, role)),
            abi.encodeCall(_manager.setRoleAdmin, (role, Roles.LISTER)),
            abi.encodeCall(
                _manager.setTargetFunctionRole, (address(_blocklist), selectors, Roles.LISTER)
            ),
            abi.encodeCall(_manager.setTargetAdminDelay, (address(_blocklist), 0)),
            abi.encodeCall(_manager.setTargetClosed, (address(_blocklist), true)),
            abi.encodeCall(_manager.updateAuthority, (address(_blocklist), caller))
        ];
        _refused(caller, address(_manager), calls[seed % calls.length]);
        _refused(caller, address(_blocklist), abi.encodeCall(_blocklist.setAuthority, (stranger)));
    }

    /* INSIDE */

    function _refused(address caller, address target, bytes memory data) private {
        vm.prank(caller);
        (bool done,) = target.call(data);
        assertFalse(done, "what must wait, or is nobody's, has landed");
    }

    function _delayed(bytes memory data, uint256 delay) private {
        // What was scheduled and refused before is still there
        bytes32 id = _manager.hashOperation(_council, address(_blocklist), data);
        if (_manager.getSchedule(id) == 0) {
            vm.prank(_council);
            _manager.schedule(address(_blocklist), data, 0);
            skip(delay);
        } else if (_manager.getSchedule(id) > block.timestamp) {
            vm.warp(_manager.getSchedule(id));
        }
        vm.prank(_council);
        _try(address(_manager), abi.encodeCall(_manager.execute, (address(_blocklist), data)));
    }

    function _try(address target, bytes memory data) private {
        vm.recordLogs();
        (bool done,) = target.call(data);
        Vm.Log[] memory logs = Fold.only(vm.getRecordedLogs(), address(_blocklist));
        // The recorder keeps the logs of what was reverted too
        if (!done) return _ask();
        assertGt(logs.length, 0, "no act without its events");
        for (uint256 i = 0; i < logs.length; ++i) {
            head = Fold.one(head, logs[i]);
            if (logs[i].topics[0] == IBlocklist.Acted.selector) _apply(logs, i);
        }
        _ask();
    }

    /// @dev One act told by its events: the last is `Acted`, the others are its entries.
    function _apply(Vm.Log[] memory logs, uint256 last) private {
        (IBlocklist.Kind kind, uint16 sources, uint40 until, uint40 dataAsOf,) =
            abi.decode(logs[last].data, (IBlocklist.Kind, uint16, uint40, uint40, bytes32));
        ++acts;
        ++landed[kind];
        if (kind == IBlocklist.Kind.Attest) {
            assertEq(last, 0, "an attestation names nobody");
            assertEq(dataAsOf, _asOf(sources), "and is what the list says of its sources");
        }
        for (uint256 i = 0; i < last; ++i) {
            address of_ = address(uint160(uint256(logs[i].topics[1])));
            Told storage t = _told[of_];
            bool active = t.until > block.timestamp;
            if (kind == IBlocklist.Kind.ListProvisional) {
                (t.until, t.sources, t.provisional) = (until, sources, true);
            } else if (kind == IBlocklist.Kind.List) {
                t.sources = active ? t.sources | sources : sources;
                (t.until, t.provisional) = (FOREVER, false);
            } else if (logs[i].topics[0] == IBlocklist.Delisted.selector) {
                t.sources &= ~sources;
                if (t.sources == 0) t.until = until;
            } else {
                t.isProtected = kind == IBlocklist.Kind.Protect;
            }
        }
    }

    function _asOf(uint16 sources) private view returns (uint40 dataAsOf) {
        (dataAsOf,) = _blocklist.freshness(sources);
    }

    function _ask() private {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            address of_ = account(i);
            bool sanctioned = _blocklist.isSanctioned(of_);
            _answers.push(Answer(of_, uint40(block.timestamp), sanctioned));
        }
    }

    function _batch(uint256 seed) private view returns (IBlocklist.Batch memory batch) {
        address[] memory accounts = _accounts(seed);
        batch.entries = new IBlocklist.Entry[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            batch.entries[i] = IBlocklist.Entry(accounts[i], uint64((seed >> 8) + i), 0);
        }
        batch.sources = uint16(bound(seed >> 128, 1, 7));
        batch.dataAsOf = uint40(block.timestamp);
        batch.manifest = keccak256(abi.encode(seed));
    }

    /// @dev One to three, the same one perhaps twice.
    function _accounts(uint256 seed) private pure returns (address[] memory accounts) {
        accounts = new address[](1 + seed % 3);
        for (uint256 i = 0; i < accounts.length; ++i) {
            accounts[i] = account(uint256(keccak256(abi.encode(seed, i))));
        }
    }
}
