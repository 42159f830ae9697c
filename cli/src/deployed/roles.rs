//! Who may do what, after which delay: one table, by which a deployment sets the roles and by which
//! it and the doctor assert them.

use std::collections::{BTreeMap, BTreeSet};

use alloy::eips::BlockId;
use alloy::primitives::{Address, FixedBytes};
use alloy::rpc::types::Filter;
use alloy::sol_types::{SolCall, SolEvent};
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::deployment::Delays;

use crate::bindings::{AccessManager, Seats};
use crate::chain::{Chain, Pinned};
use crate::list;

pub(crate) const ADMIN: u64 = 0;
const VETO: u64 = 6;

type Selector = FixedBytes<4>;

/// Where the contracts are, and who the guardian and the keeper are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) access_manager: Address,
    pub(crate) seats: Address,
    pub(crate) council: Address,
    pub(crate) signed_act: Address,
    pub(crate) blocklist: Address,
    pub(crate) guardian: Option<Address>,
    pub(crate) keeper: Option<Address>,
    pub(crate) delays: Delays,
}

/// One role of the table.
struct Role {
    id: u64,
    name: &'static str,
    holder: Option<Address>,
    delay_seconds: u32,
    target: Address,
    functions: Vec<[u8; 4]>,
    guarded: bool,
}

/// What an access manager says, or should say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoleSet {
    /// The execution delay of each (role, holder).
    pub(crate) members: BTreeMap<(u64, Address), u32>,
    /// The role of each (target, selector); absent means ADMIN.
    functions: BTreeMap<(Address, Selector), u64>,
    /// The guardian of each role; absent means ADMIN.
    guardians: BTreeMap<u64, u64>,
    /// What the table never sets and nobody should have set.
    strange: BTreeSet<String>,
}

fn table(parts: &Parts) -> Vec<Role> {
    let (council, waits) = (Some(parts.council), &parts.delays);
    let role = |id, name, holder, delay_seconds, target, functions: &[[u8; 4]], guarded| Role {
        id,
        name,
        holder,
        delay_seconds,
        target,
        functions: functions.to_vec(),
        guarded,
    };
    let (list, seats) = (parts.blocklist, parts.seats);
    let protector = [IBlocklist::protectCall::SELECTOR, IBlocklist::unprotectCall::SELECTOR];
    let emergency = [IBlocklist::listProvisionalCall::SELECTOR, IBlocklist::retractCall::SELECTOR];
    let membership = [Seats::addCall::SELECTOR, Seats::removeCall::SELECTOR];
    let many = [IBlocklist::delistManyCall::SELECTOR];
    let signed = Some(parts.signed_act);
    vec![
        role(1, "LISTER", council, 0, list, &[IBlocklist::listCall::SELECTOR], false),
        role(
            2,
            "DELISTER",
            council,
            waits.delist_seconds,
            list,
            &[IBlocklist::delistCall::SELECTOR],
            true,
        ),
        role(3, "EMERGENCY", signed, 0, list, &emergency, false),
        role(4, "MEMBERSHIP", council, waits.membership_seconds, seats, &membership, true),
        role(5, "PROTECTOR", council, waits.protection_seconds, list, &protector, false),
        role(VETO, "VETO", parts.guardian, 0, Address::ZERO, &[], false),
        role(7, "KEEPER", parts.keeper, 0, list, &[IBlocklist::attestCall::SELECTOR], false),
        role(8, "MASS_DELISTER", council, waits.mass_delist_seconds, list, &many, true),
        // The last: from here on the deployer's own role can be given up.
        role(ADMIN, "ADMIN", council, waits.rules_seconds, Address::ZERO, &[], false),
    ]
}

