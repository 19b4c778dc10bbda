-- +goose Up

-- What the last pass of the retention did; whichever server made it.
CREATE TABLE retention_run (
    only_one   boolean     NOT NULL PRIMARY KEY DEFAULT true CHECK (only_one),
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL,
    processes  bigint      NOT NULL,
    days       bigint      NOT NULL, -- dropped as a whole
    error      text        NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE retention_run;
