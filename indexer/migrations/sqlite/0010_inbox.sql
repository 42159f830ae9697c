-- The inbox reads a page from one index, whatever is asked for. In each of these indexes findings
-- of one kind stand together, in the order of the chain; behind that stands what a filter may ask
-- for beside the kind, so that no row is opened that the page does not show.

-- Whether it is shown by itself, and not behind the first of its flood.
ALTER TABLE alerts ADD COLUMN shown INTEGER
    GENERATED ALWAYS AS (CASE WHEN flood IS NULL THEN 1 ELSE 0 END) VIRTUAL;

DROP INDEX alerts_alike;
DROP INDEX alerts_alike_shown;
DROP INDEX alerts_of_listed;
DROP INDEX alerts_of_listed_shown;
DROP INDEX alerts_of_counterparty;
DROP INDEX alerts_of_counterparty_shown;
DROP INDEX alerts_of_assignee;

CREATE INDEX alerts_of_all ON alerts
    (shown, disposition, severity, rule, phase, side, block_number, tx_index, log_index, id,
     confirmation, snoozed_until, block_time);
CREATE INDEX alerts_of_listed ON alerts
    (listed, shown, disposition, severity, rule, phase, side, block_number, tx_index, log_index, id,
     confirmation, snoozed_until, block_time);
CREATE INDEX alerts_of_counterparty ON alerts
    (counterparty, shown, disposition, severity, rule, phase, side, block_number, tx_index,
     log_index, id, confirmation, snoozed_until, block_time);
CREATE INDEX alerts_of_pair ON alerts
    (counterparty, listed, shown, disposition, severity, rule, phase, side, block_number, tx_index,
     log_index, id, confirmation, snoozed_until, block_time);
CREATE INDEX alerts_of_flood ON alerts
    (flood, shown, disposition, severity, rule, phase, side, block_number, tx_index, log_index, id,
     confirmation, snoozed_until, block_time, listed, counterparty, assignee)
    WHERE flood IS NOT NULL;
CREATE INDEX alerts_of_assignee ON alerts
    (assignee, shown, disposition, severity, rule, phase, side, block_number, tx_index, log_index,
     id, confirmation, snoozed_until, block_time, listed, counterparty)
    WHERE assignee IS NOT NULL;
