-- The directory's memory: what each source says of a listing, what was edited here on top of it, what is held, whom we
-- asked, and a number for each change so that an index can follow. The same on both databases.

-- +goose Up
-- activities holds each listing as it is shown: its copies as one, with the edits on top. same_as is the listing that this
-- one turned out to be. postcode, cell and name_key are there to find it again in another source; ask_at is from when
-- its organiser is due to be asked; change is the number of its last change.
ALTER TABLE activities ADD COLUMN same_as TEXT NOT NULL DEFAULT '';
ALTER TABLE activities ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE activities ADD COLUMN modified_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE activities ADD COLUMN standing TEXT NOT NULL DEFAULT '';
ALTER TABLE activities ADD COLUMN ask_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE activities ADD COLUMN change BIGINT NOT NULL DEFAULT 0;
ALTER TABLE activities ADD COLUMN postcode TEXT NOT NULL DEFAULT '';
ALTER TABLE activities ADD COLUMN cell TEXT NOT NULL DEFAULT '';
ALTER TABLE activities ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
DROP INDEX activities_source; -- what a source says is asked of listing_copies now
CREATE INDEX activities_change ON activities (change);
CREATE INDEX activities_ask ON activities (ask_at, id) WHERE status = 'active' AND same_as = '';
CREATE INDEX activities_same ON activities (same_as) WHERE same_as <> '';
CREATE INDEX activities_postcode ON activities (postcode) WHERE postcode <> '';
CREATE INDEX activities_cell ON activities (cell, postcode) WHERE cell <> '';

-- counters holds the number of the directory's last change. Whoever changes a listing locks its row first, so that the
-- numbers are committed in their order.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    n    BIGINT NOT NULL
);
INSERT INTO counters (name, n) VALUES ('activities', 0);

-- What each source says, as it came. digest is of status and listing; kept is 1 when a person refused its removal;
-- seen_at is when the source said it in this form first.
CREATE TABLE listing_copies (
    source   TEXT NOT NULL,
    feed_id  TEXT NOT NULL,
    activity TEXT NOT NULL,
    status   TEXT NOT NULL,
    listing  TEXT NOT NULL,
    digest   TEXT NOT NULL,
    kept     SMALLINT NOT NULL,
    seen_at  BIGINT NOT NULL,
    PRIMARY KEY (source, feed_id)
);
CREATE INDEX listing_copies_activity ON listing_copies (activity);
CREATE INDEX listing_copies_live ON listing_copies (source) WHERE status = 'active';
INSERT INTO listing_copies (source, feed_id, activity, status, listing, digest, kept, seen_at)
    SELECT source, id, id, status, listing, '', 0, 0 FROM activities;

CREATE TABLE feeds (
    name     TEXT PRIMARY KEY,
    bookmark BYTEA,
    tried_at BIGINT,
    ok_at    BIGINT,
    failures BIGINT NOT NULL,
    problem  TEXT NOT NULL
);

-- was and becomes are listings of which one field counts; digest and whole are of a held copy.
CREATE TABLE holds (
    id           TEXT PRIMARY KEY,
    source       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    activity     TEXT NOT NULL,
    name         TEXT NOT NULL,
    field        TEXT NOT NULL,
    was          TEXT NOT NULL,
    becomes      TEXT NOT NULL,
    was_text     TEXT NOT NULL,
    becomes_text TEXT NOT NULL,
    digest       TEXT NOT NULL,
    whole        SMALLINT NOT NULL,
    at           BIGINT NOT NULL,
    state        TEXT NOT NULL,
    decided_by   TEXT NOT NULL,
    decided_at   BIGINT
);
CREATE INDEX holds_open ON holds (at, id) WHERE state = 'open';
CREATE INDEX holds_activity ON holds (activity) WHERE state IN ('open', 'refused');

CREATE TABLE held_copies (
    hold    TEXT NOT NULL REFERENCES holds (id),
    feed_id TEXT NOT NULL,
    gone    SMALLINT NOT NULL,
    status  TEXT NOT NULL,
    listing TEXT NOT NULL,
    PRIMARY KEY (hold, feed_id)
);

