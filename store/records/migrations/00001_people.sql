-- The nouns of the service: the same on both databases.
--
-- Instants are UTC microseconds; 0 is "not at all". Flags are 0 or 1. Every row has its practice, and the foreign keys
-- carry the practice too, so that the database itself refuses a row that crosses practices (C8). What identifies a
-- person (names, contacts, chat addresses) is in identities and nowhere else; other personal words are sealed columns.

-- +goose Up
CREATE UNIQUE INDEX migrations_once ON goose_db_version (version_id); -- a second process cannot apply one again

CREATE TABLE practices (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    zone         TEXT NOT NULL,
    urgent_route TEXT NOT NULL,
    lat          DOUBLE PRECISION,
    lon          DOUBLE PRECISION
);

-- kind is staff, patient, buddy, or chat. The row of a chat holds an address; the address row of a person holds only
-- its hash, which is the owner of the chat's row: so an address is written in one place.
CREATE TABLE identities (
    practice TEXT NOT NULL,
    kind     TEXT NOT NULL,
    owner    TEXT NOT NULL,
    field    TEXT NOT NULL,
    value    BYTEA,
    hash     TEXT NOT NULL,
    PRIMARY KEY (owner, kind, field, practice)
);
CREATE INDEX identities_hash ON identities (hash, field, practice) WHERE hash <> '';

CREATE TABLE staff (
    id       TEXT PRIMARY KEY,
    practice TEXT NOT NULL REFERENCES practices (id),
    roles    TEXT NOT NULL,
    active   SMALLINT NOT NULL,
    added_at BIGINT NOT NULL,
    UNIQUE (practice, id)
);

CREATE TABLE patients (
    id           TEXT PRIMARY KEY,
    practice     TEXT NOT NULL REFERENCES practices (id),
    language     TEXT NOT NULL,
    matters      BYTEA,
    stopped      BIGINT,
    paused_until BIGINT,
    held_since   BIGINT,
    deceased     SMALLINT NOT NULL,
    added_at     BIGINT NOT NULL,
    UNIQUE (practice, id)
);

CREATE TABLE buddies (
    id         TEXT PRIMARY KEY,
    practice   TEXT NOT NULL REFERENCES practices (id),
    languages  TEXT NOT NULL,
    state      TEXT NOT NULL,
    cleared_by TEXT NOT NULL,
    cleared_at BIGINT,
    added_at   BIGINT NOT NULL,
    UNIQUE (practice, id)
);
CREATE INDEX buddies_state ON buddies (practice, state);

CREATE TABLE referrals (
    id           TEXT PRIMARY KEY,
    practice     TEXT NOT NULL,
    patient      TEXT NOT NULL,
    ref          TEXT NOT NULL,
    referrer     TEXT NOT NULL,
    link_worker  TEXT NOT NULL,
    state        TEXT NOT NULL,
    need         TEXT NOT NULL,
    note         BYTEA,
    suggested    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    reason_text  BYTEA,
    ask_again    BIGINT,
    outcome      TEXT NOT NULL,
    offered_at   BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL,
    contacted_at BIGINT,
    UNIQUE (practice, id),
    UNIQUE (practice, ref),
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);
CREATE INDEX referrals_patient ON referrals (practice, patient);
CREATE INDEX referrals_referrer ON referrals (practice, referrer, offered_at);
CREATE INDEX referrals_open ON referrals (practice, offered_at) WHERE state NOT IN ('declined', 'closed');

CREATE TABLE enrolments (
    id         TEXT PRIMARY KEY,
    practice   TEXT NOT NULL,
    patient    TEXT NOT NULL,
    referral   TEXT,
    activity   TEXT NOT NULL,
    state      TEXT NOT NULL,
    chosen_at  BIGINT NOT NULL,
    ended_at   BIGINT,
    end_reason TEXT NOT NULL,
    UNIQUE (practice, id),
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id),
    FOREIGN KEY (practice, referral) REFERENCES referrals (practice, id)
);
CREATE INDEX enrolments_patient ON enrolments (practice, patient);
CREATE INDEX enrolments_referral ON enrolments (referral);

CREATE TABLE attendances (
    id          TEXT PRIMARY KEY,
    practice    TEXT NOT NULL,
    enrolment   TEXT NOT NULL,
    patient     TEXT NOT NULL,
    activity    TEXT NOT NULL,
    wall        TEXT NOT NULL,
    zone        TEXT NOT NULL,
    start_at    BIGINT NOT NULL,
    end_at      BIGINT NOT NULL,
    state       TEXT NOT NULL,
    first_visit SMALLINT NOT NULL,
    planned_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    next_done   SMALLINT NOT NULL,
    UNIQUE (practice, id),
    UNIQUE (enrolment, start_at),
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id),
    FOREIGN KEY (practice, enrolment) REFERENCES enrolments (practice, id)
);
CREATE INDEX attendances_start ON attendances (start_at);
CREATE INDEX attendances_end ON attendances (end_at);
CREATE INDEX attendances_changed ON attendances (state, changed_at);
CREATE INDEX attendances_patient ON attendances (practice, patient);

