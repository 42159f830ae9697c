//! Killed at random moments, again and again, until the story is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use anyhow::{Context, Result};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::database::Ground;
use crate::play::{Fate, Stand};
use crate::report::Row;
use crate::scene::Moment;

/// Most events of a life that is killed, one of these: some lives end before they have come to
/// anything, some come far, so that all of the story is gone through in several. What a life must
/// reach in one go, a stretch of a walk back, is about a hundred.
const EVENTS_MAX: [u64; 4] = [8, 60, 250, 700];
/// Longest wait after an event, in microseconds: a block is in the database by then.
const AFTER_EVENT_MAX_MICROS: u64 = 4_000;
/// Longest wait for a life that has not spoken yet, in microseconds: it reaches its first question.
const BEGINNING_MAX_MICROS: u64 = 60_000;
/// Most kills of one playing.
const KILLS_MAX: u32 = 40;

/// A moment, drawn.
fn draw(rng: &mut StdRng) -> Moment {
    let most = EVENTS_MAX[rng.gen_range(0..EVENTS_MAX.len())];
    let events = rng.gen_range(0..=most);
    let most = if events == 0 { BEGINNING_MAX_MICROS } else { AFTER_EVENT_MAX_MICROS };
    Moment { events, micros: rng.gen_range(0..most) }
}

/// Plays the story until so many lives, at least, have been killed, on several databases at once.
/// Each playing has a seed of its own, the first the one that is given.
///
/// # Errors
/// The first playing that does not come to the same end, with its seed and moments.
pub async fn sweep(stand: &Stand, grounds: Vec<Ground>, kills: u32, seed: u64) -> Result<Row> {
    let mut row = Row::begin("kill -9 at random moments", grounds[0].name());
    let (killed, seeds) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU64::new(seed)));
    let mut lanes = tokio::task::JoinSet::new();
    for ground in grounds {
        let (stand, killed, seeds) = (stand.on(ground), Arc::clone(&killed), Arc::clone(&seeds));
        lanes.spawn(async move {
            let mut lane = Row::default();
            while killed.load(Ordering::SeqCst) < kills {
                let seed = seeds.fetch_add(1, Ordering::SeqCst);
                let mut rng = StdRng::seed_from_u64(seed);
                let mut moments = Vec::new();
                let fate = |life| {
                    if life >= KILLS_MAX {
                        return Fate::Peace;
                    }
                    let moment = draw(&mut rng);
                    moments.push(moment);
                    Fate::Killed(moment)
                };
                let played = stand.play(fate).await;
                let told = || format!("seed {seed}, killed at {moments:?}");
                let played = played.with_context(told)?;
                lane.add(&played);
                lane.strikes += played.killed;
                killed.fetch_add(played.killed, Ordering::SeqCst);
            }
            Ok::<_, anyhow::Error>(lane)
        });
    }
    while let Some(lane) = lanes.join_next().await {
        row.join(&lane??);
    }
    Ok(row.end())
}
