-- What is judged anew: for other subjects, and once it is final. The same as
-- migrations/sqlite/0011_policy.sql, where each column is explained: a test compares.

ALTER TABLE alerts ADD COLUMN awaits_finality BIGINT NOT NULL DEFAULT 0
    CONSTRAINT awaits_finality_is_yes_or_no CHECK (awaits_finality IN (0, 1));
CREATE INDEX alerts_that_await_finality ON alerts
    (confirmation, block_number, tx_index, log_index, id) WHERE awaits_finality = 1;

ALTER TABLE subjects ADD COLUMN judged BIGINT NOT NULL DEFAULT 0
    CONSTRAINT judged_counts_from_0 CHECK (judged >= 0);
UPDATE subjects SET judged = changed;
CREATE INDEX subjects_to_judge ON subjects (changed) WHERE judged < changed;
