package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/taskurotta/taskurotta-go/migrations"
	"github.com/taskurotta/taskurotta-go/server/auth"
	authstore "github.com/taskurotta/taskurotta-go/server/auth/pgstore"
	"github.com/taskurotta/taskurotta-go/server/config"
)

func migrateUp(ctx context.Context, c config.MigrateUp) error {
	applied, err := migrations.Up(ctx, c.DatabaseURL)
	if err == nil {
		fmt.Printf("%d migrations applied\n", applied)
	}
	return err
}

func migrateDown(ctx context.Context, c config.MigrateDown) error {
	return migrations.Down(ctx, c.DatabaseURL)
}

// addUser reads the password from the standard input, so that it stands in no history.
func addUser(ctx context.Context, c config.UserAdd) error {
	fmt.Fprint(os.Stderr, "password: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return errors.New("read the password: there is none on the standard input")
	}
	db, err := pgxpool.New(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := authstore.New(db)
	if err != nil {
		return err
	}
	service, err := auth.New(auth.Config{Store: store})
	if err != nil {
		return err
	}
	roles := make([]auth.Role, len(c.Roles))
	for i, role := range c.Roles {
		roles[i] = auth.Role(role)
	}
	account, err := service.CreateAccount(ctx, auth.NewAccount{Login: c.Login, Name: c.Name, Password: strings.TrimRight(line, "\r\n"), Roles: roles})
	if err != nil {
		return err
	}
	fmt.Printf("added %s with the roles %s\n", account.Login, strings.Join(c.Roles, ", "))
	return nil
}
