-- How staff are called to an alert: since when, how far up the ladder, when the next step is due, and what they said of it afterwards. The same on
-- both databases.

-- +goose Up
ALTER TABLE alerts ADD COLUMN called_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN steps BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN next_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN card_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN mark TEXT NOT NULL DEFAULT '';
UPDATE alerts SET called_at = raised_at, next_at = raised_at, card_at = raised_at, steps = 1; -- the first step of those was put when they were raised
CREATE INDEX alerts_next ON alerts (next_at) WHERE state = 'raised';
CREATE INDEX outbox_alerts ON outbox (practice, subject) WHERE class = 'alert';

-- Messages that meant danger and raised no alert, as staff told of them: that there was one and when, never what it said.
CREATE TABLE misses (
    id       TEXT PRIMARY KEY,
    practice TEXT NOT NULL REFERENCES practices (id),
    told_by  TEXT NOT NULL,
    told_at  BIGINT NOT NULL
);
CREATE INDEX misses_told ON misses (practice, told_at);

-- +goose Down
DROP TABLE misses;
DROP INDEX outbox_alerts;
DROP INDEX alerts_next;
ALTER TABLE alerts DROP COLUMN mark;
ALTER TABLE alerts DROP COLUMN card_at;
ALTER TABLE alerts DROP COLUMN next_at;
ALTER TABLE alerts DROP COLUMN steps;
ALTER TABLE alerts DROP COLUMN called_at;
