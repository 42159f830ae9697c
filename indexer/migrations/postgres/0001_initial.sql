-- The whole state of one indexer. Every accepted block is one transaction over these tables, so
-- that whatever is read here belongs together.
--
-- The same tables, columns and constraints as migrations/sqlite/0001_initial.sql: a test compares.
--
-- Addresses are 20 bytes, hashes and amounts 32 bytes (amounts big-endian), times unix seconds.

-- Which chain and which list this database belongs to; one row, written once.
CREATE TABLE home (
    id              BIGINT PRIMARY KEY,
    -- EIP-155 chain id.
    chain_id        BIGINT NOT NULL,
    -- Hash of the chain's block 0: tells two local chains of the same id apart.
    genesis_hash    BYTEA NOT NULL,
    -- The list's contract.
    blocklist       BYTEA NOT NULL,
    CONSTRAINT there_is_one_home CHECK (id = 1),
    CONSTRAINT genesis_hash_is_a_hash CHECK (length(genesis_hash) = 32),
    CONSTRAINT blocklist_is_an_address CHECK (length(blocklist) = 20)
);

-- Accepted headers, as far back as a reorganisation may reach. The highest is the cursor.
CREATE TABLE blocks (
    -- Height.
    number          BIGINT PRIMARY KEY,
    -- Keccak-256 of the header.
    hash            BYTEA NOT NULL UNIQUE,
    -- Hash of the block below.
    parent          BYTEA NOT NULL,
    -- When, by the chain's clock.
    time            BIGINT NOT NULL,
    CONSTRAINT hash_is_a_hash CHECK (length(hash) = 32),
    CONSTRAINT parent_is_a_hash CHECK (length(parent) = 32)
);

-- How far we are; one row.
CREATE TABLE cursor (
    id              BIGINT PRIMARY KEY,
    -- The last accepted block.
    number          BIGINT NOT NULL,
    hash            BYTEA NOT NULL,
    -- Up to here the chain said that it is final; never goes back.
    finalized       BIGINT NOT NULL,
    CONSTRAINT there_is_one_cursor CHECK (id = 1),
    CONSTRAINT hash_is_a_hash CHECK (length(hash) = 32),
    CONSTRAINT finality_is_behind_the_cursor CHECK (finalized <= number)
);

-- The acts of the list. The list itself is not stored: it is replayed from here, and the fold over
-- the acts proves that none is missing.
CREATE TABLE acts (
    -- The contract's number of the act: from 1, without gaps.
    number          BIGINT PRIMARY KEY,
    -- The block that carries it.
    block_number    BIGINT NOT NULL,
    -- The act as JSON.
    act             TEXT NOT NULL,
    CONSTRAINT numbers_start_at_1 CHECK (number >= 1)
);
CREATE INDEX acts_by_block ON acts (block_number);

-- Findings. A row is never deleted: what a reorganisation takes back is marked as retracted.
CREATE TABLE alerts (
    -- A pure function of what happened: 16 bytes.
    id              BYTEA PRIMARY KEY,
    -- What the chain says of it.
    confirmation    TEXT NOT NULL,
    -- What people have decided.
    disposition     TEXT NOT NULL,
    -- The block without which it would not be known: its own if found live, that of the listing
    -- act if found by looking back. It stands and falls with this block.
    found_at        BIGINT NOT NULL,
    -- How it was found.
    found_by        TEXT NOT NULL,
    -- How heavy it is, and by which rule of which policy.
    severity        TEXT NOT NULL,
    rule            TEXT NOT NULL,
    policy          TEXT NOT NULL,
    -- How the transfer stands to the listing.
    phase           TEXT NOT NULL,
    -- The listed address and its side of the transfer.
    listed          BYTEA NOT NULL,
    side            TEXT NOT NULL,
    -- The other side; derived, for searching.
    counterparty    BYTEA NOT NULL,
    -- The listing: act, SHA-256 of its manifest, source bits, JSON array of the persons' uids.
    act             BIGINT NOT NULL,
    manifest        BYTEA NOT NULL,
    sources         BIGINT NOT NULL,
    uids            TEXT NOT NULL,
    -- The transfer. log_index is -1 for the transaction's own value, which comes before its logs.
    chain_id        BIGINT NOT NULL,
    block_number    BIGINT NOT NULL,
    block_hash      BYTEA NOT NULL,
    block_time      BIGINT NOT NULL,
    tx_index        BIGINT NOT NULL,
    tx_hash         BYTEA NOT NULL,
    log_index       BIGINT NOT NULL,
    signer          BYTEA NOT NULL,
    kind            TEXT NOT NULL,
    token           BYTEA,
    sender          BYTEA NOT NULL,
    recipient       BYTEA NOT NULL,
    amount          BYTEA NOT NULL,
    CONSTRAINT id_is_16_bytes CHECK (length(id) = 16),
    CONSTRAINT confirmation_is_known CHECK (confirmation IN ('pending', 'confirmed', 'retracted')),
    CONSTRAINT found_by_is_known CHECK (found_by IN ('live', 'lookback')),
    CONSTRAINT phase_is_known CHECK (phase IN ('before', 'while', 'after')),
    CONSTRAINT side_is_known CHECK (side IN ('sender', 'recipient')),
    CONSTRAINT severity_is_known
        CHECK (severity IN ('informational', 'low', 'medium', 'high', 'critical')),
    CONSTRAINT looking_back_finds_what_was_before CHECK (found_by = 'live' OR phase = 'before'),
    CONSTRAINT found_at_is_not_before_the_transfer CHECK (found_at >= block_number),
    CONSTRAINT live_is_found_in_its_own_block CHECK (found_by <> 'live' OR found_at = block_number),
    CONSTRAINT only_tokens_have_a_contract CHECK ((kind = 'native') = (token IS NULL)),
    CONSTRAINT only_tokens_have_a_log CHECK ((kind = 'native') = (log_index = -1)),
    CONSTRAINT listed_is_a_party CHECK (
        (side = 'sender' AND listed = sender AND counterparty = recipient)
        OR (side = 'recipient' AND listed = recipient AND counterparty = sender)),
    CONSTRAINT amount_is_one_word CHECK (length(amount) = 32)
);
CREATE INDEX alerts_newest_first ON alerts (block_number, tx_index, log_index, id);
CREATE INDEX alerts_by_found_at ON alerts (found_at) WHERE confirmation <> 'retracted';
CREATE INDEX alerts_pending ON alerts (found_at) WHERE confirmation = 'pending';
CREATE INDEX alerts_by_listed ON alerts (listed);
CREATE INDEX alerts_by_counterparty ON alerts (counterparty);

