-- The inbox reads a page from one index, whatever is asked for: see migrations/sqlite/0010_inbox.sql.
-- Here the engine knows by its statistics how common a value is, so that the order of the chain is
-- all that an index has to have beside what is rare.

DROP INDEX alerts_alike;
DROP INDEX alerts_alike_shown;
DROP INDEX alerts_of_listed;
DROP INDEX alerts_of_listed_shown;
DROP INDEX alerts_of_counterparty;
DROP INDEX alerts_of_counterparty_shown;
DROP INDEX alerts_of_assignee;

CREATE INDEX alerts_of_all ON alerts
    ((CASE severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1
      ELSE 0 END), block_number, tx_index, log_index, id);
CREATE INDEX alerts_of_listed ON alerts (listed, block_number, tx_index, log_index, id);
CREATE INDEX alerts_of_counterparty ON alerts
    (counterparty, block_number, tx_index, log_index, id);
CREATE INDEX alerts_of_pair ON alerts
    (counterparty, listed, block_number, tx_index, log_index, id);
CREATE INDEX alerts_of_flood ON alerts (flood, block_number, tx_index, log_index, id)
    WHERE flood IS NOT NULL;
CREATE INDEX alerts_of_assignee ON alerts (assignee, block_number, tx_index, log_index, id)
    WHERE assignee IS NOT NULL;
