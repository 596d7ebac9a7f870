-- +goose Up
-- Complaints, in short: the document itself is the sealed source. doc is that
-- document without the story; what became of the complaint stands in stages.
CREATE TABLE complaint (
    source      BYTEA  PRIMARY KEY,
    received_ns BIGINT NOT NULL,
    doc         TEXT   NOT NULL
);
CREATE INDEX complaint_received ON complaint (received_ns);

-- What became of a complaint. A row is never changed: a mistaken one is taken
-- back by a later row.
CREATE TABLE complaint_stage (
    complaint BYTEA  NOT NULL,
    seq       BIGINT NOT NULL,
    doc       TEXT   NOT NULL,
    PRIMARY KEY (complaint, seq)
);

-- What a person held of two complaints; undone_ns is 0 while it stands.
CREATE TABLE series_decision (
    a         BYTEA  NOT NULL,
    b         BYTEA  NOT NULL,
    at_ns     BIGINT NOT NULL,
    doc       TEXT   NOT NULL,
    undone_ns BIGINT NOT NULL,
    undone_by TEXT   NOT NULL,
    PRIMARY KEY (a, b, at_ns)
);

-- Who a victim is, encrypted to the unit's key.
CREATE TABLE victim (
    ref    TEXT   PRIMARY KEY,
    sealed BYTEA  NOT NULL,
    at_ns  BIGINT NOT NULL
);

-- Forms that were begun and not handed in, encrypted to the unit's key.
CREATE TABLE draft (
    id     TEXT   PRIMARY KEY,
    owner  TEXT   NOT NULL,
    at_ns  BIGINT NOT NULL,
    sealed BYTEA  NOT NULL
);
CREATE INDEX draft_owner ON draft (owner, at_ns);

-- +goose Down
SELECT 1;
