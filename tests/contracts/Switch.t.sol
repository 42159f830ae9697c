// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {FlagOracle} from "./Peers.sol";
import {World} from "./World.sol";

/// @notice All that a consumer of the Chainalysis oracle knows of it.
interface SanctionsList {
    function isSanctioned(address addr) external view returns (bool);
}

/// @notice A protocol that was written against that oracle: its address and its one function. It
/// knows nothing of this project.
contract Consumer {
    SanctionsList public immutable sanctionsList;

    mapping(address account => uint256) public balances;

    constructor(address oracle) {
        sanctionsList = SanctionsList(oracle);
    }

    function deposit() external payable {
        require(!sanctionsList.isSanctioned(msg.sender), "Sanctioned");
        balances[msg.sender] += msg.value;
    }

    function pay(address to, uint256 amount) external {
        require(!sanctionsList.isSanctioned(msg.sender), "Sanctioned");
        require(!sanctionsList.isSanctioned(to), "Sanctioned");
        balances[msg.sender] -= amount;
        balances[to] += amount;
    }
}

/// @notice Whoever asks the Chainalysis oracle asks the list by changing one address.
contract SwitchTest is World {
    FlagOracle private _oracle;
    Consumer private _before;
    Consumer private _after;

    function setUp() public override {
        super.setUp();
        _oracle = new FlagOracle();
        _before = new Consumer(address(_oracle));
        _after = new Consumer(address(blocklist));
    }

    function testTheAddressIsAllThatChanges() external view {
        bytes memory old = address(_before).code;
        bytes memory new_ = address(_after).code;
        assertEq(old.length, new_.length);

        // Where the two differ there stands the one address, and the other
        uint256 differing = 0;
        for (uint256 i = 0; i < old.length; ++i) {
            if (old[i] == new_[i]) continue;
            ++differing;
        }
        assertGt(differing, 0);
        assertEq(differing % _differences(address(_oracle), address(blocklist)), 0);
    }

    function testTheSameAnswersAndTheSameRefusals(address from, address to, uint96 amount)
        external
    {
        _assumeListable(from);
        _assumeListable(to);
        vm.assume(from != to);
        _fund(from, amount);

        // Nobody is listed
        _bothPay(from, to, amount, false);

        // The recipient is listed
        _oracle.addToSanctionsList(_one(to));
        _list(_batchOf(OFAC, to));
        _bothPay(from, to, 0, true);
        _bothPay(to, from, 0, true);

        // And delisted
        _oracle.removeFromSanctionsList(_one(to));
        _decide(address(blocklist), abi.encodeCall(blocklist.delist, (_batchOf(OFAC, to))));
        _bothPay(to, from, amount, false);
    }

    /// @dev What the oracle has no word for: held by signatures, at once and for a while.
    function testAHoldIsAListingToTheConsumer(address account) external {
        _assumeListable(account);
        vm.deal(account, 1);

        _hold(_batchOf(OFAC, account));
        vm.prank(account);
        vm.expectRevert("Sanctioned");
        _after.deposit{value: 1}();

        skip(TERM);
        vm.prank(account);
        _after.deposit{value: 1}();
        assertEq(_after.balances(account), 1);
    }

    function _fund(address account, uint96 amount) private {
        vm.deal(account, 2 * uint256(amount));
        vm.startPrank(account);
        _before.deposit{value: amount}();
        _after.deposit{value: amount}();
        vm.stopPrank();
    }

    function _bothPay(address from, address to, uint256 amount, bool isRefused) private {
        for (uint256 i = 0; i < 2; ++i) {
            Consumer consumer = i == 0 ? _before : _after;
            if (isRefused) vm.expectRevert("Sanctioned");
            vm.prank(from);
            consumer.pay(to, amount);
        }
        assertEq(_before.balances(to), _after.balances(to));
    }

    /// @dev In how many of their bytes two addresses differ.
    function _differences(address a, address b) private pure returns (uint256 n) {
        uint160 other = uint160(a) ^ uint160(b);
        for (; other != 0; other >>= 8) {
            if (other & 0xff != 0) ++n;
        }
    }
}
