-- How it was made sure that nothing of an alert's block was left out: 'full' where every block was
-- proved against its header, 'sampled' where the block was found by the logs of a whole range, of
-- which only such blocks and a sample of the others were proved.
ALTER TABLE alerts ADD COLUMN verified TEXT NOT NULL DEFAULT 'full'
    CONSTRAINT verified_is_known CHECK (verified IN ('full', 'sampled'));
