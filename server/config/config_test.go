package config_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/config"
)

func parse(t *testing.T, args ...string) (config.CLI, error) {
	t.Helper()
	var cli config.CLI
	parser, err := kong.New(&cli, kong.Name("taskurotta"), kong.Exit(func(int) { t.Fatal("kong exits") }))
	require.NoError(t, err)
	_, err = parser.Parse(args)
	return cli, err
}

func TestReferenceIsUpToDate(t *testing.T) {
	want, err := config.Reference()
	require.NoError(t, err)
	have, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	require.Equal(t, want, string(have), "run `make generate`")
}

func TestAFlagWinsOverTheEnvironment(t *testing.T) {
	t.Setenv("TASKUROTTA_SLOTS", "7")
	t.Setenv("TASKUROTTA_DATA", "/somewhere")
	cli, err := parse(t, "dev", "--slots=9")
	require.NoError(t, err)
	require.Equal(t, 9, cli.Dev.Slots)
	require.Equal(t, "/somewhere", cli.Dev.Data)
	require.Equal(t, 8420, cli.Dev.Port)
}

func TestTheExamplesSpeakTheLanguageOfTheLocale(t *testing.T) {
	for name, c := range map[string]struct {
		environment map[string]string
		args        []string
		want        string
	}{
		"no locale":          {nil, nil, "en"},
		"Russian":            {map[string]string{"LANG": "ru_RU.UTF-8"}, nil, "ru"},
		"the narrower wins":  {map[string]string{"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, nil, "en"},
		"told otherwise":     {map[string]string{"LANG": "ru_RU.UTF-8", "TASKUROTTA_DEMO_LANGUAGE": "en"}, nil, "en"},
		"told by a flag too": {nil, []string{"--demo-language=ru"}, "ru"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
				t.Setenv(variable, c.environment[variable])
			}
			if told := c.environment["TASKUROTTA_DEMO_LANGUAGE"]; told != "" {
				t.Setenv("TASKUROTTA_DEMO_LANGUAGE", told)
			}
			cli, err := parse(t, append([]string{"dev"}, c.args...)...)
			require.NoError(t, err)
			require.Equal(t, c.want, cli.Dev.DemoLanguage)
		})
	}
}

func TestServersAndWorkersReadWhatComposeSets(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://u:p@postgres:5432/taskurotta")
	t.Setenv("REDIS_URL", "redis://redis:6379/0")
	t.Setenv("TASKUROTTA_INSTALLATION", "main")
	t.Setenv("TASKUROTTA_FILES", "file:///var/lib/files")
	t.Setenv("TASKUROTTA_HOSTS", "localhost,server-1")
	t.Setenv("TASKUROTTA_SERVER_URL", "http://server-1:8420")
	t.Setenv("TASKUROTTA_WORKER_TOKEN", "secret")
	t.Setenv("TASKUROTTA_HTTP_HOSTS", "example.org,10.0.0.0/8")
	t.Setenv("TASKUROTTA_BUS", "default=http://bus:8080/in,gkr=https://gkr.example.org/?a=b")
	cli, err := parse(t, "serve")
	require.NoError(t, err)
	require.Equal(t, []string{"localhost", "server-1"}, cli.Serve.Hosts)
	require.Equal(t, "postgres://u:p@postgres:5432/taskurotta", cli.Serve.DatabaseURL)
	require.EqualValues(t, 100<<20, cli.Serve.UploadLimit)
	cli, err = parse(t, "worker", "--no-smtptls")
	require.NoError(t, err)
	require.Equal(t, "http://server-1:8420", cli.Worker.Run.ServerURL)
	require.Equal(t, "secret", cli.Worker.Run.WorkerToken)
	require.Equal(t, []string{"example.org", "10.0.0.0/8"}, cli.Worker.Run.HTTPHosts)
	require.Equal(t, map[string]string{"default": "http://bus:8080/in", "gkr": "https://gkr.example.org/?a=b"}, cli.Worker.Run.Buses)
	require.Equal(t, "main", cli.Worker.Run.Installation)
	require.Equal(t, 10*time.Second, cli.Worker.Run.Drain)
	require.False(t, cli.Worker.Run.SMTPTLS)
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	for command, says := range map[string]string{
		"serve":        "--database-url",
		"worker":       "--redis-url",
		"migrate up":   "--database-url",
		"migrate down": "--yes",
	} {
		_, err := parse(t, strings.Fields(command)...)
		require.ErrorContains(t, err, says, command)
	}
	_, err := parse(t, "dev", "--log-level=loud")
	require.ErrorContains(t, err, "--log-level")
}

func TestLogsAreLeveledAndFormatted(t *testing.T) {
	var out bytes.Buffer
	log := config.Log{LogLevel: "warn", LogFormat: "json"}.Logger(&out)
	log.Info("quiet")
	log.Warn("loud", slog.String("process_id", "p"))
	require.Contains(t, out.String(), `"msg":"loud","process_id":"p"`)
	require.NotContains(t, out.String(), "quiet")
}

func TestBaseURLIsReachableFromHere(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:8420": "http://127.0.0.1:8420",
		"0.0.0.0:80":     "http://127.0.0.1:80",
		":8420":          "http://127.0.0.1:8420",
	} {
		require.Equal(t, want, config.BaseURL(address), address)
	}
}