-- What the receiver is to be told, written in the same transaction as what it tells.
CREATE TABLE outbox (
    -- Order of telling; without gaps, so that a receiver sees that nothing is missing. Counted by
    -- the writer: a sequence would leave a gap for every transaction that is rolled back.
    seq             BIGINT PRIMARY KEY,
    -- The alert, and the kind of news.
    alert_id        BYTEA NOT NULL REFERENCES alerts (id),
    kind            TEXT NOT NULL,
    -- The alert at that moment, as JSON: a retry tells the same.
    alert           TEXT NOT NULL,
    -- When it happened, by our clock.
    made_at         BIGINT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'pending',
    -- How often it was tried.
    attempts        BIGINT NOT NULL DEFAULT 0,
    -- When to try next; meaningful while pending.
    due_at          BIGINT NOT NULL,
    -- When the receiver said that it has it.
    delivered_at    BIGINT,
    -- What the last failed attempt met.
    last_error      TEXT,
    CONSTRAINT kind_is_known
        CHECK (kind IN ('alert.created', 'alert.updated', 'alert.retracted')),
    CONSTRAINT state_is_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT delivered_at_iff_delivered CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT what_is_over_was_tried CHECK (state = 'pending' OR attempts >= 1)
);
CREATE INDEX outbox_due ON outbox (due_at, seq) WHERE state = 'pending';

-- Receivers that said 410: gone. They get nothing more.
CREATE TABLE gone_receivers (
    -- SHA-256 of the receiver's address, which may carry a secret.
    receiver        BYTEA PRIMARY KEY,
    -- When it said so, by our clock.
    since           BIGINT NOT NULL,
    CONSTRAINT receiver_is_a_digest CHECK (length(receiver) = 32)
);

-- One walk back for each act that listed an address anew. Which addresses: the act says.
CREATE TABLE lookback_jobs (
    act             BIGINT PRIMARY KEY REFERENCES acts (number),
    -- The block of the act: its findings stand and fall with it.
    found_at        BIGINT NOT NULL,
    -- The block to look at next, going down.
    next_number     BIGINT NOT NULL,
    next_hash       BYTEA NOT NULL,
    -- The last block to look at.
    from_block      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    CONSTRAINT state_is_known CHECK (state IN ('open', 'done')),
    CONSTRAINT next_hash_is_a_hash CHECK (length(next_hash) = 32),
    CONSTRAINT looks_only_below_the_listing CHECK (next_number < found_at),
    CONSTRAINT open_has_something_left CHECK (state = 'done' OR next_number >= from_block)
);

-- Logs that look like transfers and were not screened: kept, so that a later version can.
CREATE TABLE undecoded_logs (
    block_hash      BYTEA NOT NULL,
    log_index       BIGINT NOT NULL,
    block_number    BIGINT NOT NULL,
    -- The block without which it would not be kept, as with alerts.
    found_at        BIGINT NOT NULL,
    tx_hash         BYTEA NOT NULL,
    -- Who logged it.
    address         BYTEA NOT NULL,
    kind            TEXT NOT NULL,
    -- What is wrong with it, for a person.
    reason          TEXT NOT NULL,
    PRIMARY KEY (block_hash, log_index),
    CONSTRAINT kind_is_known CHECK (kind IN ('erc721', 'malformed'))
);
CREATE INDEX undecoded_logs_by_found_at ON undecoded_logs (found_at);
