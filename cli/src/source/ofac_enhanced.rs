//! OFAC's `SDN_ENHANCED.XML`, streamed. Elements are matched by local name, for the namespace has
//! changed before; feature types by the text that the file itself gives them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use interdict_core::source::Source;
use jiff::{Timestamp, civil::Date};

use super::xml::{self, Element, Want};
use super::{Found, Input, Published, ROWS_MAX, SDN_LIST, SourceError, Stated, ticker};

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
    /// How many features they have.
    kept: usize,
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

impl xml::Document for Document {
    fn open(&mut self, path: &str, element: &Element<'_>) -> Result<Want, SourceError> {
        let attribute = |name| element.attribute(name).map(|value| value.map(Cow::into_owned));
        match path {
            "publicationInfo/dataAsOf"
            | "entities/entity/sanctionsPrograms/sanctionsProgram"
            | "entities/entity/features/feature/value" => {}
            "featureTypes/featureType" => self.open_type_id = attribute("featureTypeId")?,
            "entities/entity" => {
                let id = attribute("id")?.unwrap_or_default();
                self.entity = Entity { id, ..Entity::default() };
                return Ok(Want::Elements);
            }
            "entities/entity/sanctionsLists/sanctionsList" => {
                self.entity.open_date = attribute("datePublished")?;
            }
            "entities/entity/features/feature" => {
                if self.kept == ROWS_MAX {
                    return Err(element.malformed(format!("over {ROWS_MAX} features are kept")));
                }
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
            ("featureTypes/featureType", _) => {
                if let Some(id) = self.open_type_id.take() {
                    self.feature_types.insert(id, text.trim().to_owned());
                }
            }
            ("entities/entity/sanctionsLists/sanctionsList", _) if text.trim() == SDN_LIST => {
                self.entity.on_list = true;
                self.entity.date_published = self.entity.open_date.take();
            }
            ("entities/entity/sanctionsPrograms/sanctionsProgram", _) => {
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
                    self.kept += 1;
                } else {
                    self.entity.features.pop();
                }
            }
            ("entities/entity", _) => {
                let entity = std::mem::take(&mut self.entity);
                if !entity.features.is_empty() {
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
            let addresses = self.features.iter().filter(|f| f.ticker(feature_types).is_some());
            found.pass_over(&self.id, addresses.count());
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
                valid_until: None,
                programs: &self.programs,
            });
        }
        Ok(())
    }
}

impl Feature {
    /// The ticker of a digital currency address; `None` for features of other kinds.
    fn ticker<'a>(&'a self, feature_types: &'a BTreeMap<String, String>) -> Option<&'a str> {
        ticker(self.type_text(feature_types)?)
    }

    /// Not if its type is known already, and another.
    fn may_be_an_address(&self, feature_types: &BTreeMap<String, String>) -> bool {
        self.type_text(feature_types).is_none_or(|text| ticker(text).is_some())
    }

    fn type_text<'a>(&'a self, feature_types: &'a BTreeMap<String, String>) -> Option<&'a str> {
        if self.type_text.is_empty() {
            return feature_types.get(self.type_id.as_ref()?).map(String::as_str);
        }
        Some(&self.type_text)
    }
}
