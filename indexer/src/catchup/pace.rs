//! How many blocks to ask for at once: more after small and fast answers, strictly fewer after one
//! that was too much. Pure.

use std::time::Duration;

use crate::chain::rpc::RpcError;

/// Blocks of the first range of logs.
pub const RANGE_FIRST_BLOCKS: u64 = 512;
/// Most blocks of a range of logs.
pub const RANGE_MAX_BLOCKS: u64 = 10_000;
/// An answer with logs is as long as it should be with so many bytes: it is never held whole.
pub const RANGE_AIM_BYTES: u64 = 64 << 20;
/// Most blocks of a batch of whole blocks: each is two requests, and providers bound those.
pub const BATCH_MAX_BLOCKS: u64 = 32;
/// Blocks of the first batch.
pub const BATCH_FIRST_BLOCKS: u64 = 8;
/// An answer to a batch is as long as it should be with so many bytes: it is held whole.
pub const BATCH_AIM_BYTES: u64 = 2 << 20;
/// An answer that takes this long takes as long as it should, in milliseconds.
pub const ANSWER_AIM_MS: u64 = 4_000;
/// Answers in a row that must have come before more is asked for than was once too much.
const CALM_ANSWERS: u32 = 16;

/// How much is asked for at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    blocks: u64,
    most: u64,
    ceiling: u64,
    aim_bytes: u64,
    calm: u32,
}

/// What an answer took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// How many blocks it was about.
    pub blocks: u64,
    /// How long it was.
    pub bytes: u64,
    /// How long it took.
    pub time: Duration,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It was answered.
    Answer(Took),
    /// So many blocks were too many.
    TooMany(u64),
}

impl Pace {
    /// The pace of ranges of logs.
    pub const fn of_ranges() -> Self {
        Self::new(RANGE_FIRST_BLOCKS, RANGE_MAX_BLOCKS, RANGE_AIM_BYTES)
    }

    /// The pace of batches of whole blocks.
    pub const fn of_batches() -> Self {
        Self::new(BATCH_FIRST_BLOCKS, BATCH_MAX_BLOCKS, BATCH_AIM_BYTES)
    }

    const fn new(blocks: u64, ceiling: u64, aim_bytes: u64) -> Self {
        Self { blocks, most: ceiling, ceiling, aim_bytes, calm: 0 }
    }

    /// How many blocks to ask for next; at least one.
    pub const fn blocks(self) -> u64 {
        self.blocks
    }

    /// The pace after what became of a request.
    #[must_use]
    pub fn after(self, event: Event) -> Self {
        match event {
            Event::Answer(took) => self.after_answer(took),
            Event::TooMany(blocks) => {
                let fewer = (blocks / 2).max(1);
                let (blocks, most) = (self.blocks.min(fewer), self.most.min(fewer));
                Self { blocks, most, calm: 0, ..self }
            }
        }
    }

    /// What was asked for in part only, at the end of a stretch, says nothing of a whole.
    fn after_answer(self, took: Took) -> Self {
        let calm = self.calm.saturating_add(1);
        let again = calm.is_multiple_of(CALM_ANSWERS);
        let most = self.most.saturating_mul(if again { 2 } else { 1 }).min(self.ceiling);
        let time_ms = u64::try_from(took.time.as_millis()).unwrap_or(u64::MAX);
        let long = took.bytes > self.aim_bytes || time_ms > ANSWER_AIM_MS;
        let within =
            |part: u64| took.bytes < self.aim_bytes / part && time_ms < ANSWER_AIM_MS / part;
        let wider = if within(8) { 4 } else { 2 };
        let blocks = match (long, within(2)) {
            (true, _) => (took.blocks / 2).min(self.blocks),
            (false, true) if took.blocks >= self.blocks => self.blocks.saturating_mul(wider),
            (false, _) => self.blocks,
        };
        Self { blocks: blocks.clamp(1, most), most, calm, ..self }
    }
}

/// What a refusal asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Ask for less: the range, its results or its time was too much.
    TooMuch,
    /// Ask later: we ask too often, or the provider is not well. Also whatever is not understood:
    /// it is told, and tried again.
    Later,
}

/// Words of a refusal that speak of how much was asked for.
const MUCH: [&str; 10] = [
    "range",
    "result",
    "too large",
    "too big",
    "response size",
    "exceed",
    "timeout",
    "timed out",
    "deadline",
    "more than",
];

