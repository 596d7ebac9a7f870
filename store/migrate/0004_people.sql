-- +goose Up
-- People, how they sign in, and the cases with a wall around them. What opens a
-- door (sessions, tokens, invitations, ceremonies, forms) is kept by its SHA-256
-- only: whoever reads this table cannot walk in.

CREATE TABLE person (
    id       BYTEA  PRIMARY KEY,
    login    TEXT   NOT NULL UNIQUE,
    role     TEXT   NOT NULL,
    ended_ns BIGINT NOT NULL,
    doc      TEXT   NOT NULL
);

CREATE TABLE credential (
    id      BYTEA  PRIMARY KEY,
    person  BYTEA  NOT NULL,
    kind    TEXT   NOT NULL,
    label   TEXT   NOT NULL,
    made_ns BIGINT NOT NULL,
    used_ns BIGINT NOT NULL,
    doc     TEXT   NOT NULL
);
CREATE INDEX credential_person ON credential (person);

-- Sessions, tokens and invitations: a key, whose it is, and until when.
CREATE TABLE pass (
    id       BYTEA  PRIMARY KEY,
    kind     TEXT   NOT NULL,
    person   BYTEA  NOT NULL,
    made_ns  BIGINT NOT NULL,
    seen_ns  BIGINT NOT NULL,
    until_ns BIGINT NOT NULL,
    ended_ns BIGINT NOT NULL,
    doc      TEXT   NOT NULL
);
CREATE INDEX pass_person ON pass (person, kind);

-- What may be used once: forms that were sent, and ceremonies under way.
CREATE TABLE once (
    id       BYTEA  PRIMARY KEY,
    until_ns BIGINT NOT NULL,
    doc      TEXT   NOT NULL
);
CREATE INDEX once_until ON once (until_ns);

CREATE TABLE docket (
    id     BYTEA  PRIMARY KEY,
    number TEXT   NOT NULL UNIQUE,
    doc    TEXT   NOT NULL
);

CREATE TABLE docket_member (
    docket BYTEA  NOT NULL,
    person BYTEA  NOT NULL,
    by_who TEXT   NOT NULL,
    at_ns  BIGINT NOT NULL,
    PRIMARY KEY (docket, person)
);
CREATE INDEX docket_member_person ON docket_member (person);

CREATE TABLE docket_source (
    source BYTEA  NOT NULL,
    docket BYTEA  NOT NULL,
    by_who TEXT   NOT NULL,
    at_ns  BIGINT NOT NULL,
    PRIMARY KEY (source, docket)
);
CREATE INDEX docket_source_docket ON docket_source (docket, at_ns);

-- Which hand-in of a source was made for which case: the same bytes may come for
-- two cases, and neither is told who brought them for the other.
CREATE TABLE docket_handin (
    source     BYTEA NOT NULL,
    docket     BYTEA NOT NULL,
    authority  TEXT  NOT NULL,
    brought_by TEXT  NOT NULL,
    name       TEXT  NOT NULL,
    PRIMARY KEY (source, docket, authority, brought_by, name)
);

CREATE TABLE opening (
    id        BYTEA  PRIMARY KEY,
    docket    BYTEA  NOT NULL,
    person    BYTEA  NOT NULL,
    emergency BIGINT NOT NULL,
    at_ns     BIGINT NOT NULL,
    until_ns  BIGINT NOT NULL,
    seen_ns   BIGINT NOT NULL,
    doc       TEXT   NOT NULL
);
CREATE INDEX opening_docket ON opening (docket, until_ns);
CREATE INDEX opening_emergency ON opening (emergency, at_ns);

-- +goose Down
SELECT 1;
