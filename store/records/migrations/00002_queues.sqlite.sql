-- What must keep the order in which it was written, and the postcodes: here the two databases differ, in how a row gets
-- its place (sqlite: INTEGER PRIMARY KEY) and in how the table of postcodes is kept small. A test holds the two files to the same
-- columns and indexes.

-- +goose Up
CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY,
    at       BIGINT NOT NULL,
    practice TEXT NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    noun     TEXT NOT NULL,
    id       TEXT NOT NULL
);
CREATE INDEX audit_record ON audit (practice, noun, id, seq);

-- Every answer to every question of permission, in order; permissions holds only where each stands now (G1).
CREATE TABLE permission_answers (
    seq      INTEGER PRIMARY KEY,
    practice TEXT NOT NULL,
    patient  TEXT NOT NULL,
    purpose  TEXT NOT NULL,
    version  TEXT NOT NULL,
    wording  TEXT NOT NULL,
    state    TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX permission_answers_patient ON permission_answers (practice, patient, seq);

-- conversation is the owner of the address's row in identities. due_at is the earliest moment at which the row may be
-- leased: the end of a lease, or until when it was put off.
CREATE TABLE inbox (
    seq          INTEGER PRIMARY KEY,
    practice     TEXT NOT NULL,
    channel      TEXT NOT NULL,
    update_id    TEXT NOT NULL,
    conversation TEXT NOT NULL,
    number       BIGINT NOT NULL,
    sent_at      BIGINT NOT NULL,
    accepted_at  BIGINT NOT NULL,
    payload      BYTEA, -- NULL once finished
    hash         TEXT NOT NULL,
    guarded      SMALLINT NOT NULL,
    epoch        BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    finished_at  BIGINT,
    UNIQUE (practice, channel, update_id),
    UNIQUE (conversation, number)
);
CREATE INDEX inbox_waiting ON inbox (guarded, seq) WHERE finished_at IS NULL;
CREATE INDEX inbox_place ON inbox (conversation, number) WHERE finished_at IS NULL;
CREATE INDEX inbox_due ON inbox (due_at) WHERE finished_at IS NULL;

-- address is the owner of the address's row in identities.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    practice    TEXT NOT NULL,
    address     TEXT NOT NULL,
    patient     TEXT NOT NULL,
    class       TEXT NOT NULL,
    rank        SMALLINT NOT NULL,
    permission  TEXT NOT NULL,
    job         TEXT NOT NULL,
    subject     TEXT NOT NULL,
    not_before  BIGINT NOT NULL,
    not_after   BIGINT NOT NULL,
    held        SMALLINT NOT NULL,
    message     BYTEA,
    state       TEXT NOT NULL,
    epoch       BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    parts       BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    ref         BYTEA,
    put_at      BIGINT NOT NULL,
    settled_at  BIGINT
);
CREATE INDEX outbox_due ON outbox (rank, not_before, seq) WHERE state = 'queued' AND held = 0;
CREATE INDEX outbox_wake ON outbox (not_before) WHERE state = 'queued' AND held = 0;
CREATE INDEX outbox_leased ON outbox (state, lease_until) WHERE state IN ('claimed', 'sending');
CREATE INDEX outbox_line ON outbox (address, rank, seq) WHERE state IN ('queued', 'claimed', 'sending');
CREATE INDEX outbox_patient ON outbox (practice, patient) WHERE state IN ('queued', 'claimed');
CREATE INDEX outbox_job ON outbox (practice, job, subject) WHERE state IN ('queued', 'claimed');

-- lat and lon are millionths of a degree.
CREATE TABLE postcodes (
    postcode   TEXT PRIMARY KEY,
    lat        INTEGER NOT NULL,
    lon        INTEGER NOT NULL,
    terminated SMALLINT NOT NULL,
    points     INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE postcodes;
DROP TABLE outbox;
DROP TABLE inbox;
DROP TABLE permission_answers;
DROP TABLE audit;
