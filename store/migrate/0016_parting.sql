-- +goose Up
-- What a person said of two identifiers that records state together: that they are not
-- one someone. Rows only come, and may be taken back once.
CREATE TABLE parting (
    id    BYTEA  PRIMARY KEY,
    at_ns BIGINT NOT NULL,
    doc   TEXT   NOT NULL
);

-- +goose Down
SELECT 1;
