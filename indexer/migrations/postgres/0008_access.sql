-- Who may come in. The same as migrations/sqlite/0008_access.sql, where each column is explained: a
-- test compares.

CREATE TABLE access_tokens (
    id              BYTEA PRIMARY KEY,
    secret          BYTEA NOT NULL,
    person          TEXT NOT NULL,
    role            TEXT NOT NULL,
    made_by         TEXT NOT NULL,
    made_at         BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    used_at         BIGINT,
    revoked_at      BIGINT,
    CONSTRAINT token_id_has_8_bytes CHECK (length(id) = 8),
    CONSTRAINT secret_is_a_digest CHECK (length(secret) = 32),
    CONSTRAINT token_person_is_short CHECK (length(person) BETWEEN 1 AND 64),
    CONSTRAINT token_role_is_known CHECK (role IN ('viewer', 'analyst', 'admin', 'auditor'))
);
CREATE INDEX access_tokens_by_time ON access_tokens (made_at, id);

CREATE TABLE sessions (
    reference       BYTEA PRIMARY KEY,
    person          TEXT NOT NULL,
    role            TEXT NOT NULL,
    token           BYTEA REFERENCES access_tokens (id),
    begun_at        BIGINT NOT NULL,
    used_at         BIGINT NOT NULL,
    ended_at        BIGINT,
    CONSTRAINT reference_is_a_digest CHECK (length(reference) = 32),
    CONSTRAINT session_person_is_short CHECK (length(person) BETWEEN 1 AND 64),
    CONSTRAINT session_role_is_known CHECK (role IN ('viewer', 'analyst', 'admin', 'auditor'))
);
CREATE INDEX sessions_by_time ON sessions (begun_at);
