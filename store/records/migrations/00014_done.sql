-- What was sent to a chat, and what was sent about a patient, is emptied when they are forgotten: without these that looks
-- through the whole outbox, while everybody else waits. The same on both databases.

-- +goose Up
CREATE INDEX outbox_done_chat ON outbox (address) WHERE state IN ('sent', 'unknown', 'failed_permanent', 'suppressed');
CREATE INDEX outbox_done_patient ON outbox (practice, patient) WHERE patient <> '' AND state IN ('sent', 'unknown', 'failed_permanent', 'suppressed');

-- +goose Down
DROP INDEX outbox_done_patient;
DROP INDEX outbox_done_chat;
