-- Orders to drain that were taken back: a worker takes tasks again when it reads so, not when an order is merely missing in Redis.

-- +goose Up
CREATE TABLE worker_drain_back (
    worker_id text PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now() -- kept for a day: by then the worker has heard it
);

-- +goose Down
DROP TABLE worker_drain_back;
