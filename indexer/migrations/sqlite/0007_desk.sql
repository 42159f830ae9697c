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
