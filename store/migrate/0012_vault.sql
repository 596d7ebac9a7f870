-- +goose Up
-- Content that law requires to be held. Its bytes lie encrypted in the vault's
-- own store under the SHA-256 of what is stored; wrapped is the item's own key,
-- encrypted to the unit's key. Dropping an item empties wrapped for good, and says
-- when, by whom and why; the row stays.
CREATE TABLE vault_item (
    id            BYTEA  PRIMARY KEY,
    docket        BYTEA  NOT NULL,
    name          TEXT   NOT NULL,
    media_type    TEXT   NOT NULL,
    size          BIGINT NOT NULL,
    sha256        BYTEA  NOT NULL,
    sealed_size   BIGINT NOT NULL,
    sealed_sha256 BYTEA  NOT NULL UNIQUE,
    wrapped       BYTEA  NOT NULL,
    at_ns         BIGINT NOT NULL,
    by_whom       TEXT   NOT NULL,
    ground        TEXT   NOT NULL,
    dropped_ns    BIGINT NOT NULL,
    dropped_by    TEXT   NOT NULL,
    dropped_why   TEXT   NOT NULL
);
CREATE INDEX vault_item_docket ON vault_item (docket, at_ns);

-- The public half of the unit's key, since something was first put into the vault.
-- No row: any key will do. Whoever encrypts to another than this is refused.
CREATE TABLE unit_key (
    public  TEXT   PRIMARY KEY,
    kind    TEXT   NOT NULL,
    at_ns   BIGINT NOT NULL,
    by_whom TEXT   NOT NULL
);

-- +goose Down
SELECT 1;
