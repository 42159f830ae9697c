//! The promise of `--json`: every document that a command prints is one of the committed schema.

use anyhow::{Context as _, Result, anyhow, bail};
use boon::{Compiler, Schemas};
use serde_json::Value;

/// Where the schema is, for programs that want it too.
const SCHEMA: &str = "cli/schema/envelope.json";

/// Asserts that a document is an envelope.
///
/// # Errors
/// It is none; says where it is not.
pub fn check(document: &Value) -> Result<()> {
    let text = std::fs::read_to_string(crate::repository().join(SCHEMA)).context(SCHEMA)?;
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    let unusable = |error: &dyn std::fmt::Display| anyhow!("{SCHEMA} is no schema: {error}");
    compiler.add_resource(SCHEMA, serde_json::from_str(&text)?).map_err(|e| unusable(&e))?;
    let schema = compiler.compile(SCHEMA, &mut schemas).map_err(|e| unusable(&e))?;
    if let Err(error) = schemas.validate(document, schema) {
        bail!("not an envelope: {error:#}\n{document:#}");
    }
    Ok(())
}
