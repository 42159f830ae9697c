// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {Blocklist} from "../../contracts/Blocklist.sol";
import {IBlocklist} from "../../contracts/IBlocklist.sol";

/// @dev Lets one caller do everything at once, and nobody else anything.
contract OneCaller {
    address private immutable _caller = msg.sender;

    function canCall(address caller, address, bytes4) external view returns (bool, uint32) {
        return (caller == _caller, 0);
    }
}

/// @notice Proved for all values, not tried on some: `halmos --contract SymbolicTest`, with
/// `FOUNDRY_AST=true`. Forge compiles this and runs none of it.
contract SymbolicTest is Test {
    uint40 private constant TERM = 7 days;

    Blocklist private _list;

    function setUp() public {
        vm.warp(1_700_000_000);
        _list = new Blocklist(address(new OneCaller()), TERM, 1000);
    }

    function _batch(address account, uint16 sources)
        private
        pure
        returns (IBlocklist.Batch memory batch)
    {
        batch.manifest = bytes32(uint256(1));
        batch.sources = sources;
        batch.entries = new IBlocklist.Entry[](1);
        batch.entries[0].account = account;
    }

    /// @dev A hold holds in each second of its term, and in none after it.
    function check_holdLapsesAtTheExactSecond(address account, uint40 wait) external {
        uint256 start = block.timestamp;
        _list.listProvisional(_batch(account, 1));
        vm.assume(wait <= 3650 days);
        vm.warp(start + wait);
        assert(_list.isSanctioned(account) == (wait < TERM));
    }

    /// @dev Whoever the authority does not know changes nothing.
    function check_onlyTheAuthorityWrites(address caller, address account, uint16 sources)
        external
    {
        vm.assume(caller != address(this) && sources != 0);
        bytes32 head = _list.head();
        vm.prank(caller);
        (bool done,) =
            address(_list).call(abi.encodeCall(IBlocklist.list, (_batch(account, sources))));
        assert(!done && _list.head() == head && !_list.isSanctioned(account));
    }

    /// @dev No act on one address changes the answer about another.
    function check_noActChangesAnother(address account, address other, uint16 sources) external {
        vm.assume(account != other && sources != 0);
        _list.listProvisional(_batch(account, sources));
        assert(!_list.isSanctioned(other));
        _list.list(_batch(account, sources));
        assert(!_list.isSanctioned(other));
        _list.delist(_batch(account, sources));
        assert(!_list.isSanctioned(other));
    }

    /// @dev A mask finds what it shares a bit with, and delisting takes exactly its bits away.
    function check_masks(address account, uint16 sources, uint16 taken, uint16 mask) external {
        vm.assume(sources & taken != 0);
        _list.list(_batch(account, sources));
        assert(_list.isSanctionedBy(account, mask) == (sources & mask != 0));
        _list.delist(_batch(account, taken));
        assert(_list.isSanctioned(account) == (sources & ~taken != 0));
        assert(_list.isSanctionedBy(account, mask) == (sources & ~taken & mask != 0));
    }

    /// @dev What was so in the past stays so after a delisting and a new listing.
    function check_delistingKeepsHistory(address account, uint40 time) external {
        uint256 start = block.timestamp;
        _list.list(_batch(account, 1));
        vm.warp(start + 100);
        _list.delist(_batch(account, 1));
        vm.warp(start + 200);
        _list.list(_batch(account, 2));
        vm.assume(time <= start + 200);
        bool listed = (start <= time && time < start + 100) || time >= start + 200;
        assert(_list.wasSanctionedAt(account, time) == listed);
    }

    /// @dev Each read that takes single values, for any of them.
    function check_noReadReverts(address account, uint16 sources, uint40 time, uint24 act)
        external
        view
    {
        bytes[7] memory reads = [
            abi.encodeCall(IBlocklist.isSanctioned, (account)),
            abi.encodeCall(IBlocklist.isSanctionedBy, (account, sources)),
            abi.encodeCall(IBlocklist.wasSanctionedAt, (account, time)),
            abi.encodeCall(IBlocklist.listingOf, (account)),
            abi.encodeCall(IBlocklist.next, (account)),
            abi.encodeCall(IBlocklist.actOf, (act)),
            abi.encodeCall(IBlocklist.episodeOf, (account, uint8(sources)))
        ];
        for (uint256 i = 0; i < reads.length; ++i) {
            (bool done,) = address(_list).staticcall(reads[i]);
            assert(done);
        }
    }
}
