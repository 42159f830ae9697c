-- What people change, and where alerts stand with them.

-- Everything that a person changed, in a chain of hashes: see core/src/audit. A row is written in
-- the transaction of the change itself. Nothing is ever changed or removed here; alert_id points
-- nowhere, so that the log stands by itself.
CREATE TABLE audit (
    -- From 1, without gaps.
    number          INTEGER PRIMARY KEY,
    -- When, by our clock.
    at              INTEGER NOT NULL,
    -- Who, and in which role.
    person          TEXT NOT NULL,
    role            TEXT NOT NULL,
    -- What was done, like 'step.close'.
    kind            TEXT NOT NULL,
    -- The alert that it is about.
    alert_id        BLOB,
    -- Everything else, as canonical JSON.
    detail          TEXT NOT NULL,
    -- SHA-256 of the hash before and of the row.
    hash            BLOB NOT NULL,
    CONSTRAINT numbers_start_at_1 CHECK (number >= 1),
    CONSTRAINT person_is_short CHECK (length(person) BETWEEN 1 AND 64),
    CONSTRAINT kind_is_short CHECK (length(kind) BETWEEN 1 AND 64),
    CONSTRAINT alert_id_is_16_bytes CHECK (length(alert_id) = 16),
    CONSTRAINT hash_is_a_hash CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_by_alert ON audit (alert_id, number) WHERE alert_id IS NOT NULL;
CREATE INDEX audit_by_person ON audit (person, number);
CREATE INDEX audit_by_kind ON audit (kind, number);

CREATE TRIGGER audit_rows_stay_as_they_are BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_rows_stay BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;

-- What the chain said of one alert, in order.
CREATE INDEX outbox_by_alert ON outbox (alert_id, seq);

-- Where an alert stands with people. A reorganisation and a re-evaluation leave that as it is.

-- Number of the last audit row about it: who takes a step says which one they saw.
ALTER TABLE alerts ADD COLUMN version INTEGER NOT NULL DEFAULT 0
    CONSTRAINT version_counts_from_0 CHECK (version >= 0);
-- Who looks at it.
ALTER TABLE alerts ADD COLUMN assignee TEXT
    CONSTRAINT assignee_is_short CHECK (length(assignee) BETWEEN 1 AND 64);
-- Out of sight until then.
ALTER TABLE alerts ADD COLUMN snoozed_until INTEGER;
-- Whether a step waits for a second person.
ALTER TABLE alerts ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0
    CONSTRAINT waiting_is_yes_or_no CHECK (waiting IN (0, 1));
-- The last day for a report that is still to be made, as YYYY-MM-DD.
ALTER TABLE alerts ADD COLUMN due_on TEXT
    CONSTRAINT due_on_is_a_day CHECK (length(due_on) = 10);
-- The papers of core/src/desk as JSON: proposal, report, held, decision. NULL: none of them.
ALTER TABLE alerts ADD COLUMN desk TEXT;

-- What the inbox is read by. In each index findings that are alike stand together, the order of the
-- chain within: a page is the merge of the ends of some such runs, however many findings there are.
-- Those of whole floods, and those without what stands behind the first of a flood.
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
-- Heights of times, and what came on which day.
CREATE INDEX alerts_by_time ON alerts (block_time, block_number, severity);
DROP INDEX alerts_by_listed;
DROP INDEX alerts_shown;
