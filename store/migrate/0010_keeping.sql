-- +goose Up
-- What somebody proposed to have erased, for another person to do. doc goes when
-- it was done: what was erased then stands in the log.
CREATE TABLE erasure (
    id      TEXT   PRIMARY KEY,
    by_whom TEXT   NOT NULL,
    at_ns   BIGINT NOT NULL,
    doc     TEXT   NOT NULL
);

-- +goose Down
SELECT 1;
