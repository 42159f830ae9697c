//! The European Union's consolidated list of financial sanctions, as the XML of version 1.1 of the
//! Financial Sanctions Files (`xmlFullSanctionsList_1_1`).
//!
//! `export@generationDate` is the publication's time. A `sanctionEntity` is a person, by its
//! `logicalId`; the reference number (`EU.27.28`) is printed beside it. The addresses stand in the
//! prose of `remark`s, of the entity or of a name, an identification or an address within it.
//! A regulation of the entity says the programme, and when it was published.

use std::borrow::Cow;
use std::collections::BTreeSet;

use interdict_core::source::Source;
use jiff::{Timestamp, civil::Date};

use super::kept::Kept;
use super::xml::{self, Element, Want};
use super::{Found, Input, Published, SourceError, Stated, prose};

/// More regulations than one entity has.
const REGULATIONS_MAX: usize = 1_000;

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::Eu)?;
    let mut document = Document::default();
    xml::walk(input, &mut document)?;
    document.finish()
}

/// What has been found, and the entity that is open.
#[derive(Default)]
struct Document {
    data_as_of: Option<String>,
    entity: Entity,
    /// Those with addresses.
    entities: Vec<Entity>,
    kept: Kept,
}

#[derive(Default)]
struct Entity {
    id: String,
    /// As published: of the designation, of the regulations.
    designated_on: Option<String>,
    published_on: BTreeSet<String>,
    programmes: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

impl xml::Document for Document {
    fn open(&mut self, path: &str, element: &Element<'_>) -> Result<Want, SourceError> {
        let filled = |value: Cow<'_, str>| Some(value.trim().to_owned()).filter(|v| !v.is_empty());
        let attribute = |name| element.attribute(name).map(|value| value.and_then(filled));
        match path {
            "" => self.data_as_of = attribute("generationDate")?,
            "sanctionEntity" => {
                let Some(id) = attribute("logicalId")? else {
                    return Err(element.malformed("the entity has no logicalId"));
                };
                let designated_on = attribute("designationDate")?;
                self.entity = Entity { id, designated_on, ..Entity::default() };
            }
            "sanctionEntity/regulation" => {
                for (known, said) in [
                    (&mut self.entity.programmes, attribute("programme")?),
                    (&mut self.entity.published_on, attribute("publicationDate")?),
                ] {
                    if known.len() == REGULATIONS_MAX {
                        let reason = format!("over {REGULATIONS_MAX} regulations of one entity");
                        return Err(element.malformed(reason));
                    }
                    known.extend(said);
                }
            }
            _ if path.ends_with("/remark") => return Ok(Want::Text),
            _ => {}
        }
        Ok(Want::Elements)
    }

    fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError> {
        if path.ends_with("/remark") {
            for address in prose::addresses(text) {
                if self.entity.addresses.insert(address.to_owned()) {
                    self.kept.add(&[address])?;
                }
            }
        } else if path == "sanctionEntity" && !self.entity.addresses.is_empty() {
            let entity = std::mem::take(&mut self.entity);
            self.kept.add(&[&entity.id, entity.designated_on.as_deref().unwrap_or_default()])?;
            for text in entity.programmes.iter().chain(&entity.published_on) {
                self.kept.add(&[text])?;
            }
            self.entities.push(entity);
        }
        Ok(())
    }
}

impl Document {
    fn finish(self) -> Result<Found, SourceError> {
        let data_as_of = self.data_as_of.ok_or(SourceError::NoDataAsOf)?;
        let data_as_of: Timestamp =
            data_as_of.parse().map_err(|_| SourceError::DataAsOf(data_as_of.clone()))?;
        let mut found = Found::new(Source::Eu, data_as_of);
        for entity in self.entities {
            entity.judge(&mut found)?;
        }
        Ok(found)
    }
}

impl Entity {
    fn judge(self, found: &mut Found) -> Result<(), SourceError> {
        let day = |date: &String| {
            let unreadable =
                |_| SourceError::DatePublished { uid: self.id.clone(), date: date.clone() };
            date.parse::<Date>().map_err(unreadable)
        };
        let published_on = self.published_on.iter().map(day).collect::<Result<BTreeSet<_>, _>>()?;
        let designated_on = self.designated_on.as_ref().map(day).transpose()?;
        let programmes: Vec<_> = self.programmes.into_iter().collect();
        for address in &self.addresses {
            found.take(&Published {
                value: address,
                uid: &self.id,
                designated_on: designated_on.or_else(|| published_on.first().copied()),
                programs: &programmes,
                ..Published::default()
            });
        }
        Ok(())
    }
}
