-- How each listed address stands now, beside what was found while it stood otherwise. The same as
-- migrations/sqlite/0003_standings.sql: a test compares.

-- The history of standings: a row for each block from which on an address stands otherwise. A
-- reorganisation deletes the rows of the blocks that it takes back.
CREATE TABLE standings (
    listed          BYTEA NOT NULL,
    -- The block from which on it stands so.
    found_at        BIGINT NOT NULL,
    standing        TEXT NOT NULL,
    -- Open while findings of the address do not say so yet.
    state           TEXT NOT NULL,
    PRIMARY KEY (listed, found_at),
    CONSTRAINT listed_is_an_address CHECK (length(listed) = 20),
    CONSTRAINT standing_is_known
        CHECK (standing IN ('listed', 'provisional', 'lapsed', 'retracted', 'delisted')),
    CONSTRAINT state_is_known CHECK (state IN ('open', 'done'))
);
CREATE INDEX standings_open ON standings (found_at, listed) WHERE state = 'open';
CREATE INDEX standings_by_found_at ON standings (found_at);

-- How the listed address stands now. What was found before this column existed is brought up to
-- date at the next start.
ALTER TABLE alerts ADD COLUMN standing TEXT NOT NULL DEFAULT 'listed'
    CONSTRAINT standing_is_known
        CHECK (standing IN ('listed', 'provisional', 'lapsed', 'retracted', 'delisted'));

-- One more kind of news.
ALTER TABLE outbox
    DROP CONSTRAINT kind_is_known,
    ADD CONSTRAINT kind_is_known CHECK (
        kind IN ('alert.created', 'alert.updated', 'alert.retracted', 'alert.reevaluated'));
