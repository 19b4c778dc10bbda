-- A suspension reaches the processes that were called.

-- +goose Up

-- suspended_by_caller: what holds the process is the suspension of the process that called it, and nothing else. The truth of it is
-- in the state of the root scope (engine/flow); this is what lists and pages show.
ALTER TABLE process ADD COLUMN suspended_by_caller boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE process DROP COLUMN suspended_by_caller;
