-- Messages that wait are listed and deleted by hand.

-- +goose Up

-- repeats counts how often the same message was sent again, which changed nothing.
ALTER TABLE message
    ADD COLUMN repeats     integer NOT NULL DEFAULT 0 CHECK (repeats >= 0),
    ADD COLUMN repeated_at timestamptz;
CREATE INDEX message_untaken ON message (id) WHERE taken_at IS NULL;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION give_message(msg uuid, to_process uuid, to_task uuid, to_node text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message SET process_id = to_process, task_id = to_task, node_id = to_node WHERE id = msg;
    IF NOT FOUND THEN
        RETURN; -- it was deleted meanwhile: who waits goes on waiting
    END IF;
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
    SELECT s.shard, s.process_id, 'message', json_build_object('Task', s.task_id, 'Node', s.node_id, 'Message', m.id, 'Output', m.payload, 'Files', m.files)
    FROM subscription s JOIN message m ON m.id = msg
    WHERE s.process_id = to_process AND s.task_id = to_task AND s.node_id = to_node;
    DELETE FROM subscription WHERE process_id = to_process AND task_id = to_task AND node_id = to_node AND NOT many;
END
$$;
-- +goose StatementEnd
DROP INDEX message_untaken;
ALTER TABLE message
    DROP COLUMN repeated_at,
    DROP COLUMN repeats;
