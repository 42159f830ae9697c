//! A cursor over JSON as nodes write it: no space between tokens, strings of printable ASCII
//! without escapes. Whatever is written otherwise gives `None`, and is read by serde.

use memchr::{memchr, memchr2};

/// How deep arrays and objects may stand in each other.
const DEPTH_MAX: u32 = 64;

/// A place in JSON bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The bytes that have not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Passes bytes that were read in another way.
    pub(super) fn pass(&mut self, len: usize) {
        self.at = self.bytes.len().min(self.at + len);
    }

    /// Whether this byte comes next; it is passed if so.
    pub(super) fn meets(&mut self, byte: u8) -> bool {
        let met = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(met);
        met
    }

    /// Passes a byte that must come next.
    pub(super) fn eat(&mut self, byte: u8) -> Option<()> {
        self.meets(byte).then_some(())
    }

    /// The inside of a string.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let rest = self.rest();
        let text = &rest[..memchr(b'"', rest)?];
        let plain = text.iter().fold(true, |plain, byte| plain & is_plain(*byte));
        self.at += text.len() + 1;
        plain.then_some(text)
    }

    /// The inside of a string that is most often `0x` and digits, just `N` characters long: then it
    /// is not looked through for its end.
    pub(super) fn text_of<const N: usize>(&mut self) -> Option<&'a [u8]> {
        let text = self.rest().strip_prefix(b"\"")?;
        let Some((text, [b'"', ..])) = text.split_first_chunk::<N>() else { return self.text() };
        let (prefix, digits) = text.split_at(2);
        let odd = digits.iter().fold(0, |odd, byte| odd | u8::from(!is_alphanumeric(*byte)));
        if prefix != b"0x" || odd != 0 {
            return self.text();
        }
        self.at += N + 2;
        Some(text)
    }

    /// The inside of a string of a few characters, looked at eight at a time.
    pub(super) fn short_text(&mut self) -> Option<&'a [u8]> {
        /// No quantity of 64 bits is longer, and no key of a block or receipt.
        const WORDS_MAX: usize = 3;
        let text = self.rest().strip_prefix(b"\"")?;
        let (words, _) = text.as_chunks();
        for (word, start) in words.iter().take(WORDS_MAX).zip((0..).step_by(size_of::<u64>())) {
            let odd = odd_bytes(u64::from_le_bytes(*word));
            if odd != 0 {
                let end = start + odd.trailing_zeros() as usize / 8;
                if text[end] != b'"' {
                    break;
                }
                self.at += end + 2;
                return Some(&text[..end]);
            }
        }
        self.text()
    }

    /// The key of a member, past its colon.
    pub(super) fn key(&mut self) -> Option<&'a [u8]> {
        let key = self.short_text()?;
        self.eat(b':')?;
        Some(key)
    }

    /// Whether another member or element follows; passes the comma or the closing byte.
    pub(super) fn more(&mut self, close: u8) -> Option<bool> {
        if self.meets(b',') {
            return Some(true);
        }
        self.eat(close).map(|()| false)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self) -> Option<bool> {
        let rest = self.rest();
        let (value, len) = match rest {
            [b't', b'r', b'u', b'e', ..] => (true, 4),
            [b'f', b'a', b'l', b's', b'e', ..] => (false, 5),
            _ => return None,
        };
        self.at += len;
        Some(value)
    }

    /// Whether `null` comes next; it is passed if so.
    pub(super) fn null(&mut self) -> bool {
        let met = self.bytes[self.at..].starts_with(b"null");
        self.at += if met { 4 } else { 0 };
        met
    }

    /// Passes any value and gives its bytes.
    pub(super) fn value(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let end = match rest.first()? {
            b'"' => end_of_text(rest, 0)?,
            b'{' | b'[' => end_of(rest)?,
            _ => rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?,
        };
        self.at += end;
        Some(&rest[..end])
    }
}

/// Written without branches, so that many are looked at in one step.
const fn is_alphanumeric(byte: u8) -> bool {
    (byte.wrapping_sub(b'0') < 10) | ((byte | 0x20).wrapping_sub(b'a') < 26)
}

/// The highest bit of each of eight bytes that is no letter and no digit.
const fn odd_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    /// The highest bit of each byte below 128 that is not less than a bound.
    const fn from(word: u64, bound: u8) -> u64 {
        word + ONES * (0x80 - bound as u64)
    }
    let low = word & !HIGHS;
    let lower = low | (ONES * 0x20);
    let digit = from(low, b'0') & !from(low, b'9' + 1);
    let letter = from(lower, b'a') & !from(lower, b'z' + 1);
    (word | !(digit | letter)) & HIGHS
}

const fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte < 0x7f && byte != b'\\'
}

/// Where the array or object at the beginning of some bytes ends; `None` if it does not end there.
/// Strings may hold whatever JSON allows.
pub(super) fn end_of(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = end_of_text(bytes, at)?;
                continue;
            }
            b'{' | b'[' if depth == DEPTH_MAX => return None,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// Where the string that begins at a place ends.
fn end_of_text(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// A hex quantity as JSON-RPC writes numbers.
pub(super) fn quantity(text: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(b"0x")?;
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    number(digits)
}

/// At most 16 hex digits as a number; `None` if one is none.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    let (mut value, mut odd) = (0, 0);
    for byte in digits {
        let digit = DIGITS[usize::from(*byte)];
        value = value << 4 | u64::from(digit);
        odd |= digit;
    }
    (odd != NO_DIGIT).then_some(value)
}

/// What stands in [`DIGITS`] for what is no digit: all bits, so that one of them tells.
const NO_DIGIT: u8 = u8::MAX;
/// The value of each hex digit. Whether a digit is a number or a letter is as good as random: to
/// branch on it costs more than to look it up.
const DIGITS: [u8; 256] = digits();

const fn digits() -> [u8; 256] {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_plainly_is_read_and_the_rest_is_not() {
        let mut cursor = Cursor::new(br#"{"a":"0x1","b":[{"c":"}"}],"d":false,"e":null}"#);
        assert_eq!(cursor.eat(b'{'), Some(()));
        assert_eq!((cursor.key(), cursor.text()), (Some(&b"a"[..]), Some(&b"0x1"[..])));
        assert_eq!(cursor.more(b'}'), Some(true));
        assert_eq!(cursor.key(), Some(&b"b"[..]));
        assert_eq!(cursor.value(), Some(&br#"[{"c":"}"}]"#[..]));
        assert_eq!((cursor.more(b'}'), cursor.key()), (Some(true), Some(&b"d"[..])));
        assert_eq!((cursor.boolean(), cursor.more(b'}')), (Some(false), Some(true)));
        assert_eq!((cursor.key(), cursor.null()), (Some(&b"e"[..]), true));
        assert_eq!(cursor.more(b'}'), Some(false));

        assert_eq!(Cursor::new(br#""a\"b""#).text(), None, "an escape");
        assert_eq!(Cursor::new(b"\"a\nb\"").text(), None, "a raw line break");
        assert_eq!(Cursor::new(b"\"a").text(), None, "no end");
    }

    #[test]
    fn a_short_string_ends_at_its_quote_and_nowhere_else() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut word = *b"aZ09xkQz";
                word[at] = byte;
                let odd = odd_bytes(u64::from_le_bytes(word));
                let expected = if is_alphanumeric(byte) { 0 } else { 0x80 << (8 * at) };
                assert_eq!(odd, expected, "{byte:#x} at {at}");
            }
        }
        for len in 0..40 {
            let text = "x".repeat(len);
            for after in ["", ":", ":0x123456789012345678901234567890"] {
                let json = format!("\"{text}\"{after}");
                let mut cursor = Cursor::new(json.as_bytes());
                assert_eq!(cursor.short_text(), Some(text.as_bytes()), "{json}");
                assert_eq!(cursor.rest(), after.as_bytes());
            }
        }
        for odd in [&b"\"a\\\"b\"      "[..], b"\"a\nb\"       ", b"\"abc", b"abc\""] {
            assert_eq!(Cursor::new(odd).short_text(), None);
        }
        assert_eq!(Cursor::new(b"\"a b\"       ").short_text(), Some(&b"a b"[..]));
    }

    #[test]
    fn an_object_ends_where_json_says() {
        assert_eq!(end_of(br#"{"a":"}\"]","b":[{}]} rest"#), Some(21));
        assert_eq!(end_of(br#"{"a":"}"#), None);
        assert_eq!(end_of("[".repeat(1000).as_bytes()), None, "bounded depth");
    }

    #[test]
    fn quantities_are_hex_and_fit() {
        assert_eq!(quantity(b"0x0"), Some(0));
        assert_eq!(quantity(b"0xFfffffffffffffff"), Some(u64::MAX));
        for odd in [&b"0x"[..], b"1", b"0xg", b"0x10000000000000000", b"0X1", b""] {
            assert_eq!(quantity(odd), None);
        }
    }
}
