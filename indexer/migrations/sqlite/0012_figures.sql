-- What the figures for Prometheus are read by: open findings by weight, with all that is asked of
-- them in the index itself, so that no row is read to count it; and the oldest news that an
-- endpoint waits for. Neither grows with what is done.
CREATE INDEX alerts_open ON alerts (flood, severity, disposition, found_at, id)
    WHERE disposition IN ('new', 'assigned', 'escalated');
CREATE INDEX deliveries_waiting ON deliveries (endpoint, news) WHERE state = 'pending';
