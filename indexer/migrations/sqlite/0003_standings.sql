-- How each listed address stands now, beside what was found while it stood otherwise.

-- The history of standings: a row for each block from which on an address stands otherwise. A
-- reorganisation deletes the rows of the blocks that it takes back.
CREATE TABLE standings (
    listed          BLOB NOT NULL,
    -- The block from which on it stands so.
    found_at        INTEGER NOT NULL,
    standing        TEXT NOT NULL,
    -- Open while findings of the address do not say so yet.
    state           TEXT NOT NULL,
    PRIMARY KEY (listed, found_at),
    CONSTRAINT listed_is_an_address CHECK (length(listed) = 20),
    CONSTRAINT standing_is_known
        CHECK (standing IN ('listed', 'provisional', 'lapsed', 'retracted', 'delisted')),
    CONSTRAINT state_is_known CHECK (state IN ('open', 'done'))
) STRICT, WITHOUT ROWID;
CREATE INDEX standings_open ON standings (found_at, listed) WHERE state = 'open';
CREATE INDEX standings_by_found_at ON standings (found_at);

-- How the listed address stands now. What was found before this column existed is brought up to
-- date at the next start.
ALTER TABLE alerts ADD COLUMN standing TEXT NOT NULL DEFAULT 'listed'
    CONSTRAINT standing_is_known
        CHECK (standing IN ('listed', 'provisional', 'lapsed', 'retracted', 'delisted'));

-- One more kind of news; a constraint can only be changed with its table.
CREATE TABLE outbox_new (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id        BLOB NOT NULL REFERENCES alerts (id),
    kind            TEXT NOT NULL,
    alert           TEXT NOT NULL,
    made_at         INTEGER NOT NULL,
    state           TEXT NOT NULL DEFAULT 'pending',
    attempts        INTEGER NOT NULL DEFAULT 0,
    due_at          INTEGER NOT NULL,
    delivered_at    INTEGER,
    last_error      TEXT,
    CONSTRAINT kind_is_known CHECK (
        kind IN ('alert.created', 'alert.updated', 'alert.retracted', 'alert.reevaluated')),
    CONSTRAINT state_is_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT delivered_at_iff_delivered CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT what_is_over_was_tried CHECK (state = 'pending' OR attempts >= 1)
) STRICT;
INSERT INTO outbox_new SELECT * FROM outbox;
-- The numbers go on where they stood, also if the last row is not there any more.
UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE name = 'outbox')
    WHERE name = 'outbox_new' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox');
DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (due_at, seq) WHERE state = 'pending';
