-- News goes to several receivers, each with a line and numbers of its own. What was one line for one
-- receiver becomes the record of all news, which is never deleted, and the line of the endpoint
-- `config`: the receiver of the configuration file.

-- Who receives news. A row is never deleted: one that is removed keeps what was delivered to it.
CREATE TABLE endpoints (
    -- `config`, or made up by us.
    id              TEXT PRIMARY KEY,
    -- What people call it.
    name            TEXT NOT NULL,
    -- Scheme and host of its address; the rest may be a secret.
    shown           TEXT NOT NULL,
    -- SHA-256 of its address; NULL as long as the configuration file never named one.
    receiver        BLOB,
    -- Its address, its signing secret, and the secret before that one, sealed by the key file. NULL
    -- where the configuration file has them, and when it is removed.
    url             BLOB,
    secret          BLOB,
    secret_before   BLOB,
    -- Until when news is signed with the secret before as well.
    before_until    INTEGER,
    -- How news looks to it.
    shape           TEXT NOT NULL,
    -- Which kinds of news it gets, a JSON array; all if it is empty. And how heavy they are at least.
    kinds           TEXT NOT NULL,
    min_severity    TEXT NOT NULL,
    state           TEXT NOT NULL,
    -- Who has asked that it be removed; a second person confirms it.
    removal_by      TEXT,
    -- By our clock.
    made_at         INTEGER NOT NULL,
    -- Counts the changes of all of the above: who has it in memory sees that it changed.
    version         INTEGER NOT NULL,
    -- The number that the next piece of news gets in its line.
    next_seq        INTEGER NOT NULL,
    -- Up to here everything that is urgent, and everything else, was looked at for its line.
    urgent_through  INTEGER NOT NULL,
    quiet_through   INTEGER NOT NULL,
    -- When it last took something, and what the last failed attempt met.
    delivered_at    INTEGER,
    last_error      TEXT,
    CONSTRAINT name_is_short CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT receiver_is_a_digest CHECK (length(receiver) = 32),
    CONSTRAINT shape_is_known CHECK (shape IN ('standard', 'slack')),
    CONSTRAINT severity_is_known
        CHECK (min_severity IN ('informational', 'low', 'medium', 'high', 'critical')),
    CONSTRAINT state_is_known CHECK (state IN ('active', 'paused', 'gone', 'removed')),
    CONSTRAINT two_secrets_have_an_end CHECK ((secret_before IS NULL) = (before_until IS NULL)),
    CONSTRAINT what_is_removed_has_no_secrets
        CHECK (state <> 'removed' OR (url IS NULL AND secret IS NULL AND secret_before IS NULL)),
    CONSTRAINT numbers_start_at_1 CHECK (next_seq >= 1)
) STRICT, WITHOUT ROWID;
INSERT INTO endpoints (id, name, shown, shape, kinds, min_severity, state, made_at, version,
                       next_seq, urgent_through, quiet_through)
SELECT 'config', 'config', '', 'standard', '[]', 'informational', 'paused', 0, 1,
       last.seq + 1, last.seq, last.seq
FROM (SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0) AS seq) AS last
-- Where nothing happened yet it begins with the first news, when it is configured.
WHERE last.seq > 0;

-- What happened, written in the same transaction as what it tells of. Never deleted: it is the
-- chain's half of the history of each alert.
CREATE TABLE outbox_as_record (
    -- Order of what happened; without gaps.
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The alert, and the kind of news.
    alert_id        BLOB NOT NULL REFERENCES alerts (id),
    kind            TEXT NOT NULL,
    -- The alert at that moment, as JSON: a retry tells the same.
    alert           TEXT NOT NULL,
    -- When it happened, by our clock.
    made_at         INTEGER NOT NULL,
    -- What may accuse somebody is told before what accuses nobody, however much there is of that.
    urgent          INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT kind_is_known CHECK (
        kind IN ('alert.created', 'alert.updated', 'alert.retracted', 'alert.reevaluated')),
    CONSTRAINT urgent_is_yes_or_no CHECK (urgent IN (0, 1))
) STRICT;
INSERT INTO outbox_as_record
    SELECT seq, alert_id, kind, alert, made_at, urgent FROM outbox;
-- A number that was given is never given again, whatever became of its row.
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'outbox')
    WHERE name = 'outbox_as_record' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox');
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'outbox_as_record', seq FROM sqlite_sequence WHERE name = 'outbox'
    AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox_as_record');

-- The lines: which news an endpoint gets under which number, and what became of it.
CREATE TABLE deliveries (
    endpoint        TEXT NOT NULL REFERENCES endpoints (id),
    -- Its place in the line: from 1, without gaps.
    seq             INTEGER NOT NULL,
    -- The news.
    news            INTEGER NOT NULL REFERENCES outbox_as_record (seq),
    -- Goes before what is not.
    urgent          INTEGER NOT NULL,
    state           TEXT NOT NULL DEFAULT 'pending',
    -- How often it was tried since it was put in, or since a person asked for it anew.
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- How often a person asked for it anew: what comes of an attempt from before does not count.
    round           INTEGER NOT NULL DEFAULT 0,
    -- When to try next; 0 is at once. Meaningful while pending.
    due_at          INTEGER NOT NULL DEFAULT 0,
    -- When the endpoint said that it has it.
    delivered_at    INTEGER,
    -- What the last failed attempt met.
    last_error      TEXT,
    PRIMARY KEY (endpoint, seq),
    CONSTRAINT numbers_start_at_1 CHECK (seq >= 1),
    CONSTRAINT urgent_is_yes_or_no CHECK (urgent IN (0, 1)),
    CONSTRAINT state_is_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT delivered_at_iff_delivered CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT what_is_over_was_tried CHECK (state = 'pending' OR attempts >= 1)
) STRICT, WITHOUT ROWID;
INSERT INTO deliveries (endpoint, seq, news, urgent, state, attempts, due_at, delivered_at,
                        last_error)
    SELECT 'config', seq, seq, urgent, state, attempts, CASE attempts WHEN 0 THEN 0 ELSE due_at END,
           delivered_at, last_error
    FROM outbox;

DROP TABLE outbox;
ALTER TABLE outbox_as_record RENAME TO outbox;

CREATE INDEX IF NOT EXISTS outbox_by_alert ON outbox (alert_id, seq);
CREATE INDEX outbox_by_urgency ON outbox (urgent, seq);
-- No news is in a line twice.
CREATE UNIQUE INDEX deliveries_by_news ON deliveries (endpoint, news);
CREATE INDEX deliveries_due ON deliveries (endpoint, urgent, due_at, seq) WHERE state = 'pending';
CREATE INDEX deliveries_by_state ON deliveries (endpoint, state, seq);
