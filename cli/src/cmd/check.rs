//! `check`: whether addresses are listed, now or then. Whatever cannot be answered is unknown,
//! never clear.

use std::path::Path;

use alloy::primitives::Address;
use anyhow::{Context as _, Result, bail};
use interdict_core::contract::IBlocklist;
use serde_json::{Value, json};

use crate::args::{CheckArgs, Global};
use crate::chain::Pinned;
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::list::answer::{Answer, Beside, Line, Listed};
use crate::list::as_of::{self, Standing, View, When};
use crate::{file, list, output, text};

/// A file of addresses is longer only by mistake.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How many addresses one call asks about.
const BATCH_MAX: usize = 500;

/// What the bar says meanwhile.
const ASKING: &str = "asking the list";

/// When the answers hold.
#[derive(Debug)]
struct Asked {
    chain_id: u64,
    block: Option<u64>,
    time: u64,
    warnings: Vec<String>,
}

pub(crate) async fn run(global: &Global, args: CheckArgs) -> Result<Report> {
    let mut lines = questions(&args)?;
    if lines.is_empty() {
        let message = "there is no address to check";
        return Err(Failure::new(Exit::Usage, "usage", message)
            .next("give addresses, or a --file with one a line")
            .into());
    }
    let readable: Vec<Address> =
        lines.iter().filter_map(|(_, address)| address.as_ref().ok().copied()).collect();
    match answers(global, &args, &readable).await {
        Ok((asked, answers)) => {
            let mut answers = answers.into_iter();
            let line = |(asked, address): (String, Result<Address, String>)| {
                let answer = match address {
                    // There are as many answers as readable addresses; one too few is unknown.
                    Ok(_) => answers.next().unwrap_or(Answer::Unknown("no answer".to_owned())),
                    Err(why) => Answer::Unknown(why),
                };
                Line { asked, answer }
            };
            let lines: Vec<Line> = lines.drain(..).map(line).collect();
            Ok(report(&asked, &lines))
        }
        Err(error) => Ok(unknown(&lines, error)),
    }
}

type Question = (String, Result<Address, String>);

/// The addresses of the command line, and those of the file, in order.
fn questions(args: &CheckArgs) -> Result<Vec<Question>> {
    let mut lines: Vec<Question> =
        args.addresses.iter().map(|address| (address.to_string(), Ok(*address))).collect();
    if let Some(path) = &args.file {
        lines.extend(read_file(path)?);
    }
    Ok(lines)
}

fn read_file(path: &Path) -> Result<Vec<Question>> {
    let bytes = file::bounded(path, FILE_BYTES_MAX, "a file of addresses")?;
    let text =
        String::from_utf8(bytes).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(lines_of(&text))
}

/// One question a line, without remarks and blank lines. What is no address stays, and is unknown.
fn lines_of(text: &str) -> Vec<Question> {
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let word = line.split('#').next().unwrap_or_default().trim().trim_start_matches('\u{feff}');
        if word.is_empty() {
            continue;
        }
        let address = interdict_core::address::parse(word)
            .map_err(|error| format!("line {}: it {error}", index + 1));
        lines.push((text::printable(word), address));
    }
    lines
}

async fn answers(
    global: &Global,
    args: &CheckArgs,
    addresses: &[Address],
) -> Result<(Asked, Vec<Answer>)> {
    let deployed = deployed::open(global).await?;
    match args.at {
        None => now(&deployed, addresses, args.mask()).await,
        Some(when) => then(&deployed, addresses, args.mask(), when).await,
    }
}

