//! What tokens say of themselves, in the database.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, Transaction};

use super::Store;
use super::row;
use crate::store::StoreError;
use crate::tokens::Words;

impl Store {
    /// See [`crate::store::Store::unasked_tokens`].
    pub async fn unasked_tokens(&self, limit: u32) -> Result<Vec<Address>, StoreError> {
        let rows = sqlx::query(
            "SELECT address FROM tokens WHERE asked_at IS NULL ORDER BY attempts, address LIMIT ?1",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| row::address(row, "address")).collect()
    }

    /// See [`crate::store::Store::token_said`].
    pub async fn token_said(
        &self,
        token: Address,
        words: &Words,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE tokens SET symbol = ?1, name = ?2, decimals = ?3, asked_at = ?4
             WHERE address = ?5 AND asked_at IS NULL",
        )
        .bind(words.symbol.as_deref())
        .bind(words.name.as_deref())
        .bind(words.decimals)
        .bind(now)
        .bind(token.as_slice())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// See [`crate::store::Store::token_not_heard`].
    pub async fn token_not_heard(
        &self,
        token: Address,
        attempts_max: u32,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE tokens SET attempts = attempts + 1,
                 asked_at = CASE WHEN attempts + 1 >= ?1 THEN ?2 END
             WHERE address = ?3 AND asked_at IS NULL",
        )
        .bind(attempts_max)
        .bind(now)
        .bind(token.as_slice())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// See [`crate::store::Store::words_of`].
    pub async fn words_of(
        &self,
        tokens: &BTreeSet<Address>,
    ) -> Result<BTreeMap<Address, Words>, StoreError> {
        if tokens.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT address, symbol, name, decimals FROM tokens
             WHERE coalesce(symbol, name, decimals) IS NOT NULL AND address IN (",
        );
        let mut listed = query.separated(", ");
        for token in tokens {
            listed.push_bind(token.to_vec());
        }
        query.push(")");
        query.build().fetch_all(&self.pool).await?.iter().map(said).collect()
    }
}

fn said(row: &SqliteRow) -> Result<(Address, Words), StoreError> {
    let words = Words {
        symbol: row.try_get("symbol")?,
        name: row.try_get("name")?,
        decimals: row.try_get("decimals")?,
    };
    Ok((row::address(row, "address")?, words))
}

/// Remembers that a token is to be asked, in the transaction of the finding that names it.
pub(super) async fn remember(
    tx: &mut Transaction<'_, Sqlite>,
    token: Option<Address>,
) -> Result<(), StoreError> {
    if let Some(token) = token {
        sqlx::query("INSERT INTO tokens (address) VALUES (?1) ON CONFLICT (address) DO NOTHING")
            .bind(token.as_slice())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
