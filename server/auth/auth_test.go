package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/auth/pgstore"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func service(t *testing.T) (*auth.Service, *clock) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store, err := pgstore.New(pool)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	at := &clock{now: time.Now().UTC().Truncate(time.Microsecond)}
	service, err := auth.New(auth.Config{Store: store, WorkerToken: "static", Clock: at.Now, Cache: time.Millisecond})
	require.NoError(t, err)
	return service, at
}

func account(t *testing.T, service *auth.Service, login string, roles ...auth.Role) auth.Account {
	t.Helper()
	made, err := service.CreateAccount(t.Context(), auth.NewAccount{Login: login, Name: "Name of " + login, Password: "correct horse", Roles: roles})
	require.NoError(t, err)
	return made
}

func ptr[T any](v T) *T { return &v }

func TestPasswordSignsIn(t *testing.T) {
	t.Parallel()
	service, _ := service(t)
	made := account(t, service, "Anna", auth.Support)
	require.Equal(t, "anna", made.Login)

	session, err := service.SignIn(t.Context(), auth.Attempt{Login: "ANNA", Password: "correct horse"})
	require.NoError(t, err)
	who, err := service.SessionIdentity(t.Context(), session.Secret)
	require.NoError(t, err)
	require.Equal(t, made.ID, who.UserID)
	require.True(t, who.May(auth.ProcessOperate))
	require.False(t, who.May(auth.DefinitionEdit))

	require.NoError(t, service.SignOut(t.Context(), session.Secret))
	_, err = service.SessionIdentity(t.Context(), session.Secret)
	require.Equal(t, fault.Unauthorized, fault.KindOf(err))
}

func TestSignInIsRefused(t *testing.T) {
	t.Parallel()
	service, _ := service(t)
	account(t, service, "anna", auth.Viewer)
	disabled := account(t, service, "gone", auth.Viewer)
	_, err := service.UpdateAccount(t.Context(), auth.ChangeAccount{ID: disabled.ID, Disabled: ptr(true)})
	require.NoError(t, err)
	_, err = service.EnsureAccount(t.Context(), "tokenonly", "", nil)
	require.NoError(t, err)

	for name, attempt := range map[string]auth.Attempt{
		"wrong password":      {Login: "anna", Password: "correct horsf"},
		"no such login":       {Login: "boris", Password: "correct horse"},
		"disabled":            {Login: "gone", Password: "correct horse"},
		"account without one": {Login: "tokenonly", Password: ""},
		"endless password":    {Login: "anna", Password: string(make([]byte, 100_000))},
		"unknown token":       {Token: "x"},
	} {
		_, err := service.SignIn(t.Context(), attempt)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err), "%s: %v", name, err)
	}
}

func TestOneTimeTokenSignsInOnceEvenAtOnce(t *testing.T) {
	t.Parallel()
	service, at := service(t)
	made := account(t, service, "anna", auth.Admin)
	secret, err := service.OfferSignIn(t.Context(), made.ID, time.Hour)
	require.NoError(t, err)

	results := make(chan error, 4)
	for range 4 {
		go func() {
			_, err := service.SignIn(t.Context(), auth.Attempt{Token: secret})
			results <- err
		}()
	}
	succeeded := 0
	for range 4 {
		if err := <-results; err == nil {
			succeeded++
		} else {
			require.Equal(t, fault.Unauthorized, fault.KindOf(err))
		}
	}
	require.Equal(t, 1, succeeded)

	late, err := service.OfferSignIn(t.Context(), made.ID, time.Hour)
	require.NoError(t, err)
	at.pass(time.Hour + time.Second)
	_, err = service.SignIn(t.Context(), auth.Attempt{Token: late})
	require.Equal(t, fault.Unauthorized, fault.KindOf(err))
}

