-- Tests of drafts that no process names any more are forgotten, and their numbers are not given again: servers know graphs by them.

-- +goose Up
ALTER TABLE definition ADD COLUMN tests integer NOT NULL DEFAULT 0; -- numbers given to tests
UPDATE definition AS d SET tests = -t.lowest FROM (SELECT definition_id, min(number) AS lowest FROM definition_test GROUP BY 1) AS t WHERE t.definition_id = d.id;
CREATE INDEX process_test ON process (definition_key, version) WHERE test;

-- +goose Down
DROP INDEX process_test;
ALTER TABLE definition DROP COLUMN tests;
