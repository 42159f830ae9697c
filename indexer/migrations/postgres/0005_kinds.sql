-- Findings of every kind of transfer, and of addresses that stood beside one. The same as
-- migrations/sqlite/0005_kinds.sql, where each column is explained: a test compares.

ALTER TABLE alerts
    ADD COLUMN item BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN token_id BYTEA,
    ADD COLUMN verification TEXT NOT NULL DEFAULT 'proved',
    DROP CONSTRAINT side_is_known,
    ADD CONSTRAINT side_is_known CHECK (side IN ('sender', 'recipient', 'signer', 'spender',
        'owner', 'callee', 'created', 'authority', 'delegate')),
    ADD CONSTRAINT kind_is_known CHECK (kind IN ('native', 'internal', 'native_log', 'erc20',
        'erc721', 'erc1155', 'wrap', 'unwrap', 'approval', 'call', 'creation', 'delegation')),
    ADD CONSTRAINT verification_is_known
        CHECK (verification IN ('proved', 'sampled', 'agreed', 'unverified')),
    DROP CONSTRAINT only_tokens_have_a_contract,
    ADD CONSTRAINT only_tokens_have_a_contract CHECK (
        (kind IN ('erc20', 'erc721', 'erc1155', 'wrap', 'unwrap', 'approval'))
        = (token IS NOT NULL)),
    DROP CONSTRAINT only_tokens_have_a_log,
    ADD CONSTRAINT only_tokens_and_what_the_chain_logs_have_a_log CHECK (
        (token IS NOT NULL OR kind = 'native_log') = (log_index <> -1)),
    ADD CONSTRAINT only_tokens_have_an_id CHECK (
        token_id IS NULL
        OR (kind IN ('erc721', 'erc1155', 'approval') AND length(token_id) = 32)),
    ADD CONSTRAINT item_counts_from_0 CHECK (item >= 0),
    DROP CONSTRAINT listed_is_a_party,
    ADD CONSTRAINT listed_stands_on_its_side CHECK (
        (side IN ('sender', 'signer', 'owner', 'authority')
            AND listed = sender AND counterparty = recipient)
        OR (side IN ('recipient', 'callee', 'created', 'delegate')
            AND listed = recipient AND counterparty = sender)
        OR (side = 'spender' AND counterparty = sender
            AND (listed = recipient) = (kind = 'approval')));

ALTER TABLE undecoded_logs
    DROP CONSTRAINT kind_is_known,
    ADD CONSTRAINT kind_is_known
        CHECK (kind IN ('erc721', 'malformed', 'erc1155', 'approval', 'traces'));

-- What tokens say of themselves, asked once, when a finding first names them.
CREATE TABLE tokens (
    address         BYTEA PRIMARY KEY,
    symbol          TEXT,
    name            TEXT,
    decimals        BIGINT,
    asked_at        BIGINT,
    attempts        BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT address_is_an_address CHECK (length(address) = 20),
    CONSTRAINT symbol_is_short CHECK (length(symbol) <= 32),
    CONSTRAINT name_is_short CHECK (length(name) <= 96),
    CONSTRAINT decimals_is_one_byte CHECK (decimals BETWEEN 0 AND 255),
    CONSTRAINT what_was_not_asked_said_nothing CHECK (
        asked_at IS NOT NULL OR (symbol IS NULL AND name IS NULL AND decimals IS NULL))
);
CREATE INDEX tokens_to_ask ON tokens (attempts, address) WHERE asked_at IS NULL;
INSERT INTO tokens (address) SELECT DISTINCT token FROM alerts WHERE token IS NOT NULL;
