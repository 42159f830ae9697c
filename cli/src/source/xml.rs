//! What the XML formats share: one streaming walk that knows elements by the path of their local
//! names, for namespaces have changed before. It allocates nothing for what a format does not want,
//! and whatever a file holds, its memory is bounded: no entity is expanded, nothing is kept.

use std::borrow::Cow;
use std::io::{self, BufRead};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::SourceError;
use super::window::Window;

/// Deeper than any known schema.
const DEPTH_MAX: usize = 64;

/// How much of a document is seen at a time. Two tags stand within it with all that is between
/// them, be it text or comments: the longest remark of any list is a fraction of it.
const WINDOW_BYTES: usize = 256 * 1024;

/// The longest text of one element that a format wants.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// May stand before a document, and does not count in its reader's positions.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a format wants of an element that has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Its text; it has no elements within.
    Text,
    /// The elements within it.
    Elements,
    /// Nothing: it is passed over with all that is within it, and its end is not told.
    Nothing,
}

/// One format's view of a document. A path is the local names from below the root, joined by `/`;
/// the root's own is empty.
pub(super) trait Document {
    fn open(&mut self, path: &str, element: &Element<'_>) -> Result<Want, SourceError>;

    /// The end of an element of which something was wanted, with its text if that was.
    fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError>;
}

/// An element that has just opened.
pub(super) struct Element<'a> {
    start: &'a BytesStart<'a>,
    at: u64,
}

impl Element<'_> {
    /// An attribute's value. Written twice, it is an error.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<Cow<'_, str>>, SourceError> {
        let mut found = None;
        // The check for any attribute that is written twice takes the square of their number.
        for attribute in self.start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.malformed(error.to_string()))?;
            if attribute.key.as_ref() != name {
                continue;
            }
            if found.is_some() {
                return Err(self.malformed(format!("the attribute {name} is written twice")));
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            found = Some(value.map_err(|error| self.malformed(error.to_string()))?);
        }
        Ok(found)
    }

    /// A fault of the document at this element.
    pub(super) fn malformed(&self, reason: impl Into<String>) -> SourceError {
        SourceError::Malformed { at: self.at, reason: reason.into() }
    }
}

/// The local name of a document's root element.
pub(super) fn root(beginning: &str) -> Result<String, SourceError> {
    let mut reader = Reader::from_str(beginning);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                return Ok(start.local_name().as_ref().to_owned());
            }
            Ok(Event::DocType(doctype))
                if doctype.trim_start().to_lowercase().starts_with("html") =>
            {
                return Err(SourceError::WebPage);
            }
            Ok(Event::Eof) => return Err(SourceError::Truncated(reader.buffer_position())),
            Ok(_) => {}
            Err(error) => return Err(malformed(&error, reader.error_position())),
        }
    }
}

/// Walks a document from its first to its last byte.
pub(super) fn walk(input: impl BufRead, document: &mut impl Document) -> Result<(), SourceError> {
    walk_through(Window::new(input, WINDOW_BYTES), document)
}

fn walk_through(
    mut window: Window<impl BufRead>,
    document: &mut impl Document,
) -> Result<(), SourceError> {
    let mut walk = Walk::new(document);
    window.advance(0)?;
    if window.bytes().starts_with(BYTE_ORDER_MARK) {
        window.advance(BYTE_ORDER_MARK.len())?;
    }
    loop {
        let done = walk.pieces(window.bytes(), window.offset(), window.reaches_end())?;
        if window.reaches_end() {
            return Ok(());
        }
        if done == 0 {
            let reason = format!("between two tags stand over {} bytes", window.bytes().len());
            return Err(SourceError::Malformed { at: window.offset(), reason });
        }
        window.advance(done)?;
    }
}

/// The part of the document that is open.
struct Walk<'d, D> {
    document: &'d mut D,
    path: String,
    /// Where in the path each open element's name ends, the root's first.
    ends: Vec<usize>,
    /// How many open elements are passed over, within those of the path.
    passed_over: usize,
    /// The full names of all open elements, and where each begins.
    names: String,
    begins: Vec<usize>,
    want: Want,
    text: String,
    has_ended: bool,
}

impl<'d, D: Document> Walk<'d, D> {
    fn new(document: &'d mut D) -> Self {
        Self {
            document,
            path: String::new(),
            ends: Vec::with_capacity(DEPTH_MAX),
            passed_over: 0,
            names: String::new(),
            begins: Vec::with_capacity(DEPTH_MAX),
            want: Want::Elements,
            text: String::new(),
            has_ended: false,
        }
    }

