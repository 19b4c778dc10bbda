-- Processes that call each other.

-- +goose Up

-- parent_task is the task of parent_id that waits for the process, or did; root_id is the outermost process. incidents_below counts
-- the open incidents of the processes below.
ALTER TABLE process
    ADD COLUMN parent_id uuid,
    ADD COLUMN parent_task uuid,
    ADD COLUMN root_id uuid,
    ADD COLUMN depth smallint NOT NULL DEFAULT 0,
    ADD COLUMN incidents_below integer NOT NULL DEFAULT 0 CHECK (incidents_below >= 0),
    -- what shows and deletes whole trees relies on it
    ADD CONSTRAINT process_child_has_parent CHECK (
        (depth > 0) = (parent_id IS NOT NULL) AND (depth > 0) = (parent_task IS NOT NULL) AND (depth > 0) = (root_id IS NOT NULL)),
    ADD CONSTRAINT process_ended_not_troubled CHECK (ended_at IS NULL OR incidents_below = 0);
CREATE INDEX process_parent ON process (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX process_call ON process (parent_task, id) WHERE parent_task IS NOT NULL;
CREATE INDEX process_root ON process (root_id, id) WHERE root_id IS NOT NULL;

-- sender is the process that said it. A jsonb would write numbers out: 1e300000 would not fit.
ALTER TABLE inbox
    ADD COLUMN sender uuid,
    ALTER COLUMN body DROP DEFAULT,
    ALTER COLUMN body TYPE json USING body::json,
    ALTER COLUMN body SET DEFAULT '{}';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION give_message(msg uuid, to_process uuid, to_task uuid, to_node text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message SET process_id = to_process, task_id = to_task, node_id = to_node WHERE id = msg;
    INSERT INTO inbox (shard, process_id, kind, body)
    SELECT s.shard, s.process_id, 'message', json_build_object('Task', s.task_id, 'Node', s.node_id, 'Message', m.id, 'Output', m.payload, 'Files', m.files)
    FROM subscription s JOIN message m ON m.id = msg
    WHERE s.process_id = to_process AND s.task_id = to_task AND s.node_id = to_node;
    DELETE FROM subscription WHERE process_id = to_process AND task_id = to_task AND node_id = to_node AND NOT many;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION give_message(msg uuid, to_process uuid, to_task uuid, to_node text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message SET process_id = to_process, task_id = to_task, node_id = to_node WHERE id = msg;
    INSERT INTO inbox (shard, process_id, kind, body)
    SELECT s.shard, s.process_id, 'message', jsonb_build_object('Task', s.task_id, 'Node', s.node_id, 'Message', m.id, 'Output', m.payload, 'Files', m.files)
    FROM subscription s JOIN message m ON m.id = msg
    WHERE s.process_id = to_process AND s.task_id = to_task AND s.node_id = to_node;
    DELETE FROM subscription WHERE process_id = to_process AND task_id = to_task AND node_id = to_node AND NOT many;
END
$$;
-- +goose StatementEnd
ALTER TABLE inbox
    ALTER COLUMN body DROP DEFAULT,
    ALTER COLUMN body TYPE jsonb USING body::jsonb,
    ALTER COLUMN body SET DEFAULT '{}',
    DROP COLUMN sender;
DROP INDEX process_root;
DROP INDEX process_call;
DROP INDEX process_parent;
ALTER TABLE process
    DROP CONSTRAINT process_ended_not_troubled,
    DROP CONSTRAINT process_child_has_parent,
    DROP COLUMN incidents_below,
    DROP COLUMN depth,
    DROP COLUMN root_id,
    DROP COLUMN parent_task,
    DROP COLUMN parent_id;
