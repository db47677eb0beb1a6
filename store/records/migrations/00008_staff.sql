-- What practice staff need: a stop for one patient by somebody of the practice, leave with cover, one-time codes for
-- staff, and notes of what was done for a patient and why. The same on both databases.

-- +goose Up
-- A stop by the practice, beside the patient's own: who, when, and a word for why.
ALTER TABLE patients ADD COLUMN halted_at BIGINT;
ALTER TABLE patients ADD COLUMN halted_by TEXT NOT NULL DEFAULT '';
ALTER TABLE patients ADD COLUMN halt_reason TEXT NOT NULL DEFAULT '';

-- Days in ISO form, both included. One person is away once at a time: a new leave replaces what it overlaps.
CREATE TABLE leaves (
    practice TEXT NOT NULL,
    staff    TEXT NOT NULL,
    cover    TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day   TEXT NOT NULL,
    PRIMARY KEY (staff, from_day),
    FOREIGN KEY (practice, staff) REFERENCES staff (practice, id),
    FOREIGN KEY (practice, cover) REFERENCES staff (practice, id)
);
CREATE INDEX leaves_days ON leaves (practice, to_day);

CREATE TABLE staff_invites (
    hash         TEXT PRIMARY KEY,
    practice     TEXT NOT NULL,
    staff        TEXT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT,
    cancelled_at BIGINT,
    FOREIGN KEY (practice, staff) REFERENCES staff (practice, id)
);
CREATE INDEX staff_invites_staff ON staff_invites (staff);

CREATE TABLE case_notes (
    id       TEXT PRIMARY KEY,
    practice TEXT NOT NULL,
    referral TEXT NOT NULL,
    by_staff TEXT NOT NULL,
    kind     TEXT NOT NULL,
    words    BYTEA,
    at       BIGINT NOT NULL,
    FOREIGN KEY (practice, referral) REFERENCES referrals (practice, id)
);
CREATE INDEX case_notes_referral ON case_notes (practice, referral, at);

-- +goose Down
DROP TABLE case_notes;
DROP TABLE staff_invites;
DROP TABLE leaves;
ALTER TABLE patients DROP COLUMN halt_reason;
ALTER TABLE patients DROP COLUMN halted_by;
ALTER TABLE patients DROP COLUMN halted_at;
