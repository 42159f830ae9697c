//! `vote`: a member's vote on a proposal, after showing what the proposal does.

use std::time::Duration;

use alloy::eips::BlockId;
use alloy::primitives::Address;
use alloy::sol_types::SolCall;
use anyhow::Result;
use interdict_core::ledger::Kind;
use interdict_core::source::Source;
use serde_json::json;

use crate::args::{Global, VoteArgs};
use crate::bindings::Council;
use crate::council::{self, Decoded, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::{output, text, wallet};

/// A vote opens in the second after its proposal: the block that holds it is soon there.
const OPENS_WAIT_MAX: Duration = Duration::from_secs(30);
const OPENS_POLL: Duration = Duration::from_millis(300);

pub(crate) async fn run(global: &Global, args: VoteArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let proposal = council::find(&deployed, args.proposal).await?;
    let decoded = proposal.decode(deployed.blocklist())?;
    let (support, word) = args.choice.support();
    output::show(&describe(&proposal, &decoded));
    output::progress(&format!("voting {word}"));
    let member = wallet::open(&args.wallet)?;
    check_open(&deployed, &proposal).await?;
    check_seat(&deployed, &proposal, member.address()).await?;
    let call = Council::castVoteCall { proposalId: proposal.id, support }.abi_encode();
    let council = deployed.book.council.address;
    let receipt = deployed.chain.send(&member, council, call).await?;
    let (tally, state) = (proposal.tally(&deployed).await?, proposal.state(&deployed).await?);

    let id = council::shown(proposal.id);
    let data = json!({
        "proposal": id,
        "vote": word,
        "voter": member.address(),
        "for": tally.votes_for.to_string(),
        "against": tally.against.to_string(),
        "abstain": tally.abstain.to_string(),
        "needed": tally.needed.to_string(),
        "state": state.word(),
        "transaction": receipt.transaction_hash,
    });
    let facts = text::facts(&[
        ("voted", format!("{word}, as {}", member.address())),
        ("tally", tally.line()),
        ("state", state.word().to_owned()),
        ("transaction", receipt.transaction_hash.to_string()),
    ]);
    let next = match state {
        State::Succeeded => format!("`interdict execute {id}`"),
        _ => format!("other members: `interdict vote {id} --for`"),
    };
    Ok(Report::done(data, facts).next(next))
}

/// The council's contract takes a stranger's vote and counts it for nothing.
async fn check_seat(deployed: &Deployed, proposal: &Proposal, account: Address) -> Result<()> {
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let snapshot = Council::proposalSnapshotCall { proposalId: proposal.id };
    let timepoint = chain.ask(council, &snapshot, BlockId::latest()).await?;
    let weight = Council::getVotesCall { account, timepoint };
    if chain.ask(council, &weight, BlockId::pending()).await?.is_zero() {
        let message = format!("{account} had no seat when the proposal was made: it has no vote");
        return Err(Failure::new(Exit::Failed, "not_member", message)
            .next("vote with the key of a member")
            .into());
    }
    let already = Council::hasVotedCall { proposalId: proposal.id, account };
    if chain.ask(council, &already, BlockId::pending()).await? {
        let message = format!("{account} has voted on this proposal already");
        return Err(Failure::new(Exit::Failed, "voted", message)
            .next("a vote cannot be changed: `interdict status` shows the tally")
            .into());
    }
    Ok(())
}

async fn check_open(deployed: &Deployed, proposal: &Proposal) -> Result<()> {
    let opened = async {
        loop {
            match proposal.state(deployed).await? {
                State::Pending => tokio::time::sleep(OPENS_POLL).await,
                state => return anyhow::Ok(state),
            }
        }
    };
    let state = tokio::time::timeout(OPENS_WAIT_MAX, opened).await;
    let (word, next) = match state {
        Ok(state) => match state? {
            State::Active => return Ok(()),
            State::Succeeded => ("has its quorum already", "`interdict execute` it"),
            State::Queued => ("has succeeded and is queued", "`interdict execute` it when due"),
            State::Executed => ("has been executed", "nothing is left to do"),
            State::Defeated => ("was defeated", "propose it again if it still holds"),
            State::Expired => ("has expired", "propose it again if it still holds"),
            State::Canceled => ("was canceled", "propose it again if it still holds"),
            State::Pending => ("is pending", "run again"),
        },
        Err(_) => ("has not opened yet", "run again in a moment"),
    };
    let message = format!("the vote on {} {word}", council::shown(proposal.id));
    Err(Failure::new(Exit::Failed, "not_open", message).next(next).into())
}

/// The three things that a vote on the list can do.
const fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::DelistMany => "delist, more than 15 % of the list",
        Kind::Delist => "delist",
        _ => "list",
    }
}

/// The proposal for people, in full: every address it names.
pub(super) fn describe(proposal: &Proposal, decoded: &Decoded) -> String {
    let Decoded { kind, batch } = decoded;
    let rows = batch.entries.iter().map(|entry| {
        let date: u64 = entry.designatedOn.to();
        let date = if date == 0 { "-".to_owned() } else { text::day(date) };
        [entry.account.to_string(), entry.uid.to_string(), date]
    });
    let table = text::table(["ADDRESS", "UID", "DESIGNATED"], rows.collect());
    let facts = text::facts(&[
        ("proposal", council::shown(proposal.id)),
        ("does", what(*kind).to_owned()),
        ("sources", Source::codes(batch.sources).join(" ")),
        ("data as of", text::time(batch.dataAsOf.to())),
        ("manifest", batch.manifest.to_string()),
        ("vote closes", text::time(proposal.vote_end)),
    ]);
    format!("{table}\n\n{facts}")
}
