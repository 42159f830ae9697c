//! OFAC's `SDN_ADVANCED.XML`, streamed. Everything is a number there, and the file's own reference
//! sets say what each means: they come first, then the parties with their features, then the
//! entries that say when and under which programs a party stands on which list.
//!
//! Of some 120 MB only the parties that have digital currency addresses are kept.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use interdict_core::source::Source;
use jiff::civil::Date;

use super::kept::Kept;
use super::xml::{self, Element, Want};
use super::{Found, Input, Published, SDN_LIST, SourceError, Stated, prose};
use super::{midnight, no_type_of_addresses, ticker};

/// What the reference sets call the measure whose comment is a program's code.
const PROGRAM: &str = "Program";

/// What the reference sets call the event whose date is the designation's.
const CREATED: &str = "Created";

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::OfacSdn)?;
    let mut document = Document::default();
    xml::walk(input, &mut document)?;
    document.finish()
}

/// What has been found.
#[derive(Default)]
struct Document {
    issued: Written,
    sets: Sets,
    /// The attribute `ID` of the reference value that is open.
    open_id: Option<String>,
    uid: String,
    profile: Profile,
    /// Those that have addresses, by the profile's id.
    profiles: BTreeMap<String, Profile>,
    kept: Kept,
    has_entries: bool,
    entry: Entry,
}

/// What the numbers of this file mean.
#[derive(Default)]
struct Sets {
    features: BTreeMap<String, FeatureType>,
    lists: BTreeSet<String>,
    programs: BTreeSet<String>,
    created: BTreeSet<String>,
}

/// What a number of a feature's type means.
struct FeatureType {
    text: String,
    /// `None` if it is not of addresses.
    ticker: Option<String>,
}

#[derive(Default)]
struct Profile {
    id: String,
    uid: String,
    features: Vec<Feature>,
    on_list: bool,
    designated_on: Option<Date>,
    programs: Vec<String>,
}

struct Feature {
    id: Option<String>,
    type_id: String,
    /// As published; one for each detail.
    values: Vec<String>,
}

/// The entry of a kept profile that is open.
#[derive(Default)]
struct Entry {
    profile_id: String,
    date: Written,
}

/// A date in its parts, each as written.
#[derive(Default)]
struct Written {
    year: String,
    month: String,
    day: String,
}

impl xml::Document for Document {
    fn open(&mut self, path: &str, element: &Element<'_>) -> Result<Want, SourceError> {
        match path {
            "" => {
                if element.attribute("DeltaBaseVersion")?.is_some() {
                    return Err(SourceError::Delta);
                }
            }
            "DateOfIssue"
            | "ReferenceValueSets"
            | "ReferenceValueSets/FeatureTypeValues"
            | "ReferenceValueSets/ListValues"
            | "ReferenceValueSets/SanctionsTypeValues"
            | "ReferenceValueSets/EntryEventTypeValues"
            | "DistinctParties/DistinctParty/Profile/Feature/FeatureVersion"
            | "SanctionsEntries/SanctionsEntry/EntryEvent/Date" => {}
            "DateOfIssue/Year"
            | "DateOfIssue/Month"
            | "DateOfIssue/Day"
            | "DistinctParties/DistinctParty/Profile/Feature/FeatureVersion/VersionDetail"
            | "SanctionsEntries/SanctionsEntry/EntryEvent/Date/Year"
            | "SanctionsEntries/SanctionsEntry/EntryEvent/Date/Month"
            | "SanctionsEntries/SanctionsEntry/EntryEvent/Date/Day"
            | "SanctionsEntries/SanctionsEntry/SanctionsMeasure/Comment" => return Ok(Want::Text),
            "ReferenceValueSets/FeatureTypeValues/FeatureType"
            | "ReferenceValueSets/ListValues/List"
            | "ReferenceValueSets/SanctionsTypeValues/SanctionsType"
            | "ReferenceValueSets/EntryEventTypeValues/EntryEventType" => {
                self.open_id = Some(id(element, "ID")?);
                return Ok(Want::Text);
            }
            "DistinctParties" => self.check_order(element)?,
            "DistinctParties/DistinctParty" => self.uid = id(element, "FixedRef")?,
            "DistinctParties/DistinctParty/Profile" => {
                let (id, uid) = (id(element, "ID")?, self.uid.clone());
                self.profile = Profile { id, uid, ..Profile::default() };
            }
            "DistinctParties/DistinctParty/Profile/Feature" => return self.open_feature(element),
            "SanctionsEntries" => self.has_entries = true,
            "SanctionsEntries/SanctionsEntry" => return self.open_entry(element),
            "SanctionsEntries/SanctionsEntry/EntryEvent" => {
                return among(&self.sets.created, element, "EntryEventTypeID");
            }
            "SanctionsEntries/SanctionsEntry/SanctionsMeasure" => {
                return among(&self.sets.programs, element, "SanctionsTypeID");
            }
            _ => return Ok(Want::Nothing),
        }
        Ok(Want::Elements)
    }

    fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError> {
        match path {
            "DateOfIssue/Year" => text.trim().clone_into(&mut self.issued.year),
            "DateOfIssue/Month" => text.trim().clone_into(&mut self.issued.month),
            "DateOfIssue/Day" => text.trim().clone_into(&mut self.issued.day),
            "ReferenceValueSets/FeatureTypeValues/FeatureType"
            | "ReferenceValueSets/ListValues/List"
            | "ReferenceValueSets/SanctionsTypeValues/SanctionsType"
            | "ReferenceValueSets/EntryEventTypeValues/EntryEventType" => {
                if let Some(id) = self.open_id.take() {
                    self.kept.add(&[&id, text])?;
                    self.sets.learn(path, id, text.trim());
                }
            }
            // Nothing is trimmed here: what is published is judged as it is.
            "DistinctParties/DistinctParty/Profile/Feature/FeatureVersion/VersionDetail" => {
                if let Some(feature) = self.profile.features.last_mut()
                    && (self.sets.may_be_of_addresses(feature) || prose::claims_evm(text))
                {
                    self.kept.add(&[text])?;
                    feature.values.push(text.to_owned());
                }
            }
            "DistinctParties/DistinctParty/Profile/Feature" => self.close_feature()?,
            "DistinctParties/DistinctParty/Profile" => self.close_profile()?,
            "SanctionsEntries/SanctionsEntry/EntryEvent" => self.date_profile()?,
            "SanctionsEntries/SanctionsEntry/EntryEvent/Date/Year" => {
                text.trim().clone_into(&mut self.entry.date.year);
            }
            "SanctionsEntries/SanctionsEntry/EntryEvent/Date/Month" => {
                text.trim().clone_into(&mut self.entry.date.month);
            }
            "SanctionsEntries/SanctionsEntry/EntryEvent/Date/Day" => {
                text.trim().clone_into(&mut self.entry.date.day);
            }
            "SanctionsEntries/SanctionsEntry/SanctionsMeasure/Comment" => {
                if let Some(profile) = self.profiles.get_mut(&self.entry.profile_id)
                    && !text.trim().is_empty()
                {
                    self.kept.add(&[text])?;
                    profile.programs.push(text.trim().to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Document {
    /// What the numbers mean must be known before they are met, and parties before their entries.
    fn check_order(&self, element: &Element<'_>) -> Result<(), SourceError> {
        let sets = &self.sets;
        let lacks = match () {
            () if sets.features.is_empty() => "a type of feature",
            () if sets.lists.is_empty() => SDN_LIST,
            () if sets.programs.is_empty() => PROGRAM,
            () if sets.created.is_empty() => CREATED,
            () if self.has_entries => {
                return Err(element.malformed("its parties stand after its entries"));
            }
            () => return Ok(()),
        };
        Err(element.malformed(format!("the reference sets before its parties lack {lacks}")))
    }

    fn open_feature(&mut self, element: &Element<'_>) -> Result<Want, SourceError> {
        let type_id = id(element, "FeatureTypeID")?;
        let id = element.attribute("ID")?.map(Cow::into_owned);
        self.profile.features.push(Feature { id, type_id, values: Vec::new() });
        Ok(Want::Elements)
    }

    /// A feature of another type is kept only for what has an address's shape in it.
    fn close_feature(&mut self) -> Result<(), SourceError> {
        let Some(feature) = self.profile.features.last() else { return Ok(()) };
        if self.sets.may_be_of_addresses(feature) || !feature.values.is_empty() {
            return self.kept.add(&[feature.id.as_deref().unwrap_or_default(), &feature.type_id]);
        }
        self.profile.features.pop();
        Ok(())
    }

    fn close_profile(&mut self) -> Result<(), SourceError> {
        let profile = std::mem::take(&mut self.profile);
        if profile.features.is_empty() {
            return Ok(());
        }
        self.kept.add(&[&profile.id, &profile.id, &profile.uid])?;
        match self.profiles.insert(profile.id.clone(), profile) {
            Some(twice) => Err(SourceError::Twice(twice.id)),
            None => Ok(()),
        }
    }

    /// Only what is said of kept parties on this list is wanted.
    fn open_entry(&mut self, element: &Element<'_>) -> Result<Want, SourceError> {
        let profile_id = element.attribute("ProfileID")?.unwrap_or_default();
        let Some(profile) = self.profiles.get_mut(&*profile_id) else { return Ok(Want::Nothing) };
        let want = among(&self.sets.lists, element, "ListID")?;
        if want == Want::Elements {
            profile.on_list = true;
            self.entry.profile_id = profile_id.into_owned();
        }
        Ok(want)
    }

    /// A party that was created twice was designated the first time.
    fn date_profile(&mut self) -> Result<(), SourceError> {
        let day = std::mem::take(&mut self.entry.date);
        let Some(profile) = self.profiles.get_mut(&self.entry.profile_id) else { return Ok(()) };
        let Some(day) = day.read().transpose() else { return Ok(()) };
        let uid = profile.uid.clone();
        let day = day.map_err(|date| SourceError::DatePublished { uid, date })?;
        profile.designated_on = Some(profile.designated_on.map_or(day, |known| known.min(day)));
        Ok(())
    }

    fn finish(self) -> Result<Found, SourceError> {
        let issued = self.issued.read().map_err(SourceError::DataAsOf)?;
        let data_as_of = midnight(issued.ok_or(SourceError::NoDataAsOf)?)?;
        let mut found = Found::new(Source::OfacSdn, data_as_of);
        for profile in self.profiles.values() {
            profile.judge(&self.sets, &mut found);
        }
        Ok(found)
    }
}

impl Sets {
    fn learn(&mut self, path: &str, id: String, text: &str) {
        let set = match (path.rsplit('/').next(), text) {
            (Some("FeatureType"), _) => {
                let ticker = ticker(text).map(str::to_owned);
                self.features.insert(id, FeatureType { text: text.to_owned(), ticker });
                return;
            }
            (Some("List"), SDN_LIST) => &mut self.lists,
            (Some("SanctionsType"), PROGRAM) => &mut self.programs,
            (Some("EntryEventType"), CREATED) => &mut self.created,
            _ => return,
        };
        set.insert(id);
    }

    /// Whether its type is of addresses, or is not known.
    fn may_be_of_addresses(&self, feature: &Feature) -> bool {
        self.features.get(&feature.type_id).is_none_or(|kind| kind.ticker.is_some())
    }
}

impl Profile {
    fn judge(&self, sets: &Sets, found: &mut Found) {
        if !self.on_list {
            let ticker = |f: &Feature| sets.features.get(&f.type_id)?.ticker.as_ref();
            let known = |f: &&Feature| ticker(f).is_some();
            found.pass_over(&self.uid, self.features.iter().filter(known).count());
            return;
        }
        for feature in &self.features {
            let kind = sets.features.get(&feature.type_id);
            let ticker = kind.and_then(|kind| kind.ticker.clone());
            let published = |value| Published {
                value,
                tickers: ticker.as_slice(),
                uid: &self.uid,
                feature: feature.id.as_deref(),
                designated_on: self.designated_on,
                valid_until: None,
                programs: &self.programs,
            };
            let nothing = [String::new()];
            let values = if feature.values.is_empty() { &nothing[..] } else { &feature.values };
            for value in values {
                if ticker.is_some() {
                    found.take(&published(value));
                } else if prose::claims_evm(value) {
                    let id = &feature.type_id;
                    let unknown =
                        || format!("the reference sets do not say what feature type {id:?} is");
                    let reason = kind.map_or_else(unknown, |kind| no_type_of_addresses(&kind.text));
                    found.set_aside(&published(value), &reason);
                }
            }
        }
    }
}

impl Written {
    /// The day; `None` if no part is written, the text if it is none.
    fn read(&self) -> Result<Option<Date>, String> {
        let Self { year, month, day } = self;
        if [year, month, day].iter().all(|part| part.is_empty()) {
            return Ok(None);
        }
        let written = || format!("{year}-{month}-{day}");
        let date = || Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
        date().map(Some).ok_or_else(written)
    }
}

fn id(element: &Element<'_>, name: &str) -> Result<String, SourceError> {
    Ok(element.attribute(name)?.unwrap_or_default().into_owned())
}

/// Whether an element is of a type that is wanted.
fn among(ids: &BTreeSet<String>, element: &Element<'_>, name: &str) -> Result<Want, SourceError> {
    let id = element.attribute(name)?.unwrap_or_default();
    Ok(if ids.contains(&*id) { Want::Elements } else { Want::Nothing })
}
