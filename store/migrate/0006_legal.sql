-- +goose Up
-- The legal loop: packs that the unit added, its reviews, requests with their
-- history, rows of answers that differ from what was asked, corrections.

CREATE TABLE pack (
    sha256   BYTEA  PRIMARY KEY,
    id       TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    added_by TEXT   NOT NULL,
    added_ns BIGINT NOT NULL
);

CREATE TABLE pack_review (
    pack        TEXT   NOT NULL,
    sha256      BYTEA  NOT NULL,
    reviewed_by TEXT   NOT NULL,
    at_ns       BIGINT NOT NULL,
    note        TEXT   NOT NULL,
    PRIMARY KEY (pack, at_ns, sha256)
);

-- Steps counts what was done with a request: who writes a step says after which,
-- so that two people cannot take one step each and lose one.
CREATE TABLE request (
    id     BYTEA  PRIMARY KEY,
    lead   BYTEA  NOT NULL,
    record BYTEA  NOT NULL,
    state  TEXT   NOT NULL,
    at_ns  BIGINT NOT NULL,
    steps  BIGINT NOT NULL,
    doc    TEXT   NOT NULL
);
CREATE INDEX request_lead ON request (lead);
CREATE INDEX request_record ON request (record);

-- The gate never uses a row that stands here.
CREATE TABLE quarantine (
    lease   BYTEA NOT NULL,
    request BYTEA NOT NULL,
    PRIMARY KEY (lease, request)
);

CREATE TABLE correction (
    id      BYTEA  PRIMARY KEY,
    subject TEXT   NOT NULL,
    at_ns   BIGINT NOT NULL,
    doc     TEXT   NOT NULL
);
CREATE INDEX correction_subject ON correction (subject);

-- +goose Down
SELECT 1;
