package cli_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
)

// TestTheDocumentIsTrue compares docs/cli.md with the code: every command of this package, every exit code, and no other.
func TestTheDocumentIsTrue(t *testing.T) {
	raw, err := os.ReadFile("../../docs/cli.md")
	require.NoError(t, err)
	text := string(raw)
	commands := 0
	for _, leaf := range model(t).Leaves(true) {
		path := strings.TrimPrefix(leaf.FullPath(), "taskurotta ")
		command := path
		for _, argument := range leaf.Positional {
			command += " <" + argument.Name + ">"
		}
		if !cli.Known(command) {
			continue
		}
		commands++
		require.Contains(t, text, "| `"+path, command)
		for _, flag := range leaf.Flags {
			require.NotEmpty(t, flag.Help, "%s --%s", path, flag.Name)
		}
	}
	require.Equal(t, 68, commands, "every command of this package is one of kong's")

	for exit, words := range map[cli.Exit]string{
		cli.OK: "done", cli.Failure: "refused what was sent", cli.Usage: "nothing was sent", cli.NotFound: "no such", cli.Conflict: "state does not allow",
		cli.NoAccess: "token", cli.Unavailable: "away", cli.NotCompleted: "did not complete", cli.Differ: "not the same",
	} {
		row := fmt.Sprintf("\n| %d | ", exit)
		_, rest, found := strings.Cut(text, row)
		require.True(t, found, "exit code %d", exit)
		line, _, _ := strings.Cut(rest, "\n")
		require.Contains(t, line, words)
	}
	require.NotContains(t, text, "\n| 9 |")
}
