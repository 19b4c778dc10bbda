-- What tasks wait for besides the clock: messages and people. Until now nothing wrote subscriptions, so the table is made anew.

-- +goose Up

DROP TABLE subscription;
-- Who waits for a message (name and correlation key). node_id is the event that waits: the task's own node, an arm of its gateway,
-- or a boundary event on it. A row goes when a message is given to it, unless it takes one after another.
CREATE TABLE subscription (
    process_id  uuid        NOT NULL,
    task_id     uuid        NOT NULL,
    node_id     text        NOT NULL,
    shard       smallint    NOT NULL CHECK (shard BETWEEN 0 AND 15),
    name        text        COLLATE "C" NOT NULL,
    correlation text        COLLATE "C" NOT NULL,
    many        boolean     NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (process_id, task_id, node_id)
);
CREATE INDEX subscription_message ON subscription (name, correlation, created_at);

-- Messages that came. One that nobody has taken waits until it expires; one that was taken is remembered until then, so that the
-- same message sent again is known.
CREATE TABLE message (
    id          uuid        NOT NULL PRIMARY KEY,
    name        text        COLLATE "C" NOT NULL,
    correlation text        COLLATE "C" NOT NULL,
    sender_id   text        COLLATE "C" NOT NULL, -- the sender's id of the message
    payload     json        NOT NULL,
    files       jsonb       NOT NULL DEFAULT '[]', -- that the payload names; the receiver may read them
    sent_by     text        NOT NULL DEFAULT '',
    sent_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    -- whom it is on its way to; the receiver's commit takes it or gives it back
    process_id  uuid,
    task_id     uuid,
    node_id     text,
    taken_at    timestamptz
);
CREATE UNIQUE INDEX message_sender ON message (name, sender_id);
CREATE INDEX message_waiting ON message (name, correlation, sent_at) WHERE process_id IS NULL AND taken_at IS NULL;
CREATE INDEX message_expired ON message (expires_at);
CREATE INDEX message_process ON message (process_id) WHERE process_id IS NOT NULL AND taken_at IS NULL;

-- +goose StatementBegin
-- lock_message keeps a message and a subscription of the same name and key from missing each other: whoever adds one holds it
-- until the commit, and looks for the other after it got it.
CREATE FUNCTION lock_message(name text, correlation text) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(name || chr(1) || correlation, 4711))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- give_message sends a message on its way to a subscription, through the inbox of the process.
CREATE FUNCTION give_message(msg uuid, to_process uuid, to_task uuid, to_node text) RETURNS void LANGUAGE plpgsql AS $$
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

-- +goose StatementBegin
-- offer_message gives a message to whoever waits for it longest; it tells to which process. The caller holds lock_message.
CREATE FUNCTION offer_message(msg uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    m message;
    s subscription;
BEGIN
    SELECT * INTO m FROM message WHERE id = msg AND process_id IS NULL AND taken_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO s FROM subscription x WHERE x.name = m.name AND x.correlation = m.correlation
    ORDER BY x.created_at, x.process_id, x.task_id, x.node_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM give_message(msg, s.process_id, s.task_id, s.node_id);
    RETURN s.process_id;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- subscribe adds a subscription and gives it what waits for it.
CREATE FUNCTION subscribe(process uuid, task uuid, node text, in_shard smallint, message_name text, key text, takes_many boolean, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    waiting uuid;
BEGIN
    PERFORM lock_message(message_name, key);
    INSERT INTO subscription (process_id, task_id, node_id, shard, name, correlation, many, created_at)
    VALUES (process, task, node, in_shard, message_name, key, takes_many, at) ON CONFLICT DO NOTHING;
    LOOP
        SELECT m.id INTO waiting FROM message m
        WHERE m.name = message_name AND m.correlation = key AND m.process_id IS NULL AND m.taken_at IS NULL AND m.expires_at > clock_timestamp()
        ORDER BY m.sent_at, m.id LIMIT 1;
        EXIT WHEN NOT FOUND;
        PERFORM give_message(waiting, process, task, node);
        EXIT WHEN NOT takes_many;
    END LOOP;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- return_message takes a message back from a process that had no use for it any more, and offers it to the next one.
CREATE FUNCTION return_message(msg uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    m message;
BEGIN
    SELECT * INTO m FROM message WHERE id = msg AND taken_at IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM lock_message(m.name, m.correlation);
    UPDATE message SET process_id = NULL, task_id = NULL, node_id = NULL WHERE id = msg AND taken_at IS NULL;
    PERFORM offer_message(msg);
END
$$;
-- +goose StatementEnd

-- A task that a person is to do.
CREATE TABLE user_task (
    process_id     uuid        NOT NULL,
    task_id        uuid        NOT NULL,
    definition_key text        COLLATE "C" NOT NULL,
    version        integer     NOT NULL,
    node_id        text        NOT NULL,
    assignee       text        NOT NULL DEFAULT '',
    groups         text[]      NOT NULL DEFAULT '{}', -- empty: anybody
    claimed_by     text        NOT NULL DEFAULT '',
    claimed_at     timestamptz,
    due_at         timestamptz,
    escalated_at   timestamptz,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (process_id, task_id)
);
CREATE INDEX user_task_age ON user_task (created_at, task_id);
CREATE INDEX user_task_groups ON user_task USING gin (groups);

-- +goose Down
DROP TABLE user_task;
DROP FUNCTION return_message(uuid);
DROP FUNCTION subscribe(uuid, uuid, text, smallint, text, text, boolean, timestamptz);
DROP FUNCTION offer_message(uuid);
DROP FUNCTION give_message(uuid, uuid, uuid, text);
DROP FUNCTION lock_message(text, text);
DROP TABLE message;
DROP TABLE subscription;
CREATE TABLE subscription (
    process_id  uuid        NOT NULL,
    task_id     uuid        NOT NULL,
    name        text        NOT NULL,
    correlation text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (process_id, task_id)
);
CREATE INDEX subscription_message ON subscription (name, correlation);
