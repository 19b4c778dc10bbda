-- +goose Up

-- What is left of a deleted process: that it was, and who deleted it why.
CREATE TABLE tombstone (
    process_id     uuid        NOT NULL PRIMARY KEY,
    custom_id      text        NOT NULL,
    definition_key text        NOT NULL,
    version        integer     NOT NULL,
    state          text        NOT NULL,
    created_at     timestamptz NOT NULL,
    ended_at       timestamptz,
    deleted_at     timestamptz NOT NULL DEFAULT now(),
    deleted_by     text        NOT NULL,
    reason         text        NOT NULL
);
CREATE INDEX tombstone_custom_id ON tombstone (custom_id text_pattern_ops, process_id);

-- +goose Down
DROP TABLE tombstone;
