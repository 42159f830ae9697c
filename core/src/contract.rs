//! The contract's face, compiled from the Solidity file itself: renaming an event there breaks the
//! build here.

#![allow(missing_docs, clippy::pedantic, clippy::all, reason = "generated from IBlocklist.sol")]

alloy_sol_types::sol!(
    #[sol(all_derives)]
    "../contracts/IBlocklist.sol"
);