func TestSessionLivesWhileUsedAndNoLongerThanItsMaximum(t *testing.T) {
	t.Parallel()
	service, at := service(t)
	account(t, service, "anna", auth.Viewer)
	session, err := service.SignIn(t.Context(), auth.Attempt{Login: "anna", Password: "correct horse"})
	require.NoError(t, err)
	for range 4 {
		at.pass(6 * 24 * time.Hour)
		_, err := service.SessionIdentity(t.Context(), session.Secret)
		require.NoError(t, err, "used within its idle time")
	}
	at.pass(6*24*time.Hour + time.Minute)
	_, err = service.SessionIdentity(t.Context(), session.Secret)
	require.Equal(t, fault.Unauthorized, fault.KindOf(err), "30 days are over")

	idle, err := service.SignIn(t.Context(), auth.Attempt{Login: "anna", Password: "correct horse"})
	require.NoError(t, err)
	at.pass(7*24*time.Hour + time.Second)
	_, err = service.SessionIdentity(t.Context(), idle.Secret)
	require.Equal(t, fault.Unauthorized, fault.KindOf(err), "unused for 7 days")
}

func TestNewPasswordOrDisablingEndsSessions(t *testing.T) {
	t.Parallel()
	service, at := service(t)
	for name, change := range map[string]auth.ChangeAccount{
		"password": {Password: ptr("another horse")},
		"disabled": {Disabled: ptr(true)},
	} {
		made := account(t, service, name, auth.Viewer)
		session, err := service.SignIn(t.Context(), auth.Attempt{Login: name, Password: "correct horse"})
		require.NoError(t, err)
		change.ID = made.ID
		_, err = service.UpdateAccount(t.Context(), change)
		require.NoError(t, err)
		at.pass(time.Second)
		_, err = service.SessionIdentity(t.Context(), session.Secret)
		require.Equal(t, fault.Unauthorized, fault.KindOf(err), name)
	}
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	service, _ := service(t)
	first := account(t, service, "first", auth.Admin)
	second := account(t, service, "second", auth.Admin)
	_, err := service.UpdateAccount(t.Context(), auth.ChangeAccount{ID: second.ID, Roles: []auth.Role{auth.Viewer}})
	require.NoError(t, err)
	for name, change := range map[string]auth.ChangeAccount{
		"demoted":  {ID: first.ID, Roles: []auth.Role{auth.Viewer}},
		"disabled": {ID: first.ID, Disabled: ptr(true)},
	} {
		_, err = service.UpdateAccount(t.Context(), change)
		require.Equal(t, fault.Conflict, fault.KindOf(err), name)
	}
	_, err = service.UpdateAccount(t.Context(), auth.ChangeAccount{ID: first.ID, Name: ptr("New"), Locale: ptr("ru")})
	require.NoError(t, err)
}

