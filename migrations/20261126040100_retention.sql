-- How long ended processes are kept.

-- +goose Up

-- Days for which the ended processes of a definition are kept; without a row the installation's default holds (engine/retention.go).
CREATE TABLE retention (
    definition_key text        COLLATE "C" NOT NULL PRIMARY KEY,
    days           integer     NOT NULL CHECK (days BETWEEN 1 AND 36500), -- never 0: nothing vanishes at once
    reason         text        NOT NULL,
    author         text        NOT NULL,
    changed_at     timestamptz NOT NULL DEFAULT now()
);

-- A key goes with its process.
CREATE INDEX idempotency_key_process ON idempotency_key (process_id);

-- +goose Down
DROP INDEX idempotency_key_process;
DROP TABLE retention;
