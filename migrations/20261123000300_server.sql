-- +goose Up

-- Accounts that sign in with a password (server/auth).
CREATE TABLE account (
    id            uuid        NOT NULL PRIMARY KEY,
    login         text        NOT NULL,
    name          text        NOT NULL DEFAULT '',
    password_hash text        NOT NULL DEFAULT '', -- empty: no password signs in, only a token does
    roles         text[]      NOT NULL DEFAULT '{}',
    locale        text        NOT NULL DEFAULT '',
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (login <> '' AND login = lower(login)),
    CHECK (locale IN ('', 'en', 'ru'))
);
CREATE UNIQUE INDEX account_login ON account (login);

-- Signed-in browsers; the cookie's secret is stored as its SHA-256 only.
CREATE TABLE session (
    secret_hash bytea       NOT NULL PRIMARY KEY,
    account_id  uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);

-- Tokens of programs; roles are a subset of their account's when they are used.
CREATE TABLE api_token (
    id           uuid        NOT NULL PRIMARY KEY,
    account_id   uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name         text        NOT NULL,
    secret_hash  bytea       NOT NULL UNIQUE,
    roles        text[]      NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_token_account ON api_token (account_id, id);

-- One-time sign-in tokens that `dev` prints.
CREATE TABLE sign_in_token (
    secret_hash bytea       NOT NULL PRIMARY KEY,
    account_id  uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL
);

-- Who changed what. Append-only: the trigger below refuses everything else.
CREATE TABLE audit (
    id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT now(),
    actor        text        NOT NULL,
    action       text        NOT NULL,
    subject_kind text        NOT NULL,
    subject_id   text        NOT NULL,
    reason       text        NOT NULL DEFAULT '',
    detail       jsonb       NOT NULL DEFAULT '{}',
    request_id   text        NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, id);

-- +goose StatementBegin
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit is append-only';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- Stored files, named by their content (server/files).
CREATE TABLE file (
    sha256     text        NOT NULL PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size       bigint      NOT NULL CHECK (size >= 0),
    media_type text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Who brought a file: only they may start a process with it.
CREATE TABLE upload (
    sha256     text        NOT NULL REFERENCES file (sha256),
    account_id text        NOT NULL,
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, sha256)
);

-- Which process may read a file; written in the engine's commit that uses it.
CREATE TABLE file_ref (
    sha256     text        NOT NULL,
    process_id uuid        NOT NULL,
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (process_id, sha256)
);
CREATE INDEX file_ref_file ON file_ref (sha256);

-- Facts of the installation: its id, the workers' token.
CREATE TABLE setting (
    key        text        NOT NULL PRIMARY KEY,
    value      text        NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE setting;
DROP TABLE file_ref;
DROP TABLE upload;
DROP TABLE file;
DROP TABLE audit;
DROP FUNCTION audit_is_append_only();
DROP TABLE sign_in_token;
DROP TABLE api_token;
DROP TABLE session;
DROP TABLE account;
