-- What the figures for Prometheus are read by. The same as migrations/sqlite/0012_figures.sql: a
-- test compares.
CREATE INDEX alerts_open ON alerts (flood, severity, disposition, found_at, id)
    WHERE disposition IN ('new', 'assigned', 'escalated');
CREATE INDEX deliveries_waiting ON deliveries (endpoint, news) WHERE state = 'pending';
