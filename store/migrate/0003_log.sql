-- +goose Up
-- What was done, committed to by leaves of the custody log. The row is written
-- with the data; place is where its leaf stands in the log, NULL until it has
-- one. Erasing empties subject, by_whom, record and salt; the leaf stays.
CREATE TABLE log_entry (
    id      BYTEA  PRIMARY KEY,
    kind    TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    by_whom TEXT   NOT NULL,
    at_ns   BIGINT NOT NULL,
    record  TEXT   NOT NULL,
    salt    BYTEA  NOT NULL,
    leaf    BYTEA  NOT NULL,
    place   BIGINT
);
CREATE UNIQUE INDEX log_entry_place ON log_entry (place);
CREATE INDEX log_entry_subject ON log_entry (subject, at_ns);
CREATE INDEX log_entry_kind ON log_entry (kind, at_ns);

-- Signed checkpoints of the log, with the token of a time-stamping authority
-- where one gave it. Before is the size of the one before, so that none can go
-- missing from between.
CREATE TABLE log_checkpoint (
    size   BIGINT PRIMARY KEY,
    before BIGINT NOT NULL,
    note   TEXT   NOT NULL,
    at_ns  BIGINT NOT NULL,
    token  BYTEA  NOT NULL
);

INSERT INTO turn (stage, taken) VALUES ('log', 0);

-- +goose Down
SELECT 1;
