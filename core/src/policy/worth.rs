//! What an amount is worth in the policy's reference unit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Parts of one reference unit.
const PARTS: u64 = 1_000_000;

/// Digits behind the point.
const DIGITS: usize = 6;

/// An amount in millionths of the reference unit; the largest stands for everything beyond it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Worth(pub u64);

impl Worth {
    /// More than can be counted; databases hold as much.
    pub const MAX: Self = Self(u64::MAX >> 1);

    /// Whole units.
    pub const fn units(units: u64) -> Self {
        Self::of_parts(units.saturating_mul(PARTS))
    }

    /// Millionths, as far as they can be counted.
    pub const fn of_parts(parts: u64) -> Self {
        if parts > Self::MAX.0 { Self::MAX } else { Self(parts) }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self::of_parts(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Worth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (units, parts) = (self.0 / PARTS, self.0 % PARTS);
        let digits = format!("{parts:06}");
        match digits.trim_end_matches('0') {
            "" => write!(f, "{units}"),
            digits => write!(f, "{units}.{digits}"),
        }
    }
}

impl From<Worth> for String {
    fn from(worth: Worth) -> Self {
        worth.to_string()
    }
}

/// Text that is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no amount: write it like \"10\" or \"0.5\", with at most 6 digits behind the point"
)]
pub struct WorthError(pub String);

impl FromStr for Worth {
    type Err = WorthError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || WorthError(text.to_owned());
        let (units, parts) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(units) || !digits(parts) || parts.len() > DIGITS {
            return Err(wrong());
        }
        let units: u64 = units.parse().map_err(|_| wrong())?;
        let parts: u64 = format!("{parts:0<DIGITS$}").parse().map_err(|_| wrong())?;
        let whole = units.checked_mul(PARTS).and_then(|whole| whole.checked_add(parts));
        whole.map(Self).filter(|worth| *worth <= Self::MAX).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for Worth {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_and_shown_the_same() {
        for text in ["10", "0.5", "0", "0.000001", "9223372036854.775807"] {
            assert_eq!(text.parse::<Worth>().unwrap().to_string(), text);
        }
        assert_eq!("10".parse(), Ok(Worth::units(10)));
        assert_eq!("1.50".parse(), Ok(Worth(1_500_000)));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", ".", "1.", ".5", "-1", "+1", "1e3", "1_000", "0.0000001", "9223372036854.775808"]
        {
            assert_eq!(text.parse::<Worth>(), Err(WorthError(text.to_owned())));
        }
    }
}
