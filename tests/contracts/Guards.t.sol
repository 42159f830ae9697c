// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

import {ERC20Screened} from "../../contracts/guards/ERC20Screened.sol";
import {ERC4626Screened} from "../../contracts/guards/ERC4626Screened.sol";
import {ERC7943Screened} from "../../contracts/guards/ERC7943Screened.sol";
import {SafeScreen} from "../../contracts/guards/SafeScreen.sol";
import {Screened, Unavailable} from "../../contracts/guards/Screened.sol";
import {DemoToken} from "./DemoToken.sol";
import {World} from "./World.sol";

contract Venue is Screened {
    uint256 public trades;

    constructor(address registry, Unavailable policy) Screened(registry, policy) {}

    function trade(address from, address to) external screened(from, to) {
        ++trades;
    }
}

contract Token is ERC7943Screened {
    constructor(address registry, Unavailable policy)
        ERC20("Screened", "SCR")
        Screened(registry, policy)
    {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

contract Vault is ERC4626Screened {
    constructor(IERC20 asset, address registry, Unavailable policy)
        ERC20("Vault", "VLT")
        ERC4626(asset)
        Screened(registry, policy)
    {}
}

/// @dev Answers what no registry answers.
contract Broken {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return _answer;
    }
}

/// @notice What an integrator gets, on the real list.
contract GuardsTest is World {
    address private constant BAD = address(0xbad);
    address private constant GOOD = address(0x900d);

    Venue private _venue;
    Token private _token;
    Vault private _vault;
    DemoToken private _asset;
    SafeScreen private _screen;

    function setUp() public override {
        super.setUp();
        address list = address(blocklist);
        _venue = new Venue(list, Unavailable.Refuse);
        _token = new Token(list, Unavailable.Refuse);
        _asset = new DemoToken();
        _vault = new Vault(_asset, list, Unavailable.Refuse);
        _screen = new SafeScreen(list, Unavailable.Refuse);
        _token.mint(BAD, 100);
        _token.mint(GOOD, 100);
        _list(_batchOf(OFAC, BAD));
    }

    function _expectSanctioned() private {
        vm.expectRevert(abi.encodeWithSelector(Screened.SanctionedParty.selector, BAD));
    }

    /* SCREENED */

    function testBothParties(address other) external {
        vm.assume(other != BAD);
        _expectSanctioned();
        _venue.trade(BAD, other);
        _expectSanctioned();
        _venue.trade(other, BAD);
        _venue.trade(other, other);
        assertEq(_venue.trades(), 1);

        _delist(_batchOf(OFAC, BAD));
        _venue.trade(BAD, other);
        assertEq(_venue.trades(), 2);
    }

    function testNoCodeAtConstruction(address registry) external {
        vm.assume(registry.code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(Screened.NotARegistry.selector, registry));
        new Venue(registry, Unavailable.Refuse);
        vm.expectRevert(abi.encodeWithSelector(Screened.NotARegistry.selector, registry));
        new SafeScreen(registry, Unavailable.Allow);
    }

    /// @dev No answer, an answer that is too short or too long, and one that is neither yes nor no.
    function testUnavailable(uint256 neither) external {
        neither = bound(neither, 2, type(uint256).max);
        bytes[4] memory answers =
            [bytes(""), hex"01", abi.encodePacked(uint256(0), uint256(0)), abi.encode(neither)];
        for (uint256 i = 0; i < answers.length; ++i) {
            address broken = address(new Broken(answers[i]));
            Venue strict = new Venue(broken, Unavailable.Refuse);
            vm.expectRevert(abi.encodeWithSelector(Screened.RegistryUnavailable.selector, broken));
            strict.trade(GOOD, GOOD);

            Venue lenient = new Venue(broken, Unavailable.Allow);
            lenient.trade(GOOD, GOOD);
            assertEq(lenient.trades(), 1);
        }
    }

    /// @dev Whoever gives too little gas for the question gets nothing, also where no answer is
    /// good enough.
    function testStarvedOfGas(uint256 limit) external {
        Venue lenient = new Venue(address(blocklist), Unavailable.Allow);
        limit = bound(limit, 0, 60_000);
        (bool done,) = address(lenient).call{gas: limit}(abi.encodeCall(Venue.trade, (GOOD, BAD)));
        assertFalse(done);
        assertEq(lenient.trades(), 0);
    }

    /* ERC-20 */

    function testToken(uint256 value) external {
        value = bound(value, 0, 100);
        _expectSanctioned();
        vm.prank(BAD);
        _token.transfer(GOOD, value);
        _expectSanctioned();
        vm.prank(GOOD);
        _token.transfer(BAD, value);
        _expectSanctioned();
        _token.mint(BAD, value);

        // Moving another's tokens is taking part
        vm.prank(GOOD);
        _token.approve(BAD, value);
        _expectSanctioned();
        vm.prank(BAD);
        _token.transferFrom(GOOD, address(this), value);

        vm.prank(GOOD);
        _token.transfer(address(this), value);
        assertEq(_token.balanceOf(address(this)), value);
    }

    /* ERC-7943 */

    function testAnswersBeforehand(uint256 value) external {
        assertFalse(_token.canSend(BAD) || _token.canReceive(BAD));
        assertTrue(_token.canSend(GOOD) && _token.canReceive(GOOD));
        assertFalse(_token.canTransfer(BAD, GOOD, 0) || _token.canTransfer(GOOD, BAD, 0));
        assertFalse(_token.canTransfer(GOOD, address(0), 0));

        // What it says is what happens
        vm.prank(GOOD);
        (bool done,) =
            address(_token).call(abi.encodeCall(IERC20.transfer, (address(this), value)));
        assertEq(_token.canTransfer(GOOD, address(this), value) && !done, false);
        assertEq(done, value <= 100);
    }

    function testAnswersWithoutARegistry() external {
        address broken = address(new Broken(""));
        assertFalse(new Token(broken, Unavailable.Refuse).canSend(GOOD));
        assertTrue(new Token(broken, Unavailable.Allow).canSend(GOOD));
    }

    /* ERC-4626 */

    function _fund(address account) private {
        _asset.mint(account, 100);
        vm.prank(account);
        _asset.approve(address(_vault), type(uint256).max);
    }

    function testVault() external {
        _fund(BAD);
        _fund(GOOD);

        // Not in: as payer, as receiver
        _expectSanctioned();
        vm.prank(BAD);
        _vault.deposit(10, GOOD);
        assertEq(_vault.maxDeposit(BAD), 0);
        assertEq(_vault.maxMint(BAD), 0);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxDeposit.selector, BAD, 10, 0)
        );
        vm.prank(GOOD);
        _vault.deposit(10, BAD);

        vm.startPrank(GOOD);
        _vault.deposit(50, GOOD);

        // Not out: as the one who is paid, or by a listed spender, or to one
        _expectSanctioned();
        _vault.withdraw(10, BAD, GOOD);
        _expectSanctioned();
        _vault.redeem(10, BAD, GOOD);
        _expectSanctioned();
        _vault.transfer(BAD, 10);
        _vault.approve(BAD, 10);
        vm.stopPrank();
        _expectSanctioned();
        vm.prank(BAD);
        _vault.withdraw(10, GOOD, GOOD);

        vm.prank(GOOD);
        _vault.withdraw(10, GOOD, GOOD);
        assertEq(_asset.balanceOf(GOOD), 60);
    }

    /// @dev Listed after it had deposited: what is in stays in.
    function testVaultOfALateListing() external {
        address late = address(0x1a7e);
        _fund(late);
        vm.prank(late);
        _vault.deposit(50, late);
        _hold(_batchOf(OFAC, late));

        assertEq(_vault.maxRedeem(late), 0);
        assertEq(_vault.maxWithdraw(late), 0);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, late, 10, 0)
        );
        vm.prank(late);
        _vault.redeem(10, late, late);

        skip(TERM);
        vm.prank(late);
        _vault.redeem(50, late, late);
        assertEq(_asset.balanceOf(late), 100);
    }

    /* SAFE */

    /// @dev Both ways through the guard, as the Safe at this address.
    function _ask(address to, bytes memory data, uint8 operation) private view {
        _screen.checkTransaction(
            to, 0, data, operation, 0, 0, 0, address(0), payable(0), "", address(this)
        );
    }

    function _askModule(address to, bytes memory data, uint8 operation) private view {
        _screen.checkModuleTransaction(to, 0, data, operation, address(this));
    }

    function testSafe(address other) external {
        vm.assume(other != BAD && other != address(this));
        bytes[5] memory refused = [
            abi.encodeCall(IERC20.transfer, (BAD, 1)),
            abi.encodeCall(IERC20.approve, (BAD, 1)),
            abi.encodeCall(IERC20.transferFrom, (BAD, other, 1)),
            abi.encodeCall(IERC20.transferFrom, (other, BAD, 1)),
            bytes("")
        ];
        for (uint256 i = 0; i < refused.length; ++i) {
            address to = i < 4 ? other : BAD;
            _expectSanctioned();
            _ask(to, refused[i], 0);
            _expectSanctioned();
            _askModule(to, refused[i], 0);
        }

        _ask(other, abi.encodeCall(IERC20.transfer, (other, 1)), 0);
        _askModule(other, abi.encodeCall(IERC20.transferFrom, (other, other, 1)), 0);
        _ask(other, hex"a9059cbb", 0);

        // Cut short, as old tokens take it: the value's last byte is zero
        bytes memory short = abi.encodeCall(IERC20.transfer, (BAD, 256));
        assembly ("memory-safe") {
            mstore(short, 67)
        }
        _expectSanctioned();
        _ask(other, short, 0);

        // Whom the transaction's gas is paid to
        _expectSanctioned();
        _screen.checkTransaction(
            other, 0, "", 0, 0, 0, 0, address(0), payable(BAD), "", address(this)
        );
    }

    function testSafeDelegatecall(address to, bytes calldata data) external {
        bytes memory refusal = abi.encodeWithSelector(SafeScreen.DelegatecallRefused.selector, to);
        vm.expectRevert(refusal);
        _ask(to, data, 1);
        vm.expectRevert(refusal);
        _askModule(to, data, 1);
    }

    /// @dev The guard can be taken off, whatever has become of the registry.
    function testSafeIsNeverLockedIn(bytes calldata data) external {
        address broken = address(new Broken(""));
        _screen = new SafeScreen(broken, Unavailable.Refuse);
        _ask(address(this), data, 0);
        _askModule(address(this), data, 0);

        vm.expectRevert(abi.encodeWithSelector(Screened.RegistryUnavailable.selector, broken));
        _ask(GOOD, data, 0);
    }

    function testSafeInterfaces() external view {
        // As the Safe asks for them, of transaction guards and of module guards
        assertTrue(_screen.supportsInterface(0xe6d7a83a));
        assertTrue(_screen.supportsInterface(0x58401ed8));
        assertTrue(_screen.supportsInterface(type(IERC165).interfaceId));
        assertFalse(_screen.supportsInterface(0xffffffff));
        _screen.checkAfterExecution(0, true);
        _screen.checkAfterModuleExecution(0, true);
    }
}
