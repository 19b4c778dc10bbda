-- What charts show: how much was done, by minutes, and by quarters of an hour once it is old. Sums and peaks only: every figure
-- could be counted from the history, at a price.

-- +goose Up
CREATE TABLE usage_sample (
    subject text             NOT NULL CHECK (subject IN ('type', 'pool', 'definition')),
    name    text             NOT NULL,
    metric  text             NOT NULL,
    minutes smallint         NOT NULL, -- how long the sample lasts
    at      timestamptz      NOT NULL, -- when it begins
    value   double precision NOT NULL, -- a sum; of a pool the highest that was seen
    PRIMARY KEY (subject, name, metric, minutes, at)
) WITH (fillfactor = 70);
CREATE INDEX usage_sample_age ON usage_sample (minutes, at);

-- +goose Down
DROP TABLE usage_sample;
