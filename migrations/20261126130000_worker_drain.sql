-- Orders to workers to take no more tasks. Redis has a copy for the workers; this is the one that outlives it.

-- +goose Up
CREATE TABLE worker_drain (
    worker_id text PRIMARY KEY, -- of one life of a worker: one started anew has another id, except over HTTP, where leaving ends the order
    pool      text NOT NULL,
    host      text NOT NULL,
    stay      boolean NOT NULL,
    within_ms bigint NOT NULL CHECK (within_ms >= 0), -- 0: what runs may take its time
    reason    text NOT NULL CHECK (reason <> ''),
    author    text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    left_at   timestamptz -- the engine saw the worker go; kept for a day, as one that only stalled comes back with its id
);

-- +goose Down
DROP TABLE worker_drain;
