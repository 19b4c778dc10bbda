-- Schedules: what starts processes by the clock, PostgreSQL's clock (server/schedule).

-- +goose Up

-- The start events of each definition's latest version that nobody sets off by hand; designer/pgstore writes them in the very
-- transaction that moves latest.
CREATE TABLE definition_start (
    definition_key text COLLATE "C" NOT NULL,
    node_id        text COLLATE "C" NOT NULL,
    version        integer     NOT NULL CHECK (version > 0),
    kind           text        NOT NULL CHECK (kind IN ('schedule', 'message', 'webhook')),
    title          text        NOT NULL DEFAULT '',
    message        text COLLATE "C" NOT NULL DEFAULT '',
    start          json        NOT NULL, -- the start event
    changed_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (definition_key, node_id),
    CONSTRAINT definition_start_message_has_name CHECK ((kind = 'message') = (message <> ''))
);

CREATE TABLE schedule (
    id              uuid        NOT NULL PRIMARY KEY,
    name            text        NOT NULL CHECK (name <> ''),
    definition_key  text        COLLATE "C" NOT NULL,
    version         integer     NOT NULL DEFAULT 0 CHECK (version >= 0), -- 0: the latest when it fires
    node_id         text        COLLATE "C" NOT NULL DEFAULT '',         -- the start event that it belongs to; empty: people made it
    cron            text        NOT NULL,
    zone            text        NOT NULL DEFAULT '',
    origin          text        NOT NULL DEFAULT '',                     -- of a start event: what it said when the schedule was made or changed
    input           json        NOT NULL DEFAULT '{}',
    custom_id       text        NOT NULL DEFAULT '',
    priority        smallint    NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
    misfire         text        NOT NULL DEFAULT 'run_once' CHECK (misfire IN ('skip', 'run_once', 'catch_up')),
    catch_up_most   integer     NOT NULL DEFAULT 10 CHECK (catch_up_most BETWEEN 1 AND 1000),
    late_after_s    integer     NOT NULL DEFAULT 60 CHECK (late_after_s BETWEEN 1 AND 86400), -- a fire this late counts as missed
    overlap         text        NOT NULL DEFAULT 'allow' CHECK (overlap IN ('allow', 'skip', 'queue', 'cancel_old')),
    max_running     integer     NOT NULL DEFAULT 1 CHECK (max_running BETWEEN 1 AND 1000),    -- of every overlap but allow
    max_errors      integer     NOT NULL DEFAULT 0 CHECK (max_errors BETWEEN 0 AND 1000),     -- in a row; 0: no limit
    state           text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'stopped', 'retired')),
    state_at        timestamptz NOT NULL,
    state_by        text        NOT NULL DEFAULT '',
    state_reason    text        NOT NULL DEFAULT '',
    errors_from     timestamptz NOT NULL, -- failures before it are forgiven
    next_at         timestamptz,
    revision        bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    created_by      text        NOT NULL DEFAULT '',
    updated_at      timestamptz NOT NULL,
    updated_by      text        NOT NULL DEFAULT '',
    -- only what is active fires; a rule that never comes again leaves next_at empty.
    CONSTRAINT schedule_rests CHECK (state = 'active' OR next_at IS NULL)
) WITH (fillfactor = 70);
CREATE INDEX schedule_due ON schedule (next_at) WHERE next_at IS NOT NULL;
-- the start events of the latest version have one schedule each, whatever happens to them.
CREATE UNIQUE INDEX schedule_of_start ON schedule (definition_key, node_id) WHERE node_id <> '';
CREATE INDEX schedule_definition ON schedule (definition_key, id);

-- Every time that a schedule came, and what became of it. The key makes a fire happen once, however many servers see it come.
CREATE TABLE schedule_fire (
    schedule_id uuid        NOT NULL REFERENCES schedule (id) ON DELETE CASCADE,
    due_at      timestamptz NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('cron', 'manual')),
    state       text        NOT NULL CHECK (state IN ('due', 'waiting', 'running', 'completed', 'failed', 'cancelled', 'skipped', 'refused')),
    reason      text        NOT NULL DEFAULT '', -- of skipped and refused: a code
    message     text        NOT NULL DEFAULT '',
    caught_up   boolean     NOT NULL DEFAULT false, -- it had been missed
    missed_from timestamptz, -- of skipped: it stands for so many times that were missed, from this one on
    missed      bigint      NOT NULL DEFAULT 0,
    process_id  uuid,
    actor       text        NOT NULL DEFAULT '', -- of manual
    cancels     uuid[]      NOT NULL DEFAULT '{}', -- processes that make room for it
    decided_at  timestamptz NOT NULL,
    started_at  timestamptz,
    ended_at    timestamptz,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity', -- of due: a server is starting it
    PRIMARY KEY (schedule_id, due_at),
    CONSTRAINT schedule_fire_skip_has_reason CHECK (state NOT IN ('skipped', 'refused') OR reason <> ''),
    CONSTRAINT schedule_fire_runs_process CHECK (state NOT IN ('running', 'completed', 'failed', 'cancelled') OR process_id IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX schedule_fire_open ON schedule_fire (schedule_id, due_at) WHERE state IN ('due', 'waiting', 'running');
CREATE INDEX schedule_fire_to_start ON schedule_fire (due_at) WHERE state = 'due';
CREATE INDEX schedule_fire_waiting ON schedule_fire (schedule_id) WHERE state = 'waiting';
CREATE INDEX schedule_fire_old ON schedule_fire (decided_at);
CREATE INDEX schedule_fire_process ON schedule_fire (process_id) WHERE process_id IS NOT NULL;

-- +goose Down
DROP TABLE schedule_fire;
DROP TABLE schedule;
DROP TABLE definition_start;
