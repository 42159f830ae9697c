-- A million findings, as a busy year leaves them, from one number. Twenty in a row are of one kind;
-- floods stand behind the first of theirs, and all dust of the first fifth behind one. ?1: how many.
WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < ?1),
mixed AS (
    SELECT n, n % 20 AS place,
        ((n / 20) * 2654435761 >> 7) % 1000 AS kind,
        (n * 40503 >> 3) % 1000 AS dice,
        (n * 2246822519 >> 11) % 1000 AS other
    FROM counted
),
judged AS (
    SELECT *,
        CASE WHEN kind < 550 THEN 'unsolicited_dust' WHEN kind < 700 THEN 'spoof'
             WHEN kind < 850 THEN 'lookback.pre_listing'
             WHEN kind < 890 THEN 'lookback.pre_listing.recent'
             WHEN kind < 930 THEN 'boundary' WHEN kind < 960 THEN 'direct.other'
             WHEN kind < 985 THEN 'direct.inbound.while_listed'
             ELSE 'direct.outbound.while_listed' END AS rule,
        CASE WHEN kind < 850 THEN 'informational' WHEN kind < 890 THEN 'low'
             WHEN kind < 960 THEN 'medium' WHEN kind < 985 THEN 'high'
             ELSE 'critical' END AS severity,
        CASE WHEN kind BETWEEN 700 AND 889 THEN 'before' ELSE 'while' END AS phase,
        CASE WHEN kind BETWEEN 930 AND 959 THEN 'spender' WHEN kind >= 985 THEN 'recipient'
             WHEN kind BETWEEN 700 AND 929 AND place % 3 = 0 THEN 'recipient'
             ELSE 'sender' END AS side,
        -- What is closed in bulk is closed whole; of the rest a part waits.
        CASE WHEN kind BETWEEN 550 AND 699 THEN 'no_action'
             WHEN kind < 850 THEN CASE WHEN dice < 400 THEN 'no_action' ELSE 'new' END
             WHEN dice < 300 THEN 'new' WHEN dice < 400 THEN 'assigned'
             WHEN dice < 450 THEN 'escalated' WHEN dice < 480 AND kind >= 960 THEN 'blocked'
             WHEN dice < 500 AND kind >= 960 THEN 'rejected' WHEN dice < 550 THEN 'licensed'
             WHEN dice < 700 THEN 'false_positive' ELSE 'no_action' END AS disposition,
        -- One listed address and one pool have far more than all others.
        CASE WHEN other < 400 THEN 1 ELSE 2 + other % 40 END AS listed,
        CASE WHEN dice < 200 THEN 1 ELSE 2 + (n * 7919 >> 2) % 20000 END AS counterparty
    FROM mixed
),
placed AS (
    SELECT *, unhex(printf('%040x', 0xaa0000 + listed)) AS listed_address,
        unhex(printf('%040x', 0xbb000000 + counterparty)) AS other_address FROM judged
)
INSERT INTO alerts
    (id, confirmation, disposition, found_at, found_by, severity, rule, policy, phase, listed, side,
     counterparty, act, manifest, sources, uids, chain_id, block_number, block_hash, block_time,
     tx_index, tx_hash, log_index, signer, kind, token, sender, recipient, amount, standing, worth,
     flood, version, assignee, snoozed_until, waiting, due_on, desk)
SELECT unhex(printf('%032x', n * 2654435761)),
    CASE WHEN n >= ?1 - 2000 THEN 'pending' WHEN other < 3 THEN 'retracted' ELSE 'confirmed' END,
    disposition, 20000000 + n / 10, CASE phase WHEN 'before' THEN 'lookback' ELSE 'live' END,
    severity, rule, 'default-2', phase, listed_address, side, other_address, 7,
    unhex(printf('%064x', 7)), 1, '[26014]', 1, 20000000 + n / 10,
    unhex(printf('%064x', 20000000 + n / 10)), 1700000000 + (n / 10) * 300, n % 10,
    unhex(printf('%064x', n)), n % 10,
    other_address, 'erc20', unhex(printf('%040x', 0xcc)),
    CASE side WHEN 'sender' THEN listed_address ELSE other_address END,
    CASE side WHEN 'recipient' THEN listed_address WHEN 'sender' THEN other_address
        ELSE unhex(printf('%040x', 0xdd)) END,
    unhex(printf('%064x', 1000000 + n)), 'listed', 1000000 + n,
    CASE WHEN kind < 550 AND n BETWEEN 1 AND ?1 / 5 THEN zeroblob(16)
        WHEN kind < 700 AND place > 0
        THEN unhex(printf('%032x', (n - place) * 2654435761)) END,
    CASE disposition WHEN 'new' THEN 0 ELSE 1 END,
    CASE WHEN disposition NOT IN ('new') AND kind >= 850 THEN 'person-' || (other % 12) END,
    CASE WHEN disposition = 'new' AND kind >= 850 AND other < 10 THEN 2000000000 END,
    CASE WHEN disposition IN ('new', 'assigned') AND kind >= 850 AND other > 990 THEN 1 ELSE 0 END,
    CASE WHEN disposition IN ('blocked', 'rejected') AND other > 500 THEN '2026-12-10' END, NULL
FROM placed ORDER BY n
