//! The world around one indexer: the chain and its nodes, the time, the receiver. Whatever the
//! indexer sends out ends here, and comes back late, altered or not at all.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use interdict_indexer::chain::transport::{Answer, Cut, Request, TransportError};
use interdict_indexer::run::clock::Clock;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::disk::Disk;
use crate::fault::{Counts, Plan, TRANSPORT};
use crate::lie::{self, Forgery, Occasion};
use crate::node::{Asked, Node};
use crate::noise;
use crate::receiver::Receiver;
use crate::story::Chain;
use crate::trace::Trace;
use crate::ways::Reply;

/// Nodes behind the provider's address.
const NODES: usize = 3;
/// When every story begins, unix seconds.
const BEGINNING: i64 = 1_700_000_000;
/// How long a request takes that is never answered, in milliseconds.
const TIMEOUT_MS: u64 = 30_000;

/// How often a life may be told what contradicts finality: more, and it would have to believe it.
const CONTRADICTIONS_MAX: u32 = 2;

/// How the process is to end in the middle of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At once and without a word.
    Kill,
    /// It may tidy up.
    Stop,
    /// A task panics, and whoever waits for it lets go of everything.
    Panic,
}

/// Everything around the indexer.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rng: StdRng,
    pub(crate) chain: Chain,
    pub(crate) nodes: Vec<Node>,
    pub(crate) plan: Plan,
    pub(crate) counts: Counts,
    pub(crate) trace: Trace,
    pub(crate) receiver: Receiver,
    pub(crate) disk: Arc<Disk>,
    /// The process ends in the n-th request from now.
    pub(crate) end_in: Option<(u32, End)>,
    /// The process is ending.
    pub(crate) ending: Option<End>,
    /// The process is starting.
    pub(crate) is_starting: bool,
    /// A node told of another chain during this start.
    pub(crate) told_of_another_chain: bool,
    /// Until then nobody answers, in milliseconds.
    pub(crate) down_until_ms: u64,
    pub(crate) elapsed_ms: u64,
    /// How far the machine's clock is off, in seconds.
    pub(crate) clock_off: i64,
    /// Nothing goes wrong any more.
    pub(crate) is_calm: bool,
    /// How often the process was told of a branch that contradicts what is final.
    pub(crate) contradictions: u32,
    sticky: usize,
    forgery: Option<Forgery>,
}

/// The world, shared with what the indexer holds.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl Shared {
    pub(crate) fn new(seed: u64, trace: Trace, disk: Arc<Disk>) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let plan = Plan::draw(&mut rng);
        let chain = Chain::begin(&mut rng);
        let nodes = (0..NODES).map(|_| Node::new(&chain, &mut rng)).collect();
        let receiver = Receiver::new(&plan);
        Self(Arc::new(Mutex::new(World {
            rng,
            chain,
            nodes,
            plan,
            counts: Counts::default(),
            trace,
            receiver,
            disk,
            end_in: None,
            ending: None,
            is_starting: false,
            told_of_another_chain: false,
            down_until_ms: 0,
            elapsed_ms: 0,
            clock_off: 0,
            is_calm: false,
            contradictions: 0,
            sticky: 0,
            forgery: None,
        })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    /// The task that asks panics, without a word on stderr.
    pub(crate) fn panic_if_told(&self) {
        if self.lock().ending == Some(End::Panic) {
            std::panic::resume_unwind(Box::new("as it was told to"));
        }
    }
}

impl Clock for Shared {
    fn now(&self) -> i64 {
        self.lock().now()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.lock().elapsed_ms)
    }
}

impl World {
    pub(crate) fn now(&self) -> i64 {
        BEGINNING + i64::try_from(self.elapsed_ms / 1000).unwrap() + self.clock_off
    }

    /// One event of the chain, and who hears of it.
    pub(crate) fn happen(&mut self) {
        self.chain.happen(&mut self.rng, &mut self.counts);
        self.spread();
    }

    /// The nodes hear of what happened.
    pub(crate) fn spread(&mut self) {
        for node in &mut self.nodes {
            node.hear(&self.chain, &mut self.rng);
        }
    }

    /// Nothing goes wrong any more, and everyone knows everything.
    pub(crate) fn calm(&mut self) {
        self.is_calm = true;
        self.forgery = None;
        self.end_in = None;
        self.down_until_ms = 0;
        self.disk.heal();
        self.receiver.heal();
        for node in &mut self.nodes {
            node.heal(&self.chain);
        }
    }

