-- The patient's path between yes and settled: the one ledger of how often we wrote first, and what they answered of how
-- life is going. The same on both databases.

-- +goose Up
-- One row for each time that we spoke first (G16). key is the message's.
CREATE TABLE contacts (
    key      TEXT PRIMARY KEY,
    practice TEXT NOT NULL,
    patient  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    at       BIGINT NOT NULL,
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);
CREATE INDEX contacts_patient ON contacts (patient, kind, at);

-- One row for each question of an instrument; a NULL code is a question that was skipped. Rows are only added.
CREATE TABLE measures (
    practice   TEXT NOT NULL,
    patient    TEXT NOT NULL,
    instrument TEXT NOT NULL,
    version    TEXT NOT NULL,
    round      TEXT NOT NULL,
    item       TEXT NOT NULL,
    place      SMALLINT NOT NULL,
    code       SMALLINT,
    at         BIGINT NOT NULL,
    PRIMARY KEY (patient, instrument, round, item),
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);

CREATE INDEX measures_round ON measures (round, at);
CREATE INDEX enrolments_live ON enrolments (chosen_at) WHERE state <> 'ended';
CREATE INDEX enrolments_ended ON enrolments (ended_at) WHERE state = 'ended';

-- +goose Down
DROP INDEX enrolments_ended;
DROP INDEX enrolments_live;
DROP TABLE measures;
DROP TABLE contacts;
