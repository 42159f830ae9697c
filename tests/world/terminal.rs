//! A terminal with a person before it: the binary runs on a pseudo-terminal, and what it draws is
//! read as a terminal emulator shows it.

use std::ffi::OsStr;
use std::num::NonZeroU16;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, getgid, getuid, kill_process, kill_process_group};
use rustix::termios::{LocalModes, tcgetattr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;

use crate::cli::Cli;

/// How long a person waits for something to appear, at most.
const PATIENCE: Duration = Duration::from_mins(1);

/// Higher than anything that is shown, so that nothing scrolls away.
const ROWS: u16 = 400;

/// Who leads the session, as a shell does: it outlives the command, for a terminal whose leader
/// ends forgets what was not read yet. When the command has ended it says so in a title, which is
/// no text on the screen, and waits for a line.
const LEADER: &str = r#"trap : INT; "$@"; printf '\033]0;ended %s\007' "$?"; read -r _"#;
const ENDED: &str = "\u{1b}]0;ended ";

/// Whoever runs the tests may have been told to outlive a terminal, and what is started inherits
/// that; a shell cannot take it back.
const HEARD_HANGUP: [&str; 2] = ["env", "--default-signal=HUP"];

/// How `nohup` starts a command: it is to outlive its terminal.
const UNHEARD_HANGUP: &str = "trap '' HUP; ";

/// A group that is not root's, to tell what belongs to a command from what is root's where the
/// tests are run by root.
const NOT_ROOTS: u32 = 65534;

/// Whatever decides about colour, wherever the tests are run.
const ABOUT_COLOUR: [&str; 4] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"];

/// What Ctrl-C is to a terminal.
pub const CTRL_C: &str = "\u{3}";

/// A command that runs on a terminal; it ends when this is dropped.
pub struct Terminal {
    pty: pty_process::Pty,
    child: Child,
    screen: vt100::Parser,
    /// Every byte that was drawn.
    drawn: Vec<u8>,
    modes: LocalModes,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("text", &self.text()).finish_non_exhaustive()
    }
}

/// What is left on a terminal when its command has ended.
#[derive(Clone, Debug)]
pub struct Left {
    /// The exit code, as a shell sees it.
    pub code: i32,
    /// What still stands there.
    pub text: String,
    /// Everything that was ever drawn there, as bytes.
    pub drawn: String,
    /// Whether the terminal behaves as it did before.
    pub is_sane: bool,
}

impl Left {
    /// Whether anything was painted: in a colour, bold, dim or underlined.
    pub fn is_painted(&self) -> bool {
        is_painted(&self.drawn)
    }
}

/// Whether a text selects a graphic rendition (ECMA-48, SGR): `ESC [`, numbers, `m`.
pub fn is_painted(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
    })
}

impl Terminal {
    /// Starts a command on a terminal of so many columns.
    ///
    /// # Errors
    /// There is no terminal to be had, or the binary does not start.
    pub fn start<S: AsRef<OsStr>>(cli: &Cli, columns: u16, args: &[S]) -> Result<Self> {
        Self::start_by(LEADER, cli, columns, args, &[])
    }

    /// As [`Self::start`], with more variables in the environment.
    ///
    /// # Errors
    /// As there.
    pub fn start_with(
        cli: &Cli,
        columns: u16,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        Self::start_by(LEADER, cli, columns, args, variables)
    }

    /// As [`Self::start`], but the command is to outlive its terminal.
    ///
    /// # Errors
    /// As there.
    pub fn start_unheard(cli: &Cli, columns: u16, args: &[&str]) -> Result<Self> {
        Self::start_by(&format!("{UNHEARD_HANGUP}{LEADER}"), cli, columns, args, &[])
    }

    fn start_by<S: AsRef<OsStr>>(
        leader: &str,
        cli: &Cli,
        columns: u16,
        args: &[S],
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let (pty, pts) = pty_process::open().context("there is no terminal")?;
        pty.resize(pty_process::Size::new(ROWS, columns))?;
        let modes = tcgetattr(&pty)?.local_modes;
        let [env, heard] = HEARD_HANGUP;
        let mut shell = pty_process::Command::new(env)
            .args([heard, "sh", "-c", leader, "sh"])
            .arg(crate::program("interdict")?)
            .args(args);
        for name in ABOUT_COLOUR {
            shell = shell.env_remove(name);
        }
        if getuid().is_root() && getgid().is_root() {
            shell = shell.gid(NOT_ROOTS);
        }
        let child = shell
            .env("TERM", "xterm-256color")
            .env("ETH_RPC_URL", &cli.rpc_url)
            .env("INTERDICT_DEPLOYMENTS", &cli.deployments)
            .envs(variables.iter().copied())
            .kill_on_drop(true)
            .spawn(pts)
            .context("interdict does not start")?;
        let size = [ROWS, columns].map(NonZeroU16::new);
        let [Some(rows), Some(columns)] = size else { bail!("a terminal of no size") };
        let screen = vt100::Parser::new(rows, columns, 0);
        Ok(Self { pty, child, screen, drawn: Vec::new(), modes })
    }

