-- An urgent task of a limited node type is found among any number of keys that wait.

-- +goose Up
CREATE INDEX backlog_limit_urgent ON backlog (node_type, limit_key) WHERE limit_key IS NOT NULL AND priority = 1 AND NOT held;

-- +goose Down
DROP INDEX backlog_limit_urgent;
