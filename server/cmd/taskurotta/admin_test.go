package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

func TestAnEmptyDatabaseGetsItsFirstAccountAndToken(t *testing.T) {
	t.Parallel()
	ctx, database := t.Context(), stacktest.EmptyPostgres(t)
	var out bytes.Buffer
	if err := migrateUp(ctx, config.MigrateUp{DatabaseURL: database}, &out); err != nil || strings.HasPrefix(out.String(), "0 ") {
		t.Fatalf("%q, %v", out.String(), err)
	}
	user := config.UserAdd{DatabaseURL: database, Login: "Olga", Roles: []string{"admin", "support"}}
	if err := addUser(ctx, user, strings.NewReader("a long enough password\n"), &out); err != nil {
		t.Fatal(err)
	}
	if err := addUser(ctx, user, strings.NewReader("a long enough password\n"), &out); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("the same login again: %v", err)
	}
	if err := addUser(ctx, user, strings.NewReader(""), &out); err == nil {
		t.Error("an account without a password")
	}
	out.Reset()
	token := config.TokenCreate{DatabaseURL: database, Login: "olga", Name: "nightly", Roles: []string{"support"}, ValidFor: time.Hour}
	if err := createToken(ctx, token, &out); err != nil {
		t.Fatal(err)
	}
	secret := strings.TrimSpace(out.String())
	check := func(ctx context.Context, service *auth.Service) error {
		who, err := service.TokenIdentity(ctx, secret)
		if err == nil && (who.Login != "olga" || len(who.Roles) != 1 || who.Roles[0] != auth.Support) {
			t.Errorf("identity %+v", who)
		}
		return err
	}
	if err := withAccounts(ctx, database, func(s *auth.Service) error { return check(ctx, s) }); err != nil {
		t.Error(err)
	}
	for _, bad := range []config.TokenCreate{
		{DatabaseURL: database, Login: "nobody", Name: "x"},
		{DatabaseURL: database, Login: "olga", Name: " "},
		{DatabaseURL: database, Login: "olga", Name: "x", Roles: []string{"emperor"}},
		{DatabaseURL: database, Login: "olga", Name: "x", ValidFor: -time.Hour},
	} {
		if err := createToken(ctx, bad, &out); err == nil {
			t.Errorf("made a token for %+v", bad)
		}
	}
}
