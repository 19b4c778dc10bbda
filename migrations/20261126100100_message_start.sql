-- Messages that start processes: a message that nobody waits for begins the definition whose latest version has a start for its name.

-- +goose Up

-- A message that is to start a process has start_key, and process_id is the one that it would be; the commit that starts the process
-- sets taken_at (engine/message_start.go). A server has until try_at to do so; then another one takes over. A message that a
-- definition refused, while nobody was there to be told, waits on and says why.
ALTER TABLE message
    ADD COLUMN start_key     text COLLATE "C",
    ADD COLUMN start_node    text COLLATE "C",
    ADD COLUMN start_version integer,
    ADD COLUMN try_at        timestamptz NOT NULL DEFAULT '-infinity', -- no server tries before
    ADD COLUMN refused_by    text COLLATE "C" NOT NULL DEFAULT '',     -- the definition and version that would not have it: key@version
    ADD COLUMN refusal       text NOT NULL DEFAULT '',
    ADD CONSTRAINT message_start_is_whole CHECK ((start_key IS NULL) = (start_version IS NULL) AND (start_key IS NULL) = (start_node IS NULL)),
    ADD CONSTRAINT message_start_has_process CHECK (start_key IS NULL OR process_id IS NOT NULL);
CREATE INDEX message_starting ON message (try_at) WHERE start_key IS NOT NULL AND taken_at IS NULL;
CREATE INDEX definition_start_message ON definition_start (message) WHERE kind = 'message';

-- +goose Down
DROP INDEX definition_start_message;
DROP INDEX message_starting;
-- What was about to start a process waits.
UPDATE message SET process_id = NULL WHERE start_key IS NOT NULL AND taken_at IS NULL;
ALTER TABLE message
    DROP CONSTRAINT message_start_has_process,
    DROP CONSTRAINT message_start_is_whole,
    DROP COLUMN refusal,
    DROP COLUMN refused_by,
    DROP COLUMN try_at,
    DROP COLUMN start_version,
    DROP COLUMN start_node,
    DROP COLUMN start_key;
