-- Searches by dates: processes lie in the order of their creation, so a summary of blocks finds those of a day at next to no cost.

-- +goose Up
CREATE INDEX process_created ON process USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on);

-- +goose Down
DROP INDEX process_created;
