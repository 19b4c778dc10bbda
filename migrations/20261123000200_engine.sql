-- Tables of the engine. Rules that hold for all of them:
--  * process is the slim search row: it changes at start, hold, release and end, never per task.
--  * what belongs to one process is range-partitioned by process_id; a UUIDv7 begins with its time, so a partition is a day.
--  * no index and no index predicate names a column that transitions update (it would cost the HOT update).
--  * documents are json, not jsonb: they are written once and read whole, and building a jsonb cost 30 µs a row against 10.
--  * hot tables have no foreign keys; the commit that locks the root scope's row is what keeps them together.

-- +goose Up

CREATE TABLE process (
    id             uuid        NOT NULL PRIMARY KEY,
    custom_id      text        NOT NULL DEFAULT '',
    definition_key text        NOT NULL,
    version        integer     NOT NULL CHECK (version > 0),
    state          text        NOT NULL CHECK (state IN ('scheduled', 'running', 'cancelling', 'completed', 'failed', 'cancelled')),
    suspended_at   timestamptz,
    suspended_by   text        NOT NULL DEFAULT '',
    suspend_reason text        NOT NULL DEFAULT '',
    open_incidents integer     NOT NULL DEFAULT 0 CHECK (open_incidents >= 0),
    priority       smallint    NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
    created_by     text        NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL,
    scheduled_at   timestamptz,
    started_at     timestamptz,
    ended_at       timestamptz,
    error_code     text,
    error_message  text,
    restarted_from uuid,
    test           boolean     NOT NULL DEFAULT false,
    -- engine/pgstore writes the end and its time in one statement; search and retention rely on it.
    CONSTRAINT process_end_has_time CHECK ((state IN ('completed', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CONSTRAINT process_scheduled_has_due CHECK (state <> 'scheduled' OR (scheduled_at IS NOT NULL AND started_at IS NULL)),
    CONSTRAINT process_failed_has_code CHECK (state <> 'failed' OR error_code IS NOT NULL),
    -- an ended process is held by nothing: flow closes incidents when it ends one.
    CONSTRAINT process_ended_not_held CHECK (ended_at IS NULL OR (suspended_at IS NULL AND open_incidents = 0))
) WITH (fillfactor = 85);
CREATE INDEX process_custom_id ON process (custom_id text_pattern_ops, id);
CREATE INDEX process_definition ON process (definition_key, id);
CREATE INDEX process_error_code ON process (error_code, id) WHERE error_code IS NOT NULL;
CREATE INDEX process_restarted_from ON process (restarted_from) WHERE restarted_from IS NOT NULL;

CREATE TABLE search_key (
    definition_key text NOT NULL,
    name           text NOT NULL,
    value          text NOT NULL,
    process_id     uuid NOT NULL,
    PRIMARY KEY (process_id, name)
);
CREATE INDEX search_key_value ON search_key (name, value text_pattern_ops, process_id);

CREATE TABLE idempotency_key (
    definition_key text        NOT NULL,
    key            text        NOT NULL,
    process_id     uuid        NOT NULL,
    body_hash      bytea       NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (definition_key, key)
);

-- One row per process that has not ended: what is live is found without an index on state.
CREATE TABLE process_live (
    process_id uuid NOT NULL PRIMARY KEY
);

CREATE TABLE process_data (
    process_id uuid  NOT NULL PRIMARY KEY,
    input      json NOT NULL,
    output     json
) PARTITION BY RANGE (process_id);

-- The root scope's id is the process id; its row is the process's lock and holds the head of its history.
CREATE TABLE scope (
    process_id uuid        NOT NULL,
    id         uuid        NOT NULL,
    parent_id  uuid,
    kind       text        NOT NULL CHECK (kind <> ''),
    node_id    text        NOT NULL DEFAULT '',
    seq        bigint      NOT NULL DEFAULT 0,
    ended      boolean     NOT NULL DEFAULT false,
    state      json        NOT NULL DEFAULT '{}',
    PRIMARY KEY (process_id, id),
    CONSTRAINT scope_root_is_process CHECK ((id = process_id) = (kind = 'root')),
    CONSTRAINT scope_root_has_no_parent CHECK ((kind = 'root') = (parent_id IS NULL))
) PARTITION BY RANGE (process_id);

-- The row carries its last attempt too (worker, times): a task that ends at its first try without a log needs no other row.
-- state is ready until its end for a task that went through the backlog unreported: a dispatch row says that it is queued.
CREATE TABLE task (
    process_id       uuid        NOT NULL,
    id               uuid        NOT NULL,
    scope_id         uuid        NOT NULL,
    node_id          text        NOT NULL,
    run              integer     NOT NULL CHECK (run > 0),
    node_type        text        NOT NULL DEFAULT '',
    pool             text        NOT NULL DEFAULT '',
    state            text        NOT NULL CHECK (state IN ('waiting', 'ready', 'queued', 'running', 'retrying', 'incident', 'completed', 'failed', 'skipped', 'cancelled')),
    epoch            bigint      NOT NULL,
    attempt          integer     NOT NULL,
    losses           integer     NOT NULL DEFAULT 0,
    input            json,
    input_rev        integer     NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL,
    ready_at         timestamptz,
    first_started_at timestamptz,
    started_at       timestamptz,
    ended_at         timestamptz,
    due_at           timestamptz,
    worker           text        NOT NULL DEFAULT '',
    queued_ms        bigint,
    run_us           bigint,
    progress         smallint    CHECK (progress BETWEEN 0 AND 100),
    progress_text    text,
    error            json,
    PRIMARY KEY (process_id, id),
    CONSTRAINT task_end_has_time CHECK ((state IN ('completed', 'failed', 'skipped', 'cancelled')) = (ended_at IS NOT NULL)),
    -- the details of an incident are shown from here.
    CONSTRAINT task_incident_has_error CHECK (state <> 'incident' OR error IS NOT NULL)
) PARTITION BY RANGE (process_id);

CREATE TABLE attempt (
    process_id uuid        NOT NULL,
    task_id    uuid        NOT NULL,
    epoch      bigint      NOT NULL,
    attempt    integer     NOT NULL,
    worker     text        NOT NULL DEFAULT '',
    outcome    text        CHECK (outcome IN ('completed', 'failed', 'timeout', 'lost', 'handed_back', 'cancelled', 'withdrawn')),
    queued_at  timestamptz,
    started_at timestamptz,
    ended_at   timestamptz,
    run_us     bigint,
    error      json,
    log        text        NOT NULL DEFAULT '',
    input      json,
    PRIMARY KEY (process_id, task_id, epoch),
    CONSTRAINT attempt_end_has_time CHECK ((outcome IS NULL) = (ended_at IS NULL))
) PARTITION BY RANGE (process_id);

CREATE TABLE event (
    process_id uuid        NOT NULL,
    seq        bigint      NOT NULL CHECK (seq > 0),
    at         timestamptz NOT NULL,
    body       json        NOT NULL,
    PRIMARY KEY (process_id, seq)
) PARTITION BY RANGE (process_id);

CREATE TABLE output (
    process_id uuid    NOT NULL,
    scope_id   uuid    NOT NULL,
    node_id    text    COLLATE "C" NOT NULL, -- compared in the key of a hot table
    seq        bigint  NOT NULL,                  -- of the process's history, then the place within that commit: the last of a node counts
    part       integer NOT NULL,
    run        integer NOT NULL,
    body       json    NOT NULL,
    PRIMARY KEY (process_id, scope_id, node_id, seq, part)
) PARTITION BY RANGE (process_id);

-- What waits in PostgreSQL for room in a pool's window. held follows the process's hold, so that the feeder's scan skips
-- held rows in the index.
CREATE TABLE backlog (
    process_id     uuid        NOT NULL,
    task_id        uuid        NOT NULL,
    epoch          bigint      NOT NULL,
    pool           text        COLLATE "C" NOT NULL,
    node_type      text        NOT NULL,
    definition_key text        COLLATE "C" NOT NULL,
    priority       smallint    NOT NULL,
    attempt_ms     bigint      NOT NULL DEFAULT 0,
    heartbeat_ms   bigint      NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    held           boolean     NOT NULL DEFAULT false,
    limit_key      text        COLLATE "C", -- of tasks of a limited node type; null: not known yet
    PRIMARY KEY (process_id, task_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
-- Age is the age of the process: what began first ends first.
CREATE INDEX backlog_feed ON backlog (pool, held, priority, definition_key, process_id) WHERE limit_key IS NULL;
CREATE INDEX backlog_limit ON backlog (node_type, limit_key, held, priority, process_id) WHERE limit_key IS NOT NULL;

-- One row per message in the Redis window; the sweep compares it with Redis and with what the workers hold.
CREATE TABLE dispatch (
    process_id   uuid        NOT NULL,
    task_id      uuid        NOT NULL,
    epoch        bigint      NOT NULL,
    pool         text        COLLATE "C" NOT NULL,
    node_type    text        NOT NULL,
    lane         text        NOT NULL CHECK (lane IN ('normal', 'urgent')),
    attempt_ms   bigint      NOT NULL DEFAULT 0,
    heartbeat_ms bigint      NOT NULL DEFAULT 0,
    published_at timestamptz NOT NULL,
    started_at   timestamptz,
    limit_key    text        COLLATE "C",
    PRIMARY KEY (process_id, task_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- A timer is stale when its task's epoch has moved on (except total); the committer drops it then.
CREATE TABLE timer (
    process_id uuid        NOT NULL,
    task_id    uuid        NOT NULL, -- the process id for the start timer
    kind       text        NOT NULL,
    epoch      bigint      NOT NULL,
    shard      smallint    NOT NULL CHECK (shard BETWEEN 0 AND 15),
    due_at     timestamptz NOT NULL,
    PRIMARY KEY (process_id, task_id, kind, epoch)
);
CREATE INDEX timer_due ON timer (due_at);

CREATE TABLE incident (
    process_id     uuid        NOT NULL,
    task_id        uuid        NOT NULL,
    definition_key text        NOT NULL,
    version        integer     NOT NULL,
    node_id        text        NOT NULL,
    code           text        NOT NULL,
    message        text        NOT NULL,
    opened_at      timestamptz NOT NULL,
    PRIMARY KEY (process_id, task_id)
);
CREATE INDEX incident_definition ON incident (definition_key, code);

-- What one process says to another, or to itself later; written in the sender's commit, an event of the receiver.
CREATE TABLE inbox (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shard      smallint    NOT NULL CHECK (shard BETWEEN 0 AND 15),
    process_id uuid        NOT NULL,
    kind       text        NOT NULL,
    body       jsonb       NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_shard ON inbox (shard, id);

-- Who waits for a message (name and correlation key).
CREATE TABLE subscription (
    process_id  uuid        NOT NULL,
    task_id     uuid        NOT NULL,
    name        text        NOT NULL,
    correlation text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (process_id, task_id)
);
CREATE INDEX subscription_message ON subscription (name, correlation);

CREATE TABLE shard_lease (
    shard      smallint    NOT NULL PRIMARY KEY CHECK (shard BETWEEN 0 AND 15),
    owner      text        NOT NULL DEFAULT '',
    fence      bigint      NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
INSERT INTO shard_lease (shard) SELECT generate_series(0, 15);

CREATE TABLE leader_lease (
    name       text        NOT NULL PRIMARY KEY,
    owner      text        NOT NULL DEFAULT '',
    fence      bigint      NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- Engines that are alive: the share of a window and of the shards that each may take.
CREATE TABLE engine_member (
    id         text        NOT NULL PRIMARY KEY,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE counter_delta (
    id             bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text    NOT NULL,
    definition_key text    NOT NULL,
    version        integer NOT NULL,
    n              bigint  NOT NULL
);

CREATE TABLE counter (
    name           text    NOT NULL,
    definition_key text    NOT NULL,
    version        integer NOT NULL,
    n              bigint  NOT NULL,
    PRIMARY KEY (name, definition_key, version)
) WITH (fillfactor = 50);

-- Reports and events that could not be committed alone, kept for people.
CREATE TABLE dead_result (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process_id uuid,
    task_id    uuid,
    body       text        NOT NULL,
    error      text        NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

-- What starts nothing for now: a node type, a pool, a definition.
CREATE TABLE pause (
    kind   text        NOT NULL CHECK (kind IN ('type', 'pool', 'definition')),
    name   text        NOT NULL,
    reason text        NOT NULL DEFAULT '',
    author text        NOT NULL DEFAULT '',
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, name)
);

-- When a pool last had a live worker: "no worker since" outlives a restart.
CREATE TABLE pool_seen (
    pool    text        NOT NULL PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- +goose StatementBegin
-- day_floor is the least UUIDv7 of a day (UTC).
CREATE FUNCTION day_floor(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- ensure_partitions makes the missing day partitions. It creates a table of its own and attaches it, which does not
-- stop the traffic on the others; two servers are kept apart by an advisory lock.
CREATE FUNCTION ensure_partitions(first date, last date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    fill   integer;
    day    date;
    part   text;
    made   integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('taskurotta.partitions'));
    FOR parent, fill IN VALUES ('process_data', 90), ('scope', 70), ('task', 80), ('attempt', 85), ('event', 100), ('output', 100) LOOP
        day := first;
        WHILE day <= last LOOP
            part := parent || '_' || to_char(day, 'YYYYMMDD');
            IF to_regclass(quote_ident(part)) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) WITH (fillfactor = %s, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)', part, parent, fill);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, day_floor(day), day_floor(day + 1));
                made := made + 1;
            END IF;
            day := day + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- expect_rows aborts a commit whose guarded update did not find every row as the engine remembers it (engine/pgstore maps
-- the code): the check must run before the COMMIT that travels in the same round trip.
CREATE FUNCTION expect_rows(got bigint, want bigint, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF got <> want THEN
        RAISE EXCEPTION 'changed % of % rows of %', got, want, what USING ERRCODE = 'TK001';
    END IF;
END
$$;
-- +goose StatementEnd

SELECT ensure_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 3);

-- +goose Down
DROP FUNCTION expect_rows(bigint, bigint, text);
DROP FUNCTION ensure_partitions(date, date);
DROP FUNCTION day_floor(date);
DROP TABLE pool_seen, pause, dead_result, counter, counter_delta, engine_member, leader_lease, shard_lease, subscription, inbox,
    incident, timer, dispatch, backlog, output, event, attempt, task, scope, process_data, process_live, idempotency_key,
    search_key, process;
