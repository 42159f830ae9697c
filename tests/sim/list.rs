//! The list's contract, as far as a chain shows it: what an act may do, and the logs that it
//! leaves. Written from the words of `IBlocklist.sol`; shares nothing with the readers that are
//! tested.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256, keccak256};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Where the contract is.
pub(crate) const BLOCKLIST: Address = Address::repeat_byte(0xb1);
/// Its code; no node is asked to run it.
pub(crate) const CODE: &[u8] = b"the list";
/// `until` of what does not end.
const UNTIL_MAX: u64 = (1 << 40) - 1;
/// Most addresses of one act.
const ENTRIES_MAX: usize = 4;

/// What an act did, by the contract's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    ListProvisional = 0,
    List = 1,
    Delist = 2,
    Protect = 3,
    Unprotect = 4,
    Retract = 5,
    DelistMany = 6,
    Attest = 7,
}

/// An act to be put into a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) number: u32,
    pub(crate) deed: Deed,
    pub(crate) sources: u16,
    pub(crate) until: u64,
    pub(crate) accounts: Vec<Address>,
    /// It lists an address that was listed before and is no longer.
    pub(crate) is_again: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    sources: u16,
    until: u64,
    voted: bool,
    protected: bool,
}

impl Standing {
    const fn is_listed(&self, time: u64) -> bool {
        self.sources != 0 && self.until > time
    }
}

/// What the contract keeps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    acts: u32,
    head: B256,
    standing: BTreeMap<Address, Standing>,
}

impl Register {
    fn of(&self, account: Address) -> Standing {
        self.standing.get(&account).copied().unwrap_or_default()
    }

    /// Draws an act that the contract would take at this time, and carries it out; its logs.
    pub(crate) fn act(
        &mut self,
        rng: &mut StdRng,
        time: u64,
        accounts: &[Address],
    ) -> Option<(Act, Vec<Log>)> {
        let (deed, sources, accounts) = self.draw(rng, time, accounts)?;
        let until = match deed {
            // Short, so that some lapse within a story.
            Deed::ListProvisional => time + rng.gen_range(1..40) * 12,
            Deed::List => UNTIL_MAX,
            Deed::Delist | Deed::DelistMany | Deed::Retract => time,
            Deed::Protect | Deed::Unprotect | Deed::Attest => 0,
        };
        self.acts += 1;
        let lists = matches!(deed, Deed::ListProvisional | Deed::List);
        let was_listed = |a: &Address| self.of(*a).until != 0 && !self.of(*a).is_listed(time);
        let is_again = lists && accounts.iter().any(was_listed);
        let act = Act { number: self.acts, deed, sources, until, accounts, is_again };
        for account in &act.accounts {
            self.carry_out(&act, *account, time);
        }
        let logs = self.logs(rng, &act);
        Some((act, logs))
    }

    fn draw(
        &self,
        rng: &mut StdRng,
        time: u64,
        accounts: &[Address],
    ) -> Option<(Deed, u16, Vec<Address>)> {
        let source = 1u16 << rng.gen_range(0..3);
        let listed = |s: Standing| s.is_listed(time);
        let (deed, sources, accounts) = match rng.gen_range(0..10) {
            0..3 => {
                let free = some_of(rng, accounts, |a| !listed(self.of(a)) && !self.of(a).protected);
                (Deed::ListProvisional, source, free)
            }
            3..5 => {
                let mut free = some_of(rng, accounts, |a| !self.of(a).protected);
                // One person under two entries of one act.
                if rng.gen_bool(0.2) {
                    free.extend(free.first().copied());
                }
                (Deed::List, source, free)
            }
            5..8 => {
                let first = some_of(rng, accounts, |a| listed(self.of(a))).pop()?;
                let mask = self.of(first).sources;
                let same = some_of(rng, accounts, |a| {
                    listed(self.of(a)) && self.of(a).sources & mask == mask
                });
                let deed = if rng.gen_bool(0.7) { Deed::Delist } else { Deed::DelistMany };
                let part = mask & source;
                let sources = if part != 0 && rng.gen_bool(0.3) { part } else { mask };
                (deed, sources, same)
            }
            8 => {
                let held = some_of(rng, accounts, |a| listed(self.of(a)) && !self.of(a).voted);
                let mask = self.of(*held.first()?).sources;
                let same = held.into_iter().filter(|a| self.of(*a).sources == mask).collect();
                (Deed::Retract, mask, same)
            }
            _ if rng.gen_bool(0.5) => return Some((Deed::Attest, source, Vec::new())),
            _ => {
                let first = some_of(rng, accounts, |a| !listed(self.of(a))).pop()?;
                let deed = if self.of(first).protected { Deed::Unprotect } else { Deed::Protect };
                (deed, 0, vec![first])
            }
        };
        (!accounts.is_empty()).then_some((deed, sources, accounts))
    }

