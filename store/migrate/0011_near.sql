-- +goose Up
-- In which order the PDQ values came, so that an index in memory asks only for those
-- it does not have yet. NULL for every other kind of digest. A turn of -1 says that
-- what is there already has no order yet; opening the record gives it one.
ALTER TABLE thing_digest ADD COLUMN came BIGINT;
CREATE INDEX thing_digest_came ON thing_digest (came) WHERE came IS NOT NULL;
INSERT INTO turn (stage, taken) VALUES ('near', -1);

-- +goose Down
SELECT 1;
