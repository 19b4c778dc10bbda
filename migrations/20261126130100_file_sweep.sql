-- When a content was last brought or asked for, and since when it is to go: files/sweep.go removes what no process has.

-- +goose Up
ALTER TABLE file
    ADD COLUMN used_at   timestamptz NOT NULL DEFAULT now(), -- contents from before get a whole time of grace
    ADD COLUMN doomed_at timestamptz;
CREATE INDEX file_doomed ON file (doomed_at) WHERE doomed_at IS NOT NULL;

-- +goose Down
DROP INDEX file_doomed;
ALTER TABLE file DROP COLUMN doomed_at, DROP COLUMN used_at;
