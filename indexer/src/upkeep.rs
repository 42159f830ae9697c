//! What keeps a database in order, as people ask for it: no chain is needed, and none is asked.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use crate::args::Upkeep;
use crate::config::Config;
use crate::store::{self, Account, BackupError, Home, Prune, Pruned, Store};

/// Does what is asked; what to tell of it.
///
/// # Errors
/// See [`BackupError`].
pub async fn run(config: &Config, verb: &Upkeep) -> Result<String, BackupError> {
    let home = home(config);
    let now = jiff::Timestamp::now().as_second();
    match verb {
        Upkeep::Backup { out } => {
            let Account { rows, sha256 } = store::backup(&config.database, out, now).await?;
            Ok(format!("{sha256}  {}\n{rows} rows of {home}", out.display()))
        }
        Upkeep::Restore { from } => {
            let Account { rows, sha256 } = store::restore(&config.database, from, home).await?;
            Ok(format!("{sha256}  {}\n{rows} rows into {}", from.display(), config.database))
        }
        Upkeep::Prune { dry_run } => {
            let prune = if *dry_run { Prune::Count } else { Prune::Remove };
            let store = Store::open(&config.database, home).await?;
            let pruned = store.prune(prune, now).await;
            store.close().await;
            Ok(table(prune, &pruned?))
        }
    }
}

/// Whose database it must be, by the deployment file.
pub(crate) fn home(config: &Config) -> Home {
    Home {
        chain_id: config.chain_id,
        genesis_hash: config.deployment.genesis_hash,
        blocklist: config.deployment.blocklist.address,
    }
}

fn table(prune: Prune, pruned: &[Pruned]) -> String {
    let removed = match prune {
        Prune::Count => "would go",
        Prune::Remove => "removed",
    };
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["table", "rows", removed, "rule"]);
    for Pruned { table: name, rows, removed, rule } in pruned {
        table.add_row([*name, &rows.to_string(), &removed.to_string(), rule]);
    }
    for column in 1..=2 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
