-- Findings of every kind of transfer, and of addresses that stood beside one. SQLite changes no
-- constraint in place: the table is written anew, and with it the outbox, which points at it.

CREATE TABLE alerts_of_all_kinds (
    -- A pure function of what happened: 16 bytes.
    id              BLOB PRIMARY KEY,
    -- What the chain says of it.
    confirmation    TEXT NOT NULL,
    -- What people have decided.
    disposition     TEXT NOT NULL,
    -- The block without which it would not be known: its own if found live, that of the listing
    -- act if found by looking back. It stands and falls with this block.
    found_at        INTEGER NOT NULL,
    -- How it was found.
    found_by        TEXT NOT NULL,
    -- How heavy it is, and by which rule of which policy.
    severity        TEXT NOT NULL,
    rule            TEXT NOT NULL,
    policy          TEXT NOT NULL,
    -- How the transfer stands to the listing.
    phase           TEXT NOT NULL,
    -- The listed address and what it was to the transfer.
    listed          BLOB NOT NULL,
    side            TEXT NOT NULL,
    -- The other side; derived, for searching.
    counterparty    BLOB NOT NULL,
    -- The listing: act, SHA-256 of its manifest, source bits, JSON array of the persons' uids.
    act             INTEGER NOT NULL,
    manifest        BLOB NOT NULL,
    sources         INTEGER NOT NULL,
    uids            TEXT NOT NULL,
    -- The transfer. log_index is -1 for what has no log: the transaction, its own value and what
    -- its calls moved, which come before its logs.
    chain_id        INTEGER NOT NULL,
    block_number    INTEGER NOT NULL,
    block_hash      BLOB NOT NULL,
    block_time      INTEGER NOT NULL,
    tx_index        INTEGER NOT NULL,
    tx_hash         BLOB NOT NULL,
    log_index       INTEGER NOT NULL,
    signer          BLOB NOT NULL,
    kind            TEXT NOT NULL,
    token           BLOB,
    sender          BLOB NOT NULL,
    recipient       BLOB NOT NULL,
    amount          BLOB NOT NULL,
    -- How the listed address stands now.
    standing        TEXT NOT NULL DEFAULT 'listed',
    -- Which of several at one place: the element of a batch, an internal call.
    item            INTEGER NOT NULL DEFAULT 0,
    -- The token's id within its contract, where it has one.
    token_id        BLOB,
    -- How far it is proved that it happened.
    verification    TEXT NOT NULL DEFAULT 'proved',
    CONSTRAINT id_is_16_bytes CHECK (length(id) = 16),
    CONSTRAINT confirmation_is_known CHECK (confirmation IN ('pending', 'confirmed', 'retracted')),
    CONSTRAINT found_by_is_known CHECK (found_by IN ('live', 'lookback')),
    CONSTRAINT phase_is_known CHECK (phase IN ('before', 'while', 'after')),
    CONSTRAINT side_is_known CHECK (side IN ('sender', 'recipient', 'signer', 'spender', 'owner',
        'callee', 'created', 'authority', 'delegate')),
    CONSTRAINT kind_is_known CHECK (kind IN ('native', 'internal', 'native_log', 'erc20', 'erc721',
        'erc1155', 'wrap', 'unwrap', 'approval', 'call', 'creation', 'delegation')),
    CONSTRAINT verification_is_known
        CHECK (verification IN ('proved', 'sampled', 'agreed', 'unverified')),
    CONSTRAINT severity_is_known
        CHECK (severity IN ('informational', 'low', 'medium', 'high', 'critical')),
    CONSTRAINT looking_back_finds_what_was_before CHECK (found_by = 'live' OR phase = 'before'),
    CONSTRAINT found_at_is_not_before_the_transfer CHECK (found_at >= block_number),
    CONSTRAINT live_is_found_in_its_own_block CHECK (found_by <> 'live' OR found_at = block_number),
    CONSTRAINT only_tokens_have_a_contract CHECK (
        (kind IN ('erc20', 'erc721', 'erc1155', 'wrap', 'unwrap', 'approval'))
        = (token IS NOT NULL)),
    CONSTRAINT only_tokens_and_what_the_chain_logs_have_a_log CHECK (
        (token IS NOT NULL OR kind = 'native_log') = (log_index <> -1)),
    CONSTRAINT only_tokens_have_an_id CHECK (
        token_id IS NULL
        OR (kind IN ('erc721', 'erc1155', 'approval') AND length(token_id) = 32)),
    CONSTRAINT item_counts_from_0 CHECK (item >= 0),
    CONSTRAINT listed_stands_on_its_side CHECK (
        (side IN ('sender', 'signer', 'owner', 'authority')
            AND listed = sender AND counterparty = recipient)
        OR (side IN ('recipient', 'callee', 'created', 'delegate')
            AND listed = recipient AND counterparty = sender)
        OR (side = 'spender' AND counterparty = sender
            AND (listed = recipient) = (kind = 'approval'))),
    CONSTRAINT amount_is_one_word CHECK (length(amount) = 32),
    CONSTRAINT standing_is_known
        CHECK (standing IN ('listed', 'provisional', 'lapsed', 'retracted', 'delisted'))
) STRICT;

