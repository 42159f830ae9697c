-- What findings are judged by: policies, subjects, and what amounts are worth.

-- What the amount is worth, in millionths of the policy's reference unit; NULL where nothing moved
-- or what moved is not in the asset table, and for what was found before this column existed.
ALTER TABLE alerts ADD COLUMN worth INTEGER
    CONSTRAINT worth_is_not_negative CHECK (worth >= 0);
-- The finding behind which this one stands in the inbox: the first informational one of the same
-- rule, listed address, token and hour. NULL: it is shown by itself.
ALTER TABLE alerts ADD COLUMN flood BLOB
    CONSTRAINT flood_is_an_id CHECK (length(flood) = 16);
-- Whether the transaction failed.
ALTER TABLE alerts ADD COLUMN failed INTEGER NOT NULL DEFAULT 0
    CONSTRAINT failed_is_yes_or_no CHECK (failed IN (0, 1));
-- What the only policy until now said of it.
UPDATE alerts SET failed = 1 WHERE rule = 'failed_attempt';
UPDATE alerts SET worth = 0 WHERE rule = 'spoof' AND kind = 'call';

CREATE INDEX alerts_shown ON alerts (block_number, tx_index, log_index, id) WHERE flood IS NULL;
CREATE INDEX alerts_that_head_a_flood ON alerts (listed, (block_time / 3600), rule)
    WHERE flood IS NULL AND severity = 'informational';
CREATE INDEX alerts_by_flood ON alerts (flood, confirmation) WHERE flood IS NOT NULL;
-- Those of a pair, in time; the first column serves who asks for a counterparty alone.
DROP INDEX alerts_by_counterparty;
CREATE INDEX alerts_by_pair ON alerts (counterparty, listed, block_time);

-- What may accuse somebody is told before what accuses nobody, however much there is of that.
ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0
    CONSTRAINT urgent_is_yes_or_no CHECK (urgent IN (0, 1));
UPDATE outbox SET urgent = 1 WHERE state = 'pending'
    AND alert_id IN (SELECT id FROM alerts WHERE severity <> 'informational');
CREATE INDEX outbox_in_order ON outbox (urgent DESC, seq) WHERE state = 'pending';

-- Whose dealings are looked after: a venue's own customers and pools. A row is never deleted.
CREATE TABLE subjects (
    address         BLOB PRIMARY KEY,
    kind            TEXT NOT NULL,
    -- The venue's own reference: an account number, not a name.
    reference       TEXT NOT NULL,
    -- When it was added, and when it ceased to be one, by our clock.
    added_at        INTEGER NOT NULL,
    removed_at      INTEGER,
    -- Counts every change of any subject: whoever knows the highest knows all of them.
    changed         INTEGER NOT NULL,
    CONSTRAINT address_is_an_address CHECK (length(address) = 20),
    CONSTRAINT kind_is_known CHECK (kind IN ('customer', 'pool')),
    CONSTRAINT reference_is_short CHECK (length(reference) <= 64),
    CONSTRAINT changed_counts_from_1 CHECK (changed >= 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX subjects_by_change ON subjects (changed);

-- Every policy that was ever judged by, so that each finding can be explained as long as it is
-- kept. An alert names the version and the digest.
CREATE TABLE policies (
    -- SHA-256 of the document.
    digest          BLOB PRIMARY KEY,
    version         TEXT NOT NULL,
    document        TEXT NOT NULL,
    -- When it was first used, by our clock.
    used_from       INTEGER NOT NULL,
    CONSTRAINT digest_is_a_digest CHECK (length(digest) = 32)
) STRICT, WITHOUT ROWID;
