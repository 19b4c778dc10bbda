package cli_test

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/config"
)

func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&config.CLI{}, kong.Name("taskurotta"))
	require.NoError(t, err)
	return parser.Model
}

func script(t *testing.T, shell string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, cli.Completion(&out, shell, model(t)))
	return out.String()
}

// TestBashCompletes asks a real bash what it would offer. The words are as bash splits a line: = stands alone.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	for line, want := range map[string]string{
		"taskurotta pro":                              "process",
		"taskurotta process s":                        "start search show skip suspend",
		"taskurotta process cancel --re":              "--reason",
		"taskurotta process search --st":              "--state --started-from --started-to",
		"taskurotta process search --state comp":      "completed",
		"taskurotta process search --state = canc":    "cancelling cancelled",
		"taskurotta process search --state =":         "scheduled running suspended incident cancelling completed failed cancelled",
		"taskurotta process show X -o ":               "table json",
		"taskurotta process start process --custom-i": "--custom-id",
		"taskurotta process search --definition ru":   "",
		"taskurotta worker li":                        "limit limits list",
		"taskurotta worker dr":                        "drain",
		"taskurotta worker drain --":                  "--help --server --token --output --reason --pool --host --within --stay",
		"taskurotta worker --poo":                     "--pool",
		"taskurotta completion ":                      "bash zsh",
		"taskurotta definition import ":               "",
	} {
		words := strings.Split(line, " ")
		ask := script(t, "bash") + "\nCOMP_WORDS=("
		for _, word := range words {
			ask += "'" + word + "' "
		}
		ask += ")\nCOMP_CWORD=" + string(rune('0'+len(words)-1)) + "\n_taskurotta\necho \"${COMPREPLY[*]}\""
		cmd := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile", "-u")
		cmd.Stdin = strings.NewReader(ask)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, want, strings.TrimSpace(string(out)), line)
	}
}

// TestZshCompletes asks a real zsh, with a _describe that says what it is given.
func TestZshCompletes(t *testing.T) {
	zsh, err := exec.LookPath("zsh")
	if err != nil {
		t.Skip("there is no zsh")
	}
	for line, want := range map[string]string{
		"taskurotta process ":                "start search show tree events retry skip cancel suspend resume restart",
		"taskurotta process search --state ": "scheduled running suspended incident cancelling completed failed cancelled",
		"taskurotta completion ":             "bash zsh",
	} {
		ask := "compdef() { : }\n_files() { : }\n_describe() { local w; for w in \"${(@P)2}\"; do print -n -- \"${w%%:*} \"; done }\n" + script(t, "zsh") +
			"\nwords=(" + line + "''); CURRENT=${#words}; _taskurotta"
		cmd := exec.CommandContext(t.Context(), zsh, "-f")
		cmd.Stdin = strings.NewReader(ask)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, want, strings.TrimSpace(string(out)), line)
	}
}

// TestZshKnowsEveryCommand looks at what can be seen without a zsh.
func TestZshKnowsEveryCommand(t *testing.T) {
	text := script(t, "zsh")
	require.True(t, strings.HasPrefix(text, "#compdef taskurotta\n"))
	for _, leaf := range model(t).Leaves(true) {
		place := strings.ReplaceAll(strings.TrimPrefix(leaf.FullPath(), "taskurotta"), " ", "/")
		require.True(t, strings.Contains(text, `"`+place+`") words_=(`), leaf.FullPath())
	}
}
