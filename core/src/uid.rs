//! The number under which a person stands on chain, made from the id that the authority gives them.
//!
//! The contract has 64 bits for it. OFAC's ids are numbers and stand as they are. The ids of others
//! are words (`CYB0042`, `ASO 12/23`) and stand as a hash, so that the manifest carries the id as
//! printed and anyone can make the number again:
//! `printf '%u\n' "$(cast keccak CYB0042 | cut -c1-18)"`.

use alloy_primitives::keccak256;

/// Bytes of a hash that the contract has room for.
const UID_BYTES: usize = 8;

/// The uid of an authority's id: the number itself if the id is a plain decimal number of 64 bits,
/// else the first eight bytes, big-endian, of keccak256 of the id in UTF-8, without white space
/// around it.
///
/// A plain number has neither sign nor leading zeros: `007` is a word, so that no two ids are one
/// number because of how they are written.
pub fn of(authority_id: &str) -> u64 {
    let id = authority_id.trim();
    if let Ok(number) = id.parse::<u64>()
        && number.to_string() == id
    {
        return number;
    }
    let mut bytes = [0; UID_BYTES];
    bytes.copy_from_slice(&keccak256(id)[..UID_BYTES]);
    u64::from_be_bytes(bytes)
}

/// A uid in JSON: decimal, as a string. Canonical JSON (RFC 8785) writes numbers as IEEE doubles,
/// which hold 53 bits; a hash would lose its last digits there, and in every JavaScript reader.
pub(crate) mod decimal {
    use serde::de::{Deserialize as _, Deserializer, Error as _};
    use serde::ser::Serializer;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(crate) fn serialize<S: Serializer>(uid: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(uid)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        let uid = text.parse::<u64>().map_err(|_| D::Error::custom(not_a_uid(&text)))?;
        // One uid is written in one way, or a manifest's hash would not be the file's.
        if uid.to_string() == text { Ok(uid) } else { Err(D::Error::custom(not_a_uid(&text))) }
    }

    fn not_a_uid(text: &str) -> String {
        format!("uid {text:?} is no plain decimal number of 64 bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_for_themselves() {
        assert_eq!(of("26014"), 26014);
        assert_eq!(of(" 26014\n"), 26014);
        assert_eq!(of("0"), 0);
        assert_eq!(of("18446744073709551615"), u64::MAX);
    }

    #[test]
    fn words_stand_as_the_first_eight_bytes_of_their_hash() {
        // cast keccak "" and cast keccak "hello", as everybody knows them.
        assert_eq!(of(""), 0xc5d2_4601_86f7_233c);
        assert_eq!(of("hello"), 0x1c8a_ff95_0685_c2ed);
        assert_eq!(of("\u{a0}hello "), of("hello"), "white space around it is not the id's");
        assert_ne!(of("CYB0042"), of("cyb0042"), "an id is taken as it is printed");
    }

    #[test]
    fn what_only_looks_like_a_number_is_a_word() {
        for id in ["007", "+7", "-7", "7.0", "7 ", "18446744073709551616", "\u{667}"] {
            let is_number = id.trim() == "7";
            assert_eq!(of(id) == 7, is_number, "{id}");
        }
    }
}
