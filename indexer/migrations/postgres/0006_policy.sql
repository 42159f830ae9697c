-- What findings are judged by: policies, subjects, and what amounts are worth. The same as
-- migrations/sqlite/0006_policy.sql, where each column is explained: a test compares.

ALTER TABLE alerts
    ADD COLUMN worth BIGINT CONSTRAINT worth_is_not_negative CHECK (worth >= 0),
    ADD COLUMN flood BYTEA CONSTRAINT flood_is_an_id CHECK (length(flood) = 16),
    ADD COLUMN failed BIGINT NOT NULL DEFAULT 0
        CONSTRAINT failed_is_yes_or_no CHECK (failed IN (0, 1));
UPDATE alerts SET failed = 1 WHERE rule = 'failed_attempt';
UPDATE alerts SET worth = 0 WHERE rule = 'spoof' AND kind = 'call';

CREATE INDEX alerts_shown ON alerts (block_number, tx_index, log_index, id) WHERE flood IS NULL;
CREATE INDEX alerts_that_head_a_flood ON alerts (listed, (block_time / 3600), rule)
    WHERE flood IS NULL AND severity = 'informational';
CREATE INDEX alerts_by_flood ON alerts (flood, confirmation) WHERE flood IS NOT NULL;
DROP INDEX alerts_by_counterparty;
CREATE INDEX alerts_by_pair ON alerts (counterparty, listed, block_time);

ALTER TABLE outbox ADD COLUMN urgent BIGINT NOT NULL DEFAULT 0
    CONSTRAINT urgent_is_yes_or_no CHECK (urgent IN (0, 1));
UPDATE outbox SET urgent = 1 WHERE state = 'pending'
    AND alert_id IN (SELECT id FROM alerts WHERE severity <> 'informational');
CREATE INDEX outbox_in_order ON outbox (urgent DESC, seq) WHERE state = 'pending';

CREATE TABLE subjects (
    address         BYTEA PRIMARY KEY,
    kind            TEXT NOT NULL,
    reference       TEXT NOT NULL,
    added_at        BIGINT NOT NULL,
    removed_at      BIGINT,
    changed         BIGINT NOT NULL,
    CONSTRAINT address_is_an_address CHECK (length(address) = 20),
    CONSTRAINT kind_is_known CHECK (kind IN ('customer', 'pool')),
    CONSTRAINT reference_is_short CHECK (length(reference) <= 64),
    CONSTRAINT changed_counts_from_1 CHECK (changed >= 1)
);
CREATE INDEX subjects_by_change ON subjects (changed);

CREATE TABLE policies (
    digest          BYTEA PRIMARY KEY,
    version         TEXT NOT NULL,
    document        TEXT NOT NULL,
    used_from       BIGINT NOT NULL,
    CONSTRAINT digest_is_a_digest CHECK (length(digest) = 32)
);
