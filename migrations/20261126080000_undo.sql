-- What has completed and can be undone: a row for each run of an activity that has a handler, and for each inside that has such rows.

-- +goose Up

CREATE TABLE undo_record (
    process_id uuid    NOT NULL,
    scope_id   uuid    NOT NULL,                          -- where the activity completed
    n          integer NOT NULL CHECK (n > 0),            -- its place among those of the scope
    node_id    text    NOT NULL,
    task_id    uuid    NOT NULL,
    run        integer NOT NULL,
    seq        bigint  NOT NULL,                          -- of the commit that completed it: its output has the same
    inside     integer NOT NULL DEFAULT 0,                -- how many rows the scope of that id has; 0: a handler undoes it
    total      integer NOT NULL DEFAULT 0,                -- of a list: its entries
    by_task    uuid,                                      -- what undoes it, or has
    hidden     boolean NOT NULL DEFAULT false,            -- a restart has put another run in its place
    PRIMARY KEY (process_id, scope_id, n)
);
CREATE INDEX undo_record_task ON undo_record (process_id, task_id);
-- A handler undoes one thing: what begins it takes its row in the same commit.
CREATE UNIQUE INDEX undo_record_by ON undo_record (process_id, by_task) WHERE by_task IS NOT NULL;

-- +goose StatementBegin
-- hide_undo_records takes the rows of runs away that a restart hides. Those inside of them are not come to any more.
CREATE FUNCTION hide_undo_records(process uuid, in_scope uuid, nodes text[], firsts int[], lasts int[]) RETURNS void LANGUAGE sql AS $$
    UPDATE undo_record r SET hidden = true FROM unnest(nodes, firsts, lasts) AS u(n, a, z)
    WHERE r.process_id = process AND r.scope_id = in_scope AND r.node_id = u.n AND r.run BETWEEN u.a AND u.z AND NOT r.hidden;
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION hide_undo_records(uuid, uuid, text[], int[], int[]);
DROP TABLE undo_record;
