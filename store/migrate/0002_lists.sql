-- +goose Up
-- The entries of lists are kept in files that are made from the sealed originals
-- (package hashset/files); the record keeps only which lists there are. What is
-- not here yet is made from the originals when it is first asked for.
DROP TABLE listing;

DELETE FROM thing_digest WHERE NOT EXISTS (SELECT 1 FROM sighting s WHERE s.thing = thing_digest.thing);
DELETE FROM thing WHERE NOT EXISTS (SELECT 1 FROM sighting s WHERE s.thing = thing.id);

-- A list that came or went is held against everything that was ever seen, in the
-- order of the things' IDs: position is how far it has come.
CREATE TABLE list_run (
    hash_set BYTEA  NOT NULL,
    cause    TEXT   NOT NULL,
    position BYTEA  NOT NULL,
    done     BIGINT NOT NULL,
    total    BIGINT NOT NULL,
    touched  BIGINT NOT NULL,
    begun_ns BIGINT NOT NULL,
    ended_ns BIGINT NOT NULL,
    PRIMARY KEY (hash_set, cause)
);

-- A version that is the whole list anew takes the place of the earlier ones.
ALTER TABLE hash_set ADD COLUMN replaces BIGINT NOT NULL DEFAULT 0;

-- Digests that must not alert. One that was taken off may be put on again.
CREATE TABLE list_negative (
    digest       TEXT   NOT NULL,
    added_ns     BIGINT NOT NULL,
    by_whom      TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    ended_ns     BIGINT NOT NULL,
    ended_by     TEXT   NOT NULL,
    ended_reason TEXT   NOT NULL,
    PRIMARY KEY (digest, added_ns)
);

-- Values of entries that matched too much, with what people decided.
CREATE TABLE list_quarantine (
    value TEXT   PRIMARY KEY,
    state TEXT   NOT NULL,
    doc   TEXT   NOT NULL
);

-- +goose Down
SELECT 1;
