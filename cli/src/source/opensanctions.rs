//! Entities in `FollowTheMoney`, one JSON object in a line, as `OpenSanctions` publishes them for
//! each list (`entities.ftm.json`). We ship this reader and none of their data.
//!
//! A `CryptoWallet` has an address (`publicKey`, or `cryptoAddress` since model 4.11) and a holder.
//! A `Sanction` ties the holder, or the wallet itself, to the authority: `authorityId`, `program`,
//! `listingDate`, `endDate`. They stand in any order, so that wallets and sanctions are kept until
//! the end, and nothing else is. The authority's id is what a list's own publication has too,
//! except for the EU: its `authorityId` is the reference number (`EU.27.28`), where
//! [`super::eu_fsf`] has the `logicalId`; and for Israel, whose orders that were followed by a
//! forfeiture stand here as `FO`. Take a list from one format and stay with it.
//!
//! The model's dates may be months and years: an end is then the last day of it.
//!
//! A wallet is listed if it has the topic `sanction`. Topics such as `sanction.linked` or `wanted`
//! list nobody. Wallets of Israeli orders carry `crime.terror` instead, for as long as an order
//! holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read as _};

use interdict_core::source::Source;
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Beginning, Found, Input, Published, SDN_LIST, SourceError, Stated};
use crate::text;

/// The longest line; an entity with thousands of names has some hundred kilobytes.
const LINE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What is kept of all wallets and sanctions, at most.
const KEPT_BYTES_MAX: usize = 128 * 1024 * 1024;

/// What one kept entity takes beside its words.
const ENTITY_BYTES: usize = 256;

/// A dataset, the list that it is made of, and the topic of those who are listed.
const DATASETS: [(&str, Source, &str); 8] = [
    ("us_ofac_sdn", Source::OfacSdn, "sanction"),
    ("gb_fcdo_sanctions", Source::Uk, "sanction"),
    // Closed on 2026-01-28; the list is the same.
    ("gb_hmt_sanctions", Source::Uk, "sanction"),
    ("eu_fsf", Source::Eu, "sanction"),
    ("un_sc_sanctions", Source::Un, "sanction"),
    ("ua_nsdc_sanctions", Source::Ua, "sanction"),
    ("ch_seco_sanctions", Source::Ch, "sanction"),
    ("il_mod_crypto", Source::IlNbctf, "crime.terror"),
];

/// How `OpenSanctions` makes its ids of OFAC's.
const OFAC_PREFIX: &str = "ofac-";

/// An entity, or an operation on one.
pub(super) fn is(beginning: &Beginning<'_>) -> bool {
    beginning.any_key(&["id", "op", "properties", "datasets"])
}

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    let mut entities = Entities::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = input.take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line)?;
        if length == 0 {
            break;
        }
        let broken = |reason: String| SourceError::Row { line: number, reason };
        if length > LINE_BYTES_MAX {
            return Err(broken(format!("is longer than {LINE_BYTES_MAX} bytes")));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let entity: Entity = serde_json::from_slice(&line).map_err(|error| {
            if error.is_eof() {
                return broken("ends in the middle of an entity: download it again".to_owned());
            }
            broken(format!("is no entity of entities.ftm.json: {error}"))
        })?;
        entities.take(entity, number, stated)?;
    }
    entities.finish(stated)
}

/// One line, as far as it is read. A delta file has an operation around it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entity {
    op: Option<IgnoredAny>,
    id: String,
    schema: String,
    properties: Properties,
    datasets: Vec<String>,
    last_seen: Option<String>,
}

/// The model's words, whatever entity they belong to.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Properties {
    public_key: Vec<String>,
    crypto_address: Vec<String>,
    currency: Vec<String>,
    currency_symbol: Vec<String>,
    holder: Vec<String>,
    topics: Vec<String>,
    entity: Vec<String>,
    authority_id: Vec<String>,
    program: Vec<String>,
    listing_date: Vec<String>,
    start_date: Vec<String>,
    end_date: Vec<String>,
}

