package app

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

func TestAStoreThatIsAwayIsToldFromAFault(t *testing.T) {
	t.Parallel()
	_, refused := pgx.Connect(t.Context(), "postgres://127.0.0.1:1/none?connect_timeout=1")
	for name, err := range map[string]error{
		"nobody listens":     refused,
		"shutting down":      &pgconn.PgError{Code: "57P01"},
		"starting":           &pgconn.PgError{Code: "57P03"},
		"no connection left": &pgconn.PgError{Code: "53300"},
		"disk full":          &pgconn.PgError{Code: "53100"},
		"cut off":            io.ErrUnexpectedEOF,
	} {
		require.True(t, away(fmt.Errorf("read: %w", err)), name)
	}
	for name, err := range map[string]error{
		"a rule of the schema": &pgconn.PgError{Code: "23505"},
		"a broken statement":   &pgconn.PgError{Code: "42601"},
		"no row":               pgx.ErrNoRows,
		"anything else":        errors.New("x"),
	} {
		require.False(t, away(fmt.Errorf("read: %w", err)), name)
	}
}
