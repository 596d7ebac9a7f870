-- +goose Up
-- Media mode of a case: who turned it on, why, until when. ended_ns is 0 unless it
-- was ended before its time; seen_ns unless another supervisor took notice of it.
CREATE TABLE media_mode (
    id       BYTEA  PRIMARY KEY,
    docket   BYTEA  NOT NULL,
    person   BYTEA  NOT NULL,
    from_ns  BIGINT NOT NULL,
    until_ns BIGINT NOT NULL,
    ended_ns BIGINT NOT NULL,
    seen_ns  BIGINT NOT NULL,
    doc      TEXT   NOT NULL
);
CREATE INDEX media_mode_docket ON media_mode (docket, from_ns);

-- Every look at a picture. ended_ns is 0 while it may still be on a screen: a person
-- has at most one such row, whatever tabs and sessions there are.
CREATE TABLE media_look (
    id       BYTEA  PRIMARY KEY,
    person   BYTEA  NOT NULL,
    docket   BYTEA  NOT NULL,
    at_ns    BIGINT NOT NULL,
    until_ns BIGINT NOT NULL,
    ended_ns BIGINT NOT NULL,
    doc      TEXT   NOT NULL
);
CREATE INDEX media_look_person ON media_look (person, until_ns);
CREATE INDEX media_look_until ON media_look (until_ns);
CREATE UNIQUE INDEX media_look_one ON media_look (person) WHERE ended_ns = 0;

-- For how long somebody may look in a day; person is sixteen zero bytes for the
-- unit. A row is never changed: the last one that holds counts.
CREATE TABLE media_limit (
    id      BYTEA  PRIMARY KEY,
    person  BYTEA  NOT NULL,
    at_ns   BIGINT NOT NULL,
    from_ns BIGINT NOT NULL,
    doc     TEXT   NOT NULL
);
CREATE INDEX media_limit_person ON media_limit (person, at_ns);

-- +goose Down
SELECT 1;
