//! OFAC's `SDN_ENHANCED.XML`, streamed. Elements are matched by local name, for the namespace has
//! changed before; feature types by the text that the file itself gives them: each feature has it,
//! and the reference set at the beginning (`featureTypes/featureType/type`) is asked where it has
//! none.

use std::borrow::Cow;
use std::collections::BTreeMap;

use interdict_core::source::Source;
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz::TimeZone};

use super::kept::Kept;
use super::xml::{self, Element, Want};
use super::{Found, Input, Published, SDN_LIST, SourceError, Stated, prose};
use super::{no_type_of_addresses, ticker};

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::OfacSdn)?;
    let mut document = Document::default();
    xml::walk(input, &mut document)?;
    document.finish()
}

/// What has been found.
#[derive(Default)]
struct Document {
    data_as_of: Option<String>,
    feature_types: BTreeMap<String, String>,
    open_type_id: Option<String>,
    entity: Entity,
    /// Judged at the end, when the document's date and types are known, wherever they stand.
    entities: Vec<Entity>,
    kept: Kept,
}

#[derive(Default)]
struct Entity {
    id: String,
    on_list: bool,
    /// Since when it is on the list, as written; the earliest counts.
    dates_published: Vec<String>,
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

impl xml::Document for Document {
    fn open(&mut self, path: &str, element: &Element<'_>) -> Result<Want, SourceError> {
        let attribute = |name| element.attribute(name).map(|value| value.map(Cow::into_owned));
        match path {
            "publicationInfo/dataAsOf"
            | "featureTypes/featureType/type"
            | "entities/entity/sanctionsPrograms/sanctionsProgram"
            | "entities/entity/features/feature/value" => {}
            "featureTypes/featureType" => {
                self.open_type_id = attribute("featureTypeId")?;
                return Ok(Want::Elements);
            }
            "entities/entity" => {
                let id = attribute("id")?.unwrap_or_default();
                self.entity = Entity { id, ..Entity::default() };
                return Ok(Want::Elements);
            }
            "entities/entity/sanctionsLists/sanctionsList" => {
                self.entity.open_date = attribute("datePublished")?;
            }
            "entities/entity/features/feature" => {
                let id = attribute("id")?;
                self.entity.features.push(Feature { id, ..Feature::default() });
                return Ok(Want::Elements);
            }
            "entities/entity/features/feature/type" => {
                if let Some(feature) = self.entity.features.last_mut() {
                    feature.type_id = attribute("featureTypeId")?;
                }
            }
            ""
            | "publicationInfo"
            | "featureTypes"
            | "entities"
            | "entities/entity/sanctionsLists"
            | "entities/entity/sanctionsPrograms"
            | "entities/entity/features" => return Ok(Want::Elements),
            _ => return Ok(Want::Nothing),
        }
        Ok(Want::Text)
    }

    fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError> {
        let feature = self.entity.features.last_mut();
        match (path, feature) {
            ("publicationInfo/dataAsOf", _) => self.data_as_of = Some(text.trim().to_owned()),
            ("featureTypes/featureType/type", _) => {
                if let Some(id) = self.open_type_id.take().filter(|_| !text.trim().is_empty()) {
                    self.kept.add(&[&id, text])?;
                    self.feature_types.insert(id, text.trim().to_owned());
                }
            }
            ("entities/entity/sanctionsLists/sanctionsList", _) if text.trim() == SDN_LIST => {
                self.entity.on_list = true;
                if let Some(date) = self.entity.open_date.take() {
                    self.kept.add(&[&date])?;
                    self.entity.dates_published.push(date);
                }
            }
            ("entities/entity/sanctionsPrograms/sanctionsProgram", _) => {
                self.kept.add(&[text])?;
                self.entity.programs.push(text.trim().to_owned());
            }
            ("entities/entity/features/feature/type", Some(feature)) => {
                text.trim().clone_into(&mut feature.type_text);
            }
            // Nothing is trimmed here: what is published is judged as it is.
            ("entities/entity/features/feature/value", Some(feature)) => {
                text.clone_into(&mut feature.value);
            }
            ("entities/entity/features/feature", Some(feature)) => {
                if feature.may_be_an_address(&self.feature_types) {
                    let ids = [&feature.id, &feature.type_id].map(|id| id.as_deref());
                    let [id, type_id] = ids.map(Option::unwrap_or_default);
                    self.kept.add(&[id, type_id, &feature.type_text, &feature.value])?;
                } else {
                    self.entity.features.pop();
                }
            }
            ("entities/entity", _) => {
                let entity = std::mem::take(&mut self.entity);
                if entity.features.is_empty() {
                    self.kept.give_back(entity.programs.iter().chain(&entity.dates_published));
                } else {
                    self.kept.add(&[&entity.id])?;
                    self.entities.push(entity);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Document {
    fn finish(self) -> Result<Found, SourceError> {
        let data_as_of = self.data_as_of.ok_or(SourceError::NoDataAsOf)?;
        let data_as_of =
            moment(&data_as_of).ok_or_else(|| SourceError::DataAsOf(data_as_of.clone()))?;
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
            let addresses = self.features.iter().filter(|f| f.ticker(feature_types).is_some());
            found.pass_over(&self.id, addresses.count());
            return Ok(());
        }
        let day = |date: &String| {
            let unreadable =
                |_| SourceError::DatePublished { uid: self.id.clone(), date: date.clone() };
            date.trim().parse::<Date>().map_err(unreadable)
        };
        let days = self.dates_published.iter().map(day).collect::<Result<Vec<_>, _>>()?;
        let designated_on = days.into_iter().min();
        for feature in &self.features {
            let published = |tickers| Published {
                value: &feature.value,
                tickers,
                uid: &self.id,
                feature: feature.id.as_deref(),
                designated_on,
                valid_until: None,
                programs: &self.programs,
            };
            match feature.ticker(feature_types) {
                Some(ticker) => found.take(&published(&[ticker.to_owned()])),
                None if prose::claims_evm(&feature.value) => {
                    found.set_aside(&published(&[]), &feature.doubt(feature_types));
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// A time with its offset; without one, which the schema permits, it is taken as UTC: a day begins
/// later in Washington, so that this never makes a publication newer than it is.
fn moment(text: &str) -> Option<Timestamp> {
    let in_utc = || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(in_utc)
}

impl Feature {
    /// The ticker of a digital currency address; `None` for features of other kinds.
    fn ticker<'a>(&'a self, feature_types: &'a BTreeMap<String, String>) -> Option<&'a str> {
        ticker(self.type_text(feature_types)?)
    }

    /// Not if its type is known already, and another, and its value has not the shape of one.
    fn may_be_an_address(&self, feature_types: &BTreeMap<String, String>) -> bool {
        let by_type = self.type_text(feature_types).is_none_or(|text| ticker(text).is_some());
        by_type || prose::claims_evm(&self.value)
    }

    /// Why what has an address's shape is none that can be taken.
    fn doubt(&self, feature_types: &BTreeMap<String, String>) -> String {
        if let Some(kind) = self.type_text(feature_types) {
            return no_type_of_addresses(kind);
        }
        let id = self.type_id.as_deref().unwrap_or_default();
        format!("the file does not say what feature type {id:?} is")
    }

    fn type_text<'a>(&'a self, feature_types: &'a BTreeMap<String, String>) -> Option<&'a str> {
        if self.type_text.is_empty() {
            return feature_types.get(self.type_id.as_ref()?).map(String::as_str);
        }
        Some(&self.type_text)
    }
}
