-- Who may come in: tokens of persons and programs, and the sessions of browsers. Of each only a
-- hash is kept, so that whoever reads the database or a backup of it cannot come in with that.

CREATE TABLE access_tokens (
    -- The part of a token that names it.
    id              BLOB PRIMARY KEY,
    -- SHA-256 of the part that nobody else knows.
    secret          BLOB NOT NULL,
    person          TEXT NOT NULL,
    role            TEXT NOT NULL,
    -- Who made it.
    made_by         TEXT NOT NULL,
    -- By our clock, unix seconds.
    made_at         INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    used_at         INTEGER,
    revoked_at      INTEGER,
    CONSTRAINT token_id_has_8_bytes CHECK (length(id) = 8),
    CONSTRAINT secret_is_a_digest CHECK (length(secret) = 32),
    CONSTRAINT token_person_is_short CHECK (length(person) BETWEEN 1 AND 64),
    CONSTRAINT token_role_is_known CHECK (role IN ('viewer', 'analyst', 'admin', 'auditor'))
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_time ON access_tokens (made_at, id);

CREATE TABLE sessions (
    -- SHA-256 of what the browser's cookie says.
    reference       BLOB PRIMARY KEY,
    person          TEXT NOT NULL,
    role            TEXT NOT NULL,
    -- The token that it was begun with, and ends with; NULL after a login elsewhere.
    token           BLOB REFERENCES access_tokens (id),
    begun_at        INTEGER NOT NULL,
    used_at         INTEGER NOT NULL,
    ended_at        INTEGER,
    CONSTRAINT reference_is_a_digest CHECK (length(reference) = 32),
    CONSTRAINT session_person_is_short CHECK (length(person) BETWEEN 1 AND 64),
    CONSTRAINT session_role_is_known CHECK (role IN ('viewer', 'analyst', 'admin', 'auditor'))
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_time ON sessions (begun_at);