    /// Takes what is whole within a window and says where the last tag begins: with it, which was
    /// taken and is then passed over, the next window shall begin.
    fn pieces(&mut self, bytes: &[u8], offset: u64, is_last: bool) -> Result<usize, SourceError> {
        let mut reader = Reader::from_reader(bytes);
        let config = reader.config_mut();
        // Names are compared here, for the elements around a window are not known to its reader.
        (config.check_end_names, config.allow_unmatched_ends) = (false, true);
        self.text.clear();
        let mut was_taken = self.has_ended || !self.begins.is_empty();
        let mut tag = 0;
        loop {
            // Where no text is wanted, the space between elements makes no event. Where text is
            // wanted it is not trimmed: what is published is judged as it is.
            reader.config_mut().trim_text_start = was_taken || self.want != Want::Text;
            let begin = position(&reader);
            let event = reader.read_event();
            let end = position(&reader);
            let is_cut = end == bytes.len() || matches!(event, Err(quick_xml::Error::Syntax(_)));
            if is_cut && !is_last {
                return Ok(tag);
            }
            let at = offset + end as u64;
            let event = event.map_err(|e| malformed(&e, offset + reader.error_position()))?;
            match event {
                Event::Start(_) | Event::Empty(_) | Event::End(_) if was_taken => was_taken = false,
                Event::Eof if self.has_ended => return Ok(end),
                Event::Eof => return Err(SourceError::Truncated(at)),
                event => {
                    if matches!(event, Event::Start(_) | Event::Empty(_) | Event::End(_)) {
                        tag = begin;
                    }
                    self.take(event, at)?;
                }
            }
        }
    }

