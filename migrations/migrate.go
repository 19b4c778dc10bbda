// Package migrations holds the schema of PostgreSQL as goose SQL files and applies them. A file that is on main never changes.
//
// It imports goose and the pgx driver, and nothing of the product.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// FS holds the SQL files.
//
//go:embed *.sql
var FS embed.FS

// Up brings the database at url to the newest schema and returns how many files it applied. Any number of servers may call
// it at once: a session lock lets one apply them.
func Up(ctx context.Context, url string) (int, error) {
	var applied int
	err := with(url, func(provider *goose.Provider) error {
		results, err := provider.Up(ctx)
		applied = len(results)
		return err
	})
	if err != nil {
		return applied, fmt.Errorf("migrate up: %w", err)
	}
	return applied, nil
}

// Down takes every file back, newest first. All data is lost.
func Down(ctx context.Context, url string) error {
	err := with(url, func(provider *goose.Provider) error {
		_, err := provider.DownTo(ctx, 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("migrate down: %w", err)
	}
	return nil
}

// Pending returns how many files the database lacks.
func Pending(ctx context.Context, url string) (int, error) {
	var pending int
	err := with(url, func(provider *goose.Provider) error {
		status, err := provider.Status(ctx)
		for _, file := range status {
			if file.State == goose.StatePending {
				pending++
			}
		}
		return err
	})
	return pending, err
}

func with(url string, use func(*goose.Provider) error) (err error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, FS, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	return use(provider)
}
