-- Incidents that are alike are one group to the people who mend them.

-- +goose Up

-- +goose StatementBegin
-- error_shape is a message without what differs from one occurrence to the next: quoted texts become "…"; ids, numbers, times,
-- addresses and other words with a digit become #, and so does a list of them. Names of techniques keep their digits. What lies beyond
-- the first 1000 characters does not count. A change of this function needs the column error_group to be computed anew.
CREATE FUNCTION error_shape(message text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(btrim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(message, 1000),
        '"[^"]*"|`[^`]*`|«[^»]*»|“[^”]*”|(?<![[:alnum:]])''[^'']*''(?![[:alnum:]])', '"…"', 'g'),
        '\m[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\M', '#', 'gi'),
        '\m(?!(?:x509|sha1|sha256|sha384|sha512|md5|utf8|utf16|base64|int32|int64|float64|ipv4|ipv6|http2|oauth2|pkcs7|pkcs12)\M)[[:alpha:]_]*[0-9]\w*', '#', 'gi'),
        '#(?:(?:[.:/+@_-]|,\s*)#)+', '#', 'g'),
        '\s+', ' ', 'g')), 300)
$$;
-- +goose StatementEnd

-- Computed by the database, so that servers that don't know of it write it too.
ALTER TABLE incident ADD COLUMN error_group text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(md5(code || E'\n' || error_shape(message)), 16)) STORED;

-- The groups with their numbers and times are read from this index alone.
CREATE INDEX incident_alike ON incident (definition_key, node_id, error_group, opened_at) INCLUDE (version);
CREATE INDEX incident_opened ON incident (opened_at, task_id);
DROP INDEX incident_definition;

-- +goose Down
CREATE INDEX incident_definition ON incident (definition_key, code);
DROP INDEX incident_opened, incident_alike;
ALTER TABLE incident DROP COLUMN error_group;
DROP FUNCTION error_shape(text);
