-- Secrets (server/secret) and what webhooks that start processes need (server/webhook).

-- +goose Up

-- Values that workers ask for by name, encrypted with a key of the configuration. An empty list of a scope means all.
CREATE TABLE secret (
    name         text        COLLATE "C" NOT NULL PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_.-]{0,99}$'),
    description  text        NOT NULL DEFAULT '',
    definitions  text[]      NOT NULL DEFAULT '{}',
    node_types   text[]      NOT NULL DEFAULT '{}',
    pools        text[]      NOT NULL DEFAULT '{}',
    key_id       bytea       NOT NULL, -- which key sealed it
    sealed       bytea       NOT NULL,
    value_at     timestamptz NOT NULL, -- when the value was last changed
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    updated_by   text        NOT NULL DEFAULT '',
    last_used_at timestamptz
);

-- Paths of webhooks that nobody can guess, made when they are first asked for and encrypted like secrets: people copy them.
CREATE TABLE webhook_path (
    definition_key text        COLLATE "C" NOT NULL,
    node_id        text        COLLATE "C" NOT NULL,
    key_id         bytea       NOT NULL,
    sealed         bytea       NOT NULL,
    made_at        timestamptz NOT NULL,
    made_by        text        NOT NULL DEFAULT '',
    PRIMARY KEY (definition_key, node_id)
);

-- Signatures of requests that were accepted: one that comes again must be the same delivery.
CREATE TABLE webhook_seen (
    digest     bytea       NOT NULL PRIMARY KEY,
    delivery   text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX webhook_seen_expired ON webhook_seen (expires_at);

-- +goose Down
DROP TABLE webhook_seen;
DROP TABLE webhook_path;
DROP TABLE secret;
