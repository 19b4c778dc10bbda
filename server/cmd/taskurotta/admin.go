package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/migrations"
	"github.com/taskurotta/taskurotta-go/server/auth"
	authstore "github.com/taskurotta/taskurotta-go/server/auth/pgstore"
	"github.com/taskurotta/taskurotta-go/server/config"
)

func migrateUp(ctx context.Context, c config.MigrateUp, out io.Writer) error {
	applied, err := migrations.Up(ctx, c.DatabaseURL)
	if err == nil {
		_, err = fmt.Fprintf(out, "%d migrations applied\n", applied)
	}
	return err
}

func migrateDown(ctx context.Context, c config.MigrateDown) error {
	return migrations.Down(ctx, c.DatabaseURL)
}

// withAccounts opens the accounts of a database for one command.
func withAccounts(ctx context.Context, databaseURL string, do func(*auth.Service) error) error {
	db, err := pgxpool.New(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := authstore.New(db)
	if err != nil {
		return err
	}
	defer store.Close()
	service, err := auth.New(auth.Config{Store: store})
	if err != nil {
		return err
	}
	return do(service)
}

// addUser reads the password from in, so that it stands in no history.
func addUser(ctx context.Context, c config.UserAdd, in io.Reader, out io.Writer) error {
	if terminal, ok := in.(*os.File); ok {
		if info, err := terminal.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprint(os.Stderr, "password: ")
		}
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && line == "" {
		return errors.New("read the password: there is none on the standard input")
	}
	return withAccounts(ctx, c.DatabaseURL, func(service *auth.Service) error {
		account, err := service.CreateAccount(ctx, auth.NewAccount{Login: c.Login, Name: c.Name, Password: strings.TrimRight(line, "\r\n"), Roles: rolesOf(c.Roles)})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "added %s with the roles %s\n", account.Login, strings.Join(c.Roles, ", "))
		return err
	})
}

// createToken prints the secret alone, so that a script can take it.
func createToken(ctx context.Context, c config.TokenCreate, out io.Writer) error {
	return withAccounts(ctx, c.DatabaseURL, func(service *auth.Service) error {
		owner, err := service.IdentityOf(ctx, c.Login)
		if err != nil {
			return err
		}
		token := auth.NewToken{Owner: owner, Name: c.Name, Roles: rolesOf(c.Roles), Pools: c.Pools}
		if c.ValidFor != 0 {
			end := time.Now().Add(c.ValidFor)
			token.ExpiresAt = &end
		}
		_, secret, err := service.CreateToken(ctx, token)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, secret)
		return err
	})
}

func rolesOf(names []string) []auth.Role {
	roles := make([]auth.Role, len(names))
	for i, name := range names {
		roles[i] = auth.Role(name)
	}
	return roles
}