/// The contract's own answers, pinned to one block; the events add the reasons.
async fn now(
    deployed: &Deployed,
    addresses: &[Address],
    mask: u16,
) -> Result<(Asked, Vec<Answer>)> {
    let (chain, list) = (&deployed.chain, deployed.blocklist());
    let at = chain.latest().await?;
    let mut answers = Vec::with_capacity(addresses.len());
    let bar = output::counting_bar(ASKING, addresses.len() as u64);
    for part in addresses.chunks(BATCH_MAX) {
        let call = IBlocklist::areSanctionedCall { accounts: part.to_vec() };
        let sanctioned = chain.ask(list, &call, at.id()).await?;
        if sanctioned.len() != part.len() {
            bail!("the list gave {} answers about {} addresses", sanctioned.len(), part.len());
        }
        for (address, sanctioned) in part.iter().zip(sanctioned) {
            let listing = match (sanctioned, addresses) {
                (false, [_, _, ..]) => None,
                _ => Some(listing(deployed, *address, sanctioned, at).await?),
            };
            answers.push(judge(listing.as_ref(), mask));
            bar.inc(1);
        }
    }
    drop(bar);
    let (chain_id, block, time) = (chain.id, Some(at.number), at.time);
    let mut asked = Asked { chain_id, block, time, warnings: Vec::new() };
    if answers.iter().any(|answer| matches!(answer, Answer::Listed(_)))
        && let Err(error) = explain(deployed, addresses, &mut answers).await
    {
        // The contract's answer stands by itself.
        asked.warnings.push(format!("the reason cannot be read: {error:#}"));
    }
    Ok((asked, answers))
}

async fn listing(
    deployed: &Deployed,
    account: Address,
    sanctioned: bool,
    at: Pinned,
) -> Result<IBlocklist::Listing> {
    let call = IBlocklist::listingOfCall { account };
    let listing = deployed.chain.ask(deployed.blocklist(), &call, at.id()).await?;
    if sanctioned != listing.sanctioned {
        bail!("the list contradicts itself about {account} at block {}", at.number);
    }
    Ok(listing)
}

fn judge(listing: Option<&IBlocklist::Listing>, mask: u16) -> Answer {
    let Some(listing) = listing else { return Answer::Clear(Beside::Nothing) };
    let until: u64 = listing.until.to();
    if !listing.sanctioned {
        let was = listing.episode > 0;
        return Answer::Clear(if was { Beside::Was { until } } else { Beside::Nothing });
    }
    if listing.sources & mask == 0 {
        return Answer::Clear(Beside::Others { sources: listing.sources });
    }
    Answer::Listed(Box::new(Listed {
        provisional: listing.provisional,
        sources: listing.sources,
        since: listing.since.to(),
        until,
        act: listing.act.to(),
        why: None,
    }))
}

async fn explain(deployed: &Deployed, addresses: &[Address], answers: &mut [Answer]) -> Result<()> {
    let list = list::read(deployed).await?;
    for (address, answer) in addresses.iter().zip(answers) {
        let Answer::Listed(listed) = answer else { continue };
        let known = list.ledger.get(*address).and_then(|known| known.current(list.at.time));
        let Some(episode) = known else {
            bail!("the events at block {} do not list {address}", list.at.number);
        };
        listed.why = Some(episode.clone());
    }
    Ok(())
}

/// The answers of a past moment: by the events, which are proved, and for a time by the contract as
/// well, which remembers intervals.
async fn then(
    deployed: &Deployed,
    addresses: &[Address],
    mask: u16,
    when: When,
) -> Result<(Asked, Vec<Answer>)> {
    output::progress("reading the list from the chain");
    let list = list::read(deployed).await?;
    let newest = list.at;
    let view = as_of::view(deployed, list, Some(when)).await?;
    let mut answers = Vec::with_capacity(addresses.len());
    let bar = output::counting_bar(ASKING, addresses.len() as u64);
    for address in addresses {
        let (answer, listed) = stood(&view, *address, mask);
        if let When::Second(time) = when {
            let time = time.try_into().context("the time is beyond 40 bits")?;
            let call = IBlocklist::wasSanctionedAtCall { account: *address, time };
            let was = deployed.chain.ask(deployed.blocklist(), &call, newest.id()).await?;
            if was != listed {
                bail!("the events and the contract disagree about {address} at {}", view.time);
            }
        }
        answers.push(answer);
        bar.inc(1);
    }
    drop(bar);
    let (chain_id, block, time) = (deployed.chain.id, view.block, view.time);
    Ok((Asked { chain_id, block, time, warnings: Vec::new() }, answers))
}

