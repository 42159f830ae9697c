//! The examples, out of the texts that have them.

use anyhow::{Context as _, Result, ensure};
use interdict_tests::{cli, desk::Desk, repository};

/// What begins a line that is typed.
const TYPED: [&str; 2] = ["interdict ", "cast "];

/// A command line as a text has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Example {
    /// The file, or the verb whose help it is.
    pub(crate) place: String,
    /// What is typed.
    pub(crate) line: String,
}

impl Example {
    /// The line with its place, which decides what some lines are about.
    pub(crate) fn whole(&self) -> String {
        format!("{} # {}", self.line, self.place)
    }
}

/// All that the README, the contracts' README and the help of every command have; the manual's
/// pages have the same, as another test says.
pub(crate) async fn examples(desk: &Desk) -> Result<Vec<Example>> {
    let mut examples = Vec::new();
    for file in ["README.md", "contracts/README.md"] {
        let text = std::fs::read_to_string(repository().join(file)).context(file)?;
        examples.extend(of_markdown(&text).into_iter().map(|line| example(file, line)));
    }
    ensure!(!examples.is_empty(), "the README has no example");
    let mut open = vec!["interdict".to_owned()];
    while let Some(command) = open.pop() {
        let help = desk.types(&format!("{command} --help")).await?.stdout;
        open.extend(cli::below(&help)?.into_iter().map(|verb| format!("{command} {verb}")));
        let Some((_, verb)) = command.split_once(' ') else { continue };
        let lines = of_help(&help);
        ensure!(!lines.is_empty(), "the help of {verb} has no example");
        examples.extend(lines.into_iter().map(|line| example(verb, line)));
    }
    Ok(examples)
}

fn example(place: &str, line: String) -> Example {
    Example { place: place.to_owned(), line }
}

/// Lines of code blocks without their remarks, and commands with flags between the words.
fn of_markdown(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if is_code && is_typed(line) {
            found.push(without_remark(line));
        } else if !is_code {
            let spans = line.split('`').skip(1).step_by(2);
            found.extend(spans.filter(|s| is_typed(s) && s.contains(" --")).map(str::to_owned));
        }
    }
    found
}

fn of_help(help: &str) -> Vec<String> {
    let indented = help.lines().filter_map(|line| line.strip_prefix("  "));
    indented.filter(|line| is_typed(line)).map(str::to_owned).collect()
}

fn is_typed(line: &str) -> bool {
    TYPED.iter().any(|start| line.starts_with(start))
}

fn without_remark(line: &str) -> String {
    line.split_once(" # ").map_or(line, |(command, _)| command).trim_end().to_owned()
}

#[test]
fn examples_are_found_where_they_stand() {
    let text = "Run `interdict plan`, `interdict --help` or `ls --all`.\n```\ninterdict plan x  # a\n\
                $ make\n```\ninterdict is a program.";
    assert_eq!(of_markdown(text), ["interdict --help", "interdict plan x"]);
    let help = "Print\n\nExamples:\n  interdict man\n  interdict man --out x\n\nWithout it";
    assert_eq!(of_help(help), ["interdict man", "interdict man --out x"]);
}
