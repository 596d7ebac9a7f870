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

-- +goose Down
SELECT 1;
