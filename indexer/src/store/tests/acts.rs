//! What indexers of other chains are told of the list.

use alloy_primitives::B256;
use interdict_core::ledger::{Act, Kind};

use super::ground::{Ground, LISTED, NOW, intake, paying};
use crate::chain::Block;
use crate::store::{FinalActs, Intake, Store};
use crate::world::{Script, account, block, genesis, place};

/// Three acts, in blocks 101 and 102.
fn acts() -> Vec<Act> {
    let listed = [account(LISTED)];
    let script = Script::default()
        .act(Kind::ListProvisional, place(101, 0, 1), &listed)
        .act(Kind::List, place(102, 0, 1), &listed)
        .act(Kind::Delist, place(102, 1, 3), &listed);
    script.0
}

async fn apply(store: &Store, block: &Block, acts: &[Act]) {
    store.apply(Intake { acts: acts.to_vec(), ..intake(block) }).await.unwrap();
}

pub(super) async fn acts_are_told_once_they_are_final(ground: &Ground) {
    let store = ground.begun().await;
    let (acts, none) = (acts(), vec![]);
    let one = paying(genesis(), 1);
    let two = block(one.header, &[]);
    apply(&store, &one, &acts[..1]).await;
    apply(&store, &two, &acts[1..]).await;
    let (head, through) = (Some(B256::ZERO), None);
    assert_eq!(store.final_acts(0, 9).await.unwrap(), FinalActs { through, head, acts: none });

    store.confirm_to(one.header, NOW).await.unwrap();
    let first = FinalActs { through: Some(one.header.time), head, acts: acts[..1].to_vec() };
    assert_eq!(store.final_acts(0, 9).await.unwrap(), first);
    let unknown = store.final_acts(2, 9).await.unwrap();
    assert_eq!((unknown.head, unknown.acts), (None, vec![]), "the second may be taken back");

    store.confirm_to(two.header, NOW).await.unwrap();
    let through = Some(two.header.time);
    let told = |head, from: usize, to: usize| {
        let acts = acts[from..to].to_vec();
        FinalActs { through, head, acts }
    };
    assert_eq!(store.final_acts(0, 9).await.unwrap(), told(head, 0, 3));
    assert_eq!(store.final_acts(0, 2).await.unwrap(), told(head, 0, 2));
    assert_eq!(store.final_acts(1, 9).await.unwrap(), told(Some(acts[0].head), 1, 3));
    assert_eq!(store.final_acts(3, 9).await.unwrap(), told(Some(acts[2].head), 3, 3));
    assert_eq!(store.final_acts(4, 9).await.unwrap().head, None);
}
