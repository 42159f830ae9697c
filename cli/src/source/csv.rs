//! A plain CSV of one's own. One header, [`HEADER`], then a line for each address and person:
//! the address, the person's uid, the day of designation as `YYYY-MM-DD` or nothing, and programs
//! and tickers, several joined by `;`.

use jiff::civil::Date;

use super::{Found, Input, Published, SourceError, Stated};

/// The first line of such a file.
pub(super) const HEADER: &str = "address,uid,designated_on,programs,tickers";

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    let not_stated = |what, flag| SourceError::NotStated { format: "CSV", what, flag };
    let source = stated.source.ok_or_else(|| not_stated("source", "--source <CODE>"))?;
    let data_as_of =
        stated.data_as_of.ok_or_else(|| not_stated("date", "--data-as-of <TIMESTAMP>"))?;
    let mut found = Found::new(source, data_as_of);
    let mut reader = csv::ReaderBuilder::new().from_reader(input);
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |index: usize| record.get(index).unwrap_or_default();
        let uid = field(1);
        if uid.parse::<u64>().is_err() {
            return Err(SourceError::Row { line, reason: format!("uid {uid:?} is not a number") });
        }
        let designated_on = match field(2) {
            "" => None,
            date => Some(date.parse::<Date>().map_err(|_| SourceError::Row {
                line,
                reason: format!("designated_on {date:?} is not a day (YYYY-MM-DD)"),
            })?),
        };
        found.take(&Published {
            value: field(0),
            tickers: &words(field(4)),
            uid,
            feature: None,
            designated_on,
            programs: &words(field(3)),
        });
    }
    Ok(found)
}

fn words(joined: &str) -> Vec<String> {
    joined.split(';').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn broken(error: &csv::Error) -> SourceError {
    let line = error.position().map_or(0, csv::Position::line);
    SourceError::Row { line, reason: error.to_string() }
}
