//! RLP written straight from the hex of an answer.

use alloy_primitives::hex;
use alloy_rlp::{EMPTY_STRING_CODE, Header};

use super::super::json;

/// Items one after another, each as the bytes that a trie holds.
#[derive(Debug, Default)]
pub(super) struct Items {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The item that is being written: its type, and the members of its list.
    kind: u8,
    list: Vec<u8>,
}

impl Items {
    /// Room for what an answer of this length comes to: two digits are a byte, and there is more
    /// around them.
    pub(super) fn for_answer(len: usize) -> Self {
        Self { bytes: Vec::with_capacity(len / 3), ..Self::default() }
    }

    /// Begins an item of a type (EIP-2718); 0 is written as a list without a type in front. One
    /// that was begun and not ended is forgotten.
    pub(super) fn begin(&mut self, kind: u8) {
        self.kind = kind;
        self.list.clear();
    }

    /// Where the members of the item's list go.
    pub(super) const fn list(&mut self) -> &mut Vec<u8> {
        &mut self.list
    }

    /// Ends an item whose list is written.
    pub(super) fn end(&mut self) {
        if self.kind != 0 {
            self.bytes.push(self.kind);
        }
        Header { list: true, payload_length: self.list.len() }.encode(&mut self.bytes);
        self.bytes.extend_from_slice(&self.list);
        self.ends.push(self.bytes.len());
    }

    /// An item that is encoded already.
    pub(super) fn push(&mut self, encoded: &[u8]) {
        self.bytes.extend_from_slice(encoded);
        self.ends.push(self.bytes.len());
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<&[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end]).collect()
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Writes a hex quantity as the shortest big-endian number; `None` if it is none of at most 32
/// bytes.
pub(super) fn number(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let digits = text.strip_prefix(b"0x")?;
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let digits = &digits[zeros..];
    if digits.len() <= 16 {
        let value = json::number(digits)?;
        let blank = 8 - digits.len().div_ceil(2);
        string(&u64::to_be_bytes(value)[blank..], out);
        return Some(());
    }
    let mut padded = [b'0'; 64];
    let start = padded.len().checked_sub(digits.len())?;
    padded[start..].copy_from_slice(digits);
    let mut bytes = [0; 32];
    hex::decode_to_slice(padded, &mut bytes).ok()?;
    let blank = 32 - digits.len().div_ceil(2);
    string(&bytes[blank..], out);
    Some(())
}

/// Writes hex bytes as they are; `None` if they are no hex.
pub(super) fn bytes(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let digits = text.strip_prefix(b"0x")?;
    if digits.len() == 2 {
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).ok()?;
        string(&byte, out);
        return Some(());
    }
    let payload_length = digits.len() / 2;
    Header { list: false, payload_length }.encode(out);
    let start = out.len();
    out.resize(start + payload_length, 0);
    hex::decode_to_slice(digits, &mut out[start..]).ok()
}

/// Writes a list that is written already.
pub(super) fn list(members: &[u8], out: &mut Vec<u8>) {
    Header { list: true, payload_length: members.len() }.encode(out);
    out.extend_from_slice(members);
}

/// Writes bytes.
fn string(bytes: &[u8], out: &mut Vec<u8>) {
    match bytes {
        [] => out.push(EMPTY_STRING_CODE),
        [byte] if *byte < EMPTY_STRING_CODE => out.push(*byte),
        _ => {
            Header { list: false, payload_length: bytes.len() }.encode(out);
            out.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Bytes, U256};
    use alloy_rlp::Encodable;

    use super::*;

    #[test]
    fn numbers_and_bytes_are_written_as_alloy_writes_them() {
        for value in [0_u64, 1, 0x7f, 0x80, 0xff, 0x100, 0xfff, u64::MAX] {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            number(format!("{value:#x}").as_bytes(), &mut ours).unwrap();
            U256::from(value).encode(&mut theirs);
            assert_eq!(ours, theirs, "{value}");
        }
        let most = format!("{:#x}", U256::MAX);
        let mut ours = Vec::new();
        number(most.as_bytes(), &mut ours).unwrap();
        assert_eq!(ours.len(), 33);
        assert_eq!(number(format!("{most}0").as_bytes(), &mut ours), None);

        for value in [vec![], vec![0], vec![0x7f], vec![0x80], vec![1; 55], vec![1; 56]] {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            bytes(hex::encode_prefixed(&value).as_bytes(), &mut ours).unwrap();
            Bytes::from(value).encode(&mut theirs);
            assert_eq!(ours, theirs);
        }
        for odd in ["0x0", "12", "0xzz", "0x123"] {
            assert_eq!(bytes(odd.as_bytes(), &mut Vec::new()), None, "{odd}");
        }
    }
}
