-- News goes to several receivers, each with a line and numbers of its own. The same as
-- migrations/sqlite/0009_webhooks.sql, where each column is explained: a test compares.

CREATE TABLE endpoints (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    shown           TEXT NOT NULL,
    receiver        BYTEA,
    url             BYTEA,
    secret          BYTEA,
    secret_before   BYTEA,
    before_until    BIGINT,
    shape           TEXT NOT NULL,
    kinds           TEXT NOT NULL,
    min_severity    TEXT NOT NULL,
    state           TEXT NOT NULL,
    removal_by      TEXT,
    made_at         BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    next_seq        BIGINT NOT NULL,
    urgent_through  BIGINT NOT NULL,
    quiet_through   BIGINT NOT NULL,
    delivered_at    BIGINT,
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
);
INSERT INTO endpoints (id, name, shown, shape, kinds, min_severity, state, made_at, version,
                       next_seq, urgent_through, quiet_through)
SELECT 'config', 'config', '', 'standard', '[]', 'informational', 'paused', 0, 1,
       last.seq + 1, last.seq, last.seq
FROM (SELECT coalesce(max(seq), 0) AS seq FROM outbox) AS last
WHERE last.seq > 0;

CREATE TABLE deliveries (
    endpoint        TEXT NOT NULL REFERENCES endpoints (id),
    seq             BIGINT NOT NULL,
    news            BIGINT NOT NULL REFERENCES outbox (seq),
    urgent          BIGINT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'pending',
    attempts        BIGINT NOT NULL DEFAULT 0,
    round           BIGINT NOT NULL DEFAULT 0,
    due_at          BIGINT NOT NULL DEFAULT 0,
    delivered_at    BIGINT,
    last_error      TEXT,
    PRIMARY KEY (endpoint, seq),
    CONSTRAINT numbers_start_at_1 CHECK (seq >= 1),
    CONSTRAINT urgent_is_yes_or_no CHECK (urgent IN (0, 1)),
    CONSTRAINT state_is_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT delivered_at_iff_delivered CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT what_is_over_was_tried CHECK (state = 'pending' OR attempts >= 1)
);
INSERT INTO deliveries (endpoint, seq, news, urgent, state, attempts, due_at, delivered_at,
                        last_error)
    SELECT 'config', seq, seq, urgent, state, attempts, CASE attempts WHEN 0 THEN 0 ELSE due_at END,
           delivered_at, last_error
    FROM outbox;

DROP INDEX outbox_due;
DROP INDEX outbox_in_order;
ALTER TABLE outbox
    DROP CONSTRAINT state_is_known,
    DROP CONSTRAINT delivered_at_iff_delivered,
    DROP CONSTRAINT what_is_over_was_tried,
    DROP COLUMN state,
    DROP COLUMN attempts,
    DROP COLUMN due_at,
    DROP COLUMN delivered_at,
    DROP COLUMN last_error;

CREATE INDEX IF NOT EXISTS outbox_by_alert ON outbox (alert_id, seq);
CREATE INDEX outbox_by_urgency ON outbox (urgent, seq);
CREATE UNIQUE INDEX deliveries_by_news ON deliveries (endpoint, news);
CREATE INDEX deliveries_due ON deliveries (endpoint, urgent, due_at, seq) WHERE state = 'pending';
CREATE INDEX deliveries_by_state ON deliveries (endpoint, state, seq);
