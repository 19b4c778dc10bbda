-- +goose Up
-- What failed in a span of days is found without reading all that began in it. Whatever has failed has an error code, and whether there
-- is one is indexed already: a process that ends well still rewrites no index.
CREATE INDEX process_failed ON process (created_at) WHERE error_code IS NOT NULL;

-- +goose Down
DROP INDEX process_failed;
