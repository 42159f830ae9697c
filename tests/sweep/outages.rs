//! The database server killed at random moments while the indexer runs, many of them between what
//! a block brings and the answer to its COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use anyhow::{Context, Result};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::database::{Ground, Server};
use crate::play::{Fate, Played, Stand};
use crate::report::Row;
use crate::scene::{Moment, Scene};
use crate::story::STAGES;

/// Most events between the server's return and its next end: the whole story is gone through.
const EVENTS_MAX: u64 = 500;
/// Longest wait after an event, in microseconds.
const AFTER_EVENT_MAX_MICROS: u64 = 4_000;
/// Most outages of one playing: the indexer waits longer after each.
const OUTAGES_MAX: u32 = 6;

/// Plays the story until the server has been killed so often. Each lane has a server of its own.
///
/// # Errors
/// The first playing that does not come to the same end, with its seed and moments.
pub async fn sweep(stand: &Stand, lanes: u32, outages: u32, seed: u64) -> Result<Row> {
    let mut row = Row::begin("server killed at random moments", "PostgreSQL");
    let (had, seeds) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU64::new(seed)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..lanes {
        let (stand, had, seeds) = (stand.clone(), Arc::clone(&had), Arc::clone(&seeds));
        tasks.spawn(async move {
            let server = Server::start().await?;
            let stand = stand.on(Ground::on(&server).await);
            let mut lane = Row::default();
            while had.load(Ordering::SeqCst) < outages {
                let seed = seeds.fetch_add(1, Ordering::SeqCst);
                let (mut moments, mut stages) = (Vec::new(), [0; STAGES]);
                let played = play(&stand, &server, seed, &mut moments, &mut stages).await;
                let told = || format!("seed {seed}, the server killed at {moments:?}");
                lane.add(&played.with_context(told)?);
                let count = u32::try_from(moments.len())?;
                lane.strikes += count;
                lane.count(stages);
                had.fetch_add(count, Ordering::SeqCst);
            }
            Ok::<_, anyhow::Error>(lane)
        });
    }
    while let Some(lane) = tasks.join_next().await {
        row.join(&lane??);
    }
    Ok(row.end())
}

async fn play(
    stand: &Stand,
    server: &Arc<Server>,
    seed: u64,
    moments: &mut Vec<Moment>,
    stages: &mut [u32; STAGES],
) -> Result<Played> {
    let mut rng = StdRng::seed_from_u64(seed);
    let scene = Scene::begin(&stand.story);
    let playing = stand.play_in(&scene, |_| Fate::Supervised);
    tokio::pin!(playing);
    for _ in 0..OUTAGES_MAX {
        let events = rng.gen_range(1..=EVENTS_MAX);
        let moment = Moment { events, micros: rng.gen_range(0..AFTER_EVENT_MAX_MICROS) };
        let before = scene.events();
        tokio::select! {
            biased;
            played = &mut playing => return played,
            () = moment.comes(&scene, before) => {}
        }
        moments.push(moment);
        stages[scene.place()] += 1;
        let server = Arc::clone(server);
        let outage = tokio::task::spawn_blocking(move || server.crash());
        // The indexer lives on meanwhile; a playing that ends before the server is back has failed.
        tokio::select! {
            biased;
            back = outage => back?,
            played = &mut playing => return played,
        }
    }
    playing.await
}
