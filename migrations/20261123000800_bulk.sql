-- +goose Up

-- One operation on many processes (server/bulk).
CREATE TABLE bulk_job (
    id          uuid        NOT NULL PRIMARY KEY,
    operation   text        NOT NULL CHECK (operation IN ('retry', 'skip', 'cancel', 'suspend', 'resume', 'restart', 'delete', 'set_priority')),
    filter      json,       -- NULL: the processes were named one by one
    options     json        NOT NULL DEFAULT '{}',
    reason      text        NOT NULL DEFAULT '',
    state       text        NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'aborting', 'aborted', 'finished')),
    total       bigint      NOT NULL DEFAULT 0, -- items
    plan        json        NOT NULL DEFAULT '[]', -- the dry run: items by state and code
    created_by  text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    run_by      text        NOT NULL DEFAULT '',
    started_at  timestamptz,
    aborted_by  text        NOT NULL DEFAULT '',
    ended_at    timestamptz,
    -- One server at a time runs the job: whoever has the lease, under a fence that grows with each takeover.
    owner       text        NOT NULL DEFAULT '',
    fence       bigint      NOT NULL DEFAULT 0,
    expires_at  timestamptz NOT NULL DEFAULT '-infinity',
    -- When the present owner took it, and how many items had been decided by then: its rate.
    taken_at    timestamptz,
    taken_with  bigint      NOT NULL DEFAULT 0,
    CONSTRAINT bulk_job_end_has_time CHECK ((state IN ('aborted', 'finished')) = (ended_at IS NOT NULL)),
    -- what changes processes was started by somebody, who said why.
    CONSTRAINT bulk_job_run_has_reason CHECK (state = 'draft' OR (reason <> '' AND run_by <> '' AND started_at IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX bulk_job_active ON bulk_job (started_at) WHERE state IN ('running', 'aborting');

-- The snapshot: what the job touches, and nothing else. A taken item is in the hands of the job's owner; the commit that
-- applies the operation marks it done, so that a takeover knows.
CREATE TABLE bulk_item (
    job_id     uuid        NOT NULL,
    seq        bigint      NOT NULL,
    process_id uuid        NOT NULL,
    task_id    uuid,       -- of retry and skip
    custom_id  text        NOT NULL DEFAULT '',
    node_id    text        NOT NULL DEFAULT '',
    state      text        NOT NULL CHECK (state IN ('pending', 'taken', 'done', 'refused', 'failed')),
    code       text        NOT NULL DEFAULT '',
    message    text        NOT NULL DEFAULT '',
    result_id  uuid,       -- the process that a restart made
    ended_at   timestamptz,
    PRIMARY KEY (job_id, seq),
    CONSTRAINT bulk_item_refusal_has_code CHECK (state NOT IN ('refused', 'failed') OR code <> '')
) WITH (fillfactor = 85);
CREATE INDEX bulk_item_state ON bulk_item (job_id, state, seq);

-- How many items were decided how; counted again from the items whenever a server takes the job over, and at its end.
CREATE TABLE bulk_tally (
    job_id uuid   NOT NULL,
    state  text   NOT NULL CHECK (state IN ('done', 'refused', 'failed')),
    code   text   NOT NULL,
    n      bigint NOT NULL,
    PRIMARY KEY (job_id, state, code)
) WITH (fillfactor = 50);

-- +goose Down
DROP TABLE bulk_tally;
DROP TABLE bulk_item;
DROP TABLE bulk_job;
