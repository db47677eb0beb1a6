-- The patient's say: how they like to read, what they say is wrong in their record, and whom they trust to be told. The
-- same on both databases. A trusted person's name and chat address are in identities, like everybody's.

-- +goose Up
ALTER TABLE patients ADD COLUMN short SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE patients ADD COLUMN erased_at BIGINT;

-- What a patient says a field should be, until a person has changed it or not. value is sealed, and goes once it is settled.
CREATE TABLE corrections (
    id         TEXT PRIMARY KEY,
    practice   TEXT NOT NULL,
    patient    TEXT NOT NULL,
    field      TEXT NOT NULL,
    value      BYTEA,
    asked_at   BIGINT NOT NULL,
    settled_at BIGINT,
    settled_by TEXT NOT NULL,
    taken      SMALLINT NOT NULL,
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);
CREATE INDEX corrections_patient ON corrections (practice, patient);

-- hash is of the one-time code, '' once it was used.
CREATE TABLE trusted (
    id         TEXT PRIMARY KEY,
    practice   TEXT NOT NULL,
    patient    TEXT NOT NULL,
    state      TEXT NOT NULL,
    hash       TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    added_at   BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    FOREIGN KEY (practice, patient) REFERENCES patients (practice, id)
);
CREATE INDEX trusted_patient ON trusted (practice, patient);
CREATE UNIQUE INDEX trusted_code ON trusted (practice, hash) WHERE hash <> '';

-- +goose Down
DROP TABLE trusted;
DROP TABLE corrections;
ALTER TABLE patients DROP COLUMN erased_at;
ALTER TABLE patients DROP COLUMN short;
