//! The contracts' bindings and bytecode, compiled from the committed artifacts. The list's own face
//! comes from the shared words.

#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::pedantic,
    clippy::all,
    reason = "generated from the artifacts"
)]

pub(crate) use interdict_core::contract::IBlocklist;

pub(crate) use access_manager::AccessManager;
pub(crate) use blocklist::Blocklist;
pub(crate) use council::Council;
pub(crate) use seats::Seats;
pub(crate) use signed_act::SignedAct;

mod access_manager {
    alloy::sol!(
        #[sol(all_derives)]
        AccessManager,
        "../contracts/artifacts/AccessManager.json"
    );
}

mod seats {
    alloy::sol!(
        #[sol(all_derives)]
        Seats,
        "../contracts/artifacts/Seats.json"
    );
}

mod council {
    alloy::sol!(
        #[sol(all_derives)]
        Council,
        "../contracts/artifacts/Council.json"
    );
}

pub(crate) mod signed_act {
    alloy::sol!(
        #[sol(all_derives)]
        SignedAct,
        "../contracts/artifacts/SignedAct.json"
    );
}

mod blocklist {
    alloy::sol!(
        #[sol(all_derives)]
        Blocklist,
        "../contracts/artifacts/Blocklist.json"
    );
}

/// What a revert's data say, in the words of our own contracts.
pub(crate) fn explain_revert(data: &[u8]) -> String {
    use alloy::sol_types::SolInterface;

    if let Ok(error) = IBlocklist::IBlocklistErrors::abi_decode(data) {
        return crate::foresight::revert::words(&error);
    }
    if let Ok(error) = signed_act::SignedAct::SignedActErrors::abi_decode(data) {
        return inner(format!("{error:?}"));
    }
    if let Ok(error) = Council::CouncilErrors::abi_decode(data) {
        return inner(format!("{error:?}"));
    }
    if let Ok(error) = AccessManager::AccessManagerErrors::abi_decode(data) {
        return inner(format!("{error:?}"));
    }
    if let Ok(error) = Seats::SeatsErrors::abi_decode(data) {
        return inner(format!("{error:?}"));
    }
    alloy::sol_types::decode_revert_reason(data)
        .unwrap_or_else(|| format!("unknown error {}", alloy::hex::encode_prefixed(data)))
}

/// `Name(Name { … })`, as the generated enums show themselves, without the repetition.
fn inner(shown: String) -> String {
    shown
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .map_or_else(|| shown.clone(), str::to_owned)
}
