//! OFAC's legacy `SDN.XML`, streamed: the smallest complete rendering. It gives no designation
//! dates, and its own date is a day.

use interdict_core::source::Source;
use jiff::civil::Date;

use super::kept::Kept;
use super::xml::{self, Element, Want};
use super::{
    Found, Input, Published, SourceError, Stated, midnight, no_type_of_addresses, prose, ticker,
};
use crate::text;

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::OfacSdn)?;
    let mut document = Document::default();
    xml::walk(input, &mut document)?;
    document.finish()
}

/// What has been found.
#[derive(Default)]
struct Document {
    publish_date: Option<String>,
    record_count: Option<String>,
    records: usize,
    entry: Entry,
    /// Judged at the end, when the document's date is known.
    entries: Vec<Entry>,
    kept: Kept,
}

#[derive(Default)]
struct Entry {
    uid: String,
    programs: Vec<String>,
    ids: Vec<Id>,
}

/// What the file calls an id: of all its kinds, an address is one.
#[derive(Default)]
struct Id {
    uid: String,
    kind: String,
    number: String,
}

impl xml::Document for Document {
    fn open(&mut self, path: &str, _: &Element<'_>) -> Result<Want, SourceError> {
        match path {
            "" | "publshInformation" | "sdnEntry/programList" | "sdnEntry/idList" => {}
            "sdnEntry" => self.entry = Entry::default(),
            "sdnEntry/idList/id" => self.entry.ids.push(Id::default()),
            "publshInformation/Publish_Date"
            | "publshInformation/Record_Count"
            | "sdnEntry/uid"
            | "sdnEntry/programList/program"
            | "sdnEntry/idList/id/uid"
            | "sdnEntry/idList/id/idType"
            | "sdnEntry/idList/id/idNumber" => return Ok(Want::Text),
            _ => return Ok(Want::Nothing),
        }
        Ok(Want::Elements)
    }

    fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError> {
        let id = self.entry.ids.last_mut();
        match (path, id) {
            ("publshInformation/Publish_Date", _) => self.publish_date = Some(text.to_owned()),
            ("publshInformation/Record_Count", _) => self.record_count = Some(text.to_owned()),
            ("sdnEntry/uid", _) => text.trim().clone_into(&mut self.entry.uid),
            ("sdnEntry/programList/program", _) => {
                self.kept.add(&[text])?;
                self.entry.programs.push(text.trim().to_owned());
            }
            ("sdnEntry/idList/id/uid", Some(id)) => text.trim().clone_into(&mut id.uid),
            ("sdnEntry/idList/id/idType", Some(id)) => text.trim().clone_into(&mut id.kind),
            // Nothing is trimmed here: what is published is judged as it is.
            ("sdnEntry/idList/id/idNumber", Some(id)) => text.clone_into(&mut id.number),
            ("sdnEntry/idList/id", Some(id)) => {
                if ticker(&id.kind).is_some() || prose::claims_evm(&id.number) {
                    self.kept.add(&[&id.uid, &id.kind, &id.number])?;
                } else {
                    self.entry.ids.pop();
                }
            }
            ("sdnEntry", _) => {
                self.records += 1;
                let entry = std::mem::take(&mut self.entry);
                if entry.ids.is_empty() {
                    self.kept.give_back(entry.programs.iter());
                } else {
                    self.kept.add(&[&entry.uid])?;
                    self.entries.push(entry);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Document {
    fn finish(self) -> Result<Found, SourceError> {
        let written = self.publish_date.as_ref().ok_or(SourceError::NoDataAsOf)?;
        let day = Date::strptime("%m/%d/%Y", written.trim());
        let day = day.map_err(|_| SourceError::DataAsOf(written.clone()))?;
        let mut found = Found::new(Source::OfacSdn, midnight(day)?);
        for entry in &self.entries {
            for id in &entry.ids {
                let ticker = ticker(&id.kind).map(str::to_owned);
                let published = Published {
                    value: &id.number,
                    tickers: ticker.as_slice(),
                    uid: &entry.uid,
                    feature: (!id.uid.is_empty()).then_some(&*id.uid),
                    designated_on: None,
                    valid_until: None,
                    programs: &entry.programs,
                };
                if ticker.is_some() {
                    found.take(&published);
                } else {
                    found.set_aside(&published, &no_type_of_addresses(&id.kind));
                }
            }
        }
        found.notes.extend(self.count_note());
        Ok(found)
    }

    /// The file says how many records it has.
    fn count_note(&self) -> Option<String> {
        let stated = self.record_count.as_ref()?.trim();
        let differs = stated.parse::<usize>().ok() != Some(self.records);
        differs.then(|| {
            let stated = text::printable(stated);
            let records = text::count(self.records, "record", "records");
            format!("the file has {records} and says that it has {stated}")
        })
    }
}
