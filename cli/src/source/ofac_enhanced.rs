//! OFAC's `SDN_ENHANCED.XML`, streamed. Elements are matched by local name, for the namespace has
//! changed before; feature types by the text that the file itself gives them.

use std::collections::BTreeMap;
use std::io::BufRead;

use interdict_core::source::Source;
use jiff::{Timestamp, civil::Date};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Found, Published, SourceError, Stated};
use crate::text;

const LIST: &str = "SDN List";
const FEATURE_PREFIX: &str = "Digital Currency Address - ";

/// Deeper than any rendering of the schema.
const DEPTH_MAX: usize = 64;

/// The local name of a document's root element.
pub(super) fn root(beginning: &str) -> Result<String, SourceError> {
    let mut reader = Reader::from_str(beginning);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) => return Ok(local(&start)),
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

pub(super) fn read(input: &mut impl BufRead, stated: &Stated) -> Result<Found, SourceError> {
    if let Some(stated) = stated.source
        && stated != Source::OfacSdn
    {
        return Err(SourceError::OtherSource { found: Source::OfacSdn, stated });
    }
    let mut reader = Reader::from_reader(input);
    let mut document = Document::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => return Err(malformed(&error, reader.error_position())),
        };
        let at = reader.buffer_position();
        match event {
            Event::Start(start) => document.open(&start, at)?,
            Event::Empty(start) => {
                document.open(&start, at)?;
                document.close();
            }
            Event::End(_) => document.close(),
            Event::Text(text) => document.text.push_str(&text.xml10_content()),
            Event::CData(text) => document.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => document.text.push_str(&resolve(&reference, at)?),
            Event::Eof if document.path.is_empty() => break,
            Event::Eof => return Err(SourceError::Truncated(at)),
            _ => {}
        }
    }
    document.finish()
}

/// The part of the document that is open, and what has been found.
#[derive(Default)]
struct Document {
    path: Vec<String>,
    text: String,
    data_as_of: Option<String>,
    feature_types: BTreeMap<String, String>,
    open_type_id: Option<String>,
    entity: Entity,
    /// Judged at the end, when the document's date and types are known, wherever they stand.
    entities: Vec<Entity>,
}

#[derive(Default)]
struct Entity {
    id: String,
    on_list: bool,
    date_published: Option<String>,
    open_date: Option<String>,
    programs: Vec<String>,
    features: Vec<Feature>,
}

#[derive(Default)]
struct Feature {
    id: Option<String>,
    type_id: Option<String>,
    type_text: String,
    value: String,
}

/// What an element is, by its place below the root.
#[derive(Clone, Copy)]
enum Place {
    DataAsOf,
    FeatureType,
    Entity,
    List,
    Program,
    Feature,
    TypeOfFeature,
    Value,
    Other,
}

impl Place {
    fn of(path: &[String]) -> Self {
        let names: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
        match names[..] {
            ["publicationInfo", "dataAsOf"] => Self::DataAsOf,
            ["featureTypes", "featureType"] => Self::FeatureType,
            ["entities", "entity"] => Self::Entity,
            ["entities", "entity", "sanctionsLists", "sanctionsList"] => Self::List,
            ["entities", "entity", "sanctionsPrograms", "sanctionsProgram"] => Self::Program,
            ["entities", "entity", "features", "feature"] => Self::Feature,
            ["entities", "entity", "features", "feature", "type"] => Self::TypeOfFeature,
            ["entities", "entity", "features", "feature", "value"] => Self::Value,
            _ => Self::Other,
        }
    }
}

