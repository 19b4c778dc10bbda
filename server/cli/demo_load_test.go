package cli_test

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/config"
)

func TestLoadStartsApplicationsOfAllKinds(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	dev, err := app.NewDev(t.Context(), config.Dev{Data: folder}, "test", slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	require.NoError(t, err)
	t.Cleanup(dev.Stop)
	require.NoError(t, dev.StartPublished(t.Context()))
	o := &operator{t: t, server: dev.Server, url: "http://" + dev.Server.API.Address()}
	o.token = o.account("anna", auth.Admin)

	r := o.run("", "demo", "load", "--count", "20", "--rate", "1000", "--flaws", "0.5", "-o", "json", "--data", folder, "--registry", dev.Registry.URL())
	require.Equal(t, cli.OK, r.Exit, r.err)
	var started map[string]int
	require.NoError(t, json.Unmarshal([]byte(r.out), &started), r.out)
	require.Equal(t, map[string]int{"rights-registration": 11, "document-check": 4, "registry-request": 3, "cadastre-signatures": 2}, started)
	var searched struct{ Items []struct{ Definition string } }
	s := o.run("", "process", "search", "--definition", "rights-registration", "-o", "json")
	require.Equal(t, cli.OK, s.Exit, s.err)
	require.NoError(t, json.Unmarshal([]byte(s.out), &searched))
	require.Len(t, searched.Items, 11)

	given := o.token
	o.token = ""
	r = o.run("", "demo", "load", "--count", "1", "--rate", "1000", "--data", folder, "--registry", dev.Registry.URL())
	require.Equal(t, cli.OK, r.Exit, "the folder of dev has a token: %s", r.err)
	require.Equal(t, cli.NoAccess, o.run("", "demo", "load", "--count", "1", "--seed", "1", "--data", filepath.Join(folder, "nowhere")).Exit)
	o.token = given

	require.Equal(t, cli.Usage, o.run("", "demo", "load", "--rate", "0", "--seed", "1").Exit)
	require.Equal(t, cli.Usage, o.run("", "demo", "load", "--count", "1", "--data", filepath.Join(folder, "nowhere")).Exit)
	away := o.run("", "demo", "load", "--count", "20", "--rate", "1000", "--seed", "1", "--registry", "http://127.0.0.1:1")
	require.Equal(t, cli.OK, away.Exit, away.err)
	require.Contains(t, away.out, "13 × rights-registration")
	require.NotContains(t, away.out, "cadastre-signatures", "without a registry nobody asks")
}
