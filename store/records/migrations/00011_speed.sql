-- An update touches each index of the inbox twice: when it is accepted and when it is finished. This one was asked only when
-- a clock that can be moved looks for what comes next; what waits is few enough to be looked through. The same on both
-- databases.

-- +goose Up
DROP INDEX inbox_due;

-- +goose Down
CREATE INDEX inbox_due ON inbox (due_at) WHERE finished_at IS NULL;
