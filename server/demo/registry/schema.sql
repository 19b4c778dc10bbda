-- The register of the demonstration: a schema of its own, beside or apart from the product's.

-- Messages that were taken: the same one sent again changes nothing.
CREATE TABLE IF NOT EXISTS received (
    sender      text        NOT NULL,
    id          text        NOT NULL,
    action      text        NOT NULL,
    key         text        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sender, id)
);
CREATE INDEX IF NOT EXISTS received_at ON received (received_at);

-- Messages on their way out. claimed_until keeps two senders from one message; copies is how often it is sent yet.
CREATE TABLE IF NOT EXISTS outgoing (
    id           text        PRIMARY KEY,
    action       text        NOT NULL,
    key          text        NOT NULL,
    relates_to   text        NOT NULL,
    recipient    text        NOT NULL,
    format       text        NOT NULL,
    payload      text        NOT NULL,
    due_at       timestamptz NOT NULL,
    copies       int         NOT NULL CHECK (copies > 0),
    attempts     int         NOT NULL DEFAULT 0,
    problem      text        NOT NULL DEFAULT '',
    made_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS outgoing_due ON outgoing (due_at);
CREATE TABLE IF NOT EXISTS attachment (
    message    text  NOT NULL REFERENCES outgoing ON DELETE CASCADE,
    position   int   NOT NULL,
    name       text  NOT NULL,
    media_type text  NOT NULL,
    content    bytea NOT NULL,
    PRIMARY KEY (message, position)
);

-- What is known of the land.
CREATE TABLE IF NOT EXISTS parcel (
    cadastral_number text    PRIMARY KEY,
    address          text    NOT NULL,
    area             int     NOT NULL CHECK (area > 0),
    encumbrance      text    NOT NULL
);
CREATE TABLE IF NOT EXISTS entry (
    number           bigint      GENERATED ALWAYS AS IDENTITY (START WITH 1001) PRIMARY KEY,
    cadastral_number text        NOT NULL REFERENCES parcel,
    application      text        NOT NULL,
    kind             text        NOT NULL,
    holder           text        NOT NULL,
    made_at          timestamptz NOT NULL DEFAULT now(),
    withdrawn_at     timestamptz
);
-- An application makes one entry, however often it is asked for.
CREATE UNIQUE INDEX IF NOT EXISTS entry_live ON entry (application) WHERE withdrawn_at IS NULL;
CREATE INDEX IF NOT EXISTS entry_parcel ON entry (cadastral_number, number);

-- Fees that were paid, and the books: bookings of fees and refunds.
CREATE TABLE IF NOT EXISTS payment (
    application text          PRIMARY KEY,
    kind        text          NOT NULL,
    amount      numeric(12,2) NOT NULL CHECK (amount > 0),
    paid_at     timestamptz
);
CREATE TABLE IF NOT EXISTS booking (
    number      bigint        GENERATED ALWAYS AS IDENTITY (START WITH 5001) PRIMARY KEY,
    application text          NOT NULL,
    amount      numeric(12,2) NOT NULL CHECK (amount > 0),
    booked_at   timestamptz   NOT NULL DEFAULT now(),
    refunded_at timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS booking_live ON booking (application) WHERE refunded_at IS NULL;

-- Verdicts on signatures that the register asked for.
CREATE TABLE IF NOT EXISTS question (
    id          text        PRIMARY KEY,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    accepted    boolean,
    verdict     text        NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS setting (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    faults jsonb   NOT NULL
);
