//! The UK Sanctions List of the Foreign, Commonwealth & Development Office, as XML and as CSV;
//! since 2026-01-28 the United Kingdom's only list.
//!
//! A designation has a `UniqueID` (`CYB0042`), a `RegimeName` and a `DateDesignated`, written as
//! `DD/MM/YYYY`. There is an element for addresses, `CryptoWalletAddresses/CryptoWalletAddress`, in
//! which nothing was ever seen; they stand in the prose of `OtherInformation` and
//! `UKStatementofReasons`. In the CSV a line `Report Date: 02-Oct-2026` comes before the header,
//! and a designation has a line for each of its names and places, each with the same prose.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read as _};

use interdict_core::source::Source;
use jiff::{Timestamp, civil::Date};

use super::kept::Kept;
use super::rows::Rows;
use super::xml::{self, Element, Want};
use super::{Found, Input, Published, SourceError, Stated, midnight, prose};

/// How the CSV begins.
pub(super) const REPORT_DATE: &str = "Report Date:";

/// The longest first line of the CSV: a date, and commas where a spreadsheet has written it.
const FIRST_LINE_BYTES_MAX: u64 = 1024;

pub(super) fn read_xml(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::Uk)?;
    let mut document = Document::default();
    xml::walk(input, &mut document)?;
    let date = document.generated.ok_or(SourceError::NoDataAsOf)?;
    document.persons.judge(as_of(&date, "%d/%m/%Y")?)
}

pub(super) fn read_csv(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::Uk)?;
    let mut first = String::new();
    input.take(FIRST_LINE_BYTES_MAX).read_line(&mut first)?;
    let date = first.split_once(':').map_or("", |(_, date)| date);
    let date = date.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let data_as_of = as_of(date, "%d-%b-%Y")?;

    let mut rows = Rows::new(input, 1)?;
    let id = rows.column("Unique ID")?;
    let (regime, date) = (rows.column("Regime Name")?, rows.column("Date Designated")?);
    let mut prose =
        vec![rows.column("Other Information")?, rows.column("UK Statement of Reasons")?];
    // The XML's element has no column yet; when it gets one it will hardly have another name.
    prose.extend(rows.columns("Crypto"));
    let mut persons = Persons::default();
    while let Some(row) = rows.next()? {
        let mut person = Person {
            regimes: BTreeSet::from([row.field(regime).to_owned()]),
            dates: BTreeSet::from([row.field(date).to_owned()]),
            addresses: BTreeSet::new(),
        };
        for column in &prose {
            person.read(row.field(*column));
        }
        persons.add(row.field(id), person)?;
    }
    persons.judge(data_as_of)
}

/// Those designated persons of whom addresses are published, by their id.
#[derive(Default)]
struct Persons {
    by_id: BTreeMap<String, Person>,
    kept: Kept,
}

#[derive(Default)]
struct Person {
    regimes: BTreeSet<String>,
    /// As published.
    dates: BTreeSet<String>,
    /// A set, for the same prose is published several times.
    addresses: BTreeSet<String>,
}

impl Person {
    fn read(&mut self, text: &str) {
        self.addresses.extend(prose::addresses(text).map(str::to_owned));
    }
}

impl Persons {
    /// Keeps a person who has addresses; one who is known already has these too.
    fn add(&mut self, id: &str, person: Person) -> Result<(), SourceError> {
        if person.addresses.is_empty() {
            return Ok(());
        }
        let known = self.by_id.entry(id.trim().to_owned()).or_default();
        for (known, new) in [
            (&mut known.addresses, person.addresses),
            (&mut known.regimes, person.regimes),
            (&mut known.dates, person.dates),
        ] {
            for text in new {
                if !known.contains(&text) {
                    self.kept.add(&[&text])?;
                    known.insert(text);
                }
            }
        }
        Ok(())
    }

    fn judge(&self, data_as_of: Timestamp) -> Result<Found, SourceError> {
        let mut found = Found::new(Source::Uk, data_as_of);
        for (id, person) in &self.by_id {
            let day = |date: &String| {
                let unreadable =
                    |_| SourceError::DatePublished { uid: id.clone(), date: date.clone() };
                Date::strptime("%d/%m/%Y", date.trim()).map_err(unreadable)
            };
            let dates = person.dates.iter().filter(|date| !date.trim().is_empty());
            let dates = dates.map(day).collect::<Result<BTreeSet<_>, _>>()?;
            let regimes = person.regimes.iter().map(|regime| regime.trim().to_owned());
            let regimes: Vec<_> = regimes.filter(|regime| !regime.is_empty()).collect();
            for address in &person.addresses {
                found.take(&Published {
                    value: address,
                    uid: id,
                    designated_on: dates.first().copied(),
                    programs: &regimes,
                    ..Published::default()
                });
            }
        }
        Ok(found)
    }
}

/// The XML, and the designation of it that is open.
#[derive(Default)]
struct Document {
    generated: Option<String>,
    id: String,
    person: Person,
    /// What the open designation has, until it is known whether it has addresses.
    kept: Kept,
    persons: Persons,
}

impl xml::Document for Document {
    fn open(&mut self, path: &str, _: &Element<'_>) -> Result<Want, SourceError> {
        Ok(match path {
            "Designation" => {
                (self.person, self.kept) = (Person::default(), Kept::default());
                self.id.clear();
                Want::Elements
            }
            "" | "Designation/CryptoWalletAddresses" => Want::Elements,
            "DateGenerated"
            | "Designation/UniqueID"
            | "Designation/RegimeName"
            | "Designation/DateDesignated"
            | "Designation/OtherInformation"
            | "Designation/UKStatementofReasons"
            | "Designation/CryptoWalletAddresses/CryptoWalletAddress" => Want::Text,
            _ => Want::Nothing,
        })
    }

    fn close(&mut self, path: &str, text: &str) -> Result<(), SourceError> {
        if path.starts_with("Designation/") {
            self.kept.add(&[text])?;
        }
        match path {
            "DateGenerated" => self.generated = Some(text.trim().to_owned()),
            "Designation/UniqueID" => text.trim().clone_into(&mut self.id),
            "Designation/RegimeName" => _ = self.person.regimes.insert(text.to_owned()),
            "Designation/DateDesignated" => _ = self.person.dates.insert(text.to_owned()),
            "Designation" => {
                let person = std::mem::take(&mut self.person);
                self.persons.add(&self.id, person)?;
            }
            "Designation/CryptoWalletAddresses/CryptoWalletAddress" => {
                self.person.read(text);
                // What stands here means to be an address, whatever it looks like.
                if prose::addresses(text).next().is_none() && !text.trim().is_empty() {
                    self.person.addresses.insert(text.trim().to_owned());
                }
            }
            "Designation/OtherInformation" | "Designation/UKStatementofReasons" => {
                self.person.read(text);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The publication says a day.
fn as_of(date: &str, form: &str) -> Result<Timestamp, SourceError> {
    let day = Date::strptime(form, date).map_err(|_| SourceError::DataAsOf(date.to_owned()))?;
    midnight(day)
}
