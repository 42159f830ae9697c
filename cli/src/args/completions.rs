//! `completions` and `man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict completions bash > ~/.local/share/bash-completion/completions/interdict
  interdict completions zsh > ~/.zfunc/_interdict
  interdict completions fish > ~/.config/fish/completions/interdict.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict man
  interdict man --out ~/.local/share/man/man1

Without --out it prints the main page, in roff. With it, a page for each command as well.")]
pub(crate) struct ManArgs {
    /// The folder to write all pages to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
