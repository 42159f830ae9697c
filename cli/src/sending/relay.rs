//! Who is given a transaction instead of the node that is asked: a relay that shows it to nobody
//! before it lands (T1).

use anyhow::Result;

use crate::chain::Chain;
use crate::deployed;
use crate::exit::{Exit, Failure};

pub(super) const CHECK: &str = "check --send-rpc-url (or ETH_SEND_RPC_URL)";

/// Connects to it. Nothing is asked there but which chain it is.
pub(super) async fn connect(chain: &Chain, text: &str) -> Result<Chain> {
    let relay = chain.taker(&deployed::node(text)?).await.map_err(|error| {
        let mut failure = Failure::from_error(error);
        failure.next = Some(CHECK.to_owned());
        failure
    })?;
    if relay.id == chain.id {
        return Ok(relay);
    }
    let message = format!("{} is chain {}, not {}", relay.shown_url(), relay.id, chain.id);
    Err(Failure::new(Exit::Stale, "wrong_chain", message).next(CHECK).into())
}