/// What is kept of a file.
#[derive(Default)]
struct Entities {
    /// The lists of which there are entities.
    sources: BTreeSet<Source>,
    wallets: Vec<Wallet>,
    /// By the entity that they are about.
    sanctions: BTreeMap<String, Vec<Sanction>>,
    newest: Option<Timestamp>,
    kept_bytes: usize,
    /// Wallets that are passed over: of another list; without the topic; without an address.
    of_others: usize,
    unlisted: usize,
    without_address: usize,
}

struct Wallet {
    id: String,
    addresses: BTreeSet<String>,
    tickers: Vec<String>,
    holders: Vec<String>,
}

#[derive(Clone, Default)]
struct Sanction {
    authority_ids: Vec<String>,
    programs: Vec<String>,
    designated_on: Option<Date>,
    ends_on: Option<Date>,
}

impl Entities {
    fn take(&mut self, entity: Entity, line: u64, stated: &Stated) -> Result<(), SourceError> {
        if entity.op.is_some() {
            return Err(SourceError::Delta);
        }
        if entity.id.is_empty() || entity.schema.is_empty() {
            let reason = "has no id or no schema: it is no entity of FollowTheMoney".to_owned();
            return Err(SourceError::Row { line, reason });
        }
        let datasets = || DATASETS.iter().filter(|(name, ..)| is_in(&entity.datasets, name));
        let is_wallet = entity.schema == "CryptoWallet";
        self.sources.extend(datasets().map(|(_, source, _)| source));
        if stated.source.is_none() && self.sources.len() > 1 {
            let sources = self.sources.iter().map(|s| s.code()).collect::<Vec<_>>().join(", ");
            return Err(SourceError::SeveralSources(sources));
        }
        let wanted = |(_, source, _): &&(_, Source, _)| stated.source.is_none_or(|s| s == *source);
        let Some((_, _, topic)) = datasets().find(wanted) else {
            self.of_others += usize::from(is_wallet);
            return Ok(());
        };
        self.newest = self.newest.max(entity.last_seen.as_deref().and_then(moment));
        match entity.schema.as_str() {
            "CryptoWallet" if is_in(&entity.properties.topics, topic) => self.take_wallet(entity),
            "CryptoWallet" => self.unlisted += 1,
            "Sanction" => self.take_sanction(entity.properties, line)?,
            _ => {}
        }
        if self.kept_bytes > KEPT_BYTES_MAX {
            let reason = format!("over {KEPT_BYTES_MAX} bytes of wallets and sanctions are kept");
            return Err(SourceError::Row { line, reason });
        }
        Ok(())
    }

    fn take_wallet(&mut self, entity: Entity) {
        let Properties { public_key, crypto_address, currency, currency_symbol, holder, .. } =
            entity.properties;
        let wallet = Wallet {
            id: entity.id,
            addresses: public_key.into_iter().chain(crypto_address).collect(),
            tickers: currency.into_iter().chain(currency_symbol).collect(),
            holders: holder,
        };
        if wallet.addresses.is_empty() {
            self.without_address += 1;
            return;
        }
        let words = wallet.addresses.iter().chain(&wallet.tickers).chain(&wallet.holders);
        self.kept_bytes += kept(words.chain([&wallet.id]));
        self.wallets.push(wallet);
    }

    fn take_sanction(&mut self, properties: Properties, line: u64) -> Result<(), SourceError> {
        let end = |date: &String| {
            let reason = || format!("has the end date {date:?}, which is no date");
            last_day(date).ok_or_else(|| SourceError::Row { line, reason: reason() })
        };
        let ends = properties.end_date.iter().map(end).collect::<Result<Vec<_>, _>>()?;
        let mut programs = properties.program;
        // The list's own name is no program of it.
        programs.retain(|program| program != SDN_LIST);
        let sanction = Sanction {
            designated_on: earliest(&properties.listing_date)
                .or_else(|| earliest(&properties.start_date)),
            ends_on: ends.into_iter().max(),
            authority_ids: properties.authority_id,
            programs,
        };
        for entity in properties.entity {
            let words = sanction.authority_ids.iter().chain(&sanction.programs);
            self.kept_bytes += kept(words.chain([&entity]));
            self.sanctions.entry(entity).or_default().push(sanction.clone());
        }
        Ok(())
    }

