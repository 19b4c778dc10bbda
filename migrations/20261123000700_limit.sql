-- +goose Up

-- How many tasks of a node type may be with the workers at once, and how many may start in a time, for each value of an
-- expression over the task's input (the empty expression: for all together).
CREATE TABLE type_limit (
    node_type  text        NOT NULL PRIMARY KEY,
    key        text        NOT NULL DEFAULT '',
    most       integer     CHECK (most > 0),
    starts     integer     CHECK (starts > 0),
    per_ms     bigint      NOT NULL DEFAULT 1000 CHECK (per_ms > 0),
    reason     text        NOT NULL DEFAULT '',
    author     text        NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT type_limit_limits CHECK (most IS NOT NULL OR starts IS NOT NULL)
);

-- What is left of the starts of a time. Only the leading feeder writes it.
CREATE TABLE limit_bucket (
    node_type text             NOT NULL REFERENCES type_limit (node_type) ON DELETE CASCADE,
    limit_key text             COLLATE "C" NOT NULL,
    tokens    double precision NOT NULL,
    at        timestamptz      NOT NULL,
    PRIMARY KEY (node_type, limit_key)
);

-- +goose Down
DROP TABLE limit_bucket, type_limit;
