//! The answer to `eth_getLogs` read as it comes in, log by log, so that its length costs no memory.
//!
//! Each log is looked at in the bytes where it lies. What stands around the logs is kept, and is
//! read at the end as the JSON-RPC response that it must be.

mod log;
mod mould;
#[cfg(test)]
mod tests;

pub(crate) use log::{Order, RawLog};

use memchr::memchr;

use self::mould::Moulds;
use super::json::{Cursor, end_of};

/// Longest log that is read, in bytes of JSON. A block with a longer one is fetched whole.
pub(crate) const LOG_MAX_BYTES: usize = 2 << 20;
/// What may stand around the logs of an answer, in bytes.
pub(crate) const ENVELOPE_MAX_BYTES: usize = 64 << 10;

/// Why a range answer cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScanError {
    /// It is not JSON of the shape that was asked for.
    #[error("not a list of logs: {0}")]
    Unlike(String),
    /// One log is longer than [`LOG_MAX_BYTES`].
    #[error("a log of more than {LOG_MAX_BYTES} bytes")]
    LongLog,
    /// More than [`ENVELOPE_MAX_BYTES`] stand around the logs.
    #[error("more than {ENVELOPE_MAX_BYTES} bytes around the logs")]
    LongEnvelope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the logs.
    Head,
    /// At the first log, or the end of none.
    First,
    /// After a log.
    After,
    /// After a comma.
    Next,
    /// After the logs.
    Tail,
}

/// A range answer, as far as it has come.
#[derive(Debug)]
pub(crate) struct Scan {
    state: State,
    /// What has come of something that is not whole yet.
    held: Vec<u8>,
    /// What stands before and after the logs.
    envelope: Vec<u8>,
    order: Order,
    moulds: Moulds,
}

impl Scan {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Head,
            held: Vec::new(),
            envelope: Vec::new(),
            order: Order::new(),
            moulds: Moulds::new(),
        }
    }

    /// Takes in the next bytes of the answer, and hands on each log that is whole with them.
    ///
    /// # Errors
    /// See [`ScanError`]; the answer is of no use then.
    pub(crate) fn feed(
        &mut self,
        mut chunk: &[u8],
        take: &mut impl FnMut(&RawLog<'_>),
    ) -> Result<(), ScanError> {
        while !chunk.is_empty() {
            if self.held.is_empty() {
                let read = self.read(chunk, take)?;
                self.held.extend_from_slice(&chunk[read..]);
                break;
            }
            // Most often one log began in the last chunk and ends in this one. Growing at least
            // twofold keeps what is read again and again in proportion to what comes.
            let brace = memchr(b'}', chunk).map_or(chunk.len(), |brace| brace + 1);
            let (more, rest) = chunk.split_at(brace.max(self.held.len()).min(chunk.len()));
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(more);
            let read = self.read(&held, take)?;
            held.drain(..read);
            self.held = held;
            chunk = rest;
        }
        let (most, error) = match self.state {
            State::Head | State::Tail => (ENVELOPE_MAX_BYTES, ScanError::LongEnvelope),
            State::First | State::After | State::Next => (LOG_MAX_BYTES, ScanError::LongLog),
        };
        if self.held.len() > most { Err(error) } else { Ok(()) }
    }

    /// What is left when the logs are taken out: a JSON-RPC response with an empty result, or one
    /// that has no logs for another reason.
    ///
    /// # Errors
    /// The answer ended in the midst of the logs.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, ScanError> {
        match self.state {
            State::Head | State::Tail => {
                self.envelope.append(&mut self.held);
                Ok(self.envelope)
            }
            State::First | State::After | State::Next => {
                Err(ScanError::Unlike("it ends within its logs".to_owned()))
            }
        }
    }

    /// Reads as far as things are whole; how far that was.
    fn read(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&RawLog<'_>),
    ) -> Result<usize, ScanError> {
        let mut at = 0;
        if self.state == State::Head {
            let Some(start) = start_of_result(bytes) else { return Ok(0) };
            self.envelope.extend_from_slice(&bytes[..start]);
            self.state = State::First;
            at = start;
        }
        while self.state != State::Tail {
            let Some(byte) = bytes.get(at) else { return Ok(at) };
            match (self.state, byte) {
                (_, b' ' | b'\n' | b'\r' | b'\t') => at += 1,
                (State::First | State::Next, b'{') => {
                    let Some(len) = self.one(&bytes[at..], take)? else {
                        return Ok(at);
                    };
                    at += len;
                    self.state = State::After;
                }
                (State::After, b',') => {
                    at += 1;
                    self.state = State::Next;
                }
                (State::First | State::After, b']') => self.state = State::Tail,
                (_, byte) => {
                    let found = format!("{:?} stands between two logs", char::from(*byte));
                    return Err(ScanError::Unlike(found));
                }
            }
        }
        if self.envelope.len() + (bytes.len() - at) > ENVELOPE_MAX_BYTES {
            return Err(ScanError::LongEnvelope);
        }
        self.envelope.extend_from_slice(&bytes[at..]);
        Ok(bytes.len())
    }

    /// Reads one log; its length, or `None` if it is not whole yet.
    fn one(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&RawLog<'_>),
    ) -> Result<Option<usize>, ScanError> {
        if let Some((log, len)) = self.moulds.cast(bytes) {
            take(&log);
            return Ok(Some(len));
        }
        if let Some((log, len)) = log::usual(bytes, &mut self.order) {
            take(&log);
            self.moulds.learn(&bytes[..len], &log);
            return Ok(Some(len));
        }
        let Some(len) = end_of(bytes) else { return Ok(None) };
        log::any(&bytes[..len], take).map_err(ScanError::Unlike)?;
        Ok(Some(len))
    }
}

/// The log at a place in a list, if it is written in the usual shape.
pub(super) fn next<'a>(cursor: &mut Cursor<'a>, order: &mut Order) -> Option<RawLog<'a>> {
    let (log, len) = log::usual(cursor.rest(), order)?;
    cursor.pass(len);
    Some(log)
}

/// Where the inside of the list begins that is the response's result; `None` if it has not come
/// yet, or the result is none.
fn start_of_result(bytes: &[u8]) -> Option<usize> {
    let space = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    };
    let mut at = space(0);
    (bytes.get(at) == Some(&b'{')).then_some(())?;
    loop {
        at = space(at + 1);
        let key = Cursor::new(bytes.get(at..)?).text()?;
        at = space(at + key.len() + 2);
        (bytes.get(at) == Some(&b':')).then_some(())?;
        at = space(at + 1);
        if key == b"result" && bytes.get(at) == Some(&b'[') {
            return Some(at + 1);
        }
        at = space(at + Cursor::new(bytes.get(at..)?).value()?.len());
        (bytes.get(at) == Some(&b',')).then_some(())?;
    }
}
