-- What stands against an item, with codes: the web app says it in the reader's language.

-- +goose Up
ALTER TABLE bulk_item ADD COLUMN issues json; -- the first few fault.Issue; NULL: none, or from an earlier release

-- +goose Down
ALTER TABLE bulk_item DROP COLUMN issues;