/// The calls by which the access manager's deployer sets the table and gives up its own role.
pub(crate) fn hand_over(parts: &Parts, deployer: Address) -> Vec<Vec<u8>> {
    let own = vec![parts.access_manager, parts.seats, parts.council, parts.signed_act];
    let protect = IBlocklist::protectCall { accounts: own }.abi_encode();
    let target = parts.blocklist;
    let mut calls = vec![AccessManager::executeCall { target, data: protect.into() }.abi_encode()];
    for role in table(parts) {
        if !role.functions.is_empty() {
            let selectors = role.functions.iter().copied().map(Selector::from).collect();
            let (target, role_id) = (role.target, role.id);
            let call =
                AccessManager::setTargetFunctionRoleCall { target, selectors, roleId: role_id };
            calls.push(call.abi_encode());
        }
        if role.guarded {
            let call = AccessManager::setRoleGuardianCall { roleId: role.id, guardian: VETO };
            calls.push(call.abi_encode());
        }
        if role.id != ADMIN {
            let label = role.name.to_owned();
            calls.push(AccessManager::labelRoleCall { roleId: role.id, label }.abi_encode());
        }
        if let Some(account) = role.holder {
            let (role_id, delay) = (role.id, role.delay_seconds);
            let call =
                AccessManager::grantRoleCall { roleId: role_id, account, executionDelay: delay };
            calls.push(call.abi_encode());
        }
    }
    let renounce = AccessManager::renounceRoleCall { roleId: ADMIN, callerConfirmation: deployer };
    calls.push(renounce.abi_encode());
    calls
}

/// What the access manager should say.
pub(crate) fn expected(parts: &Parts) -> RoleSet {
    let mut set = RoleSet::default();
    for role in table(parts) {
        if let Some(holder) = role.holder {
            set.members.insert((role.id, holder), role.delay_seconds);
        }
        for function in role.functions {
            set.functions.insert((role.target, function.into()), role.id);
        }
        if role.guarded {
            set.guardians.insert(role.id, VETO);
        }
    }
    set
}

/// Reads what the access manager says: its whole event log tells what to ask about, its state at
/// the block answers.
pub(crate) async fn read(
    chain: &Chain,
    manager: Address,
    from_block: u64,
    at: Pinned,
) -> Result<RoleSet> {
    let filter = Filter::new().address(manager);
    let logs = list::logs(chain, &filter, from_block, at.number).await?;
    let mut set = RoleSet::default();
    for log in &logs {
        let data = &log.inner.data;
        if let Ok(e) = AccessManager::RoleGranted::decode_log_data(data) {
            member(chain, manager, at.id(), e.roleId, e.account, &mut set).await?;
        } else if let Ok(e) = AccessManager::TargetFunctionRoleUpdated::decode_log_data(data) {
            let (target, selector) = (e.target, e.selector);
            let call = AccessManager::getTargetFunctionRoleCall { target, selector };
            let role = chain.ask(manager, &call, at.id()).await?;
            if role != ADMIN {
                set.functions.insert((target, selector), role);
            }
        } else if let Ok(e) = AccessManager::RoleGuardianChanged::decode_log_data(data) {
            let call = AccessManager::getRoleGuardianCall { roleId: e.roleId };
            let guardian = chain.ask(manager, &call, at.id()).await?;
            if guardian != ADMIN {
                set.guardians.insert(e.roleId, guardian);
            }
        } else if let Some(strange) = strange(chain, manager, data, at.id()).await? {
            set.strange.insert(strange);
        }
    }
    Ok(set)
}

async fn member(
    chain: &Chain,
    manager: Address,
    at: BlockId,
    role: u64,
    account: Address,
    set: &mut RoleSet,
) -> Result<()> {
    let call = AccessManager::getAccessCall { roleId: role, account };
    let access = chain.ask(manager, &call, at).await?;
    // A grant that has not begun is shown as well: it will.
    if access.since != alloy::primitives::aliases::U48::ZERO {
        set.members.insert((role, account), access.currentDelay);
    }
    if access.effect != alloy::primitives::aliases::U48::ZERO {
        let (old, new) = (access.currentDelay, access.pendingDelay);
        let text =
            format!("the delay of role {role} for {account} is changing: {old} s to {new} s");
        set.strange.insert(text);
    }
    Ok(())
}

/// Settings that no deployment makes, where they are in force now.
async fn strange(
    chain: &Chain,
    manager: Address,
    log: &alloy::primitives::LogData,
    at: BlockId,
) -> Result<Option<String>> {
    if let Ok(e) = AccessManager::TargetClosed::decode_log_data(log) {
        let call = AccessManager::isTargetClosedCall { target: e.target };
        let closed = chain.ask(manager, &call, at).await?;
        return Ok(closed.then(|| format!("the target {} is closed", e.target)));
    }
    if let Ok(e) = AccessManager::RoleAdminChanged::decode_log_data(log) {
        let call = AccessManager::getRoleAdminCall { roleId: e.roleId };
        let admin = chain.ask(manager, &call, at).await?;
        return Ok((admin != ADMIN).then(|| format!("role {} has the admin {admin}", e.roleId)));
    }
    if let Ok(e) = AccessManager::RoleGrantDelayChanged::decode_log_data(log) {
        // A grant of a role that waits is stricter than the table, but not the table.
        let text = format!("role {} has or had a grant delay of {} s", e.roleId, e.delay);
        return Ok((e.delay != 0).then_some(text));
    }
    if let Ok(e) = AccessManager::TargetAdminDelayUpdated::decode_log_data(log) {
        let text = format!("the target {} has or had an admin delay of {} s", e.target, e.delay);
        return Ok((e.delay != 0).then_some(text));
    }
    Ok(None)
}

