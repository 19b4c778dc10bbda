package app_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
	"github.com/taskurotta/taskurotta-go/server/devstack"
)

func startDev(t *testing.T, folder string) (*app.Dev, string) {
	t.Helper()
	dev, err := app.NewDev(t.Context(), config.Dev{Data: folder}, "test", quiet(t))
	require.NoError(t, err)
	t.Cleanup(dev.Stop)
	require.NoError(t, dev.Start(t.Context()))
	url, err := dev.SignInURL(t.Context())
	require.NoError(t, err)
	return dev, url
}

// TestDevShowsItsExamplesOnce is a newcomer's first and second start.
func TestDevShowsItsExamplesOnce(t *testing.T) {
	folder := t.TempDir()
	first, url := startDev(t, folder)
	b, status := visit(t, url)
	require.Less(t, status, 300)
	_, status = visit(t, url)
	require.Equal(t, http.StatusUnauthorized, status, "the link signs in once")

	// Each definition's processes by their state: what has ended, runs, waits for people, and is to be mended.
	states := func(b *browser) map[string]map[string]int {
		all := map[string]map[string]int{}
		for _, p := range b.processes(t, "") {
			if all[p.Definition] == nil {
				all[p.Definition] = map[string]int{}
			}
			all[p.Definition][p.State]++
		}
		return all
	}
	want := map[string]map[string]int{
		"quick-check": {"completed": 1, "incident": 1}, "demo-walk": {"running": 1}, "rights-registration": {"running": 2},
		"document-check": {"running": 2, "completed": 1}, "signature-check": {"completed": 5}, "cadastre-signatures": {"completed": 3},
		"registry-request": {"completed": 3},
	}
	if dev := first; dev.Registry != nil {
		require.NoError(t, dev.Registry.Behave(t.Context(), registry.Faults{}))
	}
	require.Eventually(t, func() bool { return reflect.DeepEqual(want, states(b)) }, 60*time.Second, 200*time.Millisecond)
	require.Equal(t, want, states(b))
	var mail struct{ Items []struct{ Subject string } }
	b.get(t, "/api/v1/mail", &mail)
	require.Len(t, mail.Items, 1)
	require.Equal(t, "Application 2026-1001 is accepted", mail.Items[0].Subject)

	second, err := app.NewDev(t.Context(), config.Dev{Data: folder}, "test", quiet(t))
	require.ErrorIs(t, err, devstack.ErrLocked, "two in one folder")
	require.Nil(t, second)
	first.Stop()

	began := time.Now()
	_, url = startDev(t, folder)
	require.Less(t, time.Since(began), 15*time.Second)
	again, status := visit(t, url)
	require.Less(t, status, 300)
	require.Equal(t, want, states(again), "nothing is started twice, the running one goes on")
	require.Equal(t, want, states(&browser{base: again.base, client: b.client}), "the session of before still holds")
}

func TestDevStopsWhenItsStartIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dev, err := app.NewDev(ctx, config.Dev{Data: t.TempDir()}, "test", quiet(t))
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, dev.Start(ctx), context.Canceled)
	dev.Stop()
	dev.Stop()
}
