-- Who may write what, when several workers share this database. SQLite has no such table: there a
-- lock file sees to it that one process has the database.
CREATE TABLE leases (
    -- What is leased: `chain`, `deliveries`, or `lookback/` and the act.
    scope           TEXT PRIMARY KEY,
    -- Counts the changes of hand. Every transaction that writes names its token, so that a worker
    -- that lost the lease and does not know it yet writes nothing.
    token           BIGINT NOT NULL,
    -- The process that has it: a name that the database made up when the process came.
    worker          TEXT NOT NULL,
    -- The process as a person finds it.
    shown           TEXT NOT NULL,
    -- Until when, by this database's clock. Whoever comes later may take it over.
    until           TIMESTAMPTZ NOT NULL,
    CONSTRAINT tokens_start_at_1 CHECK (token >= 1)
);