    fn finish(self, stated: &Stated) -> Result<Found, SourceError> {
        let Some(source) = stated.source.or_else(|| self.sources.first().copied()) else {
            let known = DATASETS.map(|(name, ..)| name).join(", ");
            return Err(SourceError::NoDataset { known });
        };
        let data_as_of = match self.newest {
            Some(newest) => newest,
            None => stated.date("OpenSanctions")?,
        };
        let mut found = Found::new(source, data_as_of);
        for wallet in &self.wallets {
            self.judge(wallet, &mut found);
        }
        let mut note = |n: usize, why: &str| {
            if n > 0 {
                let wallets = text::count(n, "wallet", "wallets");
                found.notes.push(format!("{wallets} {why}: passed over"));
            }
        };
        note(self.of_others, "of other datasets");
        note(self.unlisted, "without the topic of a listed one");
        note(self.without_address, "without an address");
        Ok(found)
    }

    fn judge(&self, wallet: &Wallet, found: &mut Found) {
        let people = wallet.holders.iter().chain([&wallet.id]);
        let mut sanctions: BTreeMap<&str, Sanction> = BTreeMap::new();
        for sanction in people.filter_map(|id| self.sanctions.get(id)).flatten() {
            for id in sanction.ids(found.source) {
                let known = sanctions.entry(id).or_insert_with(|| sanction.clone());
                known.designated_on = match (known.designated_on, sanction.designated_on) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                // What has no end outlasts what has one.
                known.ends_on = known.ends_on.zip(sanction.ends_on).map(|(a, b)| a.max(b));
                known.programs.extend_from_slice(&sanction.programs);
            }
        }
        if sanctions.is_empty() && found.source == Source::OfacSdn {
            let ids = wallet.holders.iter().filter_map(|id| id.strip_prefix(OFAC_PREFIX));
            sanctions.extend(ids.map(|id| (id, Sanction::default())));
        }
        for address in &wallet.addresses {
            let mut published = Published {
                value: address,
                tickers: &wallet.tickers,
                uid: wallet.holders.first().unwrap_or(&wallet.id),
                ..Published::default()
            };
            if sanctions.is_empty() {
                found.take_unattributed(
                    &published,
                    "the file does not say the authority's id of its holder",
                );
            }
            for (id, sanction) in &sanctions {
                published.uid = id;
                published.designated_on = sanction.designated_on;
                published.valid_until = sanction.ends_on;
                published.programs = &sanction.programs;
                found.take(&published);
            }
        }
    }
}

impl Sanction {
    /// The authority's ids of the person. The UK's come with the group number of a list that is
    /// closed; its `UniqueID` is the one with letters.
    fn ids(&self, source: Source) -> impl Iterator<Item = &str> {
        let is_number = |id: &&String| id.bytes().all(|b| b.is_ascii_digit());
        let has_words = self.authority_ids.iter().any(|id| !is_number(&id));
        let ids = self.authority_ids.iter();
        ids.filter(move |id| source != Source::Uk || !has_words || !is_number(id))
            .map(String::as_str)
    }
}

fn is_in(words: &[String], word: &str) -> bool {
    words.iter().any(|known| known == word)
}

fn kept<'a>(words: impl Iterator<Item = &'a String>) -> usize {
    words.map(|word| word.len() + size_of::<String>()).sum::<usize>() + ENTITY_BYTES
}

fn earliest(dates: &[String]) -> Option<Date> {
    dates.iter().filter_map(|date| day(date)).min()
}

/// A whole day. The model also has months and years, which are none.
fn day(date: &str) -> Option<Date> {
    date.get(..10)?.parse().ok()
}

/// The last day of a day, a month or a year; `None` if it is none of them.
fn last_day(date: &str) -> Option<Date> {
    let month = || format!("{date}-01").parse::<Date>().map(Date::last_of_month).ok();
    let year = || format!("{date}-12-31").parse().ok();
    match date.len() {
        4 => year(),
        7 => month(),
        _ => day(date),
    }
}

/// A moment in UTC, which the files leave unsaid.
fn moment(time: &str) -> Option<Timestamp> {
    let at = time.trim_end_matches('Z').parse::<DateTime>().ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
