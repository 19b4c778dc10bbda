package app

import (
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// away tells whether an error says that a store cannot be reached, is starting, stopping or full: what was asked for may work
// later. Errors of PostgreSQL have classes (its documentation, appendix A).
func away(err error) bool {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		switch answer.Code[:min(2, len(answer.Code))] {
		case "08", "53", "57", "58": // connection, resources, operator intervention, system
			return true
		}
		return answer.Code == "25006" // read-only: a standby that is about to take over
	}
	var network net.Error
	return pgconn.SafeToRetry(err) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
