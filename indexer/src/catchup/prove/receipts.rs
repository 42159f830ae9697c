//! Receipts as their root commits to them, from the bytes of an answer.

use super::super::json::{Cursor, quantity};
use super::super::scan::{self, Order, RawLog};
use super::rlp::{self, Items};

/// Where parts of a receipt are written before they are put together; used for all of them.
struct Room {
    order: Order,
    logs: Vec<u8>,
    topics: Vec<u8>,
    fields: Vec<u8>,
}

impl Room {
    fn new() -> Self {
        let (logs, topics, fields) = (Vec::new(), Vec::new(), Vec::new());
        Self { order: Order::new(), logs, topics, fields }
    }
}

/// Encodes each receipt of a list and hands on each log; `None` if something is written in a way
/// that is not known here. The bloom is the provider's: the root commits to it too.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    items: &mut Items,
    log: &mut impl FnMut(&RawLog<'_>) -> Option<()>,
) -> Option<()> {
    cursor.eat(b'[')?;
    if cursor.meets(b']') {
        return Some(());
    }
    let mut room = Room::new();
    loop {
        one(cursor, items, &mut room, log)?;
        if !cursor.more(b']')? {
            return Some(());
        }
    }
}

fn one(
    cursor: &mut Cursor<'_>,
    items: &mut Items,
    room: &mut Room,
    log: &mut impl FnMut(&RawLog<'_>) -> Option<()>,
) -> Option<()> {
    room.logs.clear();
    let (mut kind, mut status, mut gas, mut bloom) = (Some(&b"0x0"[..]), None, None, None);
    cursor.eat(b'{')?;
    loop {
        match cursor.key()? {
            b"type" => kind = Some(cursor.text()?),
            b"status" => status = Some(cursor.text()?),
            b"cumulativeGasUsed" => gas = Some(cursor.text()?),
            b"logsBloom" => bloom = Some(cursor.text()?),
            b"logs" => read_logs(cursor, room, log)?,
            _ => _ = cursor.value()?,
        }
        if !cursor.more(b'}')? {
            break;
        }
    }
    items.begin(u8::try_from(quantity(kind?)?).ok()?);
    let list = items.list();
    rlp::number(status?, list)?;
    rlp::number(gas?, list)?;
    rlp::bytes(bloom?, list)?;
    rlp::list(&room.logs, list);
    items.end();
    Some(())
}

fn read_logs(
    cursor: &mut Cursor<'_>,
    room: &mut Room,
    take: &mut impl FnMut(&RawLog<'_>) -> Option<()>,
) -> Option<()> {
    cursor.eat(b'[')?;
    if cursor.meets(b']') {
        return Some(());
    }
    let Room { order, logs, topics, fields } = room;
    loop {
        let log = scan::next(cursor, order)?;
        fields.clear();
        topics.clear();
        rlp::bytes(log.address, fields)?;
        log.topics().iter().try_for_each(|topic| rlp::bytes(topic, topics))?;
        rlp::list(topics, fields);
        rlp::bytes(log.data, fields)?;
        rlp::list(fields, logs);
        take(&log)?;
        if !cursor.more(b']')? {
            return Some(());
        }
    }
}
