// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBlocklist} from "../../contracts/IBlocklist.sol";

/// @notice A reader as the list's face asks for it: no answer is never "clear".
contract Reader {
    enum Answer {
        Unknown,
        Clear,
        Listed
    }

    function ask(address list, address account) external view returns (Answer) {
        (bool done, bytes memory answer) =
            list.staticcall(abi.encodeCall(IBlocklist.isSanctioned, (account)));
        if (!done || answer.length != 32) return Answer.Unknown;
        return abi.decode(answer, (bool)) ? Answer.Listed : Answer.Clear;
    }
}