impl Document {
    fn open(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), SourceError> {
        if self.path.len() == DEPTH_MAX {
            let reason = format!("elements stand more than {DEPTH_MAX} deep");
            return Err(SourceError::Malformed { at, reason });
        }
        self.path.push(local(start));
        self.text.clear();
        match Place::of(&self.path) {
            Place::FeatureType => self.open_type_id = attribute(start, "featureTypeId", at)?,
            Place::Entity => {
                let id = attribute(start, "id", at)?.unwrap_or_default();
                self.entity = Entity { id, ..Entity::default() };
            }
            Place::List => self.entity.open_date = attribute(start, "datePublished", at)?,
            Place::Feature => {
                let id = attribute(start, "id", at)?;
                self.entity.features.push(Feature { id, ..Feature::default() });
            }
            Place::TypeOfFeature => {
                let type_id = attribute(start, "featureTypeId", at)?;
                if let Some(feature) = self.entity.features.last_mut() {
                    feature.type_id = type_id;
                }
            }
            Place::DataAsOf | Place::Program | Place::Value | Place::Other => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        let feature = self.entity.features.last_mut();
        match (Place::of(&self.path), feature) {
            (Place::DataAsOf, _) => self.data_as_of = Some(text.trim().to_owned()),
            (Place::FeatureType, _) => {
                if let Some(id) = self.open_type_id.take() {
                    self.feature_types.insert(id, text.trim().to_owned());
                }
            }
            (Place::List, _) if text.trim() == LIST => {
                self.entity.on_list = true;
                self.entity.date_published = self.entity.open_date.take();
            }
            (Place::Program, _) => self.entity.programs.push(text.trim().to_owned()),
            (Place::TypeOfFeature, Some(feature)) => text.trim().clone_into(&mut feature.type_text),
            // Nothing is trimmed here: what is published is judged as it is.
            (Place::Value, Some(feature)) => feature.value = text,
            (Place::Entity, _) => {
                let entity = std::mem::take(&mut self.entity);
                if !entity.features.is_empty() {
                    self.entities.push(entity);
                }
            }
            _ => {}
        }
        self.path.pop();
    }

    fn finish(self) -> Result<Found, SourceError> {
        let data_as_of = self.data_as_of.ok_or(SourceError::NoDataAsOf)?;
        let data_as_of: Timestamp =
            data_as_of.parse().map_err(|_| SourceError::DataAsOf(data_as_of.clone()))?;
        let mut found = Found::new(Source::OfacSdn, data_as_of);
        for entity in &self.entities {
            entity.judge(&self.feature_types, &mut found)?;
        }
        Ok(found)
    }
}

impl Entity {
    fn judge(
        &self,
        feature_types: &BTreeMap<String, String>,
        found: &mut Found,
    ) -> Result<(), SourceError> {
        if !self.on_list {
            self.pass_over(feature_types, found);
            return Ok(());
        }
        let day = |date: &String| {
            let unreadable =
                |_| SourceError::DatePublished { uid: self.id.clone(), date: date.clone() };
            date.trim().parse::<Date>().map_err(unreadable)
        };
        let designated_on = self.date_published.as_ref().map(day).transpose()?;
        for feature in &self.features {
            let Some(ticker) = feature.ticker(feature_types) else { continue };
            found.take(&Published {
                value: &feature.value,
                tickers: &[ticker.to_owned()],
                uid: &self.id,
                feature: feature.id.as_deref(),
                designated_on,
                programs: &self.programs,
            });
        }
        Ok(())
    }
}

impl Entity {
    /// Another list's person is not this list's, and says so where it has addresses.
    fn pass_over(&self, feature_types: &BTreeMap<String, String>, found: &mut Found) {
        let addresses = self.features.iter().filter(|f| f.ticker(feature_types).is_some()).count();
        if addresses > 0 {
            let addresses = text::count(addresses, "address is", "addresses are");
            let id = text::printable(&self.id);
            found
                .notes
                .push(format!("entity {id} is not on the {LIST}: its {addresses} passed over"));
        }
    }
}

impl Feature {
    /// The ticker of a digital currency address; `None` for features of other kinds.
    fn ticker<'a>(&'a self, feature_types: &'a BTreeMap<String, String>) -> Option<&'a str> {
        let reference = || feature_types.get(self.type_id.as_ref()?).map(String::as_str);
        let text = if self.type_text.is_empty() { reference()? } else { &self.type_text };
        text.strip_prefix(FEATURE_PREFIX)
    }
}

fn local(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

fn attribute(start: &BytesStart<'_>, name: &str, at: u64) -> Result<Option<String>, SourceError> {
    let broken = |reason: String| SourceError::Malformed { at, reason };
    let attribute = start.try_get_attribute(name).map_err(|e| broken(e.to_string()))?;
    let Some(attribute) = attribute else { return Ok(None) };
    let value =
        attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| broken(e.to_string()))?;
    Ok(Some(value.into_owned()))
}

fn resolve(reference: &BytesRef<'_>, at: u64) -> Result<String, SourceError> {
    let broken = |reason: String| SourceError::Malformed { at, reason };
    if let Some(char) = reference.resolve_char_ref().map_err(|e| broken(e.to_string()))? {
        return Ok(char.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .map(str::to_owned)
        .ok_or_else(|| broken(format!("there is no entity &{};", &**reference)))
}

fn malformed(error: &quick_xml::Error, at: u64) -> SourceError {
    match error {
        quick_xml::Error::Io(error) => {
            SourceError::Io(std::io::Error::new(error.kind(), error.to_string()))
        }
        quick_xml::Error::Syntax(_) => SourceError::Truncated(at),
        error => SourceError::Malformed { at, reason: error.to_string() },
    }
}
