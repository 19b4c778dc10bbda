package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/taskurotta/taskurotta-go/server/cli"
)

// TestTheCommandEndsWithItsExitCode starts the command itself: what scripts see is the process's exit code and its streams.
func TestTheCommandEndsWithItsExitCode(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]struct {
		exit     cli.Exit
		out, err string
	}{
		"version":                              {cli.OK, "dev\n", ""},
		"completion bash":                      {cli.OK, "complete -o default -F _taskurotta taskurotta", ""},
		"process --help":                       {cli.OK, "process retry", ""},
		"process cancel X":                     {cli.Usage, "", "missing flags: --reason=STRING; see taskurotta process cancel --help"},
		"process juggle":                       {cli.Usage, "", "see taskurotta process --help"},
		"process show X":                       {cli.Unavailable, "", "cli.server_away"},
		"process start a --input @/nowhere":    {cli.Usage, "", "/nowhere"},
		"definition import /nowhere --key a":   {cli.Usage, "", "/nowhere"},
		"worker list --server http://u:p@host": {cli.Usage, "", "--token"},
	} {
		//nolint:gosec // the test binary itself
		cmd := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(arguments)...)
		var out, said bytes.Buffer
		cmd.Env = append(os.Environ(), asCommand+"=1", "TASKUROTTA_URL=http://127.0.0.1:1")
		cmd.Stdout, cmd.Stderr = &out, &said
		var ended *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		if got := cli.Exit(cmd.ProcessState.ExitCode()); got != want.exit {
			t.Errorf("%s: exit code %d, wanted %d: %s", arguments, got, want.exit, said.String())
		}
		if !strings.Contains(out.String(), want.out) || want.out == "" && out.Len() > 0 {
			t.Errorf("%s: wrote %q, wanted %q", arguments, out.String(), want.out)
		}
		if !strings.Contains(said.String(), want.err) || strings.Count(said.String(), "\n") > 1 {
			t.Errorf("%s: said %q, wanted one line with %q", arguments, said.String(), want.err)
		}
	}
}
