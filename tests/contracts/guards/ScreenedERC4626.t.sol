// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {Policy, Screened} from "../../../contracts/guards/Screened.sol";
import {ScreenedERC4626} from "../../../contracts/guards/ScreenedERC4626.sol";
import {World} from "../World.sol";

/// @notice A token that anyone mints, and that calls whoever it is told to in each transfer.
contract HookedAsset is ERC20("Asset", "A") {
    Accomplice public accomplice;

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function hook(Accomplice accomplice_) external {
        accomplice = accomplice_;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (address(accomplice) != address(0)) accomplice.run();
        super._update(from, to, value);
    }
}

/// @notice A holder of shares that acts from within the asset's transfer.
contract Accomplice {
    address private immutable _target;

    bytes private _data;

    uint256 public tries;
    bool public succeeded;
    bytes public answer;

    constructor(address target) {
        _target = target;
    }

    function plan(bytes calldata data) external {
        _data = data;
    }

    function run() external {
        // Once: what it does may move the asset again
        if (tries++ > 0) return;
        (succeeded, answer) = _target.call(_data);
    }
}

contract Vault is ScreenedERC4626 {
    constructor(ERC20 asset_, address registry_, Policy onUnknown_)
        ERC20("Vault", "V")
        ERC4626(asset_)
        Screened(registry_, 0, onUnknown_)
    {}
}