    fn take(&mut self, event: Event<'_>, at: u64) -> Result<(), SourceError> {
        match event {
            Event::Start(start) => self.open(&start, at),
            Event::Empty(start) => {
                self.open(&start, at)?;
                self.close(start.name().as_ref(), at)
            }
            Event::End(end) => self.close(end.name().as_ref(), at),
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if self.want != Want::Text => {
                Ok(())
            }
            Event::Text(text) => self.text(&text.xml10_content(), at),
            Event::CData(text) => self.text(&text.xml10_content(), at),
            Event::GeneralRef(reference) => self.text(&resolve(&reference, at)?, at),
            _ => Ok(()),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), SourceError> {
        let malformed = |reason: String| Err(SourceError::Malformed { at, reason });
        if self.begins.len() == DEPTH_MAX {
            return malformed(format!("elements stand more than {DEPTH_MAX} deep"));
        }
        self.begins.push(self.names.len());
        self.names.push_str(start.name().as_ref());
        if self.passed_over > 0 {
            self.passed_over += 1;
            return Ok(());
        }
        if self.has_ended {
            return malformed("a second root element follows the first".to_owned());
        }
        if self.want == Want::Text {
            return malformed(format!("an element stands within the text of {}", self.path));
        }
        let length = self.path.len();
        if !self.ends.is_empty() {
            if length > 0 {
                self.path.push('/');
            }
            self.path.push_str(start.local_name().as_ref());
        }
        self.want = self.document.open(&self.path, &Element { start, at })?;
        self.text.clear();
        if self.want == Want::Nothing {
            self.path.truncate(length);
            self.passed_over = 1;
        } else {
            self.ends.push(self.path.len());
        }
        Ok(())
    }

    fn close(&mut self, name: &str, at: u64) -> Result<(), SourceError> {
        let malformed = |reason: String| Err(SourceError::Malformed { at, reason });
        let Some(begin) = self.begins.pop() else {
            return malformed(format!("</{name}> ends what nothing began"));
        };
        if &self.names[begin..] != name {
            return malformed(format!("</{name}> ends what <{}> began", &self.names[begin..]));
        }
        self.names.truncate(begin);
        if self.passed_over > 0 {
            self.passed_over -= 1;
        } else {
            self.document.close(&self.path, &self.text)?;
            self.text.clear();
            self.ends.pop();
            self.path.truncate(self.ends.last().copied().unwrap_or(0));
        }
        self.has_ended = self.begins.is_empty();
        self.want = if self.passed_over > 0 { Want::Nothing } else { Want::Elements };
        Ok(())
    }

    fn text(&mut self, piece: &str, at: u64) -> Result<(), SourceError> {
        if self.text.len() + piece.len() > TEXT_BYTES_MAX {
            let reason = format!("the text of {} is over {TEXT_BYTES_MAX} bytes", self.path);
            return Err(SourceError::Malformed { at, reason });
        }
        self.text.push_str(piece);
        Ok(())
    }
}

/// How far a reader is within its window.
fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// The character that a reference names. There are no entities but XML's own five.
fn resolve<'a>(reference: &'a BytesRef<'_>, at: u64) -> Result<Cow<'a, str>, SourceError> {
    let broken = |reason: String| SourceError::Malformed { at, reason };
    if let Some(char) = reference.resolve_char_ref().map_err(|e| broken(e.to_string()))? {
        return Ok(char.to_string().into());
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .map(Cow::Borrowed)
        .ok_or_else(|| broken(format!("there is no entity &{};", &**reference)))
}

fn malformed(error: &quick_xml::Error, at: u64) -> SourceError {
    match error {
        quick_xml::Error::Io(error) => {
            SourceError::Io(io::Error::new(error.kind(), error.to_string()))
        }
        quick_xml::Error::Syntax(_) => SourceError::Truncated(at),
        error => SourceError::Malformed { at, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what it is told.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Document for Told {
        fn open(&mut self, path: &str, element: &Element<'_>) -> Result<Want, SourceError> {
            let id = element.attribute("id")?;
            self.0.push(format!("<{path} {}", id.unwrap_or_default()));
            Ok(match path.rsplit('/').next() {
                Some("value") => Want::Text,
                Some("other") => Want::Nothing,
                _ => Want::Elements,
            })
        }

        fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError> {
            self.0.push(format!("{path}> {text}"));
            Ok(())
        }
    }

    fn told(text: &str, window_bytes: usize) -> Result<Vec<String>, String> {
        let mut told = Told::default();
        walk_through(Window::new(text.as_bytes(), window_bytes), &mut told)
            .map_err(|error| error.to_string())?;
        Ok(told.0)
    }

    const TEXT: &str = "\u{feff}<?xml version='1.0'?>\n<!-- > -->\n<r:root xmlns:r='urn:r'>
  <a id='1 > 0 &amp; 1'>
    <value> \u{feff}x &lt;&#x30;<!-- </value> -->y<![CDATA[ <z> ]]> </value>
    <other><a id='2'/> text <value>x</value><![CDATA[</other>]]></other>
    <value/><value id=\"'\">\u{200b}0\u{430}</value >
  </a>
</r:root>
<!-- end -->";

    #[test]
    fn what_is_told_does_not_depend_on_where_windows_end() {
        let whole = told(TEXT, TEXT.len() + 1).unwrap();
        assert_eq!(
            whole,
            [
                "< ",
                "<a 1 > 0 & 1",
                "<a/value ",
                "a/value>  \u{feff}x <0y <z>  ",
                "<a/other ",
                "<a/value ",
                "a/value> ",
                "<a/value '",
                "a/value> \u{200b}0\u{430}",
                "a> ",
                "> ",
            ]
        );
        // The longest that stands between two tags here has 74 bytes.
        for window_bytes in 120..=TEXT.len() {
            assert_eq!(told(TEXT, window_bytes).as_ref(), Ok(&whole), "{window_bytes}");
        }
        assert!(told(TEXT, 60).unwrap_err().contains("between two tags stand over 60 bytes"));
    }

    #[test]
    fn hostile_documents_are_refused_for_what_they_do() {
        let check = |text: &str, expected: &str| {
            for window_bytes in [64, WINDOW_BYTES] {
                let error = told(text, window_bytes).unwrap_err();
                assert!(error.contains(expected), "{error}");
            }
        };
        check(&"<a>".repeat(DEPTH_MAX + 1), "deep");
        check(&format!("<a><other>{}", "<a>".repeat(DEPTH_MAX)), "deep");
        check("<a></a><a></a>", "second root");
        check("</>", "nothing began");
        check("<a></a></a>", "nothing began");
        check("<a><b></a></b>", "</a> ends what <b> began");
        check("<a><other><b></other></b></a>", "</other> ends what <b> began");
        check("<a><value>x<b/>y</value></a>", "within the text");
        check("<a><b id='1' id='2'/></a>", "written twice");
        check("<!DOCTYPE a [<!ENTITY x 'y'>]><a><value>&x;</value></a>", "no entity &x;");
        check("<a><value>&#xd800;</value></a>", "not well-formed");
        check("<a", "ends at byte");
        check("<a><b", "ends at byte");
        check("", "ends at byte");
        let long = |bytes| format!("<a><value>{}</value></a>", "x".repeat(bytes));
        assert!(told(&long(TEXT_BYTES_MAX), WINDOW_BYTES).is_ok());
        assert!(told(&long(TEXT_BYTES_MAX + 1), WINDOW_BYTES).unwrap_err().contains("is over"));
        let error = told(&long(WINDOW_BYTES), WINDOW_BYTES).unwrap_err();
        assert!(error.contains("between two tags stand over"), "{error}");
    }
}
