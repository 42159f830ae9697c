//! The files that a plan is made from: a publication and perhaps a second one, read with what a
//! person says of them, and with what a plan says where that one is verified.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use interdict_core::manifest::Publication;
use serde::Serialize;

use super::CrossCheck;
use crate::args::StatedArgs;
use crate::exit::{Exit, Failure};
use crate::source::{self, Reading, SourceError, Stated};
use crate::{file, output};

/// The word for scripts where a publication cannot be read.
const CODE: &str = "publication";

/// What is longer is no publication.
const PUBLICATION_BYTES_MAX: u64 = 1 << 30;

/// What is longer is not the comments to a publication.
const COMMENTS_BYTES_MAX: u64 = 1 << 26;

/// What a person says of a publication, with the file that they name read.
pub(crate) fn stated(args: &StatedArgs) -> Result<Stated> {
    let comments = args.comments.as_deref();
    let comments = comments.map(|path| file::bounded(path, COMMENTS_BYTES_MAX, "comments"));
    let comments = comments.transpose().map_err(|why| why.wrong_file(Exit::Failed, CODE))?;
    Ok(Stated { source: args.source, data_as_of: args.data_as_of, comments })
}

/// Whose word it is of which list, or as of when, a publication is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    /// The publication's own.
    Publication,
    /// Of whoever runs the command.
    Person,
    /// Of the plan that is verified.
    Plan,
}

/// What a plan is made from: a publication, and perhaps a second one to compare it with.
#[derive(Clone, Debug)]
pub(crate) struct Publications {
    pub(crate) path: PathBuf,
    pub(crate) first: Reading,
    pub(crate) second: Option<Reading>,
    pub(crate) source_by: Word,
    pub(crate) data_as_of_by: Word,
}

impl Publications {
    /// Reads both from their files; the second must be of the same source.
    pub(crate) fn read(path: &Path, second: Option<&Path>, stated: &Stated) -> Result<Self> {
        Self::read_beside(path, second, stated, None)
    }

    /// As [`Self::read`]; what neither a file nor the person says is taken from a plan's word.
    pub(crate) fn read_beside(
        path: &Path,
        second: Option<&Path>,
        stated: &Stated,
        planned: Option<&Publication>,
    ) -> Result<Self> {
        let mut filled = stated.clone();
        let first = read_publication(path, &mut filled, planned)?;
        let read = |second| read_publication(second, &mut filled, planned);
        let second = second.map(read).transpose()?;
        let has_none = |reading: &Reading| reading.comments_sha256.is_none();
        if stated.comments.is_some() && has_none(&first) && second.as_ref().is_none_or(has_none) {
            let error = SourceError::Comments(first.format);
            return Err(unreadable(path, &error));
        }
        if let Some(second) = second.as_ref().filter(|second| second.source != first.source) {
            let message = format!(
                "--cross-check is of the source {}, the publication of {}",
                second.source, first.source
            );
            return Err(Failure::new(Exit::Usage, "usage", message)
                .next("give a second publication of the same authority")
                .into());
        }
        let word = |is_person: bool, is_plan: bool| match (is_person, is_plan) {
            (true, _) => Word::Person,
            (false, true) => Word::Plan,
            (false, false) => Word::Publication,
        };
        // What the format says itself needs nobody's word.
        let needs = source::is_stated(first.format);
        let source_by = word(
            needs && stated.source == Some(first.source),
            stated.source.is_none() && filled.source.is_some(),
        );
        let data_as_of_by = word(
            needs && stated.data_as_of == Some(first.data_as_of),
            stated.data_as_of.is_none() && filled.data_as_of.is_some(),
        );
        Ok(Self { path: path.to_owned(), first, second, source_by, data_as_of_by })
    }

    pub(crate) const fn has_no_second(&self) -> bool {
        self.second.is_none()
    }

    /// Whether a person may have to say of which list, or as of when, it is.
    pub(crate) fn is_stated(&self) -> bool {
        source::is_stated(self.first.format)
    }

    pub(crate) fn cross_check(&self) -> Option<CrossCheck> {
        let second = self.second.as_ref()?;
        let (sha256, comments_sha256) = (second.sha256, second.comments_sha256);
        Some(CrossCheck { sha256, comments_sha256, data_as_of: second.data_as_of })
    }
}

/// Reads a publication; what it lacks is filled in from a plan's word, once each, where its format
/// is one that cannot say it.
fn read_publication(
    path: &Path,
    stated: &mut Stated,
    planned: Option<&Publication>,
) -> Result<Reading> {
    let planned = planned.filter(|planned| source::is_stated(&planned.format));
    // A pipe is read but once: what it may lack is filled in before.
    if let Some(planned) = planned.filter(|_| path.exists() && !path.is_file()) {
        stated.source.get_or_insert(planned.source);
        stated.data_as_of.get_or_insert(planned.data_as_of);
    }
    loop {
        let error = match read_file(path, stated)? {
            Ok(reading) => return Ok(reading),
            Err(error) => error,
        };
        if matches!(error, SourceError::Comments(_)) && path.is_file() {
            // They may belong to the other publication, of whose format comments are a part.
            let comments = stated.comments.take();
            let reading = read_publication(path, stated, planned);
            stated.comments = comments;
            return reading;
        }
        match (lacking(&error), planned) {
            (Some(Lacking::Source), Some(planned)) if stated.source.is_none() => {
                stated.source = Some(planned.source);
            }
            (Some(Lacking::Date), Some(planned)) if stated.data_as_of.is_none() => {
                stated.data_as_of = Some(planned.data_as_of);
            }
            _ => return Err(unreadable(path, &error)),
        }
    }
}

fn unreadable(path: &Path, error: &SourceError) -> anyhow::Error {
    Failure::new(Exit::Failed, CODE, format!("{} {error}", path.display())).into()
}

/// What a publication does not say of itself.
enum Lacking {
    Source,
    Date,
}

fn lacking(error: &SourceError) -> Option<Lacking> {
    match error {
        SourceError::NotStated { what: "date", .. } => Some(Lacking::Date),
        SourceError::NotStated { .. } | SourceError::SeveralSources(_) => Some(Lacking::Source),
        _ => None,
    }
}

fn read_file(path: &Path, stated: &Stated) -> Result<Result<Reading, SourceError>> {
    let context = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(context)?;
    let bytes = file.metadata().with_context(context)?.len();
    let too_long = || {
        let message = format!("{} is too long to be a publication", path.display());
        Failure::new(Exit::Failed, CODE, message)
    };
    if bytes > PUBLICATION_BYTES_MAX {
        return Err(too_long().into());
    }
    let bar = output::reading_bar(bytes);
    // Counted as it is read, too: a pipe has no length, and a file may grow.
    let mut bounded = file.take(PUBLICATION_BYTES_MAX + 1);
    let reading = source::read(bar.wrap_read(&mut bounded), stated);
    bar.finish_and_clear();
    if bounded.limit() == 0 {
        return Err(too_long().into());
    }
    Ok(reading)
}
