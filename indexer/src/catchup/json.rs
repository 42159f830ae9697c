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

    /// The inside of a string that is most often just `N` characters long: then it is not looked
    /// through for its end.
    pub(super) fn text_of<const N: usize>(&mut self) -> Option<&'a [u8]> {
        let text = self.rest().strip_prefix(b"\"")?;
        let Some((text, [b'"', ..])) = text.split_first_chunk::<N>() else { return self.text() };
        let odd = text.iter().fold(0, |odd, byte| odd | u8::from(!is_alphanumeric(*byte)));
        if odd != 0 {
            return self.text();
        }
        self.at += N + 2;
        Some(text)
    }

    /// The inside of a string of a few characters.
    pub(super) fn short_text(&mut self) -> Option<&'a [u8]> {
        /// No quantity of 64 bits is longer, and no key of a block or receipt.
        const MAX: usize = 20;
        let text = self.rest().strip_prefix(b"\"")?;
        match text.iter().take(MAX + 1).position(|byte| !is_alphanumeric(*byte)) {
            Some(end) if text[end] == b'"' => {
                self.at += end + 2;
                Some(&text[..end])
            }
            _ => self.text(),
        }
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
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some(value << 4 | u64::from(digit))
    })
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