CREATE TABLE accompaniments (
    id         TEXT PRIMARY KEY,
    practice   TEXT NOT NULL,
    patient    TEXT NOT NULL,
    attendance TEXT NOT NULL,
    buddy      TEXT,
    matched_by TEXT NOT NULL,
    state      TEXT NOT NULL,
    refused    TEXT NOT NULL,
    wanted_at  BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id),
    FOREIGN KEY (practice, attendance) REFERENCES attendances (practice, id),
    FOREIGN KEY (practice, buddy) REFERENCES buddies (practice, id)
);
CREATE UNIQUE INDEX accompaniments_one ON accompaniments (attendance) WHERE state <> 'cancelled';
CREATE INDEX accompaniments_attendance ON accompaniments (attendance);
CREATE INDEX accompaniments_state ON accompaniments (practice, state);

CREATE TABLE permissions (
    practice    TEXT NOT NULL,
    patient     TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    version     TEXT NOT NULL,
    wording     TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    state       TEXT NOT NULL,
    asked_at    BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    PRIMARY KEY (patient, purpose),
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);

CREATE TABLE feedback (
    attendance TEXT PRIMARY KEY,
    practice   TEXT NOT NULL,
    patient    TEXT NOT NULL,
    verdict    TEXT NOT NULL,
    words      BYTEA,
    given_at   BIGINT NOT NULL,
    FOREIGN KEY (practice, attendance) REFERENCES attendances (practice, id),
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);

CREATE TABLE alerts (
    id              TEXT PRIMARY KEY,
    practice        TEXT NOT NULL REFERENCES practices (id),
    patient         TEXT,
    kind            TEXT NOT NULL,
    state           TEXT NOT NULL,
    raised_by       TEXT NOT NULL,
    raised_at       BIGINT NOT NULL,
    acknowledged_by TEXT NOT NULL,
    acknowledged_at BIGINT,
    resolved_by     TEXT NOT NULL,
    resolved_at     BIGINT,
    messages        BIGINT NOT NULL,
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);
CREATE UNIQUE INDEX alerts_one ON alerts (practice, patient) WHERE state <> 'resolved' AND patient IS NOT NULL;
CREATE INDEX alerts_open ON alerts (practice, raised_at) WHERE state <> 'resolved';

CREATE TABLE invites (
    hash         TEXT PRIMARY KEY,
    practice     TEXT NOT NULL,
    patient      TEXT NOT NULL,
    expires_at   BIGINT NOT NULL,
    tries        BIGINT NOT NULL,
    used_at      BIGINT,
    cancelled_at BIGINT,
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);
CREATE INDEX invites_patient ON invites (patient);

CREATE TABLE activities (
    id       TEXT PRIMARY KEY,
    practice TEXT NOT NULL, -- '' is every practice
    source   TEXT NOT NULL,
    status   TEXT NOT NULL,
    listing  TEXT NOT NULL
);
CREATE INDEX activities_source ON activities (source);
CREATE INDEX activities_active ON activities (id) WHERE status = 'active';

CREATE TABLE conversations (
    conversation    TEXT PRIMARY KEY,
    practice        TEXT NOT NULL,
    last_number     BIGINT NOT NULL,
    last_state_turn BIGINT NOT NULL,
    open_dialog     TEXT NOT NULL,
    closed_before   BIGINT NOT NULL
);

CREATE TABLE conversation_states (
    conversation TEXT PRIMARY KEY,
    state        BYTEA, -- NULL once erased: the row stays, so that its version goes on growing
    version      BIGINT NOT NULL,
    keep_until   BIGINT NOT NULL
);

CREATE TABLE effects (
    run     TEXT NOT NULL,
    key     TEXT NOT NULL,
    result  BYTEA,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (run, key)
);

CREATE TABLE ticks (
    job       TEXT PRIMARY KEY,
    last_tick BIGINT NOT NULL
);

-- +goose Down
DROP TABLE ticks;
DROP TABLE effects;
DROP TABLE conversation_states;
DROP TABLE conversations;
DROP TABLE activities;
DROP TABLE invites;
DROP TABLE alerts;
DROP TABLE feedback;
DROP TABLE permissions;
DROP TABLE accompaniments;
DROP TABLE attendances;
DROP TABLE enrolments;
DROP TABLE referrals;
DROP TABLE buddies;
DROP TABLE patients;
DROP TABLE staff;
DROP TABLE identities;
DROP TABLE practices;
DROP INDEX migrations_once;
