-- Tokens of workers that are for some pools only.

-- +goose Up
ALTER TABLE api_token ADD COLUMN pools text[] NOT NULL DEFAULT '{}'; -- empty: all

-- +goose Down
ALTER TABLE api_token DROP COLUMN pools;
