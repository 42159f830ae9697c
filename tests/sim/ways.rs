//! The ways out of the indexer: to the provider, the receiver, and the indexer of another chain.

use std::future::{pending, ready};

use interdict_indexer::abroad::{Teller, Telling};
use interdict_indexer::chain::transport::{Answer, Posted, Request, Transport, TransportError};

use crate::world::Shared;

/// What came back, or nothing ever.
pub(crate) type Reply = Option<Result<Answer, TransportError>>;

fn posted(reply: Reply) -> Posted<'static> {
    match reply {
        Some(reply) => Box::pin(ready(reply)),
        None => Box::pin(pending()),
    }
}

/// The provider's address.
#[derive(Debug)]
pub(crate) struct Provider(pub(crate) Shared);

impl Transport for Provider {
    fn post(&self, request: Request) -> Posted<'_> {
        let reply = self.0.lock().provide(&request.body);
        self.0.panic_if_told();
        posted(reply)
    }
}

/// The receiver's address.
#[derive(Debug)]
pub(crate) struct Hook(pub(crate) Shared);

impl Transport for Hook {
    fn post(&self, request: Request) -> Posted<'_> {
        let reply = self.0.lock().receive(&request);
        self.0.panic_if_told();
        posted(reply)
    }
}

/// Who tells of the list on another chain.
#[derive(Debug)]
pub(crate) struct Neighbour(pub(crate) Shared);

impl Teller for Neighbour {
    fn tell(&self, after: u32) -> Telling<'_> {
        let told = self.0.lock().tell_of_list(after);
        self.0.panic_if_told();
        match told {
            Some(told) => Box::pin(ready(told)),
            None => Box::pin(pending()),
        }
    }
}