INSERT INTO alerts_of_all_kinds
    (id, confirmation, disposition, found_at, found_by, severity, rule, policy, phase, listed,
     side, counterparty, act, manifest, sources, uids, chain_id, block_number, block_hash,
     block_time, tx_index, tx_hash, log_index, signer, kind, token, sender, recipient, amount,
     standing)
SELECT
     id, confirmation, disposition, found_at, found_by, severity, rule, policy, phase, listed,
     side, counterparty, act, manifest, sources, uids, chain_id, block_number, block_hash,
     block_time, tx_index, tx_hash, log_index, signer, kind, token, sender, recipient, amount,
     standing
FROM alerts;

CREATE TABLE outbox_of_all_kinds (
    -- Order of telling; without gaps, so that a receiver sees that nothing is missing.
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The alert, and the kind of news.
    alert_id        BLOB NOT NULL REFERENCES alerts_of_all_kinds (id),
    kind            TEXT NOT NULL,
    -- The alert at that moment, as JSON: a retry tells the same.
    alert           TEXT NOT NULL,
    -- When it happened, by our clock.
    made_at         INTEGER NOT NULL,
    state           TEXT NOT NULL DEFAULT 'pending',
    -- How often it was tried.
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- When to try next; meaningful while pending.
    due_at          INTEGER NOT NULL,
    -- When the receiver said that it has it.
    delivered_at    INTEGER,
    -- What the last failed attempt met.
    last_error      TEXT,
    CONSTRAINT kind_is_known CHECK (
        kind IN ('alert.created', 'alert.updated', 'alert.retracted', 'alert.reevaluated')),
    CONSTRAINT state_is_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT delivered_at_iff_delivered CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT what_is_over_was_tried CHECK (state = 'pending' OR attempts >= 1)
) STRICT;

INSERT INTO outbox_of_all_kinds SELECT seq, alert_id, kind, alert, made_at, state, attempts,
    due_at, delivered_at, last_error FROM outbox;
-- A number that was given is never given again, whatever became of its row.
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'outbox')
    WHERE name = 'outbox_of_all_kinds' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox');
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'outbox_of_all_kinds', seq FROM sqlite_sequence WHERE name = 'outbox'
    AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox_of_all_kinds');

DROP TABLE outbox;
DROP TABLE alerts;
ALTER TABLE alerts_of_all_kinds RENAME TO alerts;
ALTER TABLE outbox_of_all_kinds RENAME TO outbox;

CREATE INDEX alerts_newest_first ON alerts (block_number, tx_index, log_index, id);
CREATE INDEX alerts_by_found_at ON alerts (found_at) WHERE confirmation <> 'retracted';
CREATE INDEX alerts_pending ON alerts (found_at) WHERE confirmation = 'pending';
CREATE INDEX alerts_by_listed ON alerts (listed);
CREATE INDEX alerts_by_counterparty ON alerts (counterparty);
CREATE INDEX outbox_due ON outbox (due_at, seq) WHERE state = 'pending';

-- Logs that look like transfers and cannot be read. Those of kind erc721 are from before these were
-- screened.
CREATE TABLE undecoded_logs_of_all_kinds (
    block_hash      BLOB NOT NULL,
    -- -1 for what has no log.
    log_index       INTEGER NOT NULL,
    block_number    INTEGER NOT NULL,
    -- The block without which it would not be kept, as with alerts.
    found_at        INTEGER NOT NULL,
    tx_hash         BLOB NOT NULL,
    -- Who logged it.
    address         BLOB NOT NULL,
    -- What it claims to be.
    kind            TEXT NOT NULL,
    -- What is wrong with it, for a person.
    reason          TEXT NOT NULL,
    PRIMARY KEY (block_hash, log_index),
    CONSTRAINT kind_is_known CHECK (kind IN ('erc721', 'malformed', 'erc1155', 'approval', 'traces'))
) STRICT, WITHOUT ROWID;
INSERT INTO undecoded_logs_of_all_kinds SELECT block_hash, log_index, block_number, found_at,
    tx_hash, address, kind, reason FROM undecoded_logs;
DROP TABLE undecoded_logs;
ALTER TABLE undecoded_logs_of_all_kinds RENAME TO undecoded_logs;
CREATE INDEX undecoded_logs_by_found_at ON undecoded_logs (found_at);

-- What tokens say of themselves, asked once, when a finding first names them. Hostile until proved
-- otherwise: bounded and cleaned before it comes here, shown as the token's own word, and never
-- used to judge.
CREATE TABLE tokens (
    address         BLOB PRIMARY KEY,
    -- NULL: it says nothing that can be read.
    symbol          TEXT,
    name            TEXT,
    decimals        INTEGER,
    -- When it answered or was given up, by our clock; NULL: not yet.
    asked_at        INTEGER,
    -- How often it was asked in vain.
    attempts        INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT address_is_an_address CHECK (length(address) = 20),
    CONSTRAINT symbol_is_short CHECK (length(symbol) <= 32),
    CONSTRAINT name_is_short CHECK (length(name) <= 96),
    CONSTRAINT decimals_is_one_byte CHECK (decimals BETWEEN 0 AND 255),
    CONSTRAINT what_was_not_asked_said_nothing CHECK (
        asked_at IS NOT NULL OR (symbol IS NULL AND name IS NULL AND decimals IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_to_ask ON tokens (attempts, address) WHERE asked_at IS NULL;
INSERT INTO tokens (address) SELECT DISTINCT token FROM alerts WHERE token IS NOT NULL;
