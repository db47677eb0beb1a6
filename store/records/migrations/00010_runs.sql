-- Which process has leased a row, so that what a dead one had is taken over at once and not when the lease ends. runs
-- holds those that work; 0 is nobody in particular. The same on both databases.

-- +goose Up
CREATE TABLE runs (
    id       BIGINT PRIMARY KEY,
    began_at BIGINT NOT NULL
);
ALTER TABLE inbox ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE outbox DROP COLUMN owner;
ALTER TABLE inbox DROP COLUMN owner;
DROP TABLE runs;
