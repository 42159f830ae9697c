//! The log of each test, kept apart by thread: a test has one of its own.
//!
//! There is one subscriber for all of them. Where each test has its own, a place in the code that
//! is met for the first time while another test's comes or goes may be taken for one that nobody
//! listens to.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes into the log of the thread that it is used in.
#[derive(Clone, Copy, Debug)]
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

/// Sees that what is logged from now on is kept.
pub fn listen() {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_writer(Log).with_ansi(false).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

/// What was logged in this thread.
pub fn text() -> String {
    LOGGED.with_borrow(|logged| String::from_utf8(logged.clone()).unwrap())
}