    /// Whether the process ends here, or has ended.
    pub(crate) fn ends_here(&mut self) -> bool {
        if self.disk.is_dead() || self.ending.is_some() {
            return true;
        }
        match &mut self.end_in {
            Some((0, end)) => {
                self.ending = Some(*end);
                self.end_in = None;
                if self.ending == Some(End::Kill) {
                    self.disk.die();
                }
                true
            }
            Some((left, _)) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    pub(crate) fn chance(&mut self, of_a_thousand: u32) -> bool {
        !self.is_calm && self.rng.gen_ratio(of_a_thousand, 1000)
    }

    pub(crate) fn provide(&mut self, body: &str) -> Reply {
        if self.ends_here() {
            return None;
        }
        self.elapsed_ms += self.rng.gen_range(1..80);
        let reply = match serde_json::from_str(body).unwrap() {
            Value::Array(requests) => self.batch(&requests),
            request => self.single(&request),
        };
        Some(reply)
    }

    fn single(&mut self, request: &Value) -> Result<Answer, TransportError> {
        let method = request["method"].as_str().unwrap_or_default();
        let asked = Asked::read(method, &request["params"]);
        self.meanwhile(&asked);
        let reply = self.reply(&asked, &request["id"]);
        let shown = match &reply {
            Ok(answer) => format!("{} {}", answer.status, Trace::digest(&answer.body)),
            Err(error) => error.to_string(),
        };
        self.trace.line(self.elapsed_ms, format_args!("rpc {asked:?} -> {shown}"));
        reply
    }

    /// Many requests at once: what goes wrong on the way with one of them goes wrong with all.
    fn batch(&mut self, requests: &[Value]) -> Result<Answer, TransportError> {
        if !self.is_calm && requests.len() > self.plan.batch_max {
            self.counts.fired(31);
            return Ok(noise::too_much(&mut self.rng));
        }
        let mut all = Answer { status: 200, ..Answer::default() };
        for request in requests {
            let answer = self.single(request)?;
            if answer.status != all.status {
                return Ok(answer);
            }
            all.body.push(if all.body.is_empty() { b'[' } else { b',' });
            all.body.extend_from_slice(&answer.body);
            if answer.cut.is_some() {
                return Ok(Answer { cut: answer.cut, ..all });
            }
        }
        all.body.push(b']');
        Ok(all)
    }

    /// Another branch takes over between two requests; some of it may be final at once, which who
    /// stands on the old one hears before anything else of it.
    fn meanwhile(&mut self, asked: &Asked) {
        let final_at_once = *asked == Asked::At("finalized".to_owned());
        let in_a_block = asked.is_full() || asked.is_receipts();
        if !(in_a_block && self.chance(8) || final_at_once && self.chance(30)) {
            return;
        }
        let before = self.chain.tip;
        self.chain.reorg(&mut self.rng, &mut self.counts);
        if final_at_once {
            self.chain.finalize(&mut self.rng);
        }
        self.spread();
        self.counts.fired_if(34, self.chain.tip != before);
    }

    fn reply(&mut self, asked: &Asked, id: &Value) -> Result<Answer, TransportError> {
        if self.elapsed_ms < self.down_until_ms {
            self.counts.fired(32);
            return Err(TransportError("connection refused".to_owned()));
        }
        if self.chance(self.plan.transport) {
            let fault = *TRANSPORT.choose(&mut self.rng).unwrap();
            // What needs a body is made below.
            if !matches!(fault, 28 | 30) {
                self.counts.fired(fault);
                if fault == 29 {
                    self.elapsed_ms += TIMEOUT_MS;
                }
                return noise::broken(fault, &mut self.rng);
            }
            let mut answer = self.answer(asked, id);
            self.counts.fired(fault);
            answer.body.truncate(self.rng.gen_range(0..=answer.body.len()));
            answer.cut = match fault {
                30 => Some(Cut::TooLong),
                _ if self.rng.gen_bool(0.5) => Some(Cut::BrokenOff("connection reset".to_owned())),
                _ => {
                    answer.body.pop();
                    None
                }
            };
            return Ok(answer);
        }
        Ok(self.answer(asked, id))
    }

    /// A node's answer, honest or not.
    fn answer(&mut self, asked: &Asked, id: &Value) -> Answer {
        if self.rng.gen_bool(0.4) {
            self.sticky = self.rng.gen_range(0..self.nodes.len());
        }
        let node = self.nodes[self.sticky];
        let (block, text) = node.answer(&self.chain, asked, &mut self.counts);
        let body = self
            .dishonest(asked, id, block, node.tip(), &text)
            .unwrap_or_else(|| result_of(id, &text));
        let bloomless =
            asked.is_full() && block.is_some_and(|block| self.chain.tree.of(block).is_bloomless);
        self.counts.fired_if(18, bloomless);
        Answer { status: 200, body, ..Answer::default() }
    }

    fn dishonest(
        &mut self,
        asked: &Asked,
        id: &Value,
        block: Option<usize>,
        tip: usize,
        text: &str,
    ) -> Option<Vec<u8>> {
        if let Some((fault, text)) = self.forged(asked, block) {
            self.counts.fired(fault);
            return Some(result_of(id, &text));
        }
        let tells_chains_apart = *asked == Asked::ChainId || *asked == Asked::At("0x0".to_owned());
        if self.is_starting && tells_chains_apart && self.chance(30) {
            self.counts.fired(22);
            self.told_of_another_chain = true;
            let text = match asked {
                Asked::ChainId => r#""0x539""#.to_owned(),
                _ => self.chain.tree.of(1).head.clone(),
            };
            return Some(result_of(id, &text));
        }
        if *asked == Asked::At("latest".to_owned())
            && self.contradictions < CONTRADICTIONS_MAX
            && self.chance(100)
        {
            let dead = *self.chain.dead().choose(&mut self.rng)?;
            self.contradictions += 1;
            self.counts.fired(41);
            let head = &self.chain.tree.of(dead).head;
            return Some(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{head}}}"#).into());
        }
        // The header to begin above: nothing that is known contradicts an invented one.
        if self.is_starting
            && !tells_chains_apart
            && matches!(asked, Asked::At(_))
            && self.chance(60)
        {
            let mut result: Value = serde_json::from_str(text).unwrap();
            result = lie::invented(&mut self.rng, &result)?;
            self.counts.fired(13);
            return Some(result_of(id, &result.to_string()));
        }
        let newest = asked.is_receipts()
            && block.is_some_and(|id| id == tip && !self.chain.tree.of(id).is_empty());
        if newest && self.plan.kinds.contains(&1) && self.chance(100) {
            self.counts.fired(1);
            return Some(result_of(id, "[]"));
        }
        let unknown = matches!(asked, Asked::Receipts(_)) && block.is_none();
        if unknown && self.plan.kinds.contains(&9) && self.chance(500) {
            let mut result = Value::Null;
            let occasion = Occasion { chain: &self.chain, asked, block, tip };
            let fault = lie::alter(9, &occasion, &mut self.rng, &mut result)?;
            self.counts.fired(fault);
            return Some(result_of(id, &result.to_string()));
        }
        if !self.chance(self.plan.lies) {
            return None;
        }
        let fault = *self.plan.kinds.choose(&mut self.rng).unwrap();
        if let Some(body) = noise::answer(fault, id, text, &mut self.rng) {
            self.counts.fired(fault);
            return Some(body);
        }
        let mut result: Value = serde_json::from_str(text).unwrap();
        let occasion = Occasion { chain: &self.chain, asked, block, tip };
        let fault = lie::alter(fault, &occasion, &mut self.rng, &mut result)?;
        self.counts.fired(fault);
        Some(result_of(id, &result.to_string()))
    }

    fn forged(&mut self, asked: &Asked, block: Option<usize>) -> Option<(u8, String)> {
        if self.is_calm {
            return None;
        }
        if self.forgery.as_ref().is_none_or(|forgery| forgery.left == 0)
            && self.chance(self.plan.lies / 4)
            && (asked.is_full() || asked.is_receipts())
        {
            self.forgery = Forgery::of(&self.chain, block?, &mut self.rng);
        }
        self.forgery.as_mut()?.answer(asked, block)
    }

    pub(crate) fn receive(&mut self, request: &Request) -> Reply {
        if self.ends_here() {
            self.counts.fired(45);
            return None;
        }
        self.elapsed_ms += self.rng.gen_range(1..80);
        let now = self.now();
        let calm = self.is_calm;
        let reply = self.receiver.take(request, now, calm, &mut self.rng, &mut self.counts);
        let shown = match &reply {
            Ok(answer) => answer.status.to_string(),
            Err(error) => error.to_string(),
        };
        let digest = Trace::digest(request.body.as_bytes());
        self.trace.line(self.elapsed_ms, format_args!("hook {digest} -> {shown}"));
        // Taken, and the process ends before it can say so.
        if self.ends_here() {
            self.counts.fired(45);
            return None;
        }
        Some(reply)
    }
}

fn result_of(id: &Value, result: &str) -> Vec<u8> {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#).into()
}
