-- Groups of people: user tasks are offered to them.

-- +goose Up

ALTER TABLE account ADD COLUMN groups text[] NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE account DROP COLUMN groups;
