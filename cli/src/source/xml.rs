//! What the XML formats share: one streaming walk that knows elements by the path of their local
//! names, for namespaces have changed before. It allocates nothing for what a format does not want,
//! and whatever a file holds, its memory is bounded: no entity is expanded, nothing is kept.

use std::borrow::Cow;
use std::io::{self, BufRead};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::SourceError;
use super::metered::Metered;

/// Deeper than any known schema.
const DEPTH_MAX: usize = 64;

/// The longest tag, comment or run of text; the longest remark of any list is a fraction of it.
const PIECE_BYTES_MAX: usize = 256 * 1024;

/// The longest text of one element that a format wants, from all its pieces.
const TEXT_BYTES_MAX: usize = 256 * 1024;

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
    let mut reader = Reader::from_reader(Metered::new(input));
    let mut walk = Walk::new(document);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().refill(PIECE_BYTES_MAX);
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(_) if reader.get_ref().is_exhausted() => {
                let reason = format!("one piece is longer than {PIECE_BYTES_MAX} bytes");
                return Err(SourceError::Malformed { at: reader.buffer_position(), reason });
            }
            Err(error) => return Err(malformed(&error, reader.error_position())),
        };
        let at = reader.buffer_position();
        match event {
            Event::Start(start) => walk.open(&start, at)?,
            Event::Empty(start) => {
                walk.open(&start, at)?;
                walk.close()?;
            }
            Event::End(_) => walk.close()?,
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if !walk.wants_text() => {}
            Event::Text(text) => walk.text(&text.xml10_content(), at)?,
            Event::CData(text) => walk.text(&text.xml10_content(), at)?,
            Event::GeneralRef(reference) => walk.text(&resolve(&reference, at)?, at)?,
            Event::Eof if walk.is_complete() => return Ok(()),
            Event::Eof => return Err(SourceError::Truncated(at)),
            _ => {}
        }
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
            want: Want::Elements,
            text: String::new(),
            has_ended: false,
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), SourceError> {
        let malformed = |reason: String| Err(SourceError::Malformed { at, reason });
        if self.ends.len() + self.passed_over == DEPTH_MAX {
            return malformed(format!("elements stand more than {DEPTH_MAX} deep"));
        }
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

    fn close(&mut self) -> Result<(), SourceError> {
        if self.passed_over > 0 {
            self.passed_over -= 1;
        } else {
            self.document.close(&self.path, &self.text)?;
            self.text.clear();
            self.ends.pop();
            self.path.truncate(self.ends.last().copied().unwrap_or(0));
        }
        self.has_ended = self.ends.is_empty() && self.passed_over == 0;
        self.want = if self.passed_over > 0 { Want::Nothing } else { Want::Elements };
        Ok(())
    }

    fn wants_text(&self) -> bool {
        self.want == Want::Text
    }

    fn text(&mut self, piece: &str, at: u64) -> Result<(), SourceError> {
        if self.text.len() + piece.len() > TEXT_BYTES_MAX {
            let reason = format!("the text of {} is over {TEXT_BYTES_MAX} bytes", self.path);
            return Err(SourceError::Malformed { at, reason });
        }
        self.text.push_str(piece);
        Ok(())
    }

    const fn is_complete(&self) -> bool {
        self.has_ended
    }
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
