//! A story played once, on one database, over as many lives of the binary as it takes.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use rustix::process::Signal;

use crate::database::Ground;
use crate::life::{Harness, Home, Url};
use crate::scene::{Moment, Scene};
use crate::serve::Servers;
use crate::state::State;
use crate::story::{STAGES, Story};

/// Most questions and deliveries of a life: the whole story has fewer than two thousand, so that
/// one with more asks for ever. Not a time, because a machine may be busy with other things.
const LIFE_MAX_EVENTS: u64 = 6_000;
/// Longest that a life may take that asks for nothing.
const LIFE_MAX: Duration = Duration::from_mins(10);
/// Most lives of one playing: a binary that ends at once, always, comes to no end.
const LIVES_MAX: u32 = 400;

/// What happens to a life.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It is left alone.
    Peace,
    /// It is killed at a moment.
    Killed(Moment),
    /// It runs in a harness that kills it or lets its calls fail.
    Harnessed(Harness),
    /// What it relies on fails: it may end by itself, and is started again.
    Supervised,
}

/// How a playing went.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Lives of the binary.
    pub lives: u32,
    /// Lives that SIGKILL ended.
    pub killed: u32,
    /// Lives that SIGKILL ended, by the stage that the node showed then.
    pub stages: [u32; STAGES],
    /// Lives that ended by themselves, with an error.
    pub ended: u32,
    /// Deliveries that came more than once.
    pub again: u64,
    /// What it came to.
    pub state: State,
}

enum End {
    Settled,
    Killed,
    Failed,
}

/// A story, a place to play it, and what it came to in peace.
#[derive(Clone, Debug)]
pub struct Stand {
    /// What is played.
    pub story: Arc<Story>,
    /// Where.
    pub ground: Ground,
    /// What it comes to when nobody disturbs it; `None` if that is not known yet.
    pub expected: Option<Arc<State>>,
    /// Asks the indexer how it stands.
    pub client: reqwest::Client,
}

impl Stand {
    /// The story, with so many quiet blocks, and what it comes to in peace, on a file.
    ///
    /// # Errors
    /// It does not come to what was written into the chain.
    pub async fn prepare(quiet: u64) -> Result<Self> {
        // Only the first call of a process sets it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build()?;
        let story = Arc::new(Story::record(quiet)?);
        let mut stand = Self { story, ground: Ground::File, expected: None, client };
        let played = stand.play(|_| Fate::Peace).await?;
        played.state.tells(&stand.story.end)?;
        stand.expected = Some(Arc::new(played.state));
        Ok(stand)
    }

    /// The same on another database.
    #[must_use]
    pub fn on(&self, ground: Ground) -> Self {
        Self { ground, ..self.clone() }
    }

    /// Plays it, each life to its fate, and compares what it comes to.
    ///
    /// # Errors
    /// Something was lost, invented or told wrong, or it does not come to an end.
    pub async fn play(&self, fate: impl FnMut(u32) -> Fate) -> Result<Played> {
        let scene = Scene::begin(&self.story);
        self.play_in(&scene, fate).await
    }

    /// The same in a scene that others look at, too.
    ///
    /// # Errors
    /// As [`Stand::play`].
    pub async fn play_in(
        &self,
        scene: &Arc<Scene>,
        mut fate: impl FnMut(u32) -> Fate,
    ) -> Result<Played> {
        self.ground.clear().await?;
        let servers = Servers::start(scene).await?;
        let home = Home::make(scene, &servers, &self.ground)?;
        match self.live_on(scene, &home, &mut fate).await {
            Ok(played) => Ok(played),
            Err(error) => {
                let told = home.told();
                let kept = home.keep();
                Err(error.context(format!("{} is kept; its log ends with\n{told}", kept.display())))
            }
        }
    }

    async fn live_on(
        &self,
        scene: &Scene,
        home: &Home,
        fate: &mut impl FnMut(u32) -> Fate,
    ) -> Result<Played> {
        let mut played = Played::default();
        loop {
            ensure!(played.lives < LIVES_MAX, "no end after {LIVES_MAX} lives");
            let fate = fate(played.lives);
            played.lives += 1;
            match self.live(scene, home, &fate).await? {
                End::Settled => break,
                End::Killed => {
                    played.killed += 1;
                    played.stages[scene.place()] += 1;
                }
                End::Failed => played.ended += 1,
            }
        }
        let heard = scene.heard();
        ensure!(heard.wrong.is_empty(), "told wrong: {:#?}", heard.wrong);
        played.again = heard.again;
        played.state = home.state().await?;
        if let Some(expected) = &self.expected
            && let Err(difference) = played.state.same_as(expected)
        {
            bail!("another final state:\n{difference}");
        }
        Ok(played)
    }

    async fn live(&self, scene: &Scene, home: &Home, fate: &Fate) -> Result<End> {
        let before = scene.events();
        let plain = Harness::default();
        let harness = if let Fate::Harnessed(harness) = fate { harness } else { &plain };
        let mut life = home.start(harness)?;
        let url = life.url();
        let killed = async {
            match fate {
                Fate::Killed(moment) => moment.comes(scene, before).await,
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = killed => {
                life.kill().await?;
                Ok(End::Killed)
            }
            () = self.settled(scene, url) => {
                life.kill().await?;
                Ok(End::Settled)
            }
            status = life.ended() => judge(fate, status?),
            () = scene.until_events(before + LIFE_MAX_EVENTS) => {
                bail!("it asks for ever: {}", scene.missing())
            }
            () = tokio::time::sleep(LIFE_MAX) => bail!("it asks no more: {}", scene.missing()),
        }
    }

    /// Everything has been told, and the indexer has nothing more to do.
    async fn settled(&self, scene: &Scene, url: Url) {
        scene.until_over().await;
        let last = scene.stage();
        url.clone()
            .until(&self.client, "/readyz", |health| {
                health["cursor"] == last.chain.tip()
                    && health["finalized"] == last.finalized
                    && health["deliveries_pending"] == 0
                    && health["lookbacks_open"] == 0
            })
            .await;
        // The token is asked for its own words beside all that.
        url.until(&self.client, "/v1/alerts?limit=1", |page| {
            page["alerts"][0]["amount"]["token_says"]["decimals"] == 6
        })
        .await;
    }
}

/// What it means that a life ended before the story did.
fn judge(fate: &Fate, status: ExitStatus) -> Result<End> {
    let failed = status.code() == Some(1);
    match fate {
        Fate::Harnessed(_) if status.signal() == Some(Signal::KILL.as_raw()) => Ok(End::Killed),
        Fate::Harnessed(_) | Fate::Supervised if failed => Ok(End::Failed),
        _ => bail!("it ended by itself: {status}"),
    }
}