impl RoleSet {
    /// What is not as it should be, in sentences.
    pub(crate) fn differences(&self, expected: &Self, parts: &Parts) -> Vec<String> {
        let names: BTreeMap<u64, &str> = table(parts).iter().map(|r| (r.id, r.name)).collect();
        let name = |role: &u64| names.get(role).copied().unwrap_or("of no name");
        let mut found = Vec::new();
        for (key, (is, should)) in pairs(&self.members, &expected.members) {
            let (role, account) = (name(&key.0), key.1);
            found.push(match (is, should) {
                (Some(is), Some(should)) => {
                    format!("{account} has the role {role} with a delay of {is} s, not {should} s")
                }
                (Some(_), None) => format!("{account} has the role {role} and should not"),
                _ => format!("{account} lacks the role {role}"),
            });
        }
        for ((target, selector), (is, should)) in pairs(&self.functions, &expected.functions) {
            let (is, should) = (name(is.unwrap_or(&ADMIN)), name(should.unwrap_or(&ADMIN)));
            found.push(format!("function {selector} of {target} is for {is}, not for {should}"));
        }
        for (role, (is, should)) in pairs(&self.guardians, &expected.guardians) {
            let (is, should) = (name(is.unwrap_or(&ADMIN)), name(should.unwrap_or(&ADMIN)));
            found.push(format!("the role {} is guarded by {is}, not by {should}", name(role)));
        }
        found.extend(self.strange.difference(&expected.strange).cloned());
        found
    }
}

type Pair<'a, V> = (Option<&'a V>, Option<&'a V>);

/// Each key whose values differ, with what is and what should be.
fn pairs<'a, K: Ord, V: PartialEq>(
    is: &'a BTreeMap<K, V>,
    should: &'a BTreeMap<K, V>,
) -> Vec<(&'a K, Pair<'a, V>)> {
    let keys: BTreeSet<&K> = is.keys().chain(should.keys()).collect();
    keys.into_iter()
        .map(|key| (key, (is.get(key), should.get(key))))
        .filter(|(_, (is, should))| is != should)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts {
        let part = Address::repeat_byte;
        Parts {
            access_manager: part(1),
            seats: part(2),
            council: part(3),
            signed_act: part(4),
            blocklist: part(5),
            guardian: Some(part(6)),
            keeper: Some(part(7)),
            delays: Delays::DEFAULT,
        }
    }

    #[test]
    fn every_kind_of_difference_is_named() {
        let exact = expected(&parts());
        assert_eq!(exact.differences(&exact, &parts()), Vec::<String>::new());

        let check = |change: fn(&mut RoleSet), expected: &str| {
            let mut changed = exact.clone();
            change(&mut changed);
            let found = changed.differences(&exact, &parts());
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(expected), "{found:?}");
        };
        check(
            |set| _ = set.members.insert((ADMIN, Address::repeat_byte(0x66)), 0),
            "has the role ADMIN and should not",
        );
        check(
            |set| _ = set.members.insert((2, Address::repeat_byte(3)), 0),
            "delay of 0 s, not 86400 s",
        );
        check(|set| _ = set.members.pop_last(), "lacks the role MASS_DELISTER");
        check(|set| _ = set.members.remove(&(7, Address::repeat_byte(7))), "lacks the role KEEPER");
        check(|set| _ = set.functions.pop_first(), "is for ADMIN, not for");
        check(|set| _ = set.guardians.insert(1, VETO), "the role LISTER is guarded by VETO");
        check(|set| _ = set.strange.insert("a target is closed".into()), "closed");
    }

    #[test]
    fn the_hand_over_ends_with_the_deployers_own_role() {
        let calls = hand_over(&parts(), Address::repeat_byte(9));
        let last = calls.last().unwrap();
        assert!(last.starts_with(&AccessManager::renounceRoleCall::SELECTOR));
        assert!(calls[0].starts_with(&AccessManager::executeCall::SELECTOR));
    }
}
