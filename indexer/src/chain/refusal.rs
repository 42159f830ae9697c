//! What a provider's refusal asks of us. Codes are used for several things (-32005 is "too often"
//! with one provider and "too many results" with the next), so that the words decide before the
//! code does. Pure.

/// What a refusal asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// To be left alone for a while.
    TooOften,
    /// To ask someone who still has it: it was pruned here.
    Pruned,
    /// Nothing that is understood, or to ask for less.
    Other,
}

/// Words that speak of how often is asked.
const OFTEN: [&str; 12] = [
    "rate limit",
    "rate exceeded",
    "ratelimit",
    "request rate",
    "per second",
    "/second",
    "too many requests",
    "request count",
    "quota",
    "credit",
    "throughput",
    "throttl",
];
/// Words that speak of a past that is gone.
const GONE: [&str; 4] = ["pruned", "missing trie node", "history", "not available before"];
/// Words that speak of how much was asked for. They take -32005 out of the codes below.
const MUCH: [&str; 6] = ["result", "range", "too large", "too big", "response size", "more than"];
/// "Limit exceeded" (EIP-1474), and what providers use beside it for too many requests.
const OFTEN_CODES: [i64; 4] = [-32_005, -32_011, -32_016, -32_029];
/// "Pruned history unavailable" (EIP-4444), as geth and others give it.
const GONE_CODE: i64 = 4444;

/// Reads a refusal of a JSON-RPC method.
pub fn read(method: &str, code: i64, message: &str) -> Refusal {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&OFTEN) {
        return Refusal::TooOften;
    }
    if code == GONE_CODE || says(&GONE) {
        return Refusal::Pruned;
    }
    // Of logs -32005 without a word is taken as too many: asking for less ends at single blocks.
    if OFTEN_CODES.contains(&code) && method != "eth_getLogs" && !says(&MUCH) {
        return Refusal::TooOften;
    }
    Refusal::Other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, code: i64, message: &str, expected: Refusal) {
        assert_eq!(read(method, code, message), expected, "{code} {message}");
    }

    #[test]
    fn words_go_before_codes() {
        let (block, logs) = ("eth_getBlockByHash", "eth_getLogs");
        check(block, -32_005, "limit exceeded", Refusal::TooOften);
        check(logs, -32_005, "limit exceeded", Refusal::Other);
        check(logs, -32_005, "query returned more than 10000 results", Refusal::Other);
        check(block, -32_005, "response too large", Refusal::Other);
        check(
            logs,
            -32_005,
            "daily request count exceeded, request rate limited",
            Refusal::TooOften,
        );
        check(logs, -32_016, "over rate limit", Refusal::TooOften);
        check(block, -32_016, "", Refusal::TooOften);
        check(block, -32_011, "no", Refusal::TooOften);
        check(block, -32_007, "50/second request limit reached", Refusal::TooOften);
        check(block, 429, "Too Many Requests", Refusal::TooOften);
        check(logs, -32_602, "Log response size exceeded", Refusal::Other);
        check(logs, -32_614, "eth_getLogs is limited to a 10,000 range", Refusal::Other);
    }

    #[test]
    fn what_is_gone_is_known_by_code_or_word() {
        let method = "eth_getBlockReceipts";
        check(method, 4444, "unavailable", Refusal::Pruned);
        check(method, -32_000, "pruned history unavailable", Refusal::Pruned);
        check(method, -32_000, "missing trie node 00ff", Refusal::Pruned);
        check(method, -32_000, "header not found", Refusal::Other);
    }
}
