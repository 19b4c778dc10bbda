-- Test runs of drafts.

-- +goose Up

-- What a test run runs: a draft as it was, and what some of its steps give instead of what they do. Processes name it by the
-- negative of its place among the definition's tests, so that nobody takes it for a published version.
CREATE TABLE definition_test (
    definition_id uuid        NOT NULL REFERENCES definition (id),
    number        int         NOT NULL CHECK (number < 0),
    document      text        NOT NULL,
    mocks         json        NOT NULL, -- node → what it gives
    node_types    jsonb       NOT NULL, -- name@major → descriptor at that time
    checksum      text        NOT NULL, -- SHA-256 of all of the above: the same test again is the same row
    created_at    timestamptz NOT NULL,
    created_by    text        NOT NULL,
    PRIMARY KEY (definition_id, number)
);
CREATE UNIQUE INDEX definition_test_same ON definition_test (definition_id, checksum);

-- What a step gives in test runs of its definition, until somebody unpins it.
CREATE TABLE pinned_step (
    definition_id uuid        NOT NULL REFERENCES definition (id),
    node_id       text        NOT NULL,
    mock          json        NOT NULL,
    pinned_at     timestamptz NOT NULL,
    pinned_by     text        NOT NULL,
    PRIMARY KEY (definition_id, node_id)
);

-- Lists leave out what is a test by this column, counters by the sign of the version: they must agree.
ALTER TABLE process DROP CONSTRAINT process_version_check;
ALTER TABLE process ADD CONSTRAINT process_version_check CHECK (version <> 0) NOT VALID;
ALTER TABLE process ADD CONSTRAINT process_test_runs_a_draft CHECK (test = (version < 0)) NOT VALID;
ALTER TABLE process VALIDATE CONSTRAINT process_version_check;
ALTER TABLE process VALIDATE CONSTRAINT process_test_runs_a_draft;

-- +goose Down
DELETE FROM process WHERE version < 0;
ALTER TABLE process DROP CONSTRAINT process_test_runs_a_draft;
ALTER TABLE process DROP CONSTRAINT process_version_check;
ALTER TABLE process ADD CONSTRAINT process_version_check CHECK (version > 0);
DROP TABLE pinned_step;
DROP TABLE definition_test;