/// Tells a range that is too wide from a provider that cannot now; one that wants to be left alone
/// is known as [`RpcError::Busy`] already. The code -32005 without a word is taken as too much,
/// because asking for less ends at single blocks, which are fetched in another way.
pub fn trouble(error: &RpcError) -> Trouble {
    /// "Limit exceeded", in EIP-1474; of requests or of results.
    const LIMIT_EXCEEDED: i64 = -32_005;
    match error {
        // Payload too large, request and gateway timeouts, and what a proxy calls the latter.
        RpcError::TooLarge { .. } | RpcError::Status { status: 413 | 408 | 504 | 524, .. } => {
            Trouble::TooMuch
        }
        RpcError::Transport { reason, .. } if reason.contains("timed out") => Trouble::TooMuch,
        RpcError::Refused { code, message, .. } => {
            let message = message.to_lowercase();
            let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
            if says(&MUCH) || *code == LIMIT_EXCEEDED { Trouble::TooMuch } else { Trouble::Later }
        }
        _ => Trouble::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u64 = 1 << 10;
    const MOST: u64 = 10_000;

    fn took(blocks: u64, bytes: u64, ms: u64) -> Event {
        Event::Answer(Took { blocks, bytes, time: Duration::from_millis(ms) })
    }

    #[test]
    fn small_and_fast_answers_widen_the_range_and_long_ones_narrow_it() {
        let pace = Pace::new(64, MOST, 100 * KIB);
        assert_eq!(pace.after(took(64, KIB, 5)).blocks(), 256);
        assert_eq!(pace.after(took(64, 13 * KIB, 5)).blocks(), 128, "not so short");
        assert_eq!(pace.after(took(64, KIB, 600)).blocks(), 128, "not so fast");
        assert_eq!(pace.after(took(64, 60 * KIB, 5)).blocks(), 64, "long enough");
        assert_eq!(pace.after(took(64, 101 * KIB, 5)).blocks(), 32, "too long");
        assert_eq!(pace.after(took(64, KIB, 5_000)).blocks(), 32, "too slow");
        assert_eq!(pace.after(took(10, KIB, 5)).blocks(), 64, "the end of a stretch says nothing");
        let mut widest = pace;
        for _ in 0..64 {
            widest = widest.after(took(widest.blocks(), KIB, 1));
        }
        assert_eq!(widest.blocks(), MOST);
        assert_eq!(Pace::new(1, MOST, KIB).after(took(1, 2 * KIB, 1)).blocks(), 1);
    }

    #[test]
    fn too_many_is_strictly_fewer_until_one_is_left() {
        let mut pace = Pace::new(1000, MOST, KIB);
        while pace.blocks() > 1 {
            let fewer = pace.after(Event::TooMany(pace.blocks()));
            assert!(fewer.blocks() < pace.blocks());
            pace = fewer;
        }
        assert_eq!(pace.after(Event::TooMany(1)).blocks(), 1);
    }

    #[test]
    fn what_was_once_too_much_is_tried_again_only_after_a_while() {
        let mut pace = Pace::new(100, MOST, 100 * KIB).after(Event::TooMany(100));
        for answers in 1..CALM_ANSWERS {
            pace = pace.after(took(pace.blocks(), KIB, 1));
            assert!(pace.blocks() <= 50, "after {answers} answers");
        }
        pace = pace.after(took(pace.blocks(), KIB, 1));
        assert_eq!(pace.blocks(), 100);
    }

    fn refused(code: i64, message: &str) -> RpcError {
        let endpoint = String::new();
        RpcError::Refused { endpoint, method: "eth_getLogs", code, message: message.to_owned() }
    }

    #[test]
    fn refusals_are_told_apart_by_what_they_say() {
        let much = [
            (-32_005, "query returned more than 10000 results"),
            (-32_005, "limit exceeded"),
            (-32_602, "block range is too wide"),
            (-32_000, "exceed maximum block range: 5000"),
            (-32_600, "Log response size exceeded. You can make eth_getLogs requests with up to"),
            (-32_000, "query timeout exceeded"),
            (-32_005, "something new"),
        ];
        for (code, message) in much {
            assert_eq!(trouble(&refused(code, message)), Trouble::TooMuch, "{message}");
        }
        let unclear = refused(-32_000, "header not found");
        assert_eq!(trouble(&unclear), Trouble::Later);
        let status = |status| {
            trouble(&RpcError::Status { endpoint: String::new(), method: "eth_getLogs", status })
        };
        assert_eq!((status(413), status(504)), (Trouble::TooMuch, Trouble::TooMuch));
        assert_eq!((status(429), status(503)), (Trouble::Later, Trouble::Later));
    }
}
