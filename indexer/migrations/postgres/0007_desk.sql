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
