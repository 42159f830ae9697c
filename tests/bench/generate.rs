//! Writes a publication in the form of OFAC's `SDN_ADVANCED.XML`, as large as the real one and of
//! the same structure: reference sets, places, documents, parties with their names and features,
//! entries. Persons, places and addresses are invented; a seed gives the same bytes everywhere.

use std::fmt::Write as _;
use std::io::{self, Write};

/// Of so many parties one has addresses, as on the real list.
const PARTIES_PER_HOLDER: u64 = 190;

/// Addresses of those that have any, at most; the mean is the real list's ten.
const ADDRESSES_MAX: u64 = 20;

/// Types of feature beside the addresses', as many as the real file's.
const OTHER_TYPES: u64 = 100;

const TICKERS: [(u64, &str); 6] =
    [(344, "XBT"), (345, "ETH"), (887, "USDT"), (992, "TRX"), (998, "USDC"), (1007, "ARB")];

const PROGRAMS: [&str; 6] = ["EXAMPLE1", "EXAMPLE2", "EXAMPLE3", "EX-EO1", "EX-EO2", "EXAMPLES4"];

const SYLLABLES: [&str; 16] = [
    "ka", "lo", "mir", "an", "tes", "vo", "ri", "den", "shu", "pol", "ber", "gi", "nas", "tur",
    "el", "om",
];

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Addresses in the EVM's form, each under one party.
    pub evm: u64,
    /// Addresses of other chains.
    pub others: u64,
}

/// Writes a publication with so many parties.
///
/// # Errors
/// The output does not take it.
pub fn advanced(out: &mut impl Write, parties: u64, seed: u64) -> io::Result<Written> {
    let mut dice = Dice(seed);
    let mut written = Written::default();
    out.write_all(HEAD.as_bytes())?;
    reference_sets(out)?;
    out.write_all(b"  <Locations>\n")?;
    for party in 0..parties {
        place(out, party, &mut dice)?;
    }
    out.write_all(b"  </Locations>\n  <IDRegDocuments>\n")?;
    for party in (0..parties).filter(|party| party % 3 == 0) {
        document(out, party, &mut dice)?;
    }
    out.write_all(b"  </IDRegDocuments>\n  <DistinctParties>\n")?;
    for party in 0..parties {
        distinct_party(out, party, &mut dice, &mut written)?;
    }
    out.write_all(b"  </DistinctParties>\n  <ProfileRelationships />\n  <SanctionsEntries>\n")?;
    for party in 0..parties {
        entry(out, party, &mut dice)?;
    }
    out.write_all(b"  </SanctionsEntries>\n  <SanctionsEntryLinks />\n</Sanctions>\n")?;
    Ok(written)
}

/// The authority's id of a party.
const fn uid(party: u64) -> u64 {
    20_000 + party
}

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<Sanctions xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML" Version="3">
  <DateOfIssue CalendarTypeID="1">
    <Year>2026</Year>
    <Month>1</Month>
    <Day>2</Day>
  </DateOfIssue>
"#;

