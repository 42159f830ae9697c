//! What the XML formats share: one streaming walk that knows elements by the path of their local
//! names, for namespaces have changed before. It allocates nothing for what a format does not want,
//! and whatever a file holds, its memory is bounded: no entity is expanded, nothing is kept.

use std::borrow::Cow;
use std::io::{self, BufRead};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::SourceError;
use super::tag::{self, Tag};
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
        let (bytes, offset, is_last) = (window.bytes(), window.offset(), window.reaches_end());
        let done = walk.pieces(View { bytes, offset, is_last })?;
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
    names: Vec<u8>,
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
            names: Vec::new(),
            begins: Vec::with_capacity(DEPTH_MAX),
            want: Want::Elements,
            text: String::new(),
            has_ended: false,
        }
    }

    /// Takes what is whole within a window and says where the last tag begins: with it, which was
    /// taken and is then passed over, the next window shall begin.
    fn pieces(&mut self, view: View<'_>) -> Result<usize, SourceError> {
        self.text.clear();
        let was_taken = self.has_ended || !self.begins.is_empty();
        let mut place = Place { at: 0, tag: 0, was_taken };
        loop {
            let goes_on = if self.passed_over > 0 && !place.was_taken {
                self.pass_over(view, &mut place)?
            } else {
                self.read(view, &mut place)?
            };
            if !goes_on {
                return Ok(place.tag);
            }
        }
    }

    /// Reads until something is to be passed over; says whether the window goes on.
    fn read(&mut self, view: View<'_>, place: &mut Place) -> Result<bool, SourceError> {
        // A reader takes this for the document's beginning; here it is text that nobody wants.
        if view.bytes[place.at..].starts_with(BYTE_ORDER_MARK) {
            place.at += BYTE_ORDER_MARK.len();
        }
        let start = place.at;
        let mut reader = Reader::from_reader(&view.bytes[start..]);
        let config = reader.config_mut();
        // Names are compared here, for the elements around a window are not known to its reader.
        (config.check_end_names, config.allow_unmatched_ends) = (false, true);
        while self.passed_over == 0 || place.was_taken {
            // Where no text is wanted, the space between elements makes no event. Where text is
            // wanted it is not trimmed: what is published is judged as it is.
            reader.config_mut().trim_text_start = place.was_taken || self.want != Want::Text;
            let begin = place.at;
            let event = reader.read_event();
            place.at = start + position(&reader);
            if view.cuts(place.at, &event) {
                return Ok(false);
            }
            let event = event
                .map_err(|error| malformed(&error, view.at(start) + reader.error_position()))?;
            match event {
                Event::Start(_) | Event::Empty(_) | Event::End(_) if place.was_taken => {
                    place.was_taken = false;
                }
                Event::Eof if self.has_ended => return Ok(false),
                Event::Eof => return Err(SourceError::Truncated(view.at(place.at))),
                event => {
                    if matches!(event, Event::Start(_) | Event::Empty(_) | Event::End(_)) {
                        place.tag = begin;
                    }
                    self.take(event, view.at(place.at))?;
                }
            }
        }
        Ok(true)
    }

    /// Passes over what is not wanted; says whether the window goes on. Elements end in order
    /// there too, but nobody looks at their text.
    fn pass_over(&mut self, view: View<'_>, place: &mut Place) -> Result<bool, SourceError> {
        while self.passed_over > 0 {
            let Some((range, tag)) = tag::next(&view.bytes[place.at..]) else {
                return view.end();
            };
            let begin = place.at + range.start;
            place.at += range.end;
            match tag {
                Tag::Other => {
                    let mut reader = Reader::from_reader(&view.bytes[begin..]);
                    let event = reader.read_event();
                    if matches!(event, Err(quick_xml::Error::Syntax(_))) {
                        return view.end();
                    }
                    event.map_err(|error| malformed(&error, view.at(begin)))?;
                    place.at = begin + position(&reader);
                    continue;
                }
                Tag::Start(name) => {
                    self.begin(name, view.at(place.at))?;
                    self.passed_over += 1;
                }
                Tag::Empty => self.check_depth(view.at(place.at))?,
                Tag::End(name) => self.close(name, view.at(place.at))?,
            }
            place.tag = begin;
        }
        Ok(true)
    }

    fn take(&mut self, event: Event<'_>, at: u64) -> Result<(), SourceError> {
        match event {
            Event::Start(start) => self.open(&start, at),
            Event::Empty(start) => {
                self.open(&start, at)?;
                self.close(start.name().as_ref().as_bytes(), at)
            }
            Event::End(end) => self.close(end.name().as_ref().as_bytes(), at),
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
        self.begin(start.name().as_ref().as_bytes(), at)?;
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

    fn check_depth(&self, at: u64) -> Result<(), SourceError> {
        if self.begins.len() < DEPTH_MAX {
            return Ok(());
        }
        let reason = format!("elements stand more than {DEPTH_MAX} deep");
        Err(SourceError::Malformed { at, reason })
    }

    fn begin(&mut self, name: &[u8], at: u64) -> Result<(), SourceError> {
        self.check_depth(at)?;
        self.begins.push(self.names.len());
        self.names.extend_from_slice(name);
        Ok(())
    }

    fn close(&mut self, name: &[u8], at: u64) -> Result<(), SourceError> {
        let malformed = |began: &[u8]| {
            let [name, began] = [name, began].map(String::from_utf8_lossy);
            let reason = format!("</{name}> ends what {began} began");
            Err(SourceError::Malformed { at, reason })
        };
        let Some(begin) = self.begins.pop() else { return malformed(b"nothing") };
        if self.names[begin..] != *name {
            return malformed(&self.names[begin..]);
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

/// What a window shows of a document.
#[derive(Clone, Copy)]
struct View<'a> {
    bytes: &'a [u8],
    offset: u64,
    is_last: bool,
}

impl View<'_> {
    /// Where in the document a place of the window is.
    const fn at(&self, place: usize) -> u64 {
        self.offset + place as u64
    }

    /// Whether an event that ends there may go on in the next window.
    fn cuts(&self, end: usize, event: &Result<Event<'_>, quick_xml::Error>) -> bool {
        let is_cut = end == self.bytes.len() || matches!(event, Err(quick_xml::Error::Syntax(_)));
        is_cut && !self.is_last
    }

    /// There is no whole tag any more: the window does not go on.
    fn end(&self) -> Result<bool, SourceError> {
        if self.is_last {
            Err(SourceError::Truncated(self.at(self.bytes.len())))
        } else {
            Ok(false)
        }
    }
}

/// How far a window is read.
struct Place {
    at: usize,
    /// Where the last tag begins.
    tag: usize,
    /// Whether the tag at the window's beginning, which was taken before, is still to come.
    was_taken: bool,
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
#[path = "xml_tests.rs"]
mod tests;