/// How an address stood by the events, and whether any source listed it.
fn stood(view: &View, address: Address, mask: u16) -> (Answer, bool) {
    let last = view.ledger.get(address).and_then(|known| known.episodes.last());
    let Some(episode) = last else { return (Answer::Clear(Beside::Nothing), false) };
    let standing = Standing::of(episode, view.time);
    if !standing.is_listed() {
        return (Answer::Clear(Beside::Was { until: episode.until }), false);
    }
    if episode.sources & mask == 0 {
        return (Answer::Clear(Beside::Others { sources: episode.sources }), true);
    }
    let listed = Listed {
        provisional: standing == Standing::Held,
        sources: episode.sources,
        since: episode.since,
        until: episode.until,
        act: episode.act,
        why: Some(episode.clone()),
    };
    (Answer::Listed(Box::new(listed)), true)
}

fn report(asked: &Asked, lines: &[Line]) -> Report {
    let count = |word: &str| lines.iter().filter(|line| line.answer.word() == word).count();
    let exit = match (count("listed"), count("unknown")) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Failed,
        _ => Exit::Changes,
    };
    let block = asked.block.map(|block| format!("block {block} of ")).unwrap_or_default();
    let place = format!("{block}chain {}, {}", asked.chain_id, text::time(asked.time));
    let moment = json!({ "chain_id": asked.chain_id, "block": asked.block, "time": asked.time });
    let (mut document, text) = match lines {
        [line] => {
            let mut facts = vec![(line.answer.word(), line.asked.clone()), ("as of", place)];
            facts.extend(line.answer.facts());
            (line.data(), text::facts(&facts))
        }
        lines => {
            let rows = lines.iter().map(Line::row);
            let table = text::table(["", "ADDRESS", "SOURCES", "SINCE", "UID"], rows.collect());
            let total = ["listed", "unknown", "clear"].map(|w| format!("{} {w}", count(w)));
            let facts = text::facts(&[("as of", place), ("addresses", total.join(", "))]);
            let answers: Vec<Value> = lines.iter().map(Line::data).collect();
            (json!({ "answers": answers }), format!("{table}\n\n{facts}"))
        }
    };
    if let (Value::Object(document), Value::Object(moment)) = (&mut document, moment) {
        document.extend(moment);
    }
    let mut report = Report::new(exit, document, text);
    report.warnings.clone_from(&asked.warnings);
    if count("unknown") > 0 {
        let n = text::count(count("unknown"), "line is no address", "lines are no addresses");
        let failure = Failure::new(Exit::Failed, "unreadable", format!("{n}, and so unknown"));
        report.failure = Some(failure.next("correct the file and run again"));
    }
    report
}

/// Nothing could be answered: each address is unknown.
fn unknown(lines: &[Question], error: anyhow::Error) -> Report {
    let failure = Failure::from_error(error);
    let data = |asked: &String| json!({ "answer": "unknown", "address": asked, "reason": failure.message });
    let document = match lines {
        [(asked, _)] => data(asked),
        lines => json!({ "answers": lines.iter().map(|(a, _)| data(a)).collect::<Vec<_>>() }),
    };
    let text: Vec<String> = lines.iter().map(|(asked, _)| format!("unknown  {asked}")).collect();
    let mut report = Report::new(Exit::Failed, document, text.join("\n"));
    report.failure = Some(failure);
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_an_address_a_line_and_loses_none() {
        let text = "\u{feff}0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c  # a remark\r\n\n# all of it\n0x12\n";
        let lines = lines_of(text);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].1.is_ok());
        let why = lines[1].1.as_ref().unwrap_err();
        assert!(why.starts_with("line 4: it has 2 hex digits"), "{why}");
    }
}
