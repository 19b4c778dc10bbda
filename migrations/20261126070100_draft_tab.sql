-- Who has a draft open: one row for each browser tab, refreshed by the server that the tab is connected to.

-- +goose Up

CREATE TABLE draft_tab (
    definition_id uuid        NOT NULL REFERENCES definition (id) ON DELETE CASCADE,
    tab           text        NOT NULL,               -- the browser's own name of the tab
    socket        text        NOT NULL,               -- the subscription that speaks for it: the end of an older one changes nothing
    login         text        NOT NULL,
    name          text        NOT NULL,
    since         timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now(), -- designer/desk: a tab that is silent for 20 s is gone
    editing_since timestamptz,                        -- set in the one tab that edits
    wants_since   timestamptz,                        -- set in the one tab that takes over when that one lets go, or after 5 s
    PRIMARY KEY (definition_id, tab)
);
-- designer/pgstore/desk.go relies on both: at most one tab edits, at most one waits for it.
CREATE UNIQUE INDEX draft_tab_editor ON draft_tab (definition_id) WHERE editing_since IS NOT NULL;
CREATE UNIQUE INDEX draft_tab_heir ON draft_tab (definition_id) WHERE wants_since IS NOT NULL;

-- +goose Down
DROP TABLE draft_tab;
