-- What listings look like: fetched when a listing came in, small and written anew, so that nobody waits for one and no phone
-- asks a stranger's server. The same on both databases.

-- +goose Up
-- data is NULL where there was none to be had; tried_at is when it was last looked for.
CREATE TABLE pictures (
    address  TEXT PRIMARY KEY,
    data     BYTEA,
    tried_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE pictures;
