-- +goose Up
-- One text for SQLite and PostgreSQL: BYTEA, BIGINT and TEXT mean the same to
-- both. Times are nanoseconds since 1970 UTC; 0 is "not yet". doc/formats.md
-- says in prose what each table holds.

CREATE TABLE source (
    id         BYTEA  PRIMARY KEY,
    name       TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    brought_by TEXT   NOT NULL,
    authority  TEXT   NOT NULL,
    sealed_ns  BIGINT NOT NULL,
    purpose    TEXT   NOT NULL,
    options    TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    problem    TEXT   NOT NULL,
    result     TEXT   NOT NULL,
    read_ns    BIGINT NOT NULL
);

CREATE TABLE handin (
    source     BYTEA  NOT NULL,
    authority  TEXT   NOT NULL,
    brought_by TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    at_ns      BIGINT NOT NULL,
    PRIMARY KEY (source, authority, brought_by, name)
);

CREATE TABLE problem (
    source BYTEA  NOT NULL,
    seq    BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    place  TEXT   NOT NULL,
    words  TEXT   NOT NULL,
    reason TEXT   NOT NULL,
    PRIMARY KEY (source, seq)
);

CREATE TABLE thing (
    id  BYTEA PRIMARY KEY,
    doc TEXT  NOT NULL
);

CREATE TABLE thing_digest (
    digest BYTEA NOT NULL,
    thing  BYTEA NOT NULL,
    PRIMARY KEY (digest, thing)
);
CREATE INDEX thing_digest_thing ON thing_digest (thing);

CREATE TABLE sighting (
    id      BYTEA  PRIMARY KEY,
    source  BYTEA  NOT NULL,
    reader  TEXT   NOT NULL,
    version BIGINT NOT NULL,
    thing   BYTEA,
    at_ns   BIGINT,
    ip      BYTEA,
    port    BIGINT,
    doc     TEXT   NOT NULL
);
CREATE INDEX sighting_thing ON sighting (thing, at_ns);
CREATE INDEX sighting_ip ON sighting (ip, at_ns);
CREATE INDEX sighting_source ON sighting (source);

CREATE TABLE identifier (
    id    BYTEA PRIMARY KEY,
    words TEXT  NOT NULL
);

CREATE TABLE sighting_identifier (
    identifier BYTEA NOT NULL,
    sighting   BYTEA NOT NULL,
    PRIMARY KEY (identifier, sighting)
);
CREATE INDEX sighting_identifier_sighting ON sighting_identifier (sighting);

CREATE TABLE lease (
    id      BYTEA  PRIMARY KEY,
    source  BYTEA  NOT NULL,
    reader  TEXT   NOT NULL,
    version BIGINT NOT NULL,
    public  BYTEA,
    private BYTEA,
    from_ns BIGINT,
    to_ns   BIGINT,
    doc     TEXT   NOT NULL
);
CREATE INDEX lease_public ON lease (public, from_ns);
CREATE INDEX lease_private ON lease (private, from_ns);
CREATE INDEX lease_source ON lease (source);

CREATE TABLE lease_identifier (
    identifier BYTEA NOT NULL,
    lease      BYTEA NOT NULL,
    PRIMARY KEY (identifier, lease)
);
CREATE INDEX lease_identifier_lease ON lease_identifier (lease);

CREATE TABLE superseded (
    id            BYTEA  NOT NULL,
    version       BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    doc           TEXT   NOT NULL,
    superseded_ns BIGINT NOT NULL,
    source        BYTEA  NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE INDEX superseded_source ON superseded (source);

CREATE TABLE hash_set (
    id           BYTEA  PRIMARY KEY,
    name         TEXT   NOT NULL,
    from_whom    TEXT   NOT NULL,
    source       BYTEA  NOT NULL,
    state        TEXT   NOT NULL,
    imported_ns  BIGINT NOT NULL,
    entries      BIGINT NOT NULL,
    retracted_ns BIGINT NOT NULL,
    retracted_by TEXT   NOT NULL,
    reason       TEXT   NOT NULL
);
CREATE INDEX hash_set_source ON hash_set (source);

CREATE TABLE listing (
    id       BYTEA  PRIMARY KEY,
    source   BYTEA  NOT NULL,
    reader   TEXT   NOT NULL,
    version  BIGINT NOT NULL,
    thing    BYTEA  NOT NULL,
    scheme   TEXT   NOT NULL,
    category TEXT   NOT NULL,
    doc      TEXT   NOT NULL
);
CREATE INDEX listing_thing ON listing (thing);
CREATE INDEX listing_source ON listing (source);

CREATE TABLE data_set (
    id          BYTEA  PRIMARY KEY,
    kind        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    as_of_ns    BIGINT NOT NULL,
    imported_ns BIGINT NOT NULL,
    ranges      BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    doc         TEXT   NOT NULL
);

CREATE TABLE ip_range (
    data_set BYTEA  NOT NULL,
    first    BYTEA  NOT NULL,
    seq      BIGINT NOT NULL,
    last     BYTEA  NOT NULL,
    doc      TEXT   NOT NULL,
    PRIMARY KEY (data_set, first, seq)
);

CREATE TABLE lead (
    id        BYTEA PRIMARY KEY,
    sort_key  TEXT  NOT NULL,
    doc       TEXT  NOT NULL
);
CREATE INDEX lead_sort ON lead (sort_key);

CREATE TABLE lead_thing (
    thing BYTEA NOT NULL,
    lead  BYTEA NOT NULL,
    PRIMARY KEY (thing, lead)
);
CREATE INDEX lead_thing_lead ON lead_thing (lead);

-- Things whose leads have to be weighed again, because something was learned.
-- It has no key on purpose: who marks a thing adds a row of his own, so that he
-- waits for nobody, and who weighs takes off only rows whose cause he can see.
CREATE TABLE dirty (
    thing BYTEA NOT NULL
);
CREATE INDEX dirty_thing ON dirty (thing);

-- One row a stage that may run only once at a time, whatever machine it is on.
CREATE TABLE turn (
    stage TEXT   PRIMARY KEY,
    taken BIGINT NOT NULL
);
INSERT INTO turn (stage, taken) VALUES ('leads', 0);

-- +goose Down
SELECT 1;
