-- What a restart from a node hides: outputs that are not read any more, tasks that count no more. Both stay readable.

-- +goose Up

ALTER TABLE output ADD COLUMN hidden boolean NOT NULL DEFAULT false;
ALTER TABLE task ADD COLUMN hidden boolean NOT NULL DEFAULT false;

-- +goose StatementBegin
-- hide_runs hides runs of nodes in a scope, and what was inside of them. A restart is rare, and a list may have very many entries:
-- the settings undo those of the engine's connections, which suit small batches only.
CREATE FUNCTION hide_runs(process uuid, in_scope uuid, nodes text[], firsts int[], lasts int[]) RETURNS void LANGUAGE plpgsql
SET enable_hashjoin = on SET enable_seqscan = on SET enable_material = on SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    ids uuid[];
BEGIN
    UPDATE output o SET hidden = true FROM unnest(nodes, firsts, lasts) AS u(n, a, z)
    WHERE o.process_id = process AND o.scope_id = in_scope AND o.node_id = u.n AND o.run BETWEEN u.a AND u.z AND NOT o.hidden;
    SELECT array_agg(t.id) INTO ids FROM task t JOIN unnest(nodes, firsts, lasts) AS u(n, a, z) ON t.node_id = u.n AND t.run BETWEEN u.a AND u.z
    WHERE t.process_id = process AND t.scope_id = in_scope;
    WHILE ids IS NOT NULL LOOP
        UPDATE task t SET hidden = true FROM unnest(ids) AS u(id) WHERE t.process_id = process AND t.id = u.id AND NOT t.hidden;
        SELECT array_agg(t.id) INTO ids FROM task t JOIN unnest(ids) AS u(id) ON t.scope_id = u.id WHERE t.process_id = process;
    END LOOP;
END
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION hide_runs(uuid, uuid, text[], int[], int[]);
ALTER TABLE task DROP COLUMN hidden;
ALTER TABLE output DROP COLUMN hidden;
