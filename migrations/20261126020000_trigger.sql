-- What starts processes besides people.

-- +goose Up

-- What started a process, when it was not a person or a program over the API (kind is empty then), and where it began, when that is not
-- the usual start event. A table of its own, since most processes have no such row.
CREATE TABLE process_trigger (
    process_id uuid        NOT NULL PRIMARY KEY,
    kind       text        NOT NULL CHECK (kind IN ('', 'schedule', 'message', 'webhook')),
    node_id    text        NOT NULL DEFAULT '', -- the start event where it began; empty: the usual one
    ref        text        NOT NULL DEFAULT '', -- id of the schedule, of the message, of the request
    name       text        NOT NULL DEFAULT '', -- as people know it
    at         timestamptz NOT NULL             -- when it was due, sent, received
);

-- Live processes of versions that allow one at a time for each customId: engine/start.go claims the row in the commit that starts
-- the process, the commit that ends it deletes it.
CREATE TABLE active_key (
    definition_key text COLLATE "C" NOT NULL,
    custom_id      text COLLATE "C" NOT NULL,
    process_id     uuid NOT NULL,
    PRIMARY KEY (definition_key, custom_id)
);
CREATE INDEX active_key_process ON active_key (process_id);

-- +goose Down
DROP TABLE active_key;
DROP TABLE process_trigger;
