-- +goose Up

-- Which days are worked: timers count them. The engine reads a row in the commit that sets a timer; what changes later moves no timer
-- that is set.
CREATE TABLE calendar (
    key        text        NOT NULL PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9-]{0,62}$'),
    title      text        NOT NULL,
    days       jsonb       NOT NULL,
    revision   bigint      NOT NULL DEFAULT 1 CHECK (revision > 0),
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text        NOT NULL DEFAULT ''
);

-- The one that is meant where none is named.
INSERT INTO calendar (key, title, days) VALUES ('default', 'Five-day week', '{"weekend": [6, 7]}');

-- +goose Down
DROP TABLE calendar;
