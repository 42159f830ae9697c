//! A small sweep: enough to see within seconds that a crash loses nothing. `make sweep` is the
//! whole one.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use interdict_sweep::calls::{Blow, CALLS, Calls, FILE_CALLS, SYNC_CALLS, Tool};
use interdict_sweep::database::{Ground, Server};
use interdict_sweep::moments;
use interdict_sweep::play::Stand;
use tokio::sync::OnceCell;

/// Lives that are killed at random moments, on each database.
const KILLS: u32 = 10;
const SEED: u64 = 1;
/// Quiet blocks of the recorded run.
const QUIET_BLOCKS: u64 = 4;

async fn stand() -> &'static Stand {
    static STAND: OnceCell<Stand> = OnceCell::const_new();
    STAND.get_or_init(async || Stand::prepare(QUIET_BLOCKS).await.unwrap()).await
}

/// What the test process may not keep: an error with its causes.
fn told<T>(result: anyhow::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_on_a_file_it_comes_to_the_same_state() {
    let row = told(moments::sweep(stand().await, vec![Ground::File], KILLS, SEED).await);
    assert!(row.strikes >= KILLS, "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_on_a_server_it_comes_to_the_same_state() {
    let server = told(Server::start().await);
    let grounds = vec![Ground::on(&server).await, Ground::on(&server).await];
    let row = told(moments::sweep(stand().await, grounds, KILLS, SEED).await);
    assert!(row.strikes >= KILLS, "{row:?}");
}

/// Plays the story once for the first such call and once for each so many-th after it.
async fn struck(calls: &[&'static str], blow: Blow, step: u32) {
    let calls = Calls { tool: told(Tool::library()), calls: calls.to_vec(), blow, first: 1, step };
    let row = told(calls.sweep(stand().await, vec![Ground::File]).await);
    assert!(row.strikes >= 2, "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_killed_before_a_call_it_comes_to_the_same_state() {
    struck(&CALLS, Blow::Before, 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f43_killed_within_a_call_it_comes_to_the_same_state() {
    struck(&["pwrite64"], Blow::Torn, 700).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f46_without_room_it_comes_to_the_same_state() {
    struck(&FILE_CALLS, Blow::Full, 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f48_on_a_disk_that_fails_it_stops_and_comes_to_the_same_state() {
    struck(&SYNC_CALLS, Blow::Broken, 80).await;
}