fn reference_sets(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  <ReferenceValueSets>\n    <EntryEventTypeValues>")?;
    writeln!(out, r#"      <EntryEventType ID="1">Created</EntryEventType>"#)?;
    writeln!(out, "    </EntryEventTypeValues>\n    <FeatureTypeValues>")?;
    for id in 1..=OTHER_TYPES {
        let text = format!("Feature of Kind {id}");
        writeln!(
            out,
            r#"      <FeatureType ID="{id}" FeatureTypeGroupID="1">{text}</FeatureType>"#
        )?;
    }
    for (id, ticker) in TICKERS {
        let text = format!("Digital Currency Address - {ticker}");
        writeln!(
            out,
            r#"      <FeatureType ID="{id}" FeatureTypeGroupID="1">{text}</FeatureType>"#
        )?;
    }
    writeln!(out, "    </FeatureTypeValues>\n    <ListValues>")?;
    writeln!(out, r#"      <List ID="1550">SDN List</List>"#)?;
    writeln!(out, r#"      <List ID="91512">Consolidated List</List>"#)?;
    writeln!(out, "    </ListValues>\n    <SanctionsTypeValues>")?;
    writeln!(out, r#"      <SanctionsType ID="1705">Block</SanctionsType>"#)?;
    writeln!(out, r#"      <SanctionsType ID="1">Program</SanctionsType>"#)?;
    writeln!(out, "    </SanctionsTypeValues>\n  </ReferenceValueSets>")
}

fn place(out: &mut impl Write, party: u64, dice: &mut Dice) -> io::Result<()> {
    let id = uid(party);
    writeln!(
        out,
        r#"    <Location ID="{id}">
      <LocationAreaCode AreaCodeID="11073" />
      <LocationCountry CountryID="11073" CountryRelevanceID="1413" />
      <LocationPart LocPartTypeID="1454">
        <LocationPartValue Primary="true" LocPartValueTypeID="1" LocPartValueStatusID="1">
          <Comment />
          <Value>{}</Value>
        </LocationPartValue>
      </LocationPart>
      <FeatureVersionReference FeatureVersionID="{id}" />
    </Location>"#,
        dice.name()
    )
}

fn document(out: &mut impl Write, party: u64, dice: &mut Dice) -> io::Result<()> {
    let id = uid(party);
    writeln!(
        out,
        r#"    <IDRegDocument ID="{id}" IDRegDocTypeID="1571" IdentityID="{id}" IssuedBy-CountryID="11082" ValidityID="1">
      <Comment />
      <IDRegistrationNo>{}</IDRegistrationNo>
      <IssuingAuthority />
      <DocumentedNameReference DocumentedNameID="{id}" />
    </IDRegDocument>"#,
        dice.roll(100_000_000)
    )
}

fn distinct_party(
    out: &mut impl Write,
    party: u64,
    dice: &mut Dice,
    written: &mut Written,
) -> io::Result<()> {
    let id = uid(party);
    writeln!(
        out,
        r#"    <DistinctParty FixedRef="{id}">
      <Comment />
      <Profile ID="{id}" PartySubTypeID="4">
        <Identity ID="{id}" FixedRef="{id}" Primary="true" False="false">"#
    )?;
    let aliases = 1 + dice.roll(7);
    for alias in 0..aliases {
        names(out, party, alias, dice)?;
    }
    writeln!(out, "          <NamePartGroups>")?;
    for alias in 0..aliases {
        writeln!(
            out,
            r#"            <MasterNamePartGroup>
              <NamePartGroup ID="{id}{alias}" NamePartTypeID="1525" />
            </MasterNamePartGroup>"#
        )?;
    }
    writeln!(out, "          </NamePartGroups>\n        </Identity>")?;
    birth(out, party, dice)?;
    for number in 0..2 + dice.roll(3) {
        let kind = 20 + dice.roll(80);
        let detail = match dice.roll(2) {
            0 => r#"<VersionDetail DetailTypeID="1431" DetailReferenceID="91526" />"#.to_owned(),
            _ => format!(r#"<VersionDetail DetailTypeID="1432">{}</VersionDetail>"#, dice.name()),
        };
        feature(out, party, 100 + number, kind, &detail)?;
    }
    if party.is_multiple_of(PARTIES_PER_HOLDER) {
        for number in 0..=dice.roll(ADDRESSES_MAX) {
            let (kind, address) = dice.address(written);
            let detail = format!(r#"<VersionDetail DetailTypeID="1432">{address}</VersionDetail>"#);
            feature(out, party, 200 + number, kind, &detail)?;
        }
    }
    writeln!(out, "      </Profile>\n    </DistinctParty>")
}

fn names(out: &mut impl Write, party: u64, alias: u64, dice: &mut Dice) -> io::Result<()> {
    let id = uid(party);
    let (kind, is_primary) = if alias == 0 { (1403, "true") } else { (1400, "false") };
    writeln!(
        out,
        r#"          <Alias FixedRef="{id}" AliasTypeID="{kind}" Primary="{is_primary}" LowQuality="false">
            <DocumentedName ID="{id}{alias}" FixedRef="{id}" DocNameStatusID="1">"#
    )?;
    for _ in 0..=dice.roll(3) {
        writeln!(
            out,
            r#"              <DocumentedNamePart>
                <NamePartValue NamePartGroupID="{id}{alias}" ScriptID="215" ScriptStatusID="1" Acronym="false">{}</NamePartValue>
              </DocumentedNamePart>"#,
            dice.name()
        )?;
    }
    writeln!(out, "            </DocumentedName>\n          </Alias>")
}

/// A date takes more elements than anything else.
fn birth(out: &mut impl Write, party: u64, dice: &mut Dice) -> io::Result<()> {
    let mut detail = String::from(
        r#"<DatePeriod CalendarTypeID="1" YearFixed="false" MonthFixed="false" DayFixed="false">"#,
    );
    let (year, month, day) = (1940 + dice.roll(60), 1 + dice.roll(12), 1 + dice.roll(28));
    for edge in ["Start", "End"] {
        let date = |name: &str| {
            format!(
                "                <{name}>
                  <Year>{year}</Year>
                  <Month>{month}</Month>
                  <Day>{day}</Day>
                </{name}>\n"
            )
        };
        let _ = write!(
            detail,
            r#"
              <{edge} Approximate="false" YearFixed="false" MonthFixed="false" DayFixed="false">
{}{}              </{edge}>"#,
            date("From"),
            date("To")
        );
    }
    detail += "\n            </DatePeriod>\n            <VersionDetail DetailTypeID=\"1430\" />";
    feature(out, party, 300, 8, &detail)
}

fn feature(
    out: &mut impl Write,
    party: u64,
    number: u64,
    kind: u64,
    detail: &str,
) -> io::Result<()> {
    let id = uid(party);
    writeln!(
        out,
        r#"        <Feature ID="{id}{number}" FeatureTypeID="{kind}">
          <FeatureVersion ID="{id}{number}" ReliabilityID="1560">
            <Comment />
            {detail}
          </FeatureVersion>
          <IdentityReference IdentityID="{id}" IdentityFeatureLinkTypeID="1" />
        </Feature>"#
    )
}

fn entry(out: &mut impl Write, party: u64, dice: &mut Dice) -> io::Result<()> {
    let id = uid(party);
    let (year, month, day) = (2001 + dice.roll(25), 1 + dice.roll(12), 1 + dice.roll(28));
    writeln!(
        out,
        r#"    <SanctionsEntry ID="{id}" ProfileID="{id}" ListID="1550">
      <EntryEvent ID="{id}" EntryEventTypeID="1" LegalBasisID="1828">
        <Comment />
        <Date CalendarTypeID="1">
          <Year>{year}</Year>
          <Month>{month}</Month>
          <Day>{day}</Day>
        </Date>
      </EntryEvent>
      <SanctionsMeasure ID="{id}0" SanctionsTypeID="1705">
        <DatePeriod CalendarTypeID="1" YearFixed="true" MonthFixed="true" DayFixed="true" />
      </SanctionsMeasure>"#
    )?;
    for number in 1..2 + dice.roll(3) {
        writeln!(
            out,
            r#"      <SanctionsMeasure ID="{id}{number}" SanctionsTypeID="1">
        <Comment>{}</Comment>
        <DatePeriod CalendarTypeID="1" YearFixed="true" MonthFixed="true" DayFixed="true" />
      </SanctionsMeasure>"#,
            dice.pick(&PROGRAMS)
        )?;
    }
    writeln!(out, "    </SanctionsEntry>")
}

/// Numbers that look like chance and are the same on every machine (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let sides = u64::try_from(from.len()).unwrap_or(u64::MAX);
        from[usize::try_from(self.roll(sides)).unwrap_or(0)]
    }

    fn name(&mut self) -> String {
        let syllables: Vec<_> = (0..3 + self.roll(5)).map(|_| self.pick(&SYLLABLES)).collect();
        // Some names are not Latin, and some have what XML must escape.
        match self.roll(12) {
            0 => format!("Пример {}", syllables.concat()),
            1 => format!("{} &amp; Co", syllables.concat()),
            _ => syllables.concat(),
        }
    }

    /// A type of feature and an address that fits it.
    fn address(&mut self, written: &mut Written) -> (u64, String) {
        let (kind, ticker) = self.pick(&TICKERS);
        let digits = format!("{:016x}{:016x}{:08x}", self.next(), self.next(), self.roll(1 << 32));
        match (ticker, self.roll(2)) {
            ("ETH" | "ARB" | "USDC", _) | ("USDT", 0) => {
                written.evm += 1;
                (kind, format!("0x{digits}"))
            }
            _ => {
                written.others += 1;
                (kind, format!("T{}", digits[..33].to_uppercase().replace(['0', '1'], "x")))
            }
        }
    }
}