    fn carry_out(&mut self, act: &Act, account: Address, time: u64) {
        let standing = self.standing.entry(account).or_default();
        match act.deed {
            Deed::ListProvisional | Deed::List => {
                if standing.is_listed(time) {
                    standing.sources |= act.sources;
                    standing.until = standing.until.max(act.until);
                    standing.voted |= act.deed == Deed::List;
                } else {
                    standing.sources = act.sources;
                    standing.until = act.until;
                    standing.voted = act.deed == Deed::List;
                }
            }
            Deed::Delist | Deed::DelistMany | Deed::Retract => {
                standing.sources &= !act.sources;
                if standing.sources == 0 {
                    standing.until = time;
                }
            }
            Deed::Protect => standing.protected = true,
            Deed::Unprotect => standing.protected = false,
            Deed::Attest => {}
        }
    }

    /// The logs of an act, and `head` folded over them.
    fn logs(&mut self, rng: &mut StdRng, act: &Act) -> Vec<Log> {
        let mut logs = Vec::new();
        let event = match act.deed {
            Deed::ListProvisional | Deed::List => "Listed(address,uint24,uint64,uint40)",
            Deed::Protect => "Protected(address,uint24)",
            Deed::Unprotect => "Unprotected(address,uint24)",
            _ => "Delisted(address,uint24,uint64,uint40)",
        };
        let of_a_person = !matches!(act.deed, Deed::Protect | Deed::Unprotect);
        for account in &act.accounts {
            let (uid, day) = if of_a_person {
                (rng.gen_range(1..60_000), rng.gen_range(0..2) * 1_600_000_000)
            } else {
                (0, 0)
            };
            let who = account.into_word();
            self.head = folded(&[self.head, who, word(uid), word(day)]);
            let data = if of_a_person {
                words(&[word(act.number.into()), word(uid), word(day)])
            } else {
                words(&[word(act.number.into())])
            };
            logs.push(log(BLOCKLIST, vec![keccak256(event), who], data));
        }
        let of_a_list = !matches!(act.deed, Deed::Protect | Deed::Unprotect);
        let data_as_of = if of_a_list { 1_700_000_000 } else { 0 };
        let manifest = if of_a_list { B256::from(rng.r#gen::<[u8; 32]>()) } else { B256::ZERO };
        let numbers = [
            word(act.number.into()),
            word(act.deed as u64),
            word(act.sources.into()),
            word(act.until),
            word(data_as_of),
        ];
        let [number, kind, sources, until, as_of] = numbers;
        self.head = folded(&[self.head, number, kind, sources, until, as_of, manifest]);
        let topic = keccak256("Acted(uint24,uint8,uint16,uint40,uint40,bytes32,bytes32)");
        let data = words(&[kind, sources, until, as_of, self.head]);
        logs.push(log(BLOCKLIST, vec![topic, number, manifest], data));
        logs
    }
}

fn some_of(rng: &mut StdRng, from: &[Address], fits: impl Fn(Address) -> bool) -> Vec<Address> {
    let mut fitting: Vec<_> = from.iter().copied().filter(|account| fits(*account)).collect();
    fitting.shuffle(rng);
    fitting.truncate(rng.gen_range(1..=ENTRIES_MAX));
    fitting
}

/// A log as it stands in a receipt.
pub(crate) fn log(address: Address, topics: Vec<B256>, data: Bytes) -> Log {
    Log { address, data: LogData::new_unchecked(topics, data) }
}

/// A number as the ABI pads it.
pub(crate) fn word(number: u64) -> B256 {
    B256::from(U256::from(number))
}

fn words(words: &[B256]) -> Bytes {
    words.iter().flat_map(|word| word.0).collect::<Vec<u8>>().into()
}

fn folded(over: &[B256]) -> B256 {
    keccak256(words(over))
}
