-- The workspaces that have the staff's app: the same on both databases.

-- +goose Up
-- workspaces holds which workspace belongs to which practice, for life, and the token by which the app speaks there. The
-- token and whoever installed the app are sealed; both are gone once the workspace took the app away.
CREATE TABLE workspaces (
    team       TEXT PRIMARY KEY,
    practice   TEXT NOT NULL REFERENCES practices (id),
    token      BYTEA,
    bot_user   TEXT NOT NULL,
    installer  BYTEA,
    at         BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX workspaces_practice ON workspaces (practice);

-- +goose Down
DROP TABLE workspaces;
