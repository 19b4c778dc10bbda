-- +goose Up

-- What people want to be told of, and where (server/alert).
CREATE TABLE alert_rule (
    id             uuid        NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
    name           text        NOT NULL DEFAULT '', -- empty: the kind's own name is shown
    kind           text        NOT NULL CHECK (kind IN ('incident_opened', 'pool_without_worker', 'queue_too_old', 'process_over_time')),
    enabled        boolean     NOT NULL DEFAULT false,
    definition_key text        NOT NULL DEFAULT '', -- empty: every definition
    error_code     text        NOT NULL DEFAULT '', -- empty: every code
    pool           text        NOT NULL DEFAULT '', -- empty: every pool
    after_s        integer     NOT NULL DEFAULT 0 CHECK (after_s >= 0),
    repeat_s       integer     NOT NULL DEFAULT 0 CHECK (repeat_s >= 0),
    locale         text        NOT NULL DEFAULT 'en' CHECK (locale IN ('en', 'ru')),
    emails         text[]      NOT NULL DEFAULT '{}',
    webhook_url    text        NOT NULL DEFAULT '',
    webhook_secret text        NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    updated_by     text        NOT NULL DEFAULT '',
    CONSTRAINT alert_rule_waits CHECK (kind = 'incident_opened' OR after_s > 0),
    -- an enabled rule would otherwise watch for nobody.
    CONSTRAINT alert_rule_reaches CHECK (NOT enabled OR cardinality(emails) > 0 OR webhook_url <> ''),
    CONSTRAINT alert_rule_signs CHECK (webhook_url = '' OR webhook_secret <> '')
);

-- The usual rules, asleep until somebody says whom they reach.
INSERT INTO alert_rule (kind, after_s) VALUES
    ('incident_opened', 0), ('pool_without_worker', 60), ('queue_too_old', 900), ('process_over_time', 86400);

-- Incidents that no rule has judged yet. Triggers write a row in the very commit that opens the incident, and the evaluation
-- deletes it in the transaction that writes its notice: none is lost and none told of twice, whoever dies in between.
CREATE TABLE alert_incident (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process_id     uuid        NOT NULL,
    task_id        uuid        NOT NULL,
    definition_key text        NOT NULL,
    version        integer     NOT NULL,
    node_id        text        NOT NULL,
    code           text        NOT NULL,
    message        text        NOT NULL,
    opened_at      timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- +goose StatementBegin
-- One statement for a whole commit's incidents, and nothing where no rule asks for them.
CREATE FUNCTION alert_of_incidents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM alert_rule WHERE enabled AND kind = 'incident_opened') THEN
        INSERT INTO alert_incident (process_id, task_id, definition_key, version, node_id, code, message, opened_at)
        SELECT process_id, task_id, definition_key, version, node_id, code, message, opened_at FROM opened;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER alert_of_new_incidents AFTER INSERT ON incident
    REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION alert_of_incidents();
CREATE TRIGGER alert_of_changed_incidents AFTER UPDATE ON incident
    REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION alert_of_incidents();

-- The evaluation asks whether a group still has one.
CREATE INDEX incident_group ON incident (definition_key, node_id, code);

-- What was bad, from when to when.
CREATE TABLE alert (
    id             uuid        NOT NULL PRIMARY KEY,
    rule_id        uuid        NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
    subject        text        NOT NULL, -- names what is bad among the rule's subjects
    opened_at      timestamptz NOT NULL,
    closed_at      timestamptz,
    total          bigint      NOT NULL DEFAULT 0, -- occurrences so far
    told           bigint      NOT NULL DEFAULT 0, -- of them in notices
    window_until   timestamptz NOT NULL,           -- until then at most the first few are told one by one
    window_ms      bigint      NOT NULL,
    window_told    integer     NOT NULL DEFAULT 0,
    last_notice_at timestamptz NOT NULL,
    facts          jsonb       NOT NULL,
    pending        jsonb       NOT NULL DEFAULT '[]', -- examples for the next digest
    CONSTRAINT alert_told_what_was CHECK (told <= total)
);
-- Evaluation relies on it: one open alert of a rule and subject.
CREATE UNIQUE INDEX alert_open ON alert (rule_id, subject) WHERE closed_at IS NULL;
CREATE INDEX alert_of_rule ON alert (rule_id);
CREATE INDEX alert_closed ON alert (closed_at) WHERE closed_at IS NOT NULL;

-- Processes that a rule has found over their time and that have not ended since.
CREATE TABLE alert_late (
    rule_id    uuid NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
    process_id uuid NOT NULL,
    subject    text NOT NULL,
    PRIMARY KEY (rule_id, process_id)
);
CREATE INDEX alert_late_subject ON alert_late (rule_id, subject);

-- What was said; one row for all who are told.
CREATE TABLE alert_notice (
    id       uuid        NOT NULL PRIMARY KEY,
    rule_id  uuid        NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
    alert_id uuid        REFERENCES alert (id) ON DELETE CASCADE, -- NULL: a test
    kind     text        NOT NULL CHECK (kind IN ('opened', 'digest', 'reminder', 'recovered', 'test')),
    at       timestamptz NOT NULL,
    facts    jsonb       NOT NULL,
    CONSTRAINT alert_notice_has_alert CHECK ((alert_id IS NULL) = (kind = 'test'))
);
CREATE INDEX alert_notice_alert ON alert_notice (alert_id, id);
CREATE INDEX alert_notice_rule ON alert_notice (rule_id);

-- The outbox: one row per recipient.
CREATE TABLE alert_delivery (
    id            uuid        NOT NULL PRIMARY KEY,
    notice_id     uuid        NOT NULL REFERENCES alert_notice (id) ON DELETE CASCADE,
    channel       text        NOT NULL CHECK (channel IN ('email', 'webhook')),
    target        text        NOT NULL,
    state         text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed')),
    attempts      integer     NOT NULL DEFAULT 0,
    next_at       timestamptz NOT NULL,
    give_up_at    timestamptz NOT NULL,
    claim         uuid,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    last_error    text        NOT NULL DEFAULT '',
    ended_at      timestamptz,
    CONSTRAINT alert_delivery_end_has_time CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX alert_delivery_due ON alert_delivery (next_at) WHERE state = 'pending';
CREATE INDEX alert_delivery_notice ON alert_delivery (notice_id);

-- +goose Down
DROP TABLE alert_delivery;
DROP TABLE alert_notice;
DROP TABLE alert_late;
DROP TABLE alert;
DROP INDEX incident_group;
DROP TRIGGER alert_of_changed_incidents ON incident;
DROP TRIGGER alert_of_new_incidents ON incident;
DROP FUNCTION alert_of_incidents();
DROP TABLE alert_incident;
DROP TABLE alert_rule;
