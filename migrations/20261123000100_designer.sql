-- +goose Up

-- A named process design with its one mutable draft.
CREATE TABLE definition (
    id               uuid        NOT NULL PRIMARY KEY,
    key              text        NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9-]{0,62}$'),
    title            text        NOT NULL CHECK (title <> ''),
    latest           int         NOT NULL DEFAULT 0, -- the version that a start without one runs; 0: none is published
    draft            text        NOT NULL,           -- the document as its author's tool wrote it
    draft_revision   bigint      NOT NULL DEFAULT 1, -- grows with each save; If-Match compares it
    draft_checksum   text        NOT NULL DEFAULT '',
    draft_updated_at timestamptz NOT NULL DEFAULT now(),
    draft_updated_by text        NOT NULL DEFAULT '',
    created_at       timestamptz NOT NULL DEFAULT now(),
    created_by       text        NOT NULL DEFAULT ''
);

-- Published graphs. They never change: the trigger below refuses it.
CREATE TABLE definition_version (
    definition_id uuid        NOT NULL REFERENCES definition (id),
    number        int         NOT NULL CHECK (number > 0),
    document      text        NOT NULL,
    node_types    jsonb       NOT NULL, -- name@major → descriptor at the time of publishing
    checksum      text        NOT NULL, -- SHA-256 of the document without layout, notes and extensions
    note          text        NOT NULL DEFAULT '',
    published_at  timestamptz NOT NULL DEFAULT now(),
    published_by  text        NOT NULL DEFAULT '',
    PRIMARY KEY (definition_id, number)
);

-- +goose StatementBegin
CREATE FUNCTION versions_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version never changes';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER versions_never_change BEFORE UPDATE ON definition_version
    FOR EACH ROW EXECUTE FUNCTION versions_never_change();

-- The catalog: node types that workers announced. A type belongs to one pool.
CREATE TABLE node_type (
    name         text        NOT NULL,
    major        int         NOT NULL CHECK (major > 0),
    pool         text        NOT NULL,
    hash         text        NOT NULL,
    descriptor   jsonb       NOT NULL,
    announced_at timestamptz NOT NULL DEFAULT now(),
    changed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, major)
);

-- +goose Down
DROP TABLE node_type;
DROP TABLE definition_version;
DROP FUNCTION versions_never_change();
DROP TABLE definition;
