//! A plain CSV of one's own. One header, [`HEADER`], then a line for each address and person:
//! the address, any id that the organisation gives the person, the day of designation as
//! `YYYY-MM-DD` or nothing, and programs and tickers, several joined by `;`.

use super::rows::{Rows, words};
use super::{Found, Input, Published, SourceError, Stated};

/// The first line of such a file.
pub(super) const HEADER: &str = "address,uid,designated_on,programs,tickers";

/// Where its columns are.
const ADDRESS: usize = 0;
const UID: usize = 1;
const DESIGNATED_ON: usize = 2;
const PROGRAMS: usize = 3;
const TICKERS: usize = 4;

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    let (what, flag) = ("source", "--source <CODE>");
    let source = stated.source.ok_or(SourceError::NotStated { format: "CSV", what, flag })?;
    let mut found = Found::new(source, stated.date("CSV")?);
    let mut rows = Rows::new(input, 0)?;
    while let Some(row) = rows.next()? {
        if row.field(UID).trim().is_empty() {
            return Err(row.broken("the person has no uid".to_owned()));
        }
        found.take(&Published {
            value: row.field(ADDRESS),
            tickers: &words(row.field(TICKERS)),
            uid: row.field(UID),
            designated_on: row.day(DESIGNATED_ON, "designated_on")?,
            programs: &words(row.field(PROGRAMS)),
            ..Published::default()
        });
    }
    Ok(found)
}
