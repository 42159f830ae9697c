//! What ends a command from outside, wherever it is: a key, somebody who asks for it, or the
//! terminal that goes away.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::{Exit, Failure};

/// SIGHUP's bit among the signals that a process ignores.
const HANGUP_BIT: u64 = 1;

/// The ends that are waited for.
#[derive(Debug)]
pub(crate) struct Interruptions {
    key: Signal,
    request: Signal,
    /// Nothing if this is ignored: `nohup` starts a command so, that it outlives its terminal.
    hangup: Option<Signal>,
}

impl Interruptions {
    /// Listens from now on; within a runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        let ignored = std::fs::read_to_string("/proc/self/status");
        let is_ignored = ignored.is_ok_and(|status| ignores_hangup(&status));
        let hangup = if is_ignored { None } else { Some(signal(SignalKind::hangup())?) };
        let (key, request) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { key, request, hangup })
    }

    /// Waits for the first, and says as what the command ends.
    pub(crate) async fn next(&mut self) -> Failure {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.key.recv() => Failure::new(Exit::Interrupted, "interrupted", "interrupted"),
            _ = self.request.recv() => Failure::new(Exit::Terminated, "terminated", "asked to end"),
            _ = hangup => Failure::new(Exit::HungUp, "hung_up", "the terminal is gone"),
        }
    }
}

/// Whether a process ignores SIGHUP, by what Linux says of it (`proc_pid_status(5)`).
fn ignores_hangup(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & HANGUP_BIT != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_hangup_is_known() {
        let check = |mask: &str, expected: bool| {
            let status = format!("SigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t01\n");
            assert_eq!(ignores_hangup(&status), expected, "{mask}");
        };
        check("0000000000000001", true);
        check("0000000000001001", true);
        check("0000000000001000", false);
        check("none", false);
        assert!(!ignores_hangup(""));
    }
}