CREATE TABLE merges (
    id         TEXT PRIMARY KEY,
    a          TEXT NOT NULL,
    b          TEXT NOT NULL,
    name_a     TEXT NOT NULL,
    name_b     TEXT NOT NULL,
    score      DOUBLE PRECISION NOT NULL,
    at         BIGINT NOT NULL,
    state      TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT,
    UNIQUE (a, b)
);
CREATE INDEX merges_open ON merges (at, id) WHERE state = 'open';
CREATE INDEX merges_b ON merges (b);

-- pinned says that the edit differs from what the sources said: only then does it stand on top of what they say later.
-- n is the change that it was.
CREATE TABLE listing_edits (
    id          TEXT PRIMARY KEY,
    activity    TEXT NOT NULL,
    n           BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    field       TEXT NOT NULL,
    was         TEXT NOT NULL,
    became      TEXT NOT NULL,
    was_text    TEXT NOT NULL,
    became_text TEXT NOT NULL,
    pinned      SMALLINT NOT NULL,
    undone_at   BIGINT
);
CREATE INDEX listing_edits_activity ON listing_edits (activity, n);

CREATE TABLE asks (
    id          TEXT PRIMARY KEY,
    activity    TEXT NOT NULL,
    practice    TEXT NOT NULL,
    asked_at    BIGINT NOT NULL,
    link        SMALLINT NOT NULL,
    answered_at BIGINT,
    answer      TEXT NOT NULL,
    words       BYTEA
);
CREATE INDEX asks_activity ON asks (activity, asked_at);

CREATE TABLE organisers (
    id       TEXT PRIMARY KEY,
    practice TEXT NOT NULL REFERENCES practices (id),
    added_at BIGINT NOT NULL,
    UNIQUE (practice, id)
);
CREATE TABLE organiser_groups (
    organiser TEXT NOT NULL REFERENCES organisers (id),
    activity  TEXT NOT NULL,
    PRIMARY KEY (organiser, activity)
);
CREATE INDEX organiser_groups_activity ON organiser_groups (activity);
CREATE TABLE organiser_invites (
    hash         TEXT PRIMARY KEY,
    practice     TEXT NOT NULL,
    organiser    TEXT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT,
    cancelled_at BIGINT,
    FOREIGN KEY (practice, organiser) REFERENCES organisers (practice, id)
);
CREATE INDEX organiser_invites_organiser ON organiser_invites (organiser);

-- A count and no row for each time, so that nothing here can point at somebody.
CREATE TABLE unmet_needs (
    practice TEXT NOT NULL,
    on_date  TEXT NOT NULL,
    outcode  TEXT NOT NULL,
    need     TEXT NOT NULL,
    n        BIGINT NOT NULL,
    PRIMARY KEY (practice, on_date, outcode, need)
);

CREATE INDEX attendances_activity ON attendances (activity, start_at);
CREATE INDEX enrolments_activity ON enrolments (activity);

-- +goose Down
DROP INDEX enrolments_activity;
DROP INDEX attendances_activity;
DROP TABLE unmet_needs;
DROP TABLE organiser_invites;
DROP TABLE organiser_groups;
DROP TABLE organisers;
DROP TABLE asks;
DROP TABLE listing_edits;
DROP TABLE merges;
DROP TABLE held_copies;
DROP TABLE holds;
DROP TABLE feeds;
DROP TABLE listing_copies;
DROP TABLE counters;
DROP INDEX activities_cell;
DROP INDEX activities_postcode;
DROP INDEX activities_same;
DROP INDEX activities_ask;
DROP INDEX activities_change;
CREATE INDEX activities_source ON activities (source);
ALTER TABLE activities DROP COLUMN name_key;
ALTER TABLE activities DROP COLUMN cell;
ALTER TABLE activities DROP COLUMN postcode;
ALTER TABLE activities DROP COLUMN change;
ALTER TABLE activities DROP COLUMN ask_at;
ALTER TABLE activities DROP COLUMN standing;
ALTER TABLE activities DROP COLUMN modified_at;
ALTER TABLE activities DROP COLUMN created_at;
ALTER TABLE activities DROP COLUMN same_as;
