-- +goose Up
-- Machines that hand in by themselves, and the certificates that let them in. A
-- certificate that does not stand here lets nobody in, whoever signed it.

CREATE TABLE machine (
    id       BYTEA  PRIMARY KEY,
    name     TEXT   NOT NULL UNIQUE,
    for_what TEXT   NOT NULL,
    made_ns  BIGINT NOT NULL,
    made_by  TEXT   NOT NULL,
    until_ns BIGINT NOT NULL,
    ended_ns BIGINT NOT NULL
);

CREATE TABLE machine_certificate (
    fingerprint BYTEA  PRIMARY KEY,
    machine     BYTEA  NOT NULL,
    made_ns     BIGINT NOT NULL,
    until_ns    BIGINT NOT NULL,
    ended_ns    BIGINT NOT NULL
);
CREATE INDEX machine_certificate_machine ON machine_certificate (machine, made_ns);

-- +goose Down
SELECT 1;
