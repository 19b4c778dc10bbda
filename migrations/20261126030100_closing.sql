-- Processes that end in chunks because very much was open in them.

-- +goose Up

-- The feeder admits nothing of them: what is open is cancelled chunk by chunk, and nothing of it may start after the mark. The row
-- goes with the end of the process.
CREATE TABLE closing (
    process_id uuid   NOT NULL PRIMARY KEY,
    total      bigint NOT NULL, -- open tasks at the mark
    still_open bigint NOT NULL
) WITH (fillfactor = 50);

-- +goose Down
DROP TABLE closing;