    /// What stands on the screen now. A line that the terminal broke is one line.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Whether what is typed is shown.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn echoes(&self) -> Result<bool> {
        Ok(tcgetattr(&self.pty)?.local_modes.contains(LocalModes::ECHO))
    }

    /// Interrupts the command without a key.
    ///
    /// # Errors
    /// It has ended.
    pub fn interrupt(&self) -> Result<()> {
        Ok(kill_process_group(self.leader()?, Signal::INT)?)
    }

    /// Tells the command, and nobody else, what a signal means.
    ///
    /// # Errors
    /// It has ended.
    pub fn tells(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(self.command()?, signal)?)
    }

    /// Whether the command's memory is out of others' reach. Linux gives what it says of such a
    /// process to root (proc(5)), and of any other to whom it belongs, as here its leader.
    ///
    /// # Errors
    /// It has ended.
    pub fn hides_memory(&self) -> Result<bool> {
        let owner = |process: Pid| -> Result<[u32; 2]> {
            let place = format!("/proc/{}/environ", process.as_raw_nonzero());
            let found = std::fs::metadata(place)?;
            Ok([found.uid(), found.gid()])
        };
        let (leader, command) = (owner(self.leader()?)?, owner(self.command()?)?);
        ensure!(leader != [0, 0], "the leader is root's: nothing can be told");
        Ok(command != leader && command == [0, 0])
    }

    fn leader(&self) -> Result<Pid> {
        let leader = i32::try_from(self.child.id().context("it has ended")?)?;
        Pid::from_raw(leader).context("it has no id")
    }

    /// The only child of its leader.
    fn command(&self) -> Result<Pid> {
        let leader = self.leader()?.as_raw_nonzero();
        let children = std::fs::read_to_string(format!("/proc/{leader}/task/{leader}/children"))?;
        let child = children.split_whitespace().next().context("it has ended")?;
        Pid::from_raw(child.parse()?).context("it has no id")
    }

    /// Types.
    ///
    /// # Errors
    /// The terminal is gone.
    pub async fn types(&mut self, keys: &str) -> Result<()> {
        self.pty.write_all(keys.as_bytes()).await.context("nobody reads the keyboard")
    }

    /// Waits until a text stands on the screen.
    ///
    /// # Errors
    /// It did not come in time, or the command ended without it.
    pub async fn shows(&mut self, words: &str) -> Result<()> {
        let shown = async {
            while !self.text().contains(words) {
                ensure!(self.code().is_none(), "it ended without {words:?}:\n{}", self.text());
                self.draw().await?;
            }
            Ok(())
        };
        match tokio::time::timeout(PATIENCE, shown).await {
            Ok(shown) => shown,
            Err(_) => bail!("no {words:?} in {PATIENCE:?}:\n{}", self.text()),
        }
    }

    /// Waits until the command has ended.
    ///
    /// # Errors
    /// It did not end in time.
    pub async fn ends(mut self) -> Result<Left> {
        let ended = async {
            loop {
                if let Some(code) = self.code() {
                    return anyhow::Ok(code);
                }
                self.draw().await?;
            }
        };
        let Ok(code) = tokio::time::timeout(PATIENCE, ended).await else {
            bail!("it goes on after {PATIENCE:?}:\n{}", self.text())
        };
        let is_sane = tcgetattr(&self.pty)?.local_modes == self.modes;
        let drawn = String::from_utf8_lossy(&self.drawn).into_owned();
        let left = Left { code: code?, text: self.text(), drawn, is_sane };
        self.types("\n").await?;
        self.child.wait().await?;
        Ok(left)
    }

    /// The exit code, once the command has ended.
    fn code(&self) -> Option<i32> {
        let drawn = String::from_utf8_lossy(&self.drawn);
        let (_, code) = drawn.rsplit_once(ENDED)?;
        code.split_once('\u{7}')?.0.parse().ok()
    }

    /// Takes what was drawn since.
    async fn draw(&mut self) -> Result<()> {
        let mut bytes = [0; 4096];
        let n = self.pty.read(&mut bytes).await.context("the terminal cannot be read")?;
        ensure!(n > 0, "the terminal is gone");
        self.screen.process(&bytes[..n]);
        self.drawn.extend_from_slice(&bytes[..n]);
        Ok(())
    }
}
