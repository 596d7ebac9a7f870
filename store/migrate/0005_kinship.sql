-- +goose Up
-- What a person said of two contents: that they are of one family, or are not. Rows only
-- come, and may be undone once.
CREATE TABLE kinship (
    id    BYTEA  PRIMARY KEY,
    at_ns BIGINT NOT NULL,
    doc   TEXT   NOT NULL
);
CREATE TABLE kinship_digest (
    digest  BYTEA NOT NULL,
    kinship BYTEA NOT NULL,
    PRIMARY KEY (digest, kinship)
);

-- +goose Down
SELECT 1;
