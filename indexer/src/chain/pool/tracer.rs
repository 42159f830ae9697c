//! What no header commits to: the calls within a block's transactions. Providers that trace are
//! asked for them, as many as two, so that one's word can be compared with another's.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Lane, Pool};
use crate::chain::Header;
use crate::chain::follow::FollowError;

/// How many providers' traces of one block are compared.
pub const TRACES_COMPARED_MAX: usize = 2;

/// How a provider is asked for traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tracer {
    /// `debug_traceBlockByHash` with the tracer `callTracer`.
    CallTracer,
    /// `trace_block`.
    TraceBlock,
}

/// What providers say of a block's calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard<T> {
    /// What could be read, at most [`TRACES_COMPARED_MAX`].
    pub read: Vec<T>,
    /// Why others' words are not believed, each with its provider's name.
    pub refused: Vec<String>,
}

impl Pool {
    /// Whether any provider traces.
    pub fn traces(&self) -> bool {
        self.providers.iter().any(|provider| provider.traces.is_some())
    }

    /// What providers that trace say of a block's calls, as `read` understands it. The one that
    /// gave the block is asked first, because it has it. A second one that cannot be asked is done
    /// without.
    ///
    /// Nobody waits for a budget here: the block itself has used it, and asking again from the
    /// start would use it again.
    ///
    /// # Errors
    /// Nothing can be read, and it is not for want of sense: asking again may help.
    pub async fn traced<T>(
        &mut self,
        lane: Lane,
        header: &Header,
        read: impl Fn(Tracer, &str) -> Result<T, String>,
    ) -> Result<Heard<T>, FollowError> {
        let first = self.course(lane).current;
        let mut heard = Heard { read: Vec::new(), refused: Vec::new() };
        let mut failure = None;
        for at in std::iter::once(first).chain(self.others(first)) {
            let Some(tracer) = self.providers[at].traces else { continue };
            if heard.read.len() == TRACES_COMPARED_MAX {
                break;
            }
            match self.traced_by(at, tracer, header).await {
                Ok(None) => {}
                Ok(Some(text)) => match read(tracer, text.get()) {
                    Ok(understood) => heard.read.push(understood),
                    Err(reason) => {
                        heard.refused.push(format!("{}: {reason}", self.providers[at].name));
                    }
                },
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if !heard.read.is_empty() {
            return Ok(heard);
        }
        let silent = || format!("nobody can be asked now{}", self.troubles());
        let why = match failure {
            None if !heard.refused.is_empty() => return Ok(heard),
            None => silent(),
            Some(error) => error.to_string(),
        };
        Err(FollowError::Untraced { number: header.number, why })
    }

    /// What one provider answers; `None` if it is not to be asked now.
    async fn traced_by(
        &mut self,
        at: usize,
        tracer: Tracer,
        header: &Header,
    ) -> Result<Option<Box<RawValue>>, FollowError> {
        let provider = &self.providers[at];
        if provider.is_set_aside() || provider.is_resting(self.clock.elapsed()) {
            return Ok(None);
        }
        self.identified(at).await?;
        let rpc = self.providers[at].follower.rpc();
        let answer = match tracer {
            Tracer::CallTracer => rpc.call_traces(header.hash).await,
            Tracer::TraceBlock => rpc.block_traces(header.number).await,
        };
        let answer = self.heard(at, answer.map_err(FollowError::from))?;
        Ok(Some(answer))
    }
}
