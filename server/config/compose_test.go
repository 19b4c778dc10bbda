package config_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/taskurotta/taskurotta-go/server/config"
)

type composeService struct {
	Command     []string
	Environment map[string]string
	DependsOn   map[string]any `yaml:"depends_on"`
	Volumes     []string
}

var (
	given   = regexp.MustCompile(`\$\{\w+:-([^}]*)\}`) // a variable with a default
	product = []string{"migrate", "server-1", "server-2", "worker-1", "worker-2"}
)

// The services of docker-compose.yml are commands of ours with settings that exist, over services and volumes that exist.
func TestComposeFileStartsWhatItSays(t *testing.T) {
	raw, err := os.ReadFile("../../docker-compose.yml")
	require.NoError(t, err)
	var file struct {
		Services map[string]composeService
		Volumes  map[string]any
	}
	require.NoError(t, yaml.Unmarshal(given.ReplaceAll(raw, []byte("$1")), &file))
	require.ElementsMatch(t, append([]string{"postgres", "redis"}, product...), slices.Collect(maps.Keys(file.Services)))
	reference, err := config.Reference()
	require.NoError(t, err)
	for name, service := range file.Services {
		for needed := range service.DependsOn {
			require.Contains(t, file.Services, needed, name)
		}
		for _, volume := range service.Volumes {
			require.Contains(t, file.Volumes, strings.Split(volume, ":")[0], name)
		}
	}
	for _, name := range product {
		t.Run(name, func(t *testing.T) {
			service := file.Services[name]
			for variable, value := range service.Environment {
				require.Contains(t, reference, "`"+variable+"`")
				t.Setenv(variable, value)
			}
			cli, err := parse(t, service.Command...)
			require.NoError(t, err)
			switch service.Command[0] {
			case "serve":
				require.Equal(t, "0.0.0.0:8420", cli.Serve.Listen)
				require.Contains(t, cli.Serve.Hosts, name)
				require.NotEmpty(t, cli.Serve.WorkerToken)
			case "worker":
				require.Equal(t, cli.Worker.Run.WorkerToken, file.Services["server-1"].Environment["TASKUROTTA_WORKER_TOKEN"])
				require.Equal(t, "http://"+strings.Replace(name, "worker", "server", 1)+":8420", cli.Worker.Run.ServerURL)
			default:
				require.Equal(t, cli.Migrate.Up.DatabaseURL, file.Services["server-2"].Environment["DATABASE_URL"])
			}
		})
	}
}
