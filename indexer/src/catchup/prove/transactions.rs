//! Transactions as their root commits to them, from the bytes of an answer.

use alloy_consensus::Transaction as _;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, hex};
use alloy_rpc_types_eth::Transaction;

use super::super::json::{Cursor, quantity};
use super::rlp::{self, Items};

#[derive(Default)]
struct Fields<'a> {
    kind: Option<&'a [u8]>,
    chain_id: Option<&'a [u8]>,
    nonce: Option<&'a [u8]>,
    gas_price: Option<&'a [u8]>,
    priority: Option<&'a [u8]>,
    fee: Option<&'a [u8]>,
    gas: Option<&'a [u8]>,
    to: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    input: Option<&'a [u8]>,
    v: Option<&'a [u8]>,
    r: Option<&'a [u8]>,
    s: Option<&'a [u8]>,
    from: Option<&'a [u8]>,
    /// It has a list that is not written here.
    lists: bool,
}

/// Encodes each transaction of a list and shows every address that it names by itself: signer,
/// callee or the contract that it creates, and who delegates to whom. `None` if something is
/// written in a way that is not known here, or as soon as an address gives `None`.
///
/// Who signed is the provider's word, unless value moves: then the signature is asked, because no
/// root commits to that word.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    items: &mut Items,
    see: &mut impl FnMut(Address) -> Option<()>,
) -> Option<()> {
    cursor.eat(b'[')?;
    if cursor.meets(b']') {
        return Some(());
    }
    loop {
        let mut again = *cursor;
        if let Some(Usual { from, to, created, pays }) = one(cursor, items) {
            see(from)?;
            see(to.unwrap_or_else(|| from.create(created)))?;
            if pays {
                let signer = whole(again.value()?)?.inner.inner().recover_signer().ok()?;
                see(signer)?;
                see(to.unwrap_or_else(|| signer.create(created)))?;
            }
        } else {
            other(again.value()?, items, see)?;
            *cursor = again;
        }
        if !cursor.more(b']')? {
            return Some(());
        }
    }
}

/// What a usual transaction names.
struct Usual {
    from: Address,
    /// The callee; `None` if a contract is created.
    to: Option<Address>,
    /// The nonce, of which the address of a created contract is made.
    created: u64,
    pays: bool,
}

/// A transaction of the two usual types, without an access list.
fn one(cursor: &mut Cursor<'_>, items: &mut Items) -> Option<Usual> {
    let fields = fields(cursor)?;
    if fields.lists {
        return None;
    }
    let priced = match fields.kind {
        None | Some(b"0x0") => [None, fields.nonce, fields.gas_price, None],
        Some(b"0x2") => [fields.chain_id, fields.nonce, fields.priority, fields.fee],
        Some(_) => return None,
    };
    let typed = fields.kind == Some(b"0x2");
    if priced.iter().flatten().count() != if typed { 4 } else { 2 } {
        return None;
    }
    let usual = Usual {
        from: address(fields.from?)?,
        to: fields.to.map(|to| address(to).ok_or(())).transpose().ok()?,
        created: quantity(fields.nonce?)?,
        pays: fields.value?.iter().skip(2).any(|digit| *digit != b'0'),
    };
    items.begin(if typed { 2 } else { 0 });
    let list = items.list();
    priced.into_iter().flatten().try_for_each(|number| rlp::number(number, list))?;
    rlp::number(fields.gas?, list)?;
    rlp::bytes(fields.to.unwrap_or(b"0x"), list)?;
    rlp::number(fields.value?, list)?;
    rlp::bytes(fields.input?, list)?;
    if typed {
        rlp::list(&[], list);
    }
    [fields.v?, fields.r?, fields.s?].into_iter().try_for_each(|part| rlp::number(part, list))?;
    items.end();
    Some(usual)
}

fn fields<'a>(cursor: &mut Cursor<'a>) -> Option<Fields<'a>> {
    let mut fields = Fields::default();
    cursor.eat(b'{')?;
    loop {
        let key = cursor.key()?;
        if key == b"accessList" {
            fields.lists |= cursor.value()? != b"[]";
        } else if let Some(place) = fields.place(key) {
            *place = if cursor.null() { None } else { Some(cursor.text()?) };
        } else {
            cursor.value()?;
        }
        if !cursor.more(b'}')? {
            return Some(fields);
        }
    }
}

impl<'a> Fields<'a> {
    fn place(&mut self, key: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match key {
            b"type" => &mut self.kind,
            b"chainId" => &mut self.chain_id,
            b"nonce" => &mut self.nonce,
            b"gasPrice" => &mut self.gas_price,
            b"maxPriorityFeePerGas" => &mut self.priority,
            b"maxFeePerGas" => &mut self.fee,
            b"gas" => &mut self.gas,
            b"to" => &mut self.to,
            b"value" => &mut self.value,
            b"input" => &mut self.input,
            b"v" => &mut self.v,
            b"r" => &mut self.r,
            b"s" => &mut self.s,
            b"from" => &mut self.from,
            _ => return None,
        })
    }
}

/// A transaction of any other type, or written in another way.
fn other(
    object: &[u8],
    items: &mut Items,
    see: &mut impl FnMut(Address) -> Option<()>,
) -> Option<()> {
    let transaction = whole(object)?;
    let envelope = transaction.inner.inner();
    items.push(&envelope.encoded_2718());
    let claimed = transaction.inner.signer();
    let signer =
        if envelope.value().is_zero() { claimed } else { envelope.recover_signer().ok()? };
    for signer in [claimed, signer] {
        see(signer)?;
        see(envelope.to().unwrap_or_else(|| signer.create(envelope.nonce())))?;
    }
    for authorization in envelope.authorization_list().unwrap_or_default() {
        see(*authorization.address())?;
        // One that gives nobody has no effect.
        if let Ok(authority) = authorization.recover_authority() {
            see(authority)?;
        }
    }
    Some(())
}

fn whole(object: &[u8]) -> Option<Transaction> {
    serde_json::from_slice(object).ok()
}

fn address(text: &[u8]) -> Option<Address> {
    let mut address = Address::ZERO;
    hex::decode_to_slice(text, address.as_mut_slice()).ok()?;
    Some(address)
}