func TestAccountsAreRefused(t *testing.T) {
	t.Parallel()
	service, _ := service(t)
	account(t, service, "anna", auth.Viewer)
	for name, test := range map[string]struct {
		command auth.NewAccount
		kind    fault.Kind
	}{
		"taken in another case": {auth.NewAccount{Login: "ANNA", Password: "correct horse"}, fault.Conflict},
		"no login":              {auth.NewAccount{Login: " "}, fault.Invalid},
		"short password":        {auth.NewAccount{Login: "b", Password: "1234567"}, fault.Invalid},
		"unknown role":          {auth.NewAccount{Login: "b", Roles: []auth.Role{"root"}}, fault.Invalid},
		"a worker":              {auth.NewAccount{Login: "b", Roles: []auth.Role{auth.Worker}}, fault.Invalid},
	} {
		_, err := service.CreateAccount(t.Context(), test.command)
		require.Equal(t, test.kind, fault.KindOf(err), name)
	}
	_, err := service.UpdateAccount(t.Context(), auth.ChangeAccount{ID: uuid.NewString(), Name: ptr("x")})
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func TestTokenActsWithinItsOwnersRoles(t *testing.T) {
	t.Parallel()
	service, at := service(t)
	account(t, service, "root", auth.Admin)
	made := account(t, service, "anna", auth.Analyst, auth.Support)
	owner := auth.Identity{UserID: made.ID, Login: made.Login, Roles: made.Roles, Permissions: auth.PermissionsOf(made.Roles)}
	_, secret, err := service.CreateToken(t.Context(), auth.NewToken{Owner: owner, Name: "ci", Roles: []auth.Role{auth.Support}})
	require.NoError(t, err)
	require.Regexp(t, "^tk_", secret)
	who, err := service.TokenIdentity(t.Context(), secret)
	require.NoError(t, err)
	require.True(t, who.May(auth.ProcessOperate))
	require.False(t, who.May(auth.DefinitionEdit))

	for _, role := range []auth.Role{auth.Admin, auth.Worker} {
		_, _, err = service.CreateToken(t.Context(), auth.NewToken{Owner: owner, Name: "more", Roles: []auth.Role{role}})
		require.Equal(t, fault.Forbidden, fault.KindOf(err), role)
	}

	_, _, err = service.CreateToken(t.Context(), auth.NewToken{Owner: who, Name: "for ever"})
	require.Equal(t, fault.Forbidden, fault.KindOf(err), "a token would outlive itself")

	_, err = service.UpdateAccount(t.Context(), auth.ChangeAccount{ID: made.ID, Roles: []auth.Role{auth.Analyst}})
	require.NoError(t, err)
	at.pass(time.Second)
	who, err = service.TokenIdentity(t.Context(), secret)
	require.NoError(t, err)
	require.Empty(t, who.Permissions, "the owner lost the role")
}

func TestTokensEnd(t *testing.T) {
	t.Parallel()
	service, at := service(t)
	made := account(t, service, "anna", auth.Viewer)
	other := account(t, service, "boris", auth.Viewer)
	identity := func(a auth.Account) auth.Identity { return auth.Identity{UserID: a.ID, Roles: a.Roles} }
	soon := at.Now().Add(time.Minute)
	_, ending, err := service.CreateToken(t.Context(), auth.NewToken{Owner: identity(made), Name: "ending", ExpiresAt: &soon})
	require.NoError(t, err)
	revoked, secret, err := service.CreateToken(t.Context(), auth.NewToken{Owner: identity(made), Name: "revoked"})
	require.NoError(t, err)
	_, err = service.TokenIdentity(t.Context(), ending)
	require.NoError(t, err)

	require.Equal(t, fault.NotFound, fault.KindOf(service.DeleteToken(t.Context(), identity(other), revoked.ID)), "somebody else's")
	require.NoError(t, service.DeleteToken(t.Context(), identity(made), revoked.ID))
	_, err = service.TokenIdentity(t.Context(), secret)
	require.Equal(t, fault.Unauthorized, fault.KindOf(err))
	at.pass(2 * time.Minute)
	_, err = service.TokenIdentity(t.Context(), ending)
	require.Equal(t, fault.Unauthorized, fault.KindOf(err))
}

func TestListsGoOnWhereTheyEnded(t *testing.T) {
	t.Parallel()
	service, _ := service(t)
	names := []string{"a", "b", "c", "d", "e"}
	for _, name := range names {
		account(t, service, name, auth.Viewer)
	}
	var seen []string
	for cursor, pages := "", 0; ; pages++ {
		require.Less(t, pages, 5)
		page, next, err := service.Accounts(t.Context(), cursor, 2)
		require.NoError(t, err)
		for _, account := range page {
			seen = append(seen, account.Login)
		}
		if next == "" {
			break
		}
		cursor = next
	}
	require.Equal(t, names, seen)
}

func TestWorkersTokenOnlyWorks(t *testing.T) {
	t.Parallel()
	service, _ := service(t)
	who, err := service.TokenIdentity(t.Context(), "static")
	require.NoError(t, err)
	require.Equal(t, []auth.Permission{auth.Work}, who.Permissions)
}

func TestNoRoleGivesWhatAdminLacks(t *testing.T) {
	admin := auth.PermissionsOf([]auth.Role{auth.Admin})
	for _, role := range []auth.Role{auth.Viewer, auth.Participant, auth.Support, auth.Analyst, auth.Developer} {
		for _, permission := range auth.PermissionsOf([]auth.Role{role}) {
			require.Contains(t, admin, permission, role)
		}
	}
	require.NotContains(t, admin, auth.Work)
}
