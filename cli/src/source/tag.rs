//! The next tag of what is passed over: of two thirds of a file nothing is wanted but that its
//! elements end in order, and finding only that takes half the time of reading them.

use std::ops::Range;

use quick_xml::parser::{ElementParser, Parser as _};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag<'a> {
    /// An element with this full name begins.
    Start(&'a [u8]),
    /// An element without anything within.
    Empty,
    /// An element with this full name ends.
    End(&'a [u8]),
    /// A comment, CDATA or an instruction begins; where it ends is not known here.
    Other,
}

/// The next tag and where it stands; `None` if there is no whole one.
pub(super) fn next(bytes: &[u8]) -> Option<(Range<usize>, Tag<'_>)> {
    let begin = memchr::memchr(b'<', bytes)?;
    let content = &bytes[begin + 1..];
    match content.first()? {
        b'!' | b'?' => Some((begin..begin, Tag::Other)),
        b'/' => {
            let length = memchr::memchr(b'>', content)?;
            Some((begin..begin + length + 2, Tag::End(content[1..length].trim_ascii_end())))
        }
        _ => {
            let length = end(content)?;
            let (range, content) = (begin..begin + length + 2, &content[..length]);
            if content.last() == Some(&b'/') {
                return Some((range, Tag::Empty));
            }
            let name = content.iter().position(u8::is_ascii_whitespace).unwrap_or(length);
            Some((range, Tag::Start(&content[..name])))
        }
    }
}

/// Where a tag ends: a `>` within quotation marks ends nothing.
fn end(content: &[u8]) -> Option<usize> {
    let length = memchr::memchr(b'>', content)?;
    let (mut double, mut has_single) = (0_usize, false);
    for byte in &content[..length] {
        double += usize::from(*byte == b'"');
        has_single |= *byte == b'\'';
    }
    if has_single || !double.is_multiple_of(2) {
        return ElementParser::Outside.feed(content);
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_end_where_they_end() {
        let check = |text: &str, expected: Option<(&str, Tag<'_>)>| {
            let found = next(text.as_bytes()).map(|(range, tag)| (&text[range], tag));
            assert_eq!(found, expected, "{text}");
        };
        check("x <a>y", Some(("<a>", Tag::Start(b"a"))));
        check("<r:a\n id='1'>", Some(("<r:a\n id='1'>", Tag::Start(b"r:a"))));
        check("<a b='>' c=\">\">>", Some(("<a b='>' c=\">\">", Tag::Start(b"a"))));
        check("<a b='\"'>'>", Some(("<a b='\"'>", Tag::Start(b"a"))));
        check("<a/>", Some(("<a/>", Tag::Empty)));
        check("<a b=\"/>\"/>", Some(("<a b=\"/>\"/>", Tag::Empty)));
        check("</a >", Some(("</a >", Tag::End(b"a"))));
        check("</>", Some(("</>", Tag::End(b""))));
        check("x<!-- <a> -->", Some(("", Tag::Other)));
        check("<?x ?>", Some(("", Tag::Other)));
        for cut in ["", "x", "<", "<a", "<a b='>", "<a b=\">", "</a"] {
            check(cut, None);
        }
    }
}
