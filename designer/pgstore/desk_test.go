package pgstore_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/desk"
	"github.com/taskurotta/taskurotta-go/designer/pgstore"
	"github.com/taskurotta/taskurotta-go/fault"
)

// room is the draft of a definition with people around it.
type room struct {
	t     *testing.T
	store *pgstore.Store
	pool  *pgxpool.Pool
}

func openRoom(t *testing.T) room {
	store, pool := open(t)
	create(t, store, "a")
	return room{t, store, pool}
}

func (r room) sit(login string) {
	r.t.Helper()
	require.NoError(r.t, r.store.Sit(r.t.Context(), "a", desk.Seat{Tab: "tab-" + login, Socket: "socket-" + login, Login: login, Name: login}, true))
}

func (r room) do(what func(ctx context.Context, key, tab, socket string) error, login string) {
	r.t.Helper()
	require.NoError(r.t, what(r.t.Context(), "a", "tab-"+login, "socket-"+login))
}

// who is everybody in the order in which they came; * edits, ? waits for it.
func (r room) who() string {
	r.t.Helper()
	desks, err := r.store.Desks(r.t.Context(), []string{"a", "nothing"})
	require.NoError(r.t, err)
	require.Len(r.t, desks, 1)
	var all []string
	for _, seat := range desks["a"].Seats {
		all = append(all, seat.Login+map[bool]string{true: "*"}[seat.Editing]+map[bool]string{true: "?"}[seat.Heir])
	}
	return strings.Join(all, " ")
}

// ago moves what is written about a tab into the past.
func (r room) ago(column, login string, seconds int) {
	r.t.Helper()
	changed, err := r.pool.Exec(r.t.Context(), fmt.Sprintf(`UPDATE draft_tab SET %[1]s = %[1]s - make_interval(secs => $1) WHERE login = $2`, column), seconds, login)
	require.NoError(r.t, err)
	require.EqualValues(r.t, 1, changed.RowsAffected())
}

func (r room) tend(logins ...string) {
	r.t.Helper()
	var sockets []string
	for _, login := range logins {
		sockets = append(sockets, "socket-"+login)
	}
	require.NoError(r.t, r.store.Tend(r.t.Context(), sockets))
}

func TestTheFirstEditsAndOthersLookOn(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	r.sit("ann")
	r.sit("bob")
	r.sit("ann") // a reload
	require.Equal(t, "ann* bob", r.who())
	r.do(r.store.Leave, "ann")
	require.Equal(t, "bob", r.who(), "nobody is made to edit")
	r.do(r.store.TakeOver, "bob")
	require.Equal(t, "bob*", r.who())
	r.do(r.store.LetGo, "bob")
	require.Equal(t, "bob", r.who())

	require.NoError(t, r.store.Sit(t.Context(), "a", desk.Seat{Tab: "tab-eve", Socket: "s", Login: "eve"}, false))
	require.Equal(t, "bob eve", r.who(), "who only looks gets no lock")
	require.True(t, fault.Is(r.store.Sit(t.Context(), "nothing", desk.Seat{Tab: "t", Socket: "s"}, true), fault.NotFound))
}

func TestTakingOverWaitsForTheLastChanges(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	r.sit("ann")
	r.sit("bob")
	r.sit("cem")
	r.do(r.store.TakeOver, "bob")
	require.Equal(t, "ann* bob? cem", r.who())
	r.do(r.store.TakeOver, "cem")
	require.Equal(t, "ann* bob cem?", r.who(), "the last who asks takes over")
	r.do(r.store.TakeOver, "ann")
	require.Equal(t, "ann* bob cem?", r.who(), "who edits has nothing to take over")
	r.tend("ann", "bob", "cem")
	require.Equal(t, "ann* bob cem?", r.who())
	r.do(r.store.LetGo, "ann")
	require.Equal(t, "ann bob cem*", r.who())

	r.do(r.store.TakeOver, "ann")
	r.ago("wants_since", "ann", 6)
	r.tend("ann", "bob", "cem")
	require.Equal(t, "ann* bob cem", r.who(), "who does not let go loses the lock")
	r.do(r.store.TakeOver, "bob")
	r.do(r.store.Leave, "ann")
	require.Equal(t, "bob* cem", r.who(), "who leaves lets go")
}

func TestASilentTabIsGone(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	r.sit("ann")
	r.sit("bob")
	r.ago("seen_at", "ann", 30)
	require.Equal(t, "bob", r.who(), "even before anybody has tidied up")
	r.sit("cem")
	require.Equal(t, "bob cem*", r.who())
	r.ago("seen_at", "bob", 30)
	r.ago("seen_at", "cem", 30)
	r.tend("cem")
	require.Equal(t, "cem*", r.who(), "what its server keeps stays")
}

func TestAnOldSocketAndAStrangerChangeNothing(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	r.sit("ann")
	ctx := t.Context()
	require.NoError(t, r.store.Sit(ctx, "a", desk.Seat{Tab: "tab-ann", Socket: "newer", Login: "ann"}, true))
	r.do(r.store.Leave, "ann")
	r.do(r.store.LetGo, "ann")
	require.Equal(t, "ann*", r.who())
	require.NoError(t, r.store.Sit(ctx, "a", desk.Seat{Tab: "tab-ann", Socket: "other", Login: "eve"}, false))
	require.Equal(t, "eve", r.who(), "a name does not pass the lock on")
}

func TestOneEditsHoweverManyComeAtOnce(t *testing.T) {
	t.Parallel()
	r := openRoom(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			login := fmt.Sprint("p", i)
			for _, err := range []error{
				r.store.Sit(t.Context(), "a", desk.Seat{Tab: "tab-" + login, Socket: "socket-" + login, Login: login}, true),
				r.store.TakeOver(t.Context(), "a", "tab-"+login, "socket-"+login),
				r.store.Tend(t.Context(), []string{"socket-" + login}),
			} {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, strings.Count(r.who(), "*"))
	require.LessOrEqual(t, strings.Count(r.who(), "?"), 1)
}
