//! Orders of Israel's National Bureau for Counter Terror Financing (NBCTF), typed into a CSV.
//!
//! The bureau publishes administrative seizure orders as pages and PDF documents and has no format
//! for machines; those who follow it type the orders in. Its columns here are those that they use,
//! with one line for each address or account under each order:
//!
//! | column | what it holds |
//! |---|---|
//! | `order` | the number of the order, `ASO 12/23` |
//! | `issued_on` | the day of the order, `YYYY-MM-DD`; nothing if it cannot be read |
//! | `valid_until` | the last day of its validity, about two years later; nothing if none is set |
//! | `forfeited` | the forfeiture order that made it final, `FO 7/25`; nothing if there is none |
//! | `address` | the wallet's address, byte for byte as printed |
//! | `account` | the account at an exchange, where the order names that and no address |
//! | `platform` | the exchange |
//! | `currency` | the ticker, several joined by `;`; nothing if the order names none |
//! | `holder` | what the order says of the holder. It is not read: no name leaves this file |
//!
//! Addresses from these documents carry letters of other alphabets and characters that are not
//! seen. They are set aside for a person to look at, and never repaired: who types them in compares
//! with the order.
//!
//! An order ends. From the day after `valid_until` on (of the publication's date, in UTC) it
//! designates nothing, unless the property was forfeited. Its addresses are noted and not taken,
//! and so leave the list as all others do that are no longer published.

use interdict_core::source::Source;

use super::rows::{Row, Rows, words};
use super::{Found, Input, Published, SourceError, Stated};

/// The first line of such a file.
pub(super) const HEADER: &str =
    "order,issued_on,valid_until,forfeited,address,account,platform,currency,holder";

/// Where the columns are that are read.
const ORDER: usize = 0;
const ISSUED_ON: usize = 1;
const VALID_UNTIL: usize = 2;
const FORFEITED: usize = 3;
const ADDRESS: usize = 4;
const ACCOUNT: usize = 5;
const CURRENCY: usize = 7;

/// Under which accounts are counted that are no addresses.
const ACCOUNTS: &str = "(account)";

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::IlNbctf)?;
    let mut found = Found::new(Source::IlNbctf, stated.date("NBCTF")?);
    let mut rows = Rows::new(input, 0)?;
    while let Some(row) = rows.next()? {
        take(&row, &mut found)?;
    }
    Ok(found)
}

fn take(row: &Row<'_>, found: &mut Found) -> Result<(), SourceError> {
    let order = numbered(row, ORDER, "ASO")?;
    let issued_on = row.day(ISSUED_ON, "issued_on")?;
    let ends_on = row.day(VALID_UNTIL, "valid_until")?;
    let is_forfeited = !row.field(FORFEITED).is_empty();
    if is_forfeited {
        numbered(row, FORFEITED, "FO")?;
    }
    if let (Some(issued_on), Some(ends_on)) = (issued_on, ends_on)
        && ends_on < issued_on
    {
        return Err(row.broken(format!("{order} ends on {ends_on}, before it begins")));
    }
    let currency = words(row.field(CURRENCY));
    let accounts = [ACCOUNTS.to_owned()];
    let (value, tickers) = match (row.field(ADDRESS), row.field(ACCOUNT)) {
        ("", "") => return Err(row.broken(format!("{order} has neither address nor account"))),
        ("", account) => (account, &accounts[..]),
        (address, "") => (address, &currency[..]),
        _ => return Err(row.broken(format!("{order} has an address and an account in one line"))),
    };
    found.take(&Published {
        value,
        tickers,
        uid: order,
        feature: None,
        designated_on: issued_on,
        valid_until: ends_on.filter(|_| !is_forfeited),
        programs: &[],
    });
    Ok(())
}

/// The number of an order, which is the person's id on chain: one order is written in one way, with
/// the number's digits as they count and two for the year.
fn numbered<'a>(row: &'a Row<'_>, column: usize, kind: &str) -> Result<&'a str, SourceError> {
    let order = row.field(column);
    let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_number =
        |text: &str| (1..=4).contains(&text.len()) && are_digits(text) && !text.starts_with('0');
    let is_year = |text: &str| text.len() == 2 && are_digits(text);
    let parts = order.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' '));
    match parts.and_then(|rest| rest.split_once('/')) {
        Some((number, year)) if is_number(number) && is_year(year) => Ok(order),
        _ => Err(row.broken(format!("{order:?} is no order: write it as `{kind} 12/23`"))),
    }
}
