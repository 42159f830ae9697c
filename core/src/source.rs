//! Source lists, each a numbered bit of the mask that the contract keeps.
//!
//! This is the one table of lists. An authority's ids are words or numbers of its own: what stands
//! for them on chain is [`crate::uid::of`], and means a person only together with the list.

use std::fmt;

use jiff::tz::{self, TimeZone};
use serde::{Deserialize, Serialize};

/// A list of designated persons kept by one authority. The number is the bit in `sources` on chain
/// and is never given to another list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    /// United States, OFAC: Specially Designated Nationals and Blocked Persons List. By uid.
    #[serde(rename = "OFAC-SDN")]
    OfacSdn = 0,
    /// United Kingdom: UK Sanctions List. Persons by `UniqueID`.
    #[serde(rename = "UK")]
    Uk = 1,
    /// European Union: consolidated financial sanctions list. Persons by `logicalId`.
    #[serde(rename = "EU")]
    Eu = 2,
    /// United Nations Security Council consolidated list.
    #[serde(rename = "UN")]
    Un = 3,
    /// Ukraine: NSDC register.
    #[serde(rename = "UA")]
    Ua = 4,
    /// Switzerland: SECO list.
    #[serde(rename = "CH")]
    Ch = 5,
    /// Israel: NBCTF administrative seizure orders. By the number of the order, which ends.
    #[serde(rename = "IL-NBCTF")]
    IlNbctf = 6,
    /// An organisation's own entries; never pushed to a public list.
    #[serde(rename = "OWN")]
    Own = 15,
}

// Compiled in, so that a day is the same on every machine.
static BRUSSELS: TimeZone = tz::get!("Europe/Brussels");
static JERUSALEM: TimeZone = tz::get!("Asia/Jerusalem");
static KYIV: TimeZone = tz::get!("Europe/Kyiv");
static LONDON: TimeZone = tz::get!("Europe/London");
static NEW_YORK: TimeZone = tz::get!("America/New_York");
static ZURICH: TimeZone = tz::get!("Europe/Zurich");
static UTC: TimeZone = TimeZone::UTC;

/// A source list's code is not known.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no source list {0:?}: use one of OFAC-SDN, UK, EU, UN, UA, CH, IL-NBCTF, OWN")]
pub struct UnknownSource(pub String);

impl Source {
    /// All source lists, by bit.
    pub const ALL: [Self; 8] =
        [Self::OfacSdn, Self::Uk, Self::Eu, Self::Un, Self::Ua, Self::Ch, Self::IlNbctf, Self::Own];

    /// The mask that has only this list's bit.
    pub const fn mask(self) -> u16 {
        1 << self as u16
    }

    /// The code that people, files and the API use.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OfacSdn => "OFAC-SDN",
            Self::Uk => "UK",
            Self::Eu => "EU",
            Self::Un => "UN",
            Self::Ua => "UA",
            Self::Ch => "CH",
            Self::IlNbctf => "IL-NBCTF",
            Self::Own => "OWN",
        }
    }

    /// The authority's time zone, by which its days are counted.
    pub const fn time_zone(self) -> &'static TimeZone {
        match self {
            Self::OfacSdn | Self::Un => &NEW_YORK,
            Self::Uk => &LONDON,
            Self::Eu => &BRUSSELS,
            Self::Ua => &KYIV,
            Self::Ch => &ZURICH,
            Self::IlNbctf => &JERUSALEM,
            Self::Own => &UTC,
        }
    }

    /// The codes of all bits in a mask; a bit that has no list shows as `#<bit>`.
    pub fn codes(mask: u16) -> Vec<String> {
        (0..u16::BITS)
            .filter(|bit| mask & (1 << bit) != 0)
            .map(|bit| {
                Self::ALL
                    .into_iter()
                    .find(|source| source.mask() == 1 << bit)
                    .map_or_else(|| format!("#{bit}"), |source| source.code().to_owned())
            })
            .collect()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Source {
    type Err = UnknownSource;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|source| source.code().eq_ignore_ascii_case(code))
            .ok_or_else(|| UnknownSource(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_bits_belong_together() {
        for source in Source::ALL {
            assert_eq!(source.code().parse(), Ok(source));
            assert_eq!(Source::codes(source.mask()), [source.code()]);
            assert_eq!(serde_json::to_value(source).unwrap(), source.code());
        }
        assert_eq!(Source::codes(0b1000_0001), ["OFAC-SDN", "#7"]);
        assert_eq!("XX".parse::<Source>(), Err(UnknownSource("XX".into())));
    }
}
