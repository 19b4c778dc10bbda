-- The rows of the hot path's statements, one type each: a batch travels as one array of them. An array for each column costs
-- PostgreSQL a set-returning function and a temporary store per column, which was a fifth of its work. A release that needs other
-- columns makes another type: servers of the release before go on with this one.

-- +goose Up

CREATE TYPE row_task AS (
    process_id uuid, id uuid, scope_id uuid, node_id text, run integer, node_type text, pool text, state text, epoch bigint,
    attempt integer, losses integer, input json, input_rev integer, ended_at timestamptz, error json
);

CREATE TYPE row_task_change AS (
    process_id uuid, id uuid, was_state text, was_epoch bigint, state text, epoch bigint, attempt integer, losses integer,
    ended_at timestamptz, error json, input json, input_rev integer, first_started_at timestamptz, started_at timestamptz,
    worker text, queued_ms bigint, run_us bigint, progress smallint, progress_text text, due_at timestamptz
);

CREATE TYPE row_event AS (process_id uuid, seq bigint, body json);

CREATE TYPE row_output AS (process_id uuid, scope_id uuid, node_id text, seq bigint, part integer, run integer, body json);

CREATE TYPE row_dispatch AS (
    process_id uuid, task_id uuid, epoch bigint, pool text, node_type text, lane text, attempt_ms bigint, heartbeat_ms bigint
);

CREATE TYPE row_scope_change AS (at tid, id uuid, seq bigint, ended boolean, state json);

-- +goose Down
DROP TYPE row_scope_change, row_dispatch, row_output, row_event, row_task_change, row_task;
