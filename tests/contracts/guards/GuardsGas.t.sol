// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {IBlocklist} from "../../../contracts/IBlocklist.sol";
import {Answer, ask} from "../../../contracts/guards/Ask.sol";
import {Operation} from "../../../contracts/guards/ISafeGuard.sol";
import {Policy, Screened} from "../../../contracts/guards/Screened.sol";
import {ScreenedERC20} from "../../../contracts/guards/ScreenedERC20.sol";
import {ScreenedERC4626} from "../../../contracts/guards/ScreenedERC4626.sol";
import {ScreenedSafeGuard} from "../../../contracts/guards/ScreenedSafeGuard.sol";
import {DemoToken} from "../DemoToken.sol";
import {World} from "../World.sol";
import {SafeDouble, SafeTransaction} from "./SafeDouble.sol";

contract PlainToken is ERC20("Token", "T") {
    constructor(address holder) {
        _mint(holder, 1000);
    }
}

contract ScreenedToken is ScreenedERC20 {
    constructor(address holder, address registry_)
        ERC20("Token", "T")
        Screened(registry_, 0, Policy.Refuse)
    {
        _mint(holder, 1000);
    }
}

contract PlainVault is ERC4626 {
    constructor(ERC20 asset_) ERC20("Vault", "V") ERC4626(asset_) {}
}

contract ScreenedVault is ScreenedERC4626 {
    constructor(ERC20 asset_, address registry_)
        ERC20("Vault", "V")
        ERC4626(asset_)
        Screened(registry_, 0, Policy.Refuse)
    {}
}

/// @notice Both parties, asked about in two questions and in one.
contract Both {
    function inTwo(address registry, address from, address to) external view returns (bool) {
        return ask(registry, 0, from) == Answer.Clear && ask(registry, 0, to) == Answer.Clear;
    }

    function inOne(IBlocklist registry, address from, address to) external view returns (bool) {
        address[] memory accounts = new address[](2);
        (accounts[0], accounts[1]) = (from, to);
        bool[] memory answers = registry.areSanctioned(accounts);
        return !answers[0] && !answers[1];
    }
}

/// @notice What the guards cost, kept in snapshots/Guards.json: whole transactions, with a guard
/// less the same without.
contract GuardsGasTest is World {
    address private constant TO = address(0xabcdef);

    function _with(string memory what) private returns (uint256) {
        return vm.snapshotGasLastCall("Guards", string.concat(what, ", transaction"));
    }

    function _without() private view returns (uint256) {
        return vm.lastCallGas().gasTotalUsed;
    }

    function _more(string memory what, uint256 with, uint256 without) private {
        assertGt(with, without + 2600, "nobody was asked");
        vm.snapshotValue("Guards", string.concat(what, ", what the guard adds"), with - without);
    }

    /// forge-config: default.isolate = true
    function testBothParties() external {
        Both both = new Both();
        both.inTwo(address(blocklist), address(this), TO);
        uint256 inTwo = vm.snapshotGasLastCall("Guards", "both parties in two questions");
        both.inOne(blocklist, address(this), TO);
        uint256 inOne = vm.snapshotGasLastCall("Guards", "both parties in one question");
        assertLt(inTwo, inOne, "ask in one question");
    }

    /// forge-config: default.isolate = true
    function testTransfer() external {
        PlainToken plain = new PlainToken(address(this));
        ScreenedToken screened = new ScreenedToken(address(this), address(blocklist));
        plain.transfer(TO, 1);
        uint256 without = _without();
        screened.transfer(TO, 1);
        _more("ERC-20 transfer", _with("ERC-20 transfer"), without);
    }

    /// forge-config: default.isolate = true
    function testVault() external {
        PlainToken asset = new PlainToken(address(this));
        PlainVault plain = new PlainVault(asset);
        ScreenedVault screened = new ScreenedVault(asset, address(blocklist));
        asset.approve(address(plain), 1000);
        asset.approve(address(screened), 1000);

        plain.deposit(100, address(this));
        uint256 without = _without();
        screened.deposit(100, address(this));
        _more("ERC-4626 deposit", _with("ERC-4626 deposit"), without);

        asset.transfer(TO, 1);
        plain.redeem(50, TO, address(this));
        without = _without();
        screened.redeem(50, TO, address(this));
        _more("ERC-4626 redeem to another", _with("ERC-4626 redeem to another"), without);
    }

    /// forge-config: default.isolate = true
    function testSafe() external {
        DemoToken token = new DemoToken();
        (SafeDouble plain, SafeDouble guarded) = (new SafeDouble(), new SafeDouble());
        token.mint(address(plain), 100);
        token.mint(address(guarded), 100);
        ScreenedSafeGuard guard = new ScreenedSafeGuard(address(blocklist), 0, Policy.Refuse);
        vm.startPrank(address(guarded));
        guarded.setGuard(address(guard));
        guarded.setModuleGuard(address(guard));
        vm.stopPrank();

        bytes memory data = abi.encodeCall(IERC20.transfer, (TO, 1));
        token.mint(TO, 1);
        SafeTransaction memory t =
            SafeTransaction(address(token), 0, data, Operation.Call, 0, payable(address(0)));
        plain.execTransaction(t);
        uint256 without = _without();
        guarded.execTransaction(t);
        _more("Safe transfer", _with("Safe transfer"), without);

        plain.execTransactionFromModule(address(token), 0, data, Operation.Call);
        without = _without();
        guarded.execTransactionFromModule(address(token), 0, data, Operation.Call);
        _more("Safe module transfer", _with("Safe module transfer"), without);
    }
}
