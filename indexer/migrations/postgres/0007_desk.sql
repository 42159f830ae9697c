-- What people change, and where alerts stand with them. The same as
-- migrations/sqlite/0007_desk.sql, where each column is explained: a test compares.

CREATE TABLE audit (
    number          BIGINT PRIMARY KEY,
    at              BIGINT NOT NULL,
    person          TEXT NOT NULL,
    role            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    alert_id        BYTEA,
    detail          TEXT NOT NULL,
    hash            BYTEA NOT NULL,
    CONSTRAINT numbers_start_at_1 CHECK (number >= 1),
    CONSTRAINT person_is_short CHECK (length(person) BETWEEN 1 AND 64),
    CONSTRAINT kind_is_short CHECK (length(kind) BETWEEN 1 AND 64),
    CONSTRAINT alert_id_is_16_bytes CHECK (length(alert_id) = 16),
    CONSTRAINT hash_is_a_hash CHECK (length(hash) = 32)
);
CREATE INDEX audit_by_alert ON audit (alert_id, number) WHERE alert_id IS NOT NULL;
CREATE INDEX audit_by_person ON audit (person, number);
CREATE INDEX audit_by_kind ON audit (kind, number);

CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to';
END $$;
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();

CREATE INDEX outbox_by_alert ON outbox (alert_id, seq);

ALTER TABLE alerts
    ADD COLUMN version BIGINT NOT NULL DEFAULT 0
        CONSTRAINT version_counts_from_0 CHECK (version >= 0),
    ADD COLUMN assignee TEXT
        CONSTRAINT assignee_is_short CHECK (length(assignee) BETWEEN 1 AND 64),
    ADD COLUMN snoozed_until BIGINT,
    ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0
        CONSTRAINT waiting_is_yes_or_no CHECK (waiting IN (0, 1)),
    ADD COLUMN due_on TEXT CONSTRAINT due_on_is_a_day CHECK (length(due_on) = 10),
    ADD COLUMN desk TEXT;

CREATE INDEX alerts_alike ON alerts
    (disposition, severity, rule, phase, side, block_number, tx_index, log_index, id);
CREATE INDEX alerts_alike_shown ON alerts
    (disposition, severity, rule, phase, side, block_number, tx_index, log_index, id)
    WHERE flood IS NULL;
CREATE INDEX alerts_of_listed ON alerts
    (listed, disposition, severity, block_number, tx_index, log_index, id);
CREATE INDEX alerts_of_listed_shown ON alerts
    (listed, disposition, severity, block_number, tx_index, log_index, id) WHERE flood IS NULL;
CREATE INDEX alerts_of_counterparty ON alerts
    (counterparty, disposition, severity, block_number, tx_index, log_index, id);
CREATE INDEX alerts_of_counterparty_shown ON alerts
    (counterparty, disposition, severity, block_number, tx_index, log_index, id) WHERE flood IS NULL;
CREATE INDEX alerts_of_assignee ON alerts
    (assignee, disposition, severity, block_number, tx_index, log_index, id)
    WHERE assignee IS NOT NULL;
CREATE INDEX alerts_waiting ON alerts (block_number, tx_index, log_index, id) WHERE waiting = 1;
CREATE INDEX alerts_due ON alerts (due_on) WHERE due_on IS NOT NULL;
CREATE INDEX alerts_snoozed ON alerts (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX alerts_not_confirmed ON alerts
    (confirmation, block_number, tx_index, log_index, id) WHERE confirmation <> 'confirmed';
CREATE INDEX alerts_by_time ON alerts (block_time, block_number, severity);
DROP INDEX alerts_by_listed;
DROP INDEX alerts_shown;