contract ScreenedERC4626Test is World {
    uint256 private constant ASSETS = 1e18;

    HookedAsset private _asset;
    Vault private _vault;

    function setUp() public override {
        super.setUp();
        _asset = new HookedAsset();
        _vault = new Vault(_asset, address(blocklist), Policy.Refuse);
    }

    /// @dev Three that may be listed, and hold nothing yet; also the same one in several roles.
    function _assumeRoles(address caller, address receiver, address owner) private view {
        _assumeListable(caller);
        _assumeListable(receiver);
        _assumeListable(owner);
        vm.assume(caller != address(_vault) && receiver != address(_vault));
        vm.assume(owner != address(_vault));
    }

    function _fund(address account) private {
        _asset.mint(account, ASSETS);
        vm.prank(account);
        _asset.approve(address(_vault), ASSETS);
    }

    function _deposit(address account) private {
        _fund(account);
        vm.prank(account);
        _vault.deposit(ASSETS, account);
    }

    function _refusal(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Screened.PartyListed.selector, account);
    }

    /// @dev Calls the vault: done if nobody of those involved is listed, and without effect if not.
    function _check(address caller, bytes memory data, bool refused) private {
        uint256 supply = _vault.totalSupply();
        vm.prank(caller);
        (bool done,) = address(_vault).call(data);
        assertEq(done, !refused);
        if (refused) assertEq(_vault.totalSupply(), supply);
    }

    function testDeposit(address caller, address receiver, uint8 who, bool byShares) external {
        _assumeRoles(caller, receiver, caller);
        _fund(caller);
        address[3] memory candidates = [caller, receiver, address(0x1157ed)];
        address listed = candidates[who % 3];
        _list(_batchOf(OFAC, listed));

        bytes memory data = byShares
            ? abi.encodeCall(_vault.mint, (ASSETS, receiver))
            : abi.encodeCall(_vault.deposit, (ASSETS, receiver));
        _check(caller, data, listed == caller || listed == receiver);
    }

    function testListedCallerIsNamed(address caller, address receiver) external {
        _assumeRoles(caller, receiver, receiver);
        vm.assume(caller != receiver);
        _fund(caller);
        _list(_batchOf(OFAC, caller));
        vm.prank(caller);
        vm.expectRevert(_refusal(caller));
        _vault.deposit(ASSETS, receiver);
    }

    function testWithdraw(
        address caller,
        address receiver,
        address owner,
        uint8 who,
        bool byShares
    ) external {
        _assumeRoles(caller, receiver, owner);
        _deposit(owner);
        vm.prank(owner);
        _vault.approve(caller, ASSETS);
        address[4] memory candidates = [caller, receiver, owner, address(0x1157ed)];
        address listed = candidates[who % 4];
        _list(_batchOf(OFAC, listed));

        bytes memory data = byShares
            ? abi.encodeCall(_vault.redeem, (ASSETS, receiver, owner))
            : abi.encodeCall(_vault.withdraw, (ASSETS, receiver, owner));
        _check(caller, data, listed == caller || listed == receiver || listed == owner);
    }

    function testListedReceiverIsNamed(address owner, address receiver) external {
        _assumeRoles(owner, receiver, owner);
        vm.assume(owner != receiver);
        _deposit(owner);
        _list(_batchOf(OFAC, receiver));
        vm.prank(owner);
        vm.expectRevert(_refusal(receiver));
        _vault.redeem(ASSETS, receiver, owner);
    }

    function testShares(address spender, address from, address to, uint8 who) external {
        _assumeRoles(spender, to, from);
        _deposit(from);
        address[4] memory candidates = [spender, from, to, address(0x1157ed)];
        address listed = candidates[who % 4];
        _list(_batchOf(OFAC, listed));

        // Approvals are not screened: what they allow is
        vm.prank(from);
        assertTrue(_vault.approve(spender, ASSETS));
        bytes memory data = abi.encodeCall(_vault.transferFrom, (from, to, ASSETS));
        _check(spender, data, listed == spender || listed == from || listed == to);
    }

    function testLimits(address account, address other) external {
        _assumeRoles(account, other, account);
        vm.assume(account != other);
        _deposit(account);
        assertEq(_vault.maxDeposit(account), type(uint256).max);
        assertEq(_vault.maxMint(account), type(uint256).max);
        assertEq(_vault.maxRedeem(account), ASSETS);
        assertEq(_vault.maxWithdraw(account), ASSETS);

        _list(_batchOf(OFAC, account));
        assertEq(_vault.maxDeposit(account), 0);
        assertEq(_vault.maxMint(account), 0);
        assertEq(_vault.maxRedeem(account), 0);
        assertEq(_vault.maxWithdraw(account), 0);
        vm.prank(other);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, account, ASSETS, 0)
        );
        _vault.deposit(ASSETS, account);
    }

    function testRegistryGone(address account) external {
        _assumeRoles(account, account, account);
        Vault open = new Vault(_asset, address(blocklist), Policy.Allow);
        _deposit(account);
        vm.etch(address(blocklist), "");

        assertEq(_vault.maxRedeem(account), 0);
        _check(account, abi.encodeCall(_vault.redeem, (1, account, account)), true);
        vm.prank(account);
        vm.expectRevert(abi.encodeWithSelector(Screened.RegistryUnavailable.selector, account));
        _vault.transfer(address(this), 1);

        _asset.mint(account, ASSETS);
        vm.startPrank(account);
        _asset.approve(address(open), ASSETS);
        open.deposit(ASSETS, account);
        assertEq(open.redeem(ASSETS, account, account), ASSETS);
    }

    /// @dev From within a clean party's deposit or withdrawal, a listed holder can do no more than
    /// from without, and a clean one no less.
    function testReentrancyWidensNothing(address account, uint8 what, bool inDeposit, bool listed)
        external
    {
        _assumeRoles(account, account, account);
        Accomplice accomplice = new Accomplice(address(_vault));
        vm.assume(account != address(accomplice));
        _deposit(address(accomplice));
        _deposit(account);
        _fund(account);
        if (listed) _list(_batchOf(OFAC, address(accomplice)));

        bytes[3] memory plans = [
            abi.encodeCall(_vault.transfer, (account, 1)),
            abi.encodeCall(_vault.redeem, (1, account, address(accomplice))),
            abi.encodeCall(_vault.deposit, (0, account))
        ];
        accomplice.plan(plans[what % 3]);
        _asset.hook(accomplice);

        uint256 held = _vault.balanceOf(address(accomplice));
        vm.prank(account);
        if (inDeposit) _vault.deposit(ASSETS, account);
        else _vault.redeem(ASSETS, account, account);

        assertGt(accomplice.tries(), 0, "the hook never ran");
        assertEq(accomplice.succeeded(), !listed);
        if (listed) assertEq(_vault.balanceOf(address(accomplice)), held);
    }
}
